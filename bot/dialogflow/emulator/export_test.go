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
