package router

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"relevo/fsm"
	"relevo/router/fault"
)

// NewConversation is a conversation that an agent or a connector starts. The
// customer is a contact at an inbox (InboxID and ContactID), where SourceID
// may name the visitor, or the visitor that SourceID is the token of.
type NewConversation struct {
	InboxID, ContactID int64
	SourceID           string
	// Status is what the conversation begins with; "" means pending where the
	// inbox has a bot, else open. A blocked customer's is resolved all the same.
	Status               fsm.Status
	SnoozedUntil         *time.Time // of Status snoozed; nil means until the next reply
	SnoozeWord           string     // in its place: a word of SnoozeTime
	AssigneeID, TeamID   *int64
	CustomAttributes     Attributes
	AdditionalAttributes Attributes
	Message              *Draft // the first word, if any
	Incoming             bool   // it is the customer's, not the caller's: in inboxes of channel "api" only
}

// CreateConversation starts a conversation, by.Once only once. Where a person
// writes first, or is given it, it is open even in an inbox with a bot, and that
// person's.
func (r *Router) CreateConversation(ctx context.Context, by By, n NewConversation) (*Conversation, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	var who listener
	var before int64
	lock := func(ch *change) (err error) {
		if before, err = r.onceMade(ch.tx, by, "conversation"); err != nil || before != 0 {
			return err
		}
		return n.lock(by, &who)(ch)
	}
	c, err := r.change(ctx, lock, func(ch *change) error {
		if err := r.remember(ch.tx, by, "conversation", ch.c.ID); err != nil {
			return err
		}
		if err := ch.permit(by); err != nil {
			return err
		}
		ch.c.AdditionalAttributes = n.AdditionalAttributes
		if n.AssigneeID != nil {
			if _, err := ch.assignTo(by.Actor, n.AssigneeID); err != nil {
				return err
			}
		}
		if n.TeamID != nil {
			if _, err := ch.assignTeam(by.Actor, n.TeamID); err != nil {
				return err
			}
		}
		if err := ch.firstWord(by.Actor, who, n); err != nil {
			return err
		}
		return ch.beginAs(by, who, n)
	})
	if err == nil && before != 0 {
		return r.seen(ctx, by, before)
	}
	return c, err
}

func (n NewConversation) check() error {
	for name, a := range map[string]Attributes{"custom_attributes": n.CustomAttributes, "additional_attributes": n.AdditionalAttributes} {
		if err := a.check(name); err != nil {
			return err
		}
	}
	switch {
	case len(n.SourceID) > maxSourceID:
		return fault.Invalid.Field(fault.Limit("too_large", maxSourceID), "source_id")
	case strings.ContainsRune(n.SourceID, 0) || !utf8.ValidString(n.SourceID):
		return fault.Invalid.Field("bad_character", "source_id")
	case n.ContactID == 0 && n.SourceID == "":
		return fault.Invalid.Field("required", "source_id")
	case n.ContactID != 0 && n.InboxID == 0:
		return fault.Invalid.Field("required", "inbox_id")
	case n.Status != fsm.Snoozed && (n.SnoozedUntil != nil || n.SnoozeWord != ""):
		return fault.Invalid.Field("not_allowed", "snoozed_until")
	case n.Message != nil:
		return n.Message.check()
	}
	return nil
}

// lock finds or makes the visitor, locks it, and begins the conversation.
func (n NewConversation) lock(by By, who *listener) locker {
	return func(ch *change) error {
		inbox, source, err := n.door(ch, by)
		if err != nil {
			return err
		}
		v, err := ch.lockVisitor(inbox, source)
		if err != nil {
			return err
		}
		if n.ContactID != 0 && v.Contact.ID != n.ContactID {
			return fault.Taken.Field("taken", "source_id")
		}
		*who = listener{ContactID: v.Contact.ID, Blocked: v.Contact.Blocked}
		ev := fsm.StartWithoutBot
		switch {
		case v.Contact.Blocked:
			ev = fsm.StartBlocked
		case n.AssigneeID != nil || n.byPerson(by.Actor) || n.Status != "" && n.Status != fsm.Pending:
			ev = fsm.StartByAgent
		case inbox.HasBot():
			ev = fsm.StartWithBot
		}
		return ch.beginWith(ev, inbox, v, n.CustomAttributes)
	}
}

