package emulator

import (
	"context"
	"strings"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
)

// Answer asks an agent without a connection; for fuzzing, where one for each
// input would be slow.
func Answer(a *Agent, text string) (*pb.DetectIntentResponse, error) {
	s := New(Options{Agents: map[string]*Agent{"": a}})
	return es{server: s}.DetectIntent(context.Background(), &pb.DetectIntentRequest{
		Session: "projects/p/agent/sessions/s",
		QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Text{
			Text: &pb.TextInput{Text: strings.ToValidUTF8(text, "?"), LanguageCode: "es"}}},
	})
}

// Phrase is a training phrase with what it needs to match.
type Phrase struct {
	Lang, Text, Intent string
	Contexts           []string
}

// Phrases lists all training phrases of an agent.
func Phrases(a *Agent) (out []Phrase) {
	for _, i := range a.intents {
		for lang, all := range i.phrases {
			for _, p := range all {
				out = append(out, Phrase{lang, newTemplate(i, p).text, i.name, i.inputs})
			}
		}
	}
	return out
}

// AnswerIn asks a server without a connection.
func AnswerIn(s *Server, session, text string) (*pb.DetectIntentResponse, error) {
	return es{server: s}.DetectIntent(context.Background(), &pb.DetectIntentRequest{
		Session: session,
		QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Text{
			Text: &pb.TextInput{Text: text, LanguageCode: "es"}}},
	})
}
