package router

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// ContactNote is what agents tell each other of a customer.
type ContactNote struct {
	ID        int64
	ContactID int64
	AgentID   int64
	Content   string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ContactNotes lists the notes on a customer, the newest first, at most 100.
func (r *Router) ContactNotes(ctx context.Context, contactID int64) ([]*ContactNote, error) {
	if _, err := r.Contact(ctx, contactID); err != nil {
		return nil, err
	}
	notes := []*ContactNote{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM contact_notes WHERE contact_id = ? ORDER BY id DESC LIMIT 100", contactID).Scan(&notes).Error
	return notes, err
}

// AddContactNote adds a note on a customer, by.Once only once.
func (r *Router) AddContactNote(ctx context.Context, by By, contactID int64, content string) (*ContactNote, error) {
	switch {
	case strings.TrimSpace(content) == "":
		return nil, fault.Invalid.Field("blank", "content")
	case strings.ContainsRune(content, 0):
		return nil, fault.Invalid.Field("nul_byte", "content")
	case utf8.RuneCountInString(content) > maxContent:
		return nil, fault.Invalid.Field(fault.Limit("too_long", maxContent), "content")
	}
	if _, err := r.Contact(ctx, contactID); err != nil {
		return nil, err
	}
	n := ContactNote{ContactID: contactID, AgentID: by.Actor.ID, Content: content, CreatedAt: r.now(), UpdatedAt: r.now()}
	var before int64
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if before, err = r.onceMade(tx, by, "contact_note"); err != nil {
			return err
		}
		if before != 0 {
			n = ContactNote{}
			if err := tx.Raw("SELECT * FROM contact_notes WHERE id = ?", before).Scan(&n).Error; err != nil || n.ID != 0 {
				return err
			}
			return fault.NotFound
		}
		err = tx.Raw("INSERT INTO contact_notes (contact_id, agent_id, content, created_at, updated_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
			n.ContactID, n.AgentID, n.Content, n.CreatedAt, n.UpdatedAt).Scan(&n.ID).Error
		if err != nil {
			return err
		}
		return r.remember(tx, by, "contact_note", n.ID)
	})
	if errors.Is(err, gorm.ErrForeignKeyViolated) { // removed, or merged, at this moment
		return nil, fault.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("add note on contact %d: %w", contactID, err)
	}
	return &n, nil
}

// DeleteContactNote removes a note; one that is not there is fault.NotFound.
func (r *Router) DeleteContactNote(ctx context.Context, contactID, id int64) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		res := tx.Exec("DELETE FROM contact_notes WHERE id = ? AND contact_id = ?", id, contactID)
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.NotFound
		}
		return res.Error
	})
}
