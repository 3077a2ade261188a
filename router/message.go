package router

import (
	"time"
)

// MessageType is who a message is from, in the numbers of the API.
type MessageType int

const (
	Incoming MessageType = 0 // the customer
	Outgoing MessageType = 1 // an agent or the bot
	Activity MessageType = 2 // what happened to the conversation
	Template MessageType = 3 // the inbox's own words: greeting, survey
)

// Enum lists the types, for the API document.
func (MessageType) Enum() []any { return []any{Incoming, Outgoing, Activity, Template} }

// String returns the word that webhooks use.
func (t MessageType) String() string {
	return [...]string{"incoming", "outgoing", "activity", "template"}[t]
}

// MessageStatus is how far a message came, in the numbers of the database.
type MessageStatus int

const (
	Sent MessageStatus = iota
	Delivered
	Read
	Failed
)

// String returns the word that the API uses.
func (s MessageStatus) String() string {
	return [...]string{"sent", "delivered", "read", "failed"}[s]
}

// Message is one entry of a conversation, never moved and never removed.
type Message struct {
	ID                int64
	ConversationID    int64
	InboxID           int64
	Seq               int64
	MessageType       MessageType
	Content           string
	ContentType       string
	ContentAttributes Attributes
	Private           bool
	Status            MessageStatus
	SenderType        ActorKind
	SenderID          int64
	contact           *Contact // the sender of a word that has just come in, so that Senders need not ask
	EchoID            *string
	SourceID          *string
	BodyHash          *string
	Episode           *int
	Turn              *int64
	CreatedAt         time.Time
	UpdatedAt         time.Time

	Attachments []*Attachment `gorm:"-"`
}

// Draft is a message that somebody wants to send.
type Draft struct {
	Content           string
	ContentType       string // "" means "text"
	ContentAttributes Attributes
	Private           bool   // agents only
	EchoID            string // the sender's own name for it: sent twice, stored once
	SourceID          string // a connector's name for it, unique in the inbox
	Files             []Upload

	kept []*Attachment // Files, once their bytes are stored
}

// ContentTypes are the kinds of content that may be sent.
var ContentTypes = []string{"text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form", "article", "input_csat"}
