package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// messagePath is the path of operations on a message.
type messagePath struct {
	conversationPath
	Message int64 `path:"message_id" json:"-"`
}

// messageStatus reports how far a message came.
type messageStatus struct {
	messagePath
	Status        string `json:"status" required:"true" enum:"sent,delivered,read,failed"`
	ExternalError string `json:"external_error" doc:"why it failed"`
}

// originalJSON is what a deleted message said.
type originalJSON struct {
	ID                int64             `json:"id"`
	ConversationID    int64             `json:"conversation_id"`
	Content           string            `json:"content"`
	ContentType       string            `json:"content_type"`
	ContentAttributes router.Attributes `json:"content_attributes"`
	DeletedBy         int64             `json:"deleted_by" doc:"agent"`
	DeletedAt         int64             `json:"deleted_at"` // unix seconds
}

func (d *Desk) deleteMessage(ctx context.Context, in *messagePath) (messageJSON, error) {
	m, err := d.router.DeleteMessage(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Message)
	return d.shown(ctx, m, err)
}

func (d *Desk) showOriginal(ctx context.Context, in *messagePath) (originalJSON, error) {
	o, err := d.router.Original(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Message)
	if err != nil {
		return originalJSON{}, err
	}
	return originalJSON{in.Message, in.Conversation, o.Content, o.ContentType, o.ContentAttributes, o.DeletedBy, o.DeletedAt.Unix()}, nil
}

func (d *Desk) retryMessage(ctx context.Context, in *messagePath) (messageJSON, error) {
	m, err := d.router.Retry(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Message)
	return d.shown(ctx, m, err)
}

func (d *Desk) updateMessageStatus(ctx context.Context, in *messageStatus) (messageJSON, error) {
	m, err := d.router.SetMessageStatus(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Message, in.Status, in.ExternalError)
	return d.shown(ctx, m, err)
}

// shown presents a message that was changed.
func (d *Desk) shown(ctx context.Context, m *router.Message, err error) (messageJSON, error) {
	if err != nil {
		return messageJSON{}, err
	}
	who, err := d.sendersOf(ctx, []*router.Message{m})
	if err != nil {
		return messageJSON{}, err
	}
	inbox, err := d.router.InboxByID(ctx, m.InboxID)
	if err != nil {
		return messageJSON{}, err
	}
	return presentMessage(m, localeOf(inbox), who), nil
}
