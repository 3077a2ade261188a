package router

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/store"
	"relevo/router/texts"
)

// Inbound is a customer's word on its way in. Conversation 0 means the
// visitor's current one, or a new one where there is none.
type Inbound struct {
	Inbox        *Inbox
	SourceID     string
	Conversation int64
	Draft        Draft
}

// Receive stores a customer's word and what follows from it: the status, the
// greeting, when the bot must answer. The same EchoID or SourceID again returns
// the message that is there; with another body it is fault.EchoConflict.
func (r *Router) Receive(ctx context.Context, in Inbound) (*Message, error) {
	if err := in.Draft.check(); err != nil {
		return nil, err
	}
	draft, err := r.keepFiles(ctx, in.Draft)
	if err != nil {
		return nil, err
	}
	in.Draft = draft
	var who listener
	return r.deliver(ctx, in.lock(&who), draft, func(ch *change) (*Message, error) {
		return ch.hear(who, draft, false)
	})
}

// ReceiveFor stores a customer's word that a connector brings with an agent's
// token. Whoever carries it, it is the customer's. Only inboxes of channel
// "api" have connectors: anywhere else the customer speaks for himself.
func (r *Router) ReceiveFor(ctx context.Context, by By, id int64, d Draft) (*Message, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	d, err := r.keepFiles(ctx, d)
	if err != nil {
		return nil, err
	}
	return r.deliver(ctx, byID(id), d, func(ch *change) (*Message, error) {
		if err := ch.permit(by); err != nil {
			return nil, ch.unlessStored(err, Actor{Kind: KindContact, ID: ch.c.ContactID}, d)
		}
		if ch.inbox.Channel != channelAPI {
			return nil, fault.Invalid.Field("only_api_inboxes", "message_type")
		}
		var who listener
		err := ch.tx.Raw("SELECT id AS contact_id, blocked FROM contacts WHERE id = ?", ch.c.ContactID).Scan(&who).Error
		if err != nil {
			return nil, fmt.Errorf("contact of conversation %d: %w", id, err)
		}
		return ch.hear(who, d, false)
	})
}

// Start makes a conversation in which nothing was said yet. The bot waits for
// the first word. While nothing was said in it, starting again returns it.
func (r *Router) Start(ctx context.Context, inbox *Inbox, sourceID string, custom Attributes) (*Conversation, error) {
	return r.change(ctx, func(ch *change) error {
		v, err := ch.lockVisitor(inbox, sourceID)
		if err != nil {
			return err
		}
		return ch.silentOrNew(inbox, v, custom)
	}, func(ch *change) error {
		ch.c.CustomAttributes = ch.c.CustomAttributes.with(custom)
		return nil
	})
}

// listener is what a customer's word needs to know of its customer.
type listener struct {
	ContactID int64
	Blocked   bool
	contact   *Contact // nil where it was not read
}

// deliver runs say in a change and answers a repeated message with the one
// that is there. The files of d go if the message is surely not stored.
func (r *Router) deliver(ctx context.Context, lock locker, d Draft, say func(*change) (*Message, error)) (*Message, error) {
	var m *Message
	var in *change
	_, err := r.change(ctx, lock, func(ch *change) (err error) {
		in = ch
		m, err = say(ch)
		return err
	})
	if err != nil && (in == nil || !in.written) {
		r.dropFiles(ctx, d.kept)
	}
	if errors.Is(err, errRepeated) {
		return r.repeated(ctx, in.c, in.sender, d)
	}
	return m, err
}

// lock locks the conversation that a word is for and fills who. The word's
// way in is the busiest of all, so visitor and conversation are found in one
// statement.
func (in Inbound) lock(who *listener) locker {
	startsNew := in.Inbox.Settings.AfterResolved == AfterResolvedNew
	if in.Conversation != 0 && !startsNew {
		return byVisitor(in.Inbox, in.SourceID, in.Conversation, who)
	}
	return func(ch *change) error {
		v, err := ch.lockVisitor(in.Inbox, in.SourceID)
		if err != nil {
			return err
		}
		*who = listener{v.Contact.ID, v.Contact.Blocked, &v.Contact}
		current, there, err := ch.current(v, in.Draft)
		if err != nil {
			return err
		}
		if there { // the same word again, wherever it went
			return byID(current)(ch)
		}
		if in.Conversation != 0 { // as long as it is not resolved
			err := byVisitor(in.Inbox, in.SourceID, in.Conversation, who)(ch)
			if err != nil || ch.c.Status != fsm.Resolved {
				return err
			}
			if err := ch.lookAgain(who); err != nil || who.Blocked {
				return err
			}
			ch.c = nil
		}
		if current != 0 {
			if err := byID(current)(ch); err != nil {
				return err
			}
			if ch.c.Status != fsm.Resolved || !startsNew {
				return nil
			}
			if err := ch.lookAgain(who); err != nil || who.Blocked {
				return err
			}
			v.Contact.Blocked = false
		}
		return ch.begin(in.Inbox, v, nil)
	}
}

