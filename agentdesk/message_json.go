package agentdesk

import (
	"cmp"
	"context"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/texts"
)

// messageJSON is a message as agents see it: message_type is a number,
// created_at unix seconds.
type messageJSON struct {
	ID                int64                   `json:"id"`
	Content           string                  `json:"content"`
	InboxID           int64                   `json:"inbox_id"`
	EchoID            *string                 `json:"echo_id,omitempty" doc:"the sender's own id of the message"`
	ConversationID    int64                   `json:"conversation_id"`
	MessageType       router.MessageType      `json:"message_type" doc:"0 incoming, 1 outgoing, 2 activity, 3 template"`
	ContentType       string                  `json:"content_type"`
	Status            string                  `json:"status" enum:"sent,delivered,read,failed"`
	ContentAttributes router.Attributes       `json:"content_attributes"`
	CreatedAt         int64                   `json:"created_at"`
	Private           bool                    `json:"private" doc:"a note, which no customer sees"`
	SourceID          *string                 `json:"source_id" doc:"a connector's id of the message, or null"`
	Sender            sentBy                  `json:"sender,omitzero"`
	AccountID         int64                   `json:"account_id"`
	SenderType        *string                 `json:"sender_type" enum:"User,Contact,AgentBot"`
	SenderID          *int64                  `json:"sender_id"`
	Seq               int64                   `json:"seq" doc:"order in the conversation, and the cursor of the live events"`
	Attachments       []router.AttachmentJSON `json:"attachments,omitempty"`
}

// sentBy is the writer of a message: nobody for what the inbox itself says.
type sentBy = api.Either[contactSenderJSON, senderJSON]

// senderJSON is an agent or the bot as the writer of a message.
type senderJSON struct {
	ID                 int64  `json:"id"`
	Name               string `json:"name"`
	AvailableName      string `json:"available_name,omitempty"`
	AvatarURL          string `json:"avatar_url"`
	Type               string `json:"type"` // "user" or "agent_bot"
	AvailabilityStatus string `json:"availability_status,omitempty"`
	Thumbnail          string `json:"thumbnail"`
}

// contactSenderJSON is a customer as the writer of a message.
type contactSenderJSON struct {
	AdditionalAttributes router.Attributes `json:"additional_attributes"`
	CustomAttributes     router.Attributes `json:"custom_attributes"`
	Email                *string           `json:"email"`
	ID                   int64             `json:"id"`
	Identifier           *string           `json:"identifier"`
	Name                 string            `json:"name"`
	PhoneNumber          *string           `json:"phone_number"`
	Thumbnail            string            `json:"thumbnail"`
	Blocked              bool              `json:"blocked"`
	Type                 string            `json:"type"` // "contact"
}

// threadJSON is a piece of a thread, in order.
type threadJSON struct {
	Meta struct {
		Labels               []string          `json:"labels"`
		AdditionalAttributes router.Attributes `json:"additional_attributes"`
		Contact              contactSenderJSON `json:"contact"`
		Assignee             *agentJSON        `json:"assignee,omitempty"`
		AgentLastSeenAt      *string           `json:"agent_last_seen_at" format:"date-time"`
		AssigneeLastSeenAt   *string           `json:"assignee_last_seen_at" format:"date-time"`
	} `json:"meta"`
	Payload []messageJSON `json:"payload"`
}

// senders is who wrote a set of messages, and for whom and when they are shown.
type senders struct {
	agents   map[int64]*router.Agent
	contacts map[int64]*router.Contact
	bots     map[int64]string // names of bots outside
	teams    []int64          // of the reader
	now      time.Time
	base     string // where browsers reach the server
}

func (d *Desk) sendersOf(ctx context.Context, messages []*router.Message) (senders, error) {
	who := senders{teams: callerFrom(ctx).teams, now: d.clock(), base: d.publicURL}
	var err error
	if who.agents, who.contacts, err = d.router.Senders(ctx, messages); err != nil {
		return senders{}, err
	}
	who.bots, err = d.router.AgentBotNames(ctx, messages)
	return who, err
}

func presentThread(v *router.View, thread []*router.Message, who senders) threadJSON {
	var out threadJSON
	m := &out.Meta
	m.Labels = append([]string{}, v.Labels...)
	m.AdditionalAttributes = v.Conversation.AdditionalAttributes
	m.Contact = presentContactSender(&v.Contact)
	if v.Assignee != nil {
		m.Assignee = presentAgent(v.Assignee, who.now)
	}
	m.AgentLastSeenAt, m.AssigneeLastSeenAt = iso(v.Conversation.AgentLastSeenAt), iso(v.Conversation.AssigneeLastSeenAt)
	out.Payload = make([]messageJSON, 0, len(thread))
	for _, said := range thread {
		out.Payload = append(out.Payload, presentMessage(said, localeOf(v.Inbox), who))
	}
	return out
}

// presentMessage shows m; locale is the language of the bot's name, and of what
// stands in place of a deleted message.
func presentMessage(m *router.Message, locale string, who senders) messageJSON {
	out := messageJSON{
		ID:                m.ID,
		Content:           m.Shown(locale),
		InboxID:           m.InboxID,
		EchoID:            m.EchoID,
		ConversationID:    m.ConversationID,
		MessageType:       m.MessageType,
		ContentType:       m.ContentType,
		Status:            m.Status.String(),
		ContentAttributes: m.ContentAttributes,
		CreatedAt:         m.CreatedAt.Unix(),
		Private:           m.Private,
		SourceID:          m.SourceID,
		AccountID:         accountID,
		Seq:               m.Seq,
		Attachments:       m.AttachmentsJSON(who.base),
	}
	switch m.SenderType {
	case router.KindAgent:
		out.sentBy("User", m.SenderID)
		if a := who.agents[m.SenderID]; a != nil {
			out.Sender.B = &senderJSON{ID: a.ID, Name: a.Name, AvailableName: a.AvailableName(), Type: "user", AvailabilityStatus: a.Presence(who.now)}
		}
	case router.KindContact:
		out.sentBy("Contact", m.SenderID)
		if c := who.contacts[m.SenderID]; c != nil {
			shown := presentContactSender(c)
			out.Sender.A = &shown
		}
	case router.KindBot:
		out.sentBy("AgentBot", m.SenderID)
		out.Sender.B = &senderJSON{ID: m.SenderID, Name: cmp.Or(who.bots[m.SenderID], texts.Say(locale, "bot.name", nil)), Type: "agent_bot"}
	}
	return out
}

func (m *messageJSON) sentBy(kind string, id int64) { m.SenderType, m.SenderID = &kind, &id }

func presentContactSender(c *router.Contact) contactSenderJSON {
	return contactSenderJSON{
		AdditionalAttributes: c.AdditionalAttributes,
		CustomAttributes:     c.CustomAttributes,
		Email:                orNull(c.Email),
		ID:                   c.ID,
		Identifier:           c.Identifier,
		Name:                 c.Name,
		PhoneNumber:          orNull(c.PhoneNumber),
		Blocked:              c.Blocked,
		Type:                 "contact",
	}
}
