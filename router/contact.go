package router

import (
	"fmt"
	"time"
)

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
	LastActivityAt       *time.Time // of a word of theirs, give or take seenEvery
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

// seenEvery is how far a customer's last activity may lag behind their last
// word, so that a lively talk writes their row once a minute.
const seenEvery = time.Minute

// seeCustomer notes that a customer wrote. The conversation is locked already,
// and the lock order has the contact before it: so the row is written only if
// nobody holds it. Whoever does is merging, blocking or renaming the contact;
// the next word comes again.
func (ch *change) seeCustomer(who listener) error {
	stale := ch.now.Add(-seenEvery)
	if who.contact != nil && who.contact.LastActivityAt != nil && who.contact.LastActivityAt.After(stale) {
		return nil
	}
	err := ch.tx.Exec(`UPDATE contacts SET last_activity_at = ? WHERE id =
		(SELECT id FROM contacts WHERE id = ? AND (last_activity_at IS NULL OR last_activity_at <= ?)`+ch.r.db.ForUpdate(true)+`)`,
		ch.now, who.ContactID, stale).Error
	if err != nil {
		return fmt.Errorf("last activity of contact %d: %w", who.ContactID, err)
	}
	return nil
}