// current finds the conversation that a word is for which names none: the one
// where the same word stands already, whatever became of it since, else the
// visitor's newest. 0 means that there is none.
func (ch *change) current(v *Visitor, d Draft) (id int64, there bool, err error) {
	var row struct {
		ID    int64
		There bool
	}
	m := d.message(Incoming, Actor{Kind: KindContact, ID: v.Contact.ID})
	if m.EchoID == nil && m.SourceID == nil {
		err = ch.tx.Raw("SELECT id FROM conversations WHERE contact_inbox_id = ? ORDER BY id DESC LIMIT 1", v.ID).Scan(&row).Error
	} else {
		err = ch.tx.Raw(`SELECT c.id, EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.sender_type = ? AND m.sender_id = ? AND m.echo_id = ?)
				OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.inbox_id = c.inbox_id AND m.source_id = ?) AS there
			FROM conversations c WHERE c.contact_inbox_id = ? ORDER BY there DESC, c.id DESC LIMIT 1`,
			string(m.SenderType), m.SenderID, m.EchoID, m.SourceID, v.ID).Scan(&row).Error
	}
	if err != nil {
		return 0, false, fmt.Errorf("current conversation of visitor %d: %w", v.ID, err)
	}
	return row.ID, row.There, nil
}

// customerColumns are those of a contact p, beside a conversation's.
const customerColumns = `p.id AS p_id, p.name AS p_name, p.email AS p_email, p.phone_number AS p_phone_number, p.identifier AS p_identifier,
	p.blocked AS p_blocked, p.custom_attributes AS p_custom_attributes, p.additional_attributes AS p_additional_attributes,
	p.last_activity_at AS p_last_activity_at, p.created_at AS p_created_at, p.updated_at AS p_updated_at`

// byVisitor locks a conversation of a visitor; anybody else's is
// fault.NotFound, as if it were not there.
func byVisitor(inbox *Inbox, sourceID string, id int64, who *listener) locker {
	return func(ch *change) error {
		lock := ch.r.db.ForUpdate(false)
		if lock != "" {
			lock += " OF c"
		}
		var row struct {
			Conversation
			Customer Contact `gorm:"embedded;embeddedPrefix:p_"`
		}
		for try := 0; try < movedAway && row.ID == 0; try++ {
			_, err := store.Take(ch.tx, &row, `SELECT c.*, `+customerColumns+` FROM conversations c
				JOIN contact_inboxes v ON v.id = c.contact_inbox_id
				JOIN contacts p ON p.id = c.contact_id
				WHERE c.id = ? AND v.inbox_id = ? AND v.source_id = ?`+lock, id, inbox.ID, sourceID)
			if err != nil {
				return fmt.Errorf("lock conversation: %w", err)
			}
		}
		if row.ID == 0 {
			return fault.NotFound
		}
		ch.c, ch.was = &row.Conversation, row.Conversation
		if who != nil {
			*who = listener{row.ContactID, row.Customer.Blocked, &row.Customer}
		}
		return nil
	}
}

// begin stores a new conversation, in the status that the inbox and the
// customer give it.
func (ch *change) begin(inbox *Inbox, v *Visitor, custom Attributes) error {
	ev := fsm.StartWithoutBot
	switch {
	case v.Contact.Blocked:
		ev = fsm.StartBlocked
	case inbox.HasBot():
		ev = fsm.StartWithBot
	}
	return ch.beginWith(ev, inbox, v, custom)
}

