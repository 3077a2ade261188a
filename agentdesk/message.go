package agentdesk

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

// newMessage is an answer, a note, or a customer's word that a connector
// brings. The dialect's numbers for message_type are taken, too.
type newMessage struct {
	conversationPath
	IdempotencyKey    string            `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Match             api.IfMatch       `header:"If-Match" json:"-"`
	Content           string            `json:"content" maxLength:"150000"`
	MessageType       string            `json:"message_type" enum:"outgoing,incoming,1,0" detail:"unknown_message_type" doc:"incoming is the customer's word, that a connector brings; in inboxes of channel api alone"`
	Private           bool              `json:"private"`
	ContentType       string            `json:"content_type"`
	ContentAttributes router.Attributes `json:"content_attributes"`
	EchoID            string            `json:"echo_id" maxLength:"255" doc:"sent again with the same id, a message is stored once"`
	SourceID          string            `json:"source_id" maxLength:"255" doc:"a connector's id, one of its kind in the inbox"`
	Attachments       api.Files         `json:"attachments"`
}

func (d *Desk) listMessages(ctx context.Context, in *threadPage) (threadJSON, error) {
	v, err := d.router.Conversation(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	if err != nil {
		return threadJSON{}, err
	}
	thread, err := d.router.MessagesOf(ctx, v, router.MessagePage{Before: in.Before, After: in.After.Pointer()})
	if err != nil {
		return threadJSON{}, err
	}
	who, err := d.sendersOf(ctx, thread)
	if err != nil {
		return threadJSON{}, err
	}
	return presentThread(v, thread, who), nil
}

func (d *Desk) createMessage(ctx context.Context, in *newMessage) (messageJSON, error) {
	m, err := d.store(ctx, in)
	return d.shown(ctx, m, err)
}

func (d *Desk) store(ctx context.Context, in *newMessage) (*router.Message, error) {
	draft := router.Draft{
		Content: in.Content, ContentType: in.ContentType, ContentAttributes: in.ContentAttributes,
		Private: in.Private, EchoID: cmp.Or(in.EchoID, in.IdempotencyKey), SourceID: in.SourceID,
		Files: uploads(in.Attachments),
	}
	if in.MessageType != "incoming" && in.MessageType != "0" {
		return d.router.Reply(ctx, by(ctx, in.Match), in.Conversation, draft)
	}
	if in.Private {
		return nil, fault.Invalid.Field("not_allowed", "private") // a customer has no notes
	}
	return d.router.ReceiveFor(ctx, by(ctx, in.Match), in.Conversation, draft)
}
