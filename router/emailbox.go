package router

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/texts"
)

const (
	emailBoxType    = "input_email"
	maxEmailBoxText = 500 // runes
)

// EmailCollect asks a customer of the web widget for an e-mail address, where
// no bot does. Empty texts are those of the catalogues; an empty Thanks says
// nothing.
type EmailCollect struct {
	Enabled bool   `json:"enabled,omitempty"`
	Ask     string `json:"ask,omitempty"`    // before the box
	Box     string `json:"box,omitempty"`    // in the box
	Thanks  string `json:"thanks,omitempty"` // after it was filled
}

func (e EmailCollect) check() error {
	for field, text := range map[string]string{"email_collect_ask": e.Ask, "email_collect_box": e.Box, "email_collect_thanks": e.Thanks} {
		if detail := badText(text, maxEmailBoxText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	return nil
}

// AsksEmail reports whether the inbox asks for an e-mail itself.
func (i *Inbox) AsksEmail() bool {
	return i.Settings.EmailCollect.Enabled && i.Channel == "web_widget" && !i.HasBot()
}

// askEmail asks for the address after the customer's first word, unless it is
// known, was asked for already, or is for a bot to ask.
func (ch *change) askEmail() error {
	e := ch.inbox.Settings.EmailCollect
	if !ch.firstHeard || !ch.inbox.AsksEmail() || ch.c.Status != fsm.Open || ch.c.CampaignID != nil {
		return nil
	}
	var known struct {
		Email string
		Asked bool
	}
	err := ch.tx.Raw(`SELECT email, EXISTS (SELECT 1 FROM messages WHERE conversation_id = ? AND content_type = 'input_email') AS asked
		FROM contacts WHERE id = ?`, ch.c.ID, ch.c.ContactID).Scan(&known).Error
	if err != nil {
		return fmt.Errorf("address of contact %d: %w", ch.c.ContactID, err)
	}
	if known.Email != "" || known.Asked {
		return nil
	}
	locale := ch.inbox.Settings.Locale
	ask, box := e.Ask, e.Box
	if ask == "" {
		ask = texts.Say(locale, "email_box.ask", nil)
	}
	if box == "" {
		box = texts.Say(locale, "email_box.box", nil)
	}
	if _, err := ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: ask}); err != nil {
		return err
	}
	_, err = ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: box, ContentType: emailBoxType})
	return err
}

// errNeedsContact says that the contact has to be locked too, before the
// conversation.
var errNeedsContact = errors.New("the contact is to be written too")

// fillEmailBox stores the address that a customer filled into a box: on the
// message, and on the visitor's own contact. It opens nothing that another
// contact with this address may read.
func (ch *change) fillEmailBox(contactLocked bool, m *Message, values any) error {
	email, err := emailIn(values)
	if err != nil {
		return err
	}
	if before, ok := m.ContentAttributes["submitted_email"]; ok {
		if before == email {
			return nil
		}
		return fault.Answered
	}
	if !contactLocked {
		return errNeedsContact
	}
	if err := ch.fill(m, Attributes{"submitted_email": email}); err != nil {
		return err
	}
	if err := ch.writeContact(ContactDraft{Email: &email}); err != nil {
		return err
	}
	if thanks := ch.inbox.Settings.EmailCollect.Thanks; thanks != "" && m.MessageType == Template {
		_, err = ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: thanks})
	}
	return err
}

// emailIn finds the address in what was submitted: the text itself, an object
// with email or value, or a list of one such.
func emailIn(values any) (string, error) {
	if list, ok := values.([]any); ok && len(list) == 1 {
		values = list[0]
	}
	if object, ok := values.(map[string]any); ok {
		values = object["email"]
		if values == nil {
			values = object["value"]
		}
	}
	text, ok := values.(string)
	text = strings.ToLower(strings.TrimSpace(text))
	switch {
	case !ok:
		return "", fault.Invalid.Field("not_a_string", "submitted_email")
	case utf8.RuneCountInString(text) > maxContactText:
		return "", fault.Invalid.Field(fault.Limit("too_long", maxContactText), "submitted_email")
	case badText(text, maxContactText) != "" || !isEmail(text):
		return "", fault.Invalid.Field("not_an_email", "submitted_email")
	}
	return text, nil
}

// writeContact writes what the customer says of himself. The contact's row is
// locked already.
func (ch *change) writeContact(d ContactDraft) error {
	if err := d.check(); err != nil {
		return err
	}
	var row Contact
	if err := ch.tx.Raw("SELECT * FROM contacts WHERE id = ?", ch.c.ContactID).Scan(&row).Error; err != nil {
		return fmt.Errorf("contact %d: %w", ch.c.ContactID, err)
	}
	return ch.r.updateContact(ch.tx, &row, d)
}

// byVisitorAndContact is byVisitor for changes that write the contact too: it
// is locked first. errContactMoved says that it was merged meanwhile.
func byVisitorAndContact(inbox *Inbox, sourceID string, id int64, who *listener) locker {
	return func(ch *change) error {
		contact, err := ch.lockVisitorsContact(inbox, sourceID)
		if err != nil {
			return err
		}
		if err := byVisitor(inbox, sourceID, id, who)(ch); err != nil {
			return err
		}
		if ch.c.ContactID != contact {
			return errContactMoved
		}
		return nil
	}
}

// lockVisitorsContact locks the contact that a visitor has at this moment, and
// returns its id.
func (ch *change) lockVisitorsContact(inbox *Inbox, sourceID string) (int64, error) {
	var contact int64
	err := ch.tx.Raw("SELECT contact_id FROM contact_inboxes WHERE inbox_id = ? AND source_id = ?", inbox.ID, sourceID).Scan(&contact).Error
	if err != nil {
		return 0, fmt.Errorf("contact of visitor: %w", err)
	}
	if contact == 0 {
		return 0, fault.NotFound
	}
	var locked int64
	if err := ch.tx.Raw("SELECT id FROM contacts WHERE id = ?"+ch.r.db.ForUpdate(false), contact).Scan(&locked).Error; err != nil {
		return 0, fmt.Errorf("lock contact %d: %w", contact, err)
	}
	return contact, nil
}

// changeWithContact is change for what writes the contact too; it is tried
// again where the contact was merged while its lock was waited for.
func (r *Router) changeWithContact(ctx context.Context, lock locker, do func(ch *change) error) (*Conversation, error) {
	for {
		c, err := r.change(ctx, lock, do)
		if !errors.Is(err, errContactMoved) {
			return c, err
		}
	}
}