// byPerson reports whether an agent says something to the customer first.
func (n NewConversation) byPerson(by Actor) bool {
	return n.Message != nil && !n.Incoming && !n.Message.Private && by.Kind == KindAgent
}

// door returns the inbox, and the token of the visitor at it.
func (n NewConversation) door(ch *change, by By) (*Inbox, string, error) {
	inboxID, source := n.InboxID, n.SourceID
	if inboxID == 0 {
		var found []int64
		if err := ch.tx.Raw("SELECT inbox_id FROM contact_inboxes WHERE source_id = ? LIMIT 2", source).Scan(&found).Error; err != nil {
			return nil, "", fmt.Errorf("visitor: %w", err)
		}
		switch len(found) {
		case 0:
			return nil, "", fault.NotFound
		case 2:
			return nil, "", fault.Invalid.Field("required", "inbox_id")
		}
		inboxID = found[0]
	}
	set, err := ch.r.inboxSet(ch.tx)
	if err != nil {
		return nil, "", err
	}
	inbox := set.byID[inboxID]
	switch {
	case inbox == nil:
		return nil, "", fault.Invalid.Field("unknown_inbox", "inbox_id")
	case !by.Scope.Allows(inboxID):
		return nil, "", fault.Forbidden
	case n.Incoming && inbox.Channel != channelAPI: // see ReceiveFor
		return nil, "", fault.Invalid.Field("only_api_inboxes", "message.message_type")
	case n.ContactID == 0:
		return inbox, source, nil
	}
	source, err = ch.visitorFor(inbox, n.ContactID, source)
	return inbox, source, err
}

// visitorFor returns the token of a contact's visitor at an inbox: the one
// that source names, the newest where it names none, a new one where there is
// none. The contact is locked first.
func (ch *change) visitorFor(inbox *Inbox, contactID int64, source string) (string, error) {
	var contact int64
	if err := ch.tx.Raw("SELECT id FROM contacts WHERE id = ?"+ch.r.db.ForUpdate(false), contactID).Scan(&contact).Error; err != nil {
		return "", fmt.Errorf("lock contact %d: %w", contactID, err)
	}
	if contact == 0 {
		return "", fault.Invalid.Field("unknown_contact", "contact_id")
	}
	if source == "" {
		err := ch.tx.Raw("SELECT source_id FROM contact_inboxes WHERE contact_id = ? AND inbox_id = ? ORDER BY id DESC LIMIT 1",
			contactID, inbox.ID).Scan(&source).Error
		if err != nil || source != "" {
			return source, err
		}
		source = uuid.NewString()
	}
	err := ch.tx.Exec(`INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (inbox_id, source_id) DO NOTHING`, contactID, inbox.ID, source, uuid.NewString(), ch.now).Error
	if err != nil {
		return "", fmt.Errorf("create visitor: %w", err)
	}
	return source, nil
}

// firstWord stores the message that a new conversation comes with. In an inbox
// with a bot, who speaks first has the conversation.
func (ch *change) firstWord(by Actor, who listener, n NewConversation) error {
	if n.Message == nil {
		return nil
	}
	if n.Incoming {
		_, err := ch.hear(who, *n.Message, false)
		return err
	}
	if _, err := ch.reply(by, *n.Message); err != nil {
		return err
	}
	if !n.byPerson(by) || !ch.inbox.HasBot() || ch.c.Status != fsm.Open || ch.c.AssigneeID != nil {
		return nil
	}
	ch.c.AssigneeID = &by.ID
	return ch.note("assigned.self", map[string]any{"agent": by.Name}, nil)
}

// beginAs gives a conversation that no bot holds the status that was asked for.
func (ch *change) beginAs(by By, who listener, n NewConversation) error {
	switch {
	case who.Blocked || ch.c.Status == fsm.Pending:
		return nil
	case n.Status == fsm.Resolved:
		return ch.resolve(by.Actor)
	case n.Status == fsm.Snoozed:
		return ch.snoozeAs(by, n.SnoozedUntil, n.SnoozeWord)
	case n.Status == fsm.Pending && !ch.inbox.HasBot():
		return fault.NoBot
	}
	return nil
}
