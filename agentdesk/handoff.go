package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/texts"
)

// handoffJSON is the brief of the last handoff, with its reason in the
// caller's language.
type handoffJSON struct {
	ConversationID int64 `json:"conversation_id"`
	router.Brief
	ReasonText string `json:"reason_text" doc:"the reason in the caller's language"`
}

func (d *Desk) showHandoff(ctx context.Context, in *conversationPath) (handoffJSON, error) {
	b, err := d.router.Handoff(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	if err != nil {
		return handoffJSON{}, err
	}
	return handoffJSON{in.Conversation, *b, texts.Say(api.Language(ctx), "reason."+string(b.Reason), nil)}, nil
}
