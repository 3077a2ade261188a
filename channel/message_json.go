package channel

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/texts"
)

// messageJSON is a message as customers see it: message_type is a number,
// created_at unix seconds.
type messageJSON struct {
	ID                int64                   `json:"id"`
	Content           string                  `json:"content"`
	MessageType       router.MessageType      `json:"message_type" doc:"0 incoming, 1 outgoing, 3 template"`
	ContentType       string                  `json:"content_type"`
	ContentAttributes router.Attributes       `json:"content_attributes"`
	CreatedAt         int64                   `json:"created_at"`
	ConversationID    int64                   `json:"conversation_id"`
	EchoID            *string                 `json:"echo_id,omitempty" doc:"the sender's own id of the message"`
	Sender            *senderJSON             `json:"sender,omitempty"`
	Attachments       []router.AttachmentJSON `json:"attachments,omitempty"`
}

// senderJSON is who wrote a message, as customers see them. Greetings and other
// words of the inbox itself have no sender.
type senderJSON struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
	Thumbnail string `json:"thumbnail"`
	Type      string `json:"type" enum:"contact,user,agent_bot"`
}

// isPublic reports whether customers may see m. The router leaves out what
// they may not; this is the door's own look.
func isPublic(m *router.Message) bool {
	return !m.Private && m.MessageType != router.Activity && (m.MessageType == router.Incoming || !m.Deleted())
}

// presentMessage shows one message; fault.NotFound says that the customer may
// see nothing of it.
func (ch *Channel) presentMessage(ctx context.Context, m *router.Message) (messageJSON, error) {
	shown, err := ch.presentMessages(ctx, []*router.Message{m})
	switch {
	case err != nil:
		return messageJSON{}, err
	case len(shown) == 0:
		return messageJSON{}, fault.NotFound
	}
	return shown[0], nil
}

func (ch *Channel) presentMessages(ctx context.Context, thread []*router.Message) ([]messageJSON, error) {
	agents, contacts, err := ch.router.Senders(ctx, thread)
	if err != nil {
		return nil, err
	}
	bots, err := ch.router.AgentBotNames(ctx, thread)
	if err != nil {
		return nil, err
	}
	out := make([]messageJSON, 0, len(thread))
	for _, m := range thread {
		if !isPublic(m) {
			continue
		}
		out = append(out, messageJSON{
			ID:                m.ID,
			Content:           m.Shown(inboxOf(ctx).Settings.Locale),
			MessageType:       m.MessageType,
			ContentType:       m.ContentType,
			ContentAttributes: m.ContentAttributes,
			CreatedAt:         m.CreatedAt.Unix(),
			ConversationID:    m.ConversationID,
			EchoID:            m.EchoID,
			Sender:            presentSender(ctx, m, agents, contacts, bots),
			Attachments:       m.AttachmentsJSON(ch.publicURL),
		})
	}
	return out, nil
}

func presentSender(ctx context.Context, m *router.Message, agents map[int64]*router.Agent, contacts map[int64]*router.Contact, bots map[int64]string) *senderJSON {
	switch m.SenderType {
	case router.KindAgent:
		if a := agents[m.SenderID]; a != nil {
			return &senderJSON{ID: a.ID, Name: a.AvailableName(), Type: "user"}
		}
	case router.KindContact:
		if c := contacts[m.SenderID]; c != nil {
			return &senderJSON{ID: c.ID, Name: c.Name, Type: "contact"}
		}
	case router.KindBot:
		return &senderJSON{ID: m.SenderID, Name: cmp.Or(bots[m.SenderID], texts.Say(inboxOf(ctx).Settings.Locale, "bot.name", nil)), Type: "agent_bot"}
	}
	return nil
}
