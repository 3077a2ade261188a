package agentdesk

import (
	"context"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/api"
)

// statusChange asks for a status. Without one, an open conversation is
// resolved and any other opened.
type statusChange struct {
	conversationPath
	Match        api.IfMatch          `header:"If-Match" json:"-"`
	Status       string               `json:"status" enum:"open,pending,resolved,snoozed" detail:"not_a_status"`
	SnoozedUntil api.Optional[string] `json:"snoozed_until" maxLength:"40"` // unix seconds, or a word as Snooze
	Snooze       string               `json:"snooze" enum:"next_reply,tomorrow,next_week" detail:"not_a_time"`
	SkipSurvey   bool                 `json:"skip_survey" doc:"resolve, but do not ask the customer what they think of it"`
}

// statusJSON answers it.
type statusJSON struct {
	Meta    struct{} `json:"meta"`
	Payload struct {
		Success        bool       `json:"success"`
		ConversationID int64      `json:"conversation_id"`
		CurrentStatus  fsm.Status `json:"current_status"`
		SnoozedUntil   *string    `json:"snoozed_until"`
		Version        int64      `json:"version"`
	} `json:"payload"`
}

// ETagVersion tells the version for the ETag header.
func (s statusJSON) ETagVersion() int64 { return s.Payload.Version }

func (d *Desk) toggleStatus(ctx context.Context, in *statusChange) (statusJSON, error) {
	c, err := d.changeStatus(ctx, by(ctx, in.Match), in)
	if err != nil {
		return statusJSON{}, err
	}
	var out statusJSON
	p := &out.Payload
	p.Success, p.ConversationID, p.CurrentStatus, p.Version = true, c.ID, c.Status, c.Version
	p.SnoozedUntil = iso(c.SnoozedUntil)
	return out, nil
}

func (d *Desk) changeStatus(ctx context.Context, by router.By, in *statusChange) (*router.Conversation, error) {
	status := fsm.Status(in.Status)
	if status == "" && in.Snooze != "" {
		status = fsm.Snoozed
	}
	switch status {
	case fsm.Open:
		return d.router.Open(ctx, by, in.Conversation)
	case fsm.Pending:
		return d.router.MarkPending(ctx, by, in.Conversation)
	case fsm.Resolved:
		return d.resolve(ctx, by, in.Conversation, in.SkipSurvey)
	case fsm.Snoozed:
		return d.snooze(ctx, by, in)
	}
	return d.toggle(ctx, by, in)
}

func (d *Desk) resolve(ctx context.Context, by router.By, id int64, unasked bool) (*router.Conversation, error) {
	if unasked {
		return d.router.ResolveUnasked(ctx, by, id)
	}
	return d.router.Resolve(ctx, by, id)
}

// toggle turns the status that is there around. It holds on to the version it
// saw, so that two clicks at once do not undo each other.
func (d *Desk) toggle(ctx context.Context, by router.By, in *statusChange) (*router.Conversation, error) {
	id := in.Conversation
	v, err := d.router.Conversation(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if by.IfVersion == nil {
		by.IfVersion = &v.Conversation.Version
	}
	if v.Conversation.Status == fsm.Open {
		return d.resolve(ctx, by, id, in.SkipSurvey)
	}
	return d.router.Open(ctx, by, id)
}

func (d *Desk) snooze(ctx context.Context, by router.By, in *statusChange) (*router.Conversation, error) {
	word := in.Snooze
	if word == "" {
		word = in.SnoozedUntil.Value
	}
	until, word, err := router.ReadSnooze(word)
	switch {
	case err != nil:
		return nil, err
	case word != "":
		return d.router.SnoozeUntil(ctx, by, in.Conversation, word)
	}
	return d.router.Snooze(ctx, by, in.Conversation, until)
}
