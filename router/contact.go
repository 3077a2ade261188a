package router

import "time"

// Contact is a customer.
type Contact struct {
	ID                   int64
	Name                 string
	Email                string
	PhoneNumber          string
	Identifier           *string
	Blocked              bool
	CustomAttributes     Attributes
	AdditionalAttributes Attributes
	LastActivityAt       *time.Time // of a word of theirs; see seen
	CreatedAt            time.Time
	UpdatedAt            time.Time
}

// Visitor is a customer at one inbox. Whoever knows SourceID is that visitor.
type Visitor struct {
	ID          int64 // of the contact-inbox
	InboxID     int64
	SourceID    string
	PubsubToken string
	Contact     Contact
}

// ContactDraft is what is said of a contact; nil fields say nothing, an empty
// string clears.
type ContactDraft struct {
	Name, Email, PhoneNumber, Identifier *string
	CustomAttributes                     Attributes // merged; a nil value removes its key
}
