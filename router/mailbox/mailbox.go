// Package mailbox catches mails instead of sending them, and shows them on a
// page: for the demonstration and for trying things out on one machine. Whoever
// opens the page reads every mail, so it answers nobody but this machine.
package mailbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/mail"
	"relevo/router/store"
)

// Keeps is how many mails are kept; the oldest are forgotten.
const Keeps = 200

// Mailbox is a mail.Sender that keeps what it is given in the database.
type Mailbox struct{ db *store.DB }

// New returns the mailbox of a migrated database.
func New(db *store.DB) *Mailbox { return &Mailbox{db} }

// Caught is a mail as it was caught.
type Caught struct {
	ID        int64
	MessageID string
	Sender    string
	Recipient string
	Subject   string
	Text      string
	HTML      string `gorm:"column:html"`
	CreatedAt time.Time
}

// Send implements mail.Sender. The same letter again is kept once.
func (m *Mailbox) Send(ctx context.Context, l mail.Letter, committed func() error) error {
	if err := committed(); err != nil {
		return err
	}
	err := m.db.Tx(ctx, func(tx *gorm.DB) error {
		err := tx.Exec(`INSERT INTO caught_mails (message_id, sender, recipient, subject, text, html, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (message_id) DO NOTHING`, l.ID, l.From.String(), l.To.Address, l.Subject, l.Text, l.HTML, l.Date.UTC()).Error
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM caught_mails WHERE id <= (SELECT max(id) FROM caught_mails) - ?", Keeps).Error
	})
	if err != nil {
		return fmt.Errorf("catch mail: %w", err)
	}
	return nil
}

// Mails lists what was caught, the latest first, without what they say.
func (m *Mailbox) Mails(ctx context.Context) ([]Caught, error) {
	var list []Caught
	err := m.db.Read().WithContext(ctx).Raw(`SELECT id, message_id, sender, recipient, subject, created_at FROM caught_mails
		ORDER BY id DESC LIMIT ?`, Keeps).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("caught mails: %w", err)
	}
	return list, nil
}

// Mail returns a mail by its id; nil where there is none.
func (m *Mailbox) Mail(ctx context.Context, id int64) (*Caught, error) {
	var c Caught
	if err := m.db.Read().WithContext(ctx).Raw("SELECT * FROM caught_mails WHERE id = ?", id).Scan(&c).Error; err != nil {
		return nil, fmt.Errorf("caught mail %d: %w", id, err)
	}
	if c.ID == 0 {
		return nil, nil
	}
	return &c, nil
}
