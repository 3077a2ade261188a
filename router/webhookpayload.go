package router

import (
	"encoding/json"
	"time"

	"relevo/fsm"
)

const (
	maxPayload = 1 << 20 // bytes; a larger one is cut
	cutContent = 10_000  // runes that are left of a message in it
)

// accountPayload is the one account, as webhooks name it.
type accountPayload struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

var theAccount = accountPayload{1, "Relevo"}

// inboxPayload is the inbox of a message.
type inboxPayload struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// agentPayload is an agent or a bot, as the writer of a message or as who has
// a conversation.
type agentPayload struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	AvailableName string `json:"available_name,omitempty"`
	Email         string `json:"email,omitempty"`
	Type          string `json:"type"` // "user" or "agent_bot"
}

func payloadOfAgent(a *Agent) *agentPayload {
	return &agentPayload{ID: a.ID, Name: a.Name, AvailableName: a.AvailableName(), Email: a.Email, Type: "user"}
}

// contactPayload is a customer.
type contactPayload struct {
	Account              accountPayload `json:"account"`
	AdditionalAttributes Attributes     `json:"additional_attributes"`
	Avatar               string         `json:"avatar"`
	CustomAttributes     Attributes     `json:"custom_attributes"`
	Email                *string        `json:"email"`
	ID                   int64          `json:"id"`
	Identifier           *string        `json:"identifier"`
	Name                 string         `json:"name"`
	PhoneNumber          *string        `json:"phone_number"`
	Thumbnail            string         `json:"thumbnail"`
	Blocked              bool           `json:"blocked"`
	Type                 string         `json:"type"`       // "contact"
	UpdatedAt            *string        `json:"updated_at"` // with a fraction: of two, the later one counts
}

func payloadOfContact(c *Contact) contactPayload {
	return contactPayload{Account: theAccount, AdditionalAttributes: c.AdditionalAttributes, CustomAttributes: c.CustomAttributes,
		Email: orNil(c.Email), ID: c.ID, Identifier: c.Identifier, Name: c.Name, PhoneNumber: orNil(c.PhoneNumber), Blocked: c.Blocked,
		Type: "contact", UpdatedAt: isoTime(&c.UpdatedAt)}
}

func (p *contactPayload) cut() { p.AdditionalAttributes, p.CustomAttributes = nil, nil }

// writer is who wrote a message: *agentPayload, *contactPayload, or nil.
type writer any

// messagePayload is a message as message_* events tell it.
type messagePayload struct {
	Event                WebhookEvent        `json:"event"`
	ID                   int64               `json:"id"`
	Content              string              `json:"content"`
	ContentType          string              `json:"content_type"`
	ContentAttributes    Attributes          `json:"content_attributes"`
	AdditionalAttributes Attributes          `json:"additional_attributes"`
	MessageType          string              `json:"message_type"`
	Private              bool                `json:"private"`
	Status               string              `json:"status"`
	CreatedAt            string              `json:"created_at"`
	UpdatedAt            string              `json:"updated_at"`
	SourceID             *string             `json:"source_id"`
	EchoID               *string             `json:"echo_id,omitempty"`
	Seq                  int64               `json:"seq"` // the message's place in the conversation
	Version              int64               `json:"version"`
	Account              accountPayload      `json:"account"`
	Inbox                inboxPayload        `json:"inbox"`
	Sender               writer              `json:"sender"`
	Conversation         conversationPayload `json:"conversation"`
	Attachments          []AttachmentJSON    `json:"attachments,omitempty"`
	Truncated            bool                `json:"truncated,omitempty"` // too large: the rest is to be fetched
}

