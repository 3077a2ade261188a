package channel

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

type threadPage struct {
	conversationPath
	Before int64               `query:"before" minimum:"0" json:"before" doc:"an id: the 20 messages before it"`
	After  api.Optional[int64] `query:"after" minimum:"0" json:"after" doc:"an id: up to 100 messages after it, 0 for those from the first on; with before, up to 1,000 between"`
}

type newMessage struct {
	conversationPath
	IdempotencyKey string    `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Content        string    `json:"content" maxLength:"150000"`
	EchoID         string    `json:"echo_id" maxLength:"255" doc:"sent again with the same id, a message is stored once"`
	Attachments    api.Files `json:"attachments"`
}

type submission struct {
	conversationPath
	Message int64                `path:"message_id" json:"-"`
	Values  any                  `json:"submitted_values" doc:"a list of choices, each with title and value, or the form's answers, each with name and value; for the e-mail box, email"`
	Email   api.Optional[string] `json:"submitted_email" maxLength:"255" doc:"for the e-mail box, in place of submitted_values"`
}

func (ch *Channel) listMessages(ctx context.Context, in *threadPage) ([]messageJSON, error) {
	thread, err := ch.router.VisitorMessages(ctx, inboxOf(ctx), in.Contact, in.Conversation,
		router.MessagePage{Before: in.Before, After: in.After.Pointer()})
	if err != nil {
		return nil, err
	}
	return ch.presentMessages(ctx, thread)
}

func (ch *Channel) createMessage(ctx context.Context, in *newMessage) (messageJSON, error) {
	m, err := ch.router.Receive(ctx, in.inbound(ctx, router.Draft{Content: in.Content,
		EchoID: cmp.Or(in.EchoID, in.IdempotencyKey), Files: uploads(in.Attachments)}))
	if err != nil {
		return messageJSON{}, err
	}
	return ch.presentMessage(ctx, m)
}

func (ch *Channel) submit(ctx context.Context, in *submission) (messageJSON, error) {
	values := in.Values
	switch {
	case in.Email.Set:
		values = in.Email.Value
	case values == nil:
		return messageJSON{}, fault.Invalid.Field("required", "submitted_values")
	}
	if one, ok := values.(map[string]any); ok && one["value"] != nil {
		values = []any{one} // one choice may come without its list
	}
	m, err := ch.router.Submit(ctx, in.inbound(ctx, router.Draft{}), in.Message, values)
	if err != nil {
		return messageJSON{}, err
	}
	return ch.presentMessage(ctx, m)
}

func (p conversationPath) inbound(ctx context.Context, d router.Draft) router.Inbound {
	return router.Inbound{Inbox: inboxOf(ctx), SourceID: p.Contact, Conversation: p.Conversation, Draft: d}
}
