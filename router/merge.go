package router

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
	"relevo/router/texts"
)

// MergeContacts makes two contacts one: base keeps its id and what it says of
// itself; what only other says, its inboxes, conversations, labels and notes
// come to base; other is gone. Every conversation that moves tells so in an
// activity line. All or nothing.
func (r *Router) MergeContacts(ctx context.Context, by By, base, other int64) (*Contact, error) {
	if base == other {
		return nil, fault.Invalid.Field("duplicate", "mergee_contact_id")
	}
	var merged Contact
	var moved []*change
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		moved = nil
		// Both rows are locked in the order of their ids, whoever is the base:
		// two merges of one pair must not wait for each other.
		var pair []Contact
		err := tx.Raw("SELECT * FROM contacts WHERE id IN (?, ?) ORDER BY id"+r.db.ForUpdate(false), base, other).Scan(&pair).Error
		if err != nil {
			return fmt.Errorf("lock contacts: %w", err)
		}
		if len(pair) != 2 {
			return fault.NotFound
		}
		into, from := pair[0], pair[1]
		if into.ID != base {
			into, from = from, into
		}
		if into.Identifier != nil && from.Identifier != nil { // two known customers are never one by a click
			return fault.Invalid.Field("other_identifier", "identifier")
		}
		if err := r.moveDoors(tx, from.ID, into.ID); err != nil {
			return err
		}
		if moved, err = r.moveConversations(tx, by, from, into); err != nil {
			return err
		}
		if err := moveContactRows(tx, from.ID, into.ID); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM contacts WHERE id = ?", from.ID).Error; err != nil {
			return fmt.Errorf("remove merged contact: %w", err)
		}
		merged = r.union(into, from)
		if err := r.noteLost(tx, by, &from, &merged); err != nil {
			return err
		}
		err = tx.Exec(`UPDATE contacts SET name = ?, email = ?, phone_number = ?, identifier = ?, blocked = ?, custom_attributes = ?,
			additional_attributes = ?, last_activity_at = ?, updated_at = ? WHERE id = ?`, merged.Name, merged.Email, merged.PhoneNumber,
			merged.Identifier, merged.Blocked, merged.CustomAttributes, merged.AdditionalAttributes, merged.LastActivityAt, merged.UpdatedAt, merged.ID).Error
		if err != nil {
			return fmt.Errorf("save merged contact: %w", err)
		}
		return r.tellContactUpdated(tx, &into, &merged)
	})
	if err != nil {
		return nil, err
	}
	for _, ch := range moved {
		r.committed(ch)
	}
	return &merged, nil
}

// moveDoors gives the contact-inboxes of one contact to another, before their
// conversations, as everywhere, and makes sure that nothing comes to the first
// any more: rows that name it and are being written at this moment are waited
// for, and later ones are refused. Its words hold their contact-inbox, so that
// those are taken first; a contact-inbox that was being made is found after.
func (r *Router) moveDoors(tx *gorm.DB, from, into int64) error {
	for _, statement := range []string{moveDoors, closeContact(r.db), moveDoors} {
		if err := tx.Exec(statement, map[string]any{"from": from, "into": into}).Error; err != nil {
			return fmt.Errorf("move inboxes of contact %d: %w", from, err)
		}
	}
	return nil
}

const moveDoors = "UPDATE contact_inboxes SET contact_id = @into WHERE contact_id = @from"

// closeContact is the statement that keeps new rows from naming a contact, from
// its lock on. On SQLite nobody else writes anyway.
func closeContact(db *store.DB) string {
	if db.Dialect() == store.SQLite {
		return "SELECT 1 FROM contacts WHERE id = @from"
	}
	return "SELECT 1 FROM contacts WHERE id = @from FOR UPDATE"
}

// union is what two contacts say together; where both say something, into is
// right. Who was blocked under one name is blocked.
func (r *Router) union(into, from Contact) Contact {
	or := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	into.Name, into.Email, into.PhoneNumber = or(into.Name, from.Name), or(into.Email, from.Email), or(into.PhoneNumber, from.PhoneNumber)
	if into.Identifier == nil {
		into.Identifier = from.Identifier
	}
	into.Blocked = into.Blocked || from.Blocked
	into.CustomAttributes = from.CustomAttributes.with(into.CustomAttributes)
	into.AdditionalAttributes = from.AdditionalAttributes.with(into.AdditionalAttributes)
	if into.LastActivityAt == nil || from.LastActivityAt != nil && from.LastActivityAt.After(*into.LastActivityAt) {
		into.LastActivityAt = from.LastActivityAt
	}
	into.UpdatedAt = r.now()
	return into
}

