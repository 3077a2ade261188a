package router

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/mail"
	"relevo/router/store"
)

// MailOptions is how mails leave.
type MailOptions struct {
	Sender mail.Sender     // nil: none are sent
	From   netmail.Address // where the inbox does not say otherwise
	// ConversationURL is where agents open a conversation, with {id} in the
	// place of its number; "" leaves it out of their mails.
	ConversationURL string
}

// SendsMail reports whether mails can be sent.
func (r *Router) SendsMail() bool { return r.opts.Mail.Sender != nil && r.opts.Jobs != nil }

// mailState is how far a mail came. A mail is handed to the server only out of
// a state that says that it surely was not, and after "sending" was committed:
// a process that dies in between leaves "sending", and nobody sends it again
// by himself.
type mailState string

const (
	mailWaiting  mailState = "waiting"
	mailSending  mailState = "sending"
	mailSent     mailState = "sent"
	mailSkipped  mailState = "skipped"  // nobody needs it any more
	mailFailed   mailState = "failed"   // surely not sent
	mailDoubtful mailState = "doubtful" // perhaps sent
)

// notSent are the states that a mail may be handed over out of.
var notSent = []string{string(mailWaiting), string(mailFailed), string(mailDoubtful)}

// outgoing is one mail, from the change that wants it until it is sent.
type outgoing struct {
	ID             int64
	Kind           string // "transcript" or "notification"
	State          mailState
	ConversationID int64
	InboxID        int64
	Recipient      string
	Reader         string // mail.SameReader of Recipient
	ByCustomer     bool
	ToSeq          int64
	NotificationID int64
	CreatedAt      time.Time
	UpdatedAt      time.Time

	committed bool // it is in this process's hands, as "sending"
}

// keepMails is how long rows of mails stay: longer than a job that failed.
const keepMails = 60 * 24 * time.Hour

// sendMail does the job of one mail.
func (r *Router) sendMail(ctx jobs.Context, id int64) error {
	m, err := r.takeMail(ctx, id)
	if err != nil || m == nil {
		return err
	}
	letter, err := r.letterOf(ctx, m)
	switch {
	case errors.Is(err, errNotWanted):
		return r.mailIs(ctx, m, mailSkipped, "")
	case err != nil:
		return r.settleMail(ctx, m, err)
	}
	err = r.opts.Mail.Sender.Send(ctx, letter, func() error { return r.commitMail(ctx, m) })
	return r.settleMail(ctx, m, err)
}

// errNotWanted says that a mail is not to be sent any more.
var errNotWanted = errors.New("nobody needs this mail any more")

// takeMail returns the mail of a job; nil where nothing is to be done. One that
// a process was sending when it died may have been sent: it is left to an
// administrator, who sees the job among those that failed.
func (r *Router) takeMail(ctx context.Context, id int64) (*outgoing, error) {
	var m outgoing
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM mails WHERE id = ?", id).Scan(&m).Error; err != nil {
		return nil, fmt.Errorf("mail %d: %w", id, err)
	}
	switch {
	case m.ID == 0, m.State == mailSent, m.State == mailSkipped: // its conversation was removed; it was done
		return nil, nil
	case m.State == mailSending:
		m.committed = true // by whoever has left it
		err := fmt.Errorf("the process that sent it ended meanwhile: %w", mail.ErrUnknown)
		return nil, r.giveUpMail(ctx, &m, mailDoubtful, "transcript.doubtful", err)
	}
	return &m, nil
}

// commitMail notes that the mail is being handed over. Of two who try, one
// does.
func (r *Router) commitMail(ctx context.Context, m *outgoing) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE mails SET state = ?, updated_at = ? WHERE id = ? AND state IN ?", string(mailSending), r.now(), m.ID, notSent)
		if res.Error == nil && res.RowsAffected == 0 {
			return fmt.Errorf("mail %d is in another process's hands", m.ID)
		}
		return res.Error
	})
	m.committed = err == nil
	return err
}

// settleMail notes what became of a try.
func (r *Router) settleMail(ctx jobs.Context, m *outgoing, err error) error {
	switch {
	case err == nil && m.State != mailWaiting: // the thread says that it was not
		return r.mailIs(ctx, m, mailSent, "transcript.sent_later")
	case err == nil:
		return r.mailIs(ctx, m, mailSent, "")
	case errors.Is(err, mail.ErrUnknown):
		return r.giveUpMail(ctx, m, mailDoubtful, "transcript.doubtful", err)
	case errors.Is(err, mail.ErrRefused):
		return r.giveUpMail(ctx, m, mailFailed, "transcript.failed", err)
	case ctx.Last:
		return r.giveUpMail(ctx, m, mailFailed, "transcript.failed", err)
	}
	return errors.Join(err, r.mailIs(ctx, m, mailWaiting, ""))
}

// giveUpMail notes that the mail is not tried again by itself. err says why.
func (r *Router) giveUpMail(ctx context.Context, m *outgoing, state mailState, line string, err error) error {
	if noted := r.mailIs(ctx, m, state, line); noted != nil {
		return errors.Join(err, noted)
	}
	return jobs.Hopeless(err)
}

// mailIs stores how far a mail came, and for a transcript leaves an activity
// line of that name; "" for none. A mail that went into another process's
// hands is left to it.
func (r *Router) mailIs(ctx context.Context, m *outgoing, state mailState, line string) error {
	var err error
	if line == "" || m.Kind != "transcript" {
		err = r.db.Tx(ctx, func(tx *gorm.DB) error { _, err := r.noteMail(tx, m, state); return err })
	} else {
		_, err = r.change(ctx, byID(m.ConversationID), func(ch *change) error {
			if mine, err := r.noteMail(ch.tx, m, state); err != nil || !mine {
				return err
			}
			return ch.note(line, map[string]any{"email": m.Recipient}, nil)
		})
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return fmt.Errorf("mail %d is %s: %w", m.ID, state, err)
	}
	return nil
}

// noteMail writes the state of a mail that is in nobody else's hands.
func (r *Router) noteMail(tx *gorm.DB, m *outgoing, state mailState) (mine bool, err error) {
	from := notSent
	if m.committed {
		from = []string{string(mailSending)}
	}
	res := tx.Exec("UPDATE mails SET state = ?, updated_at = ? WHERE id = ? AND state IN ?", string(state), r.now(), m.ID, from)
	return res.RowsAffected > 0, res.Error
}

// post stores a mail with the change; its job is the caller's to add.
func (ch *change) post(m *outgoing) error {
	err := store.Row(ch.tx, `INSERT INTO mails (kind, conversation_id, inbox_id, recipient, reader, by_customer, to_seq, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{m.Kind, ch.c.ID, ch.c.InboxID, m.Recipient, m.Reader, m.ByCustomer, m.ToSeq,
		ch.now, ch.now}, &m.ID)
	if err != nil {
		return fmt.Errorf("store mail of conversation %d: %w", ch.c.ID, err)
	}
	return nil
}
