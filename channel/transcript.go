package channel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/texts"
)

// transcriptsPerMinute is how many transcripts one address may ask for in a
// minute. What one reader is sent is limited by the router.
const transcriptsPerMinute = 30

// transcriptTo is where a visitor wants a transcript to go.
type transcriptTo struct {
	conversationPath
	IdempotencyKey string               `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Email          api.Optional[string] `json:"email" maxLength:"254" doc:"needed where none is known of the visitor; it is known from then on"`
}

// transcriptSentJSON says that a transcript was sent, in the inbox's language.
type transcriptSentJSON struct {
	Message string `json:"message"`
	Email   string `json:"email" doc:"where it went"`
}

func (ch *Channel) transcriptRoutes(g *api.Group, conversation string) {
	path := conversation + "/transcript"
	api.Handle(g, api.Operation{Method: "POST", Path: path, Summary: "Send what was said by mail, once the conversation is resolved"}, ch.sendTranscript)
	api.Handle(g, api.Operation{Method: "GET", Path: path, Summary: "What was said, as a page to keep, once the conversation is resolved",
		Download: "text/html; charset=utf-8"}, ch.downloadTranscript)
}

func (ch *Channel) sendTranscript(ctx context.Context, in *transcriptTo) (transcriptSentJSON, error) {
	if err := ch.transcripts.Take(api.ClientIP(ctx)); err != nil {
		return transcriptSentJSON{}, err
	}
	inbox := inboxOf(ctx)
	to, err := ch.router.SendVisitorTranscript(ctx, inbox, in.Contact, in.Conversation, in.Email.Value, in.once())
	return transcriptSentJSON{Message: texts.Say(inbox.Settings.Locale, "mail.transcript.sent", nil), Email: to}, err
}

// once names the request, where it brings a key.
func (in *transcriptTo) once() router.Once {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", in.Conversation, in.Email.Value))
	return router.Once{Key: in.IdempotencyKey, Hash: hex.EncodeToString(sum[:])}
}

func (ch *Channel) downloadTranscript(ctx context.Context, in *conversationPath) (api.Download, error) {
	page, err := ch.router.VisitorTranscript(ctx, inboxOf(ctx), in.Contact, in.Conversation)
	return api.Download{Name: fmt.Sprintf("transcript-%d.html", in.Conversation), Body: page}, err
}