// conversationPayload is a conversation as it was when something happened.
type conversationPayload struct {
	AdditionalAttributes Attributes                `json:"additional_attributes"`
	CanReply             bool                      `json:"can_reply"`
	Channel              string                    `json:"channel"`
	ContactInbox         contactInboxPayload       `json:"contact_inbox"`
	ID                   int64                     `json:"id"`
	UUID                 string                    `json:"uuid"`
	InboxID              int64                     `json:"inbox_id"`
	Messages             []chatPayload             `json:"messages"` // the last public one, or the one that this is about
	Labels               []string                  `json:"labels"`
	Meta                 conversationPeoplePayload `json:"meta"`
	Status               fsm.Status                `json:"status"`
	CustomAttributes     Attributes                `json:"custom_attributes"`
	SnoozedUntil         *string                   `json:"snoozed_until"`
	UnreadCount          int                       `json:"unread_count"`
	FirstReplyCreatedAt  *string                   `json:"first_reply_created_at"`
	Priority             *string                   `json:"priority"`
	WaitingSince         int64                     `json:"waiting_since"`
	AgentLastSeenAt      int64                     `json:"agent_last_seen_at"`
	ContactLastSeenAt    int64                     `json:"contact_last_seen_at"`
	LastActivityAt       int64                     `json:"last_activity_at"`
	Timestamp            int64                     `json:"timestamp"`
	CreatedAt            int64                     `json:"created_at"`
	UpdatedAt            float64                   `json:"updated_at"`
	Account              accountPayload            `json:"account"`
	Seq                  int64                     `json:"seq"`
	Version              int64                     `json:"version"`
	Episode              int                       `json:"episode"`
}

// contactInboxPayload is the customer's place at the inbox.
type contactInboxPayload struct {
	ID        int64  `json:"id"`
	ContactID int64  `json:"contact_id"`
	InboxID   int64  `json:"inbox_id"`
	SourceID  string `json:"source_id"`
}

// conversationPeoplePayload is who is in a conversation.
type conversationPeoplePayload struct {
	Sender       contactPayload `json:"sender"`
	Assignee     *agentPayload  `json:"assignee"`
	AssigneeType *string        `json:"assignee_type"`
	Team         *teamPayload   `json:"team"`
	HMACVerified bool           `json:"hmac_verified"`
}

type teamPayload struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// chatPayload is a message inside a conversation: message_type is a number
// there, created_at unix seconds.
type chatPayload struct {
	ID                int64            `json:"id"`
	Content           string           `json:"content"`
	InboxID           int64            `json:"inbox_id"`
	ConversationID    int64            `json:"conversation_id"`
	AccountID         int64            `json:"account_id"`
	MessageType       MessageType      `json:"message_type"`
	ContentType       string           `json:"content_type"`
	ContentAttributes Attributes       `json:"content_attributes"`
	Private           bool             `json:"private"`
	Status            string           `json:"status"`
	CreatedAt         int64            `json:"created_at"`
	SourceID          *string          `json:"source_id"`
	SenderType        *string          `json:"sender_type"`
	SenderID          *int64           `json:"sender_id"`
	Sender            writer           `json:"sender"`
	Attachments       []AttachmentJSON `json:"attachments,omitempty"`
	Seq               int64            `json:"seq"`
}

// conversationEvent is what conversation_* events say.
type conversationEvent struct {
	conversationPayload
	Event             WebhookEvent                  `json:"event"`
	ChangedAttributes []map[string]alteredAttribute `json:"changed_attributes,omitempty"`
	Truncated         bool                          `json:"truncated,omitempty"`
}

// alteredAttribute is one attribute before and now.
type alteredAttribute struct {
	Previous any `json:"previous_value"`
	Current  any `json:"current_value"`
}

func payloadOfChanges(changes []alteration) []map[string]alteredAttribute {
	var out []map[string]alteredAttribute
	for _, a := range changes {
		out = append(out, map[string]alteredAttribute{a.name: {a.was, a.now}})
	}
	return out
}

// fitted returns payload as JSON, cut where it is too large for receivers.
func fitted(payload interface{ cut() }) ([]byte, error) {
	b, err := json.Marshal(payload)
	if err != nil || len(b) <= maxPayload {
		return b, err
	}
	payload.cut()
	return json.Marshal(payload)
}

func (p *messagePayload) cut() {
	p.Truncated = true
	p.Content, p.ContentAttributes = firstRunes(p.Content, cutContent), nil
	p.Conversation.cut()
	if c, ok := p.Sender.(*contactPayload); ok {
		c.cut()
	}
}

func (p *conversationEvent) cut() {
	p.Truncated = true
	p.conversationPayload.cut()
}

func (p *conversationPayload) cut() {
	p.Messages, p.AdditionalAttributes, p.CustomAttributes = []chatPayload{}, nil, nil
	p.Meta.Sender.cut()
}

// firstRunes is the beginning of s, at most n runes of it.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// isoTime is a time as webhooks write it, to the microsecond; nil is never.
func isoTime(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000000Z")
	return &s
}

// unixTime is a time in whole seconds; 0 is never.
func unixTime(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}
