package agentdesk

import (
	"context"

	"relevo/router/api"
	"relevo/router/fault"
)

// unsent is what an agent has written so far.
type unsent struct {
	conversationPath
	Message api.Optional[string] `json:"message" maxLength:"150000" doc:"an empty text forgets it"`
}

// unsentJSON is what is kept of it, for the agent alone.
type unsentJSON struct {
	HasDraft bool   `json:"has_draft"`
	Message  string `json:"message"`
}

func (d *Desk) showUnsent(ctx context.Context, in *conversationPath) (unsentJSON, error) {
	kept, err := d.router.Unsent(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	if kept == nil || err != nil {
		return unsentJSON{}, err
	}
	return unsentJSON{true, kept.Content}, nil
}

func (d *Desk) keepUnsent(ctx context.Context, in *unsent) (api.Empty, error) {
	if !in.Message.Set { // nothing is forgotten by mistake
		return api.Empty{}, fault.Invalid.Field("required", "message")
	}
	return api.Empty{}, d.router.KeepUnsent(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Message.Value)
}

func (d *Desk) forgetUnsent(ctx context.Context, in *conversationPath) (api.Empty, error) {
	return api.Empty{}, d.router.KeepUnsent(ctx, by(ctx, api.IfMatch{}), in.Conversation, "")
}
