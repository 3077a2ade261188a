package router

import (
	"encoding/json"
	"fmt"
	"reflect"

	"gorm.io/gorm"

	"relevo/router/store"
)

// contactEvent is what contact_* events say.
type contactEvent struct {
	contactPayload
	Event             WebhookEvent                  `json:"event"`
	ChangedAttributes []map[string]alteredAttribute `json:"changed_attributes,omitempty"`
}

// tellContactCreated tells webhooks of a new contact.
func (r *Router) tellContactCreated(tx *gorm.DB, c *Contact) error {
	return r.tellContact(tx, EventContactCreated, c, nil)
}

// contactChanged tells everybody who looks, once tx is committed, that a
// contact is different or gone. Whoever writes one calls it, or
// tellContactUpdated, which does. The time of its last word is left out: the
// word itself is told.
func (r *Router) contactChanged(tx *gorm.DB, id int64) {
	store.AfterCommit(tx, func() { r.opts.Live(Happened{Contact: id, ContactChanged: true}) })
}

// tellContactUpdated tells who looks that a contact was written, and webhooks
// what is different about it, if anything is.
func (r *Router) tellContactUpdated(tx *gorm.DB, was, c *Contact) error {
	r.contactChanged(tx, c.ID)
	changes := contactAlterations(was, c)
	if len(changes) == 0 {
		return nil
	}
	return r.tellContact(tx, EventContactUpdated, c, changes)
}

func (r *Router) tellContact(tx *gorm.DB, e WebhookEvent, c *Contact, changes []alteration) error {
	to, err := r.listening(tx, e, nil)
	if err != nil || len(to) == 0 {
		return err
	}
	payload, err := json.Marshal(contactEvent{contactPayload: payloadOfContact(c), Event: e, ChangedAttributes: payloadOfChanges(changes)})
	if err != nil {
		return fmt.Errorf("payload of %s: %w", e, err)
	}
	return r.tellAll(tx, delivery{Event: e, Payload: string(payload)}, to)
}

func contactAlterations(was, now *Contact) []alteration {
	var changes []alteration
	for _, a := range []alteration{
		{"name", was.Name, now.Name},
		{"email", orNil(was.Email), orNil(now.Email)},
		{"phone_number", orNil(was.PhoneNumber), orNil(now.PhoneNumber)},
		{"identifier", was.Identifier, now.Identifier},
		{"blocked", was.Blocked, now.Blocked},
		{"custom_attributes", was.CustomAttributes, now.CustomAttributes},
		{"additional_attributes", was.AdditionalAttributes, now.AdditionalAttributes},
	} {
		if a.differs() {
			changes = append(changes, a)
		}
	}
	return changes
}

// differs reports whether there is anything to tell: no attributes are the
// same as an empty set of them.
func (a alteration) differs() bool {
	if x, ok := a.was.(Attributes); ok && len(x) == 0 && len(a.now.(Attributes)) == 0 {
		return false
	}
	return !reflect.DeepEqual(a.was, a.now)
}

// tellBlocked tells webhooks that the conversation's contact was blocked, or
// let in again. The contact's row is locked and written already.
func (ch *change) tellBlocked(blocked bool) error {
	ch.r.contactChanged(ch.tx, ch.c.ContactID)
	to, err := ch.r.listening(ch.tx, EventContactUpdated, nil)
	if err != nil || len(to) == 0 {
		return err
	}
	var now Contact
	if err := ch.tx.Raw("SELECT * FROM contacts WHERE id = ?", ch.c.ContactID).Scan(&now).Error; err != nil {
		return fmt.Errorf("contact %d: %w", ch.c.ContactID, err)
	}
	was := now
	was.Blocked = !blocked
	return ch.r.tellContact(ch.tx, EventContactUpdated, &now, contactAlterations(&was, &now))
}
