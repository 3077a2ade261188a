package agentdesk

import (
	"context"
	"fmt"

	"relevo/router/api"
)

// transcriptTo is where a transcript is to go.
type transcriptTo struct {
	conversationPath
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Email          string `json:"email" required:"true" maxLength:"254" doc:"the contact's, the assigned agent's or any other"`
}

func (d *Desk) transcriptRoutes(s *api.Server) {
	const path = account + "/conversations/:conversation_id/transcript"
	agents := s.Group("", api.ForAgents, d.authenticate)
	api.Handle(agents, api.Operation{Method: "POST", Path: path, Summary: "Send what was said by mail",
		Description: "Public messages only. A line in the conversation says to whom."}, d.sendTranscript)
	api.Handle(agents, api.Operation{Method: "GET", Path: path, Summary: "What was said, as a page to keep",
		Description: "Public messages only.", Download: "text/html; charset=utf-8"}, d.downloadTranscript)
}

func (d *Desk) sendTranscript(ctx context.Context, in *transcriptTo) (api.Empty, error) {
	return api.Empty{}, d.router.SendTranscript(ctx, byOnce(ctx, in.IdempotencyKey, []any{in.Conversation, in.Email}), in.Conversation, in.Email)
}

func (d *Desk) downloadTranscript(ctx context.Context, in *conversationPath) (api.Download, error) {
	page, err := d.router.Transcript(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	return api.Download{Name: fmt.Sprintf("transcript-%d.html", in.Conversation), Body: page}, err
}