// noteLost writes down on the merged contact what the other one said and the
// merged one does not say, so that nothing is lost. It is written in the
// language of the contact's last conversation.
func (r *Router) noteLost(tx *gorm.DB, by By, from, merged *Contact) error {
	var lost []string
	add := func(name string, was, is any) {
		if text := fmt.Sprint(was); text != "" && text != fmt.Sprint(is) {
			lost = append(lost, name+": "+text)
		}
	}
	add("name", from.Name, merged.Name)
	add("email", from.Email, merged.Email)
	add("phone_number", from.PhoneNumber, merged.PhoneNumber)
	for _, name := range slices.Sorted(maps.Keys(from.CustomAttributes)) {
		add(name, from.CustomAttributes[name], merged.CustomAttributes[name])
	}
	if len(lost) == 0 {
		return nil
	}
	var inboxID int64
	err := tx.Raw("SELECT inbox_id FROM conversations WHERE contact_id = ? ORDER BY id DESC LIMIT 1", merged.ID).Scan(&inboxID).Error
	if err != nil {
		return fmt.Errorf("last conversation of contact %d: %w", merged.ID, err)
	}
	locale := ""
	if set, err := r.readInboxes(tx); err != nil {
		return err
	} else if inbox := set.byID[inboxID]; inbox != nil {
		locale = inbox.Settings.Locale
	}
	now := r.now()
	content := texts.Say(locale, "contact.merged_away", map[string]any{"contact": from.Name}) + "\n\n" + strings.Join(lost, "\n")
	err = tx.Exec("INSERT INTO contact_notes (contact_id, agent_id, content, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
		merged.ID, by.Actor.ID, content, now, now).Error
	if err != nil {
		return fmt.Errorf("note what contact %d said: %w", from.ID, err)
	}
	return nil
}

// moveConversations gives the conversations of one contact to another, one
// after the other in the order of their ids, each under its lock.
func (r *Router) moveConversations(tx *gorm.DB, by By, from, into Contact) ([]*change, error) {
	var ids []int64
	if err := tx.Raw("SELECT id FROM conversations WHERE contact_id = ? ORDER BY id", from.ID).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("conversations of contact %d: %w", from.ID, err)
	}
	var moved []*change
	for _, id := range ids {
		ch := &change{r: r, tx: tx, now: r.now()}
		if err := byID(id)(ch); err != nil {
			return nil, err
		}
		if err := ch.loadInbox(); err != nil {
			return nil, err
		}
		ch.c.ContactID = into.ID
		if err := ch.note("merged.agent", map[string]any{"agent": by.Actor.Name, "contact": from.Name}, nil); err != nil {
			return nil, err
		}
		if err := ch.save(); err != nil {
			return nil, err
		}
		moved = append(moved, ch)
	}
	return moved, nil
}

// moveContactRows moves what hangs on a contact beside its conversations, and
// makes its words the other's, so that a word sent again is still known.
func moveContactRows(tx *gorm.DB, from, into int64) error {
	for _, sql := range []string{
		"UPDATE messages SET sender_id = @into WHERE sender_type = 'contact' AND sender_id = @from AND conversation_id IN (SELECT id FROM conversations WHERE contact_id = @into)",
		"INSERT INTO contact_labels (contact_id, label) SELECT @into, label FROM contact_labels WHERE contact_id = @from ON CONFLICT DO NOTHING",
		"DELETE FROM contact_labels WHERE contact_id = @from",
		"UPDATE contact_notes SET contact_id = @into WHERE contact_id = @from",
	} {
		if err := tx.Exec(sql, map[string]any{"from": from, "into": into}).Error; err != nil {
			return fmt.Errorf("move what hangs on contact %d: %w", from, err)
		}
	}
	return nil
}
