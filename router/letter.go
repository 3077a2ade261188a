package router

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"relevo/router/fault"
	"relevo/router/mail"
)

// InboxMail is who the mails of an inbox are from: "Name <address>" or an
// address; "" is as the server has it.
type InboxMail struct {
	From    string `json:"from,omitempty"`
	ReplyTo string `json:"reply_to,omitempty"`
}

// check refuses what no mail could be from.
func (m InboxMail) check() error {
	for field, sender := range map[string]string{"mail_from": m.From, "mail_reply_to": m.ReplyTo} {
		if sender == "" {
			continue
		}
		if detail := badText(sender, maxInboxText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
		parsed, err := mail.ParseSender(sender)
		if err != nil || !mail.CheckAddress(parsed.Address) || strings.ContainsFunc(sender+parsed.Name, unicode.IsControl) {
			return fault.Invalid.Field("not_an_email", field)
		}
	}
	return nil
}

// letterOf writes a mail.
func (r *Router) letterOf(ctx context.Context, m *outgoing) (mail.Letter, error) {
	var c Conversation
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM conversations WHERE id = ?", m.ConversationID).Scan(&c).Error; err != nil {
		return mail.Letter{}, fmt.Errorf("conversation %d: %w", m.ConversationID, err)
	}
	if c.ID == 0 {
		return mail.Letter{}, errNotWanted
	}
	inbox, err := r.InboxByID(ctx, c.InboxID)
	if err != nil {
		return mail.Letter{}, err
	}
	if m.Kind == "transcript" {
		return r.transcriptLetter(ctx, m, &c, inbox)
	}
	return r.noticeLetter(ctx, m, &c, inbox)
}

// address puts on a letter who it is from and what it belongs to.
func (r *Router) address(l *mail.Letter, m *outgoing, c *Conversation, from netmail.Address) {
	domain := mail.Domain(from.Address)
	l.From = from
	name := nameInMails(c)
	l.ID = fmt.Sprintf("%s-%d-%s@%s", m.Kind, m.ID, name, domain)
	l.Thread = fmt.Sprintf("conversation-%s@%s", name, domain)
}

// nameInMails tells conversations apart in the headers of mails. It is not the
// UUID, which is the key to the customer's survey: mails are passed on.
func nameInMails(c *Conversation) string {
	sum := sha256.Sum256([]byte("mails of " + c.UUID))
	return hex.EncodeToString(sum[:16])
}

// senderOf returns who the mails of an inbox are from, and where answers go if
// not there. What cannot be read as an address is left out; it was checked
// where it came in.
func (r *Router) senderOf(inbox *Inbox) (from, replyTo netmail.Address) {
	from = r.opts.Mail.From
	if own, err := mail.ParseSender(inbox.Settings.Mail.From); err == nil {
		from = own
	}
	from.Name = cmp.Or(from.Name, inbox.Name)
	if other, err := mail.ParseSender(inbox.Settings.Mail.ReplyTo); err == nil {
		replyTo = other
	}
	return from, replyTo
}
