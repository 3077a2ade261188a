package emulator

import pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"

// feelings is a small list of words with their mood. It is there so that
// rules on sentiment can be tried, not to judge people.
var feelings = map[string]float32{
	"gracias": 0.6, "genial": 0.9, "perfecto": 0.8, "excelente": 0.9, "bien": 0.4, "encanta": 0.9, "feliz": 0.8,
	"mal": -0.6, "malo": -0.6, "mala": -0.6, "pesimo": -0.9, "pesima": -0.9, "horrible": -0.9, "odio": -0.9,
	"terrible": -0.9, "enfadado": -0.8, "enojado": -0.8, "harto": -0.9, "harta": -0.9, "inutil": -0.8, "verguenza": -0.8,
	"thanks": 0.6, "thank": 0.6, "great": 0.9, "perfect": 0.8, "excellent": 0.9, "good": 0.5, "love": 0.9, "happy": 0.8,
	"bad": -0.6, "awful": -0.9, "hate": -0.9, "angry": -0.8, "useless": -0.8, "worst": -0.9, "annoying": -0.7,
}

// sentiment is the mean mood of the words that have one.
func sentiment(u *utterance) *pb.SentimentAnalysisResult {
	var sum, size, n float32
	for _, t := range u.tokens {
		if s := feelings[t.text]; s != 0 {
			sum, size, n = sum+s, size+max(s, -s), n+1
		}
	}
	return &pb.SentimentAnalysisResult{
		QueryTextSentiment: &pb.Sentiment{Score: sum / max(n, 1), Magnitude: size},
	}
}