// beginWith stores a new conversation, in the status that ev gives it.
func (ch *change) beginWith(ev fsm.Event, inbox *Inbox, v *Visitor, custom Attributes) error {
	ch.inbox = inbox
	ch.c = &Conversation{UUID: uuid.NewString(), InboxID: inbox.ID, ContactID: v.Contact.ID, ContactInboxID: v.ID,
		Status: fsm.New, Version: 1, CustomAttributes: custom,
		LastActivityAt: ch.now, CreatedAt: ch.now, UpdatedAt: ch.now}
	if _, err := ch.move(ev); err != nil {
		return err
	}
	c := ch.c
	c.startRound(ch.now)
	err := ch.tx.Raw(`INSERT INTO conversations (uuid, inbox_id, contact_id, contact_inbox_id, status, version, episode, entry, flow_hash,
		status_since, opened_at, round_since, round_class,
		custom_attributes, additional_attributes, last_activity_at, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		c.UUID, c.InboxID, c.ContactID, c.ContactInboxID, string(c.Status), c.Version, c.Episode, string(c.Entry), c.FlowHash,
		c.StatusSince, c.OpenedAt, c.RoundSince, string(c.RoundClass),
		c.CustomAttributes, c.AdditionalAttributes, c.LastActivityAt, c.CreatedAt, c.UpdatedAt).Scan(&c.ID).Error
	if err != nil {
		return fmt.Errorf("begin conversation: %w", err)
	}
	ch.was, ch.began = *c, true
	return nil
}

// hear stores a customer's word and does what it does to the conversation.
// clicked means a choice that was offered: it needs no pause.
func (ch *change) hear(who listener, d Draft, clicked bool) (*Message, error) {
	ch.sender = Actor{Kind: KindContact, ID: who.ContactID}
	if ch.c.Status == fsm.Resolved {
		if err := ch.lookAgain(&who); err != nil {
			return nil, err
		}
	}
	m, err := ch.say(d.message(Incoming, ch.sender))
	if err != nil {
		return nil, err
	}
	if err := ch.calm(); err != nil {
		return nil, err
	}
	ch.seeCustomer(who)
	m.contact = who.contact
	if who.Blocked { // stored for whoever looks later, and nothing else
		return m, nil
	}
	c := ch.c
	first := c.CustomerSeq == 0
	ch.heard, ch.firstHeard = true, first
	c.CustomerSeq = m.Seq
	c.Unread++
	if c.WaitingSince == nil {
		c.WaitingSince = &ch.now
	}
	if err := ch.wakeByCustomer(); err != nil {
		return nil, err
	}
	if c.Status == fsm.Pending {
		ch.owe(clicked)
	}
	if first && c.CampaignID == nil && ch.inbox.Settings.Greets() {
		if closed, err := ch.tellsClosed(); err != nil || closed { // that stands in its place
			return m, err
		}
		if _, err := ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: ch.inbox.Settings.Greeting}); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// calm refuses a customer's word where the conversation has grown by more
// than its limit within the last minute. The message that stands that far back
// says so, however many processes there are.
func (ch *change) calm() error {
	limit := int64(ch.r.opts.MessagesPerMinute)
	if limit == 0 || ch.c.Seq <= limit {
		return nil
	}
	var m Message
	err := ch.tx.Raw("SELECT created_at FROM messages WHERE conversation_id = ? AND seq = ?", ch.c.ID, ch.c.Seq-limit).Scan(&m).Error
	if err != nil {
		return fmt.Errorf("pace of conversation %d: %w", ch.c.ID, err)
	}
	if m.CreatedAt.After(ch.now.Add(-time.Minute)) {
		return fault.TooMany
	}
	return nil
}

// wakeByCustomer moves the conversation as a customer's word does: out of a
// snooze to its people, out of resolved to the bot if the inbox has one.
func (ch *change) wakeByCustomer() error {
	ev, line := fsm.CustomerWrites, "opened.customer"
	if ch.c.Status == fsm.Resolved {
		ev, line = fsm.ReopenToAgent, "reopened.customer"
		if ch.inbox.HasBot() {
			ev, line = fsm.ReopenToBot, "reopened.customer_to_bot"
		}
	}
	moved, err := ch.move(ev)
	if err != nil || !moved {
		return err
	}
	if err := ch.note(line, map[string]any{"customer": ch.contactName()}, nil); err != nil {
		return err
	}
	return ch.dropGone()
}

// lookAgain reads whether the customer is blocked, now that the conversation is
// locked: he may have been muted while his word waited for the lock, which is
// what resolved it.
func (ch *change) lookAgain(who *listener) error {
	if err := ch.tx.Raw("SELECT blocked FROM contacts WHERE id = ?", who.ContactID).Row().Scan(&who.Blocked); err != nil {
		return fmt.Errorf("contact %d: %w", who.ContactID, err)
	}
	return nil
}

// contactName is the customer's name for an activity line. It is asked for
// only where such a line is written, so that a plain word costs no look-up.
func (ch *change) contactName() string {
	var name string
	if err := ch.tx.Raw("SELECT name FROM contacts WHERE id = ?", ch.c.ContactID).Scan(&name).Error; err != nil {
		return "" // the transaction is broken; its next statement says so
	}
	return cmp.Or(name, texts.Say(ch.inbox.Settings.Locale, "name.customer", nil))
}
