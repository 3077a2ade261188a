package router

import (
	"reflect"

	"relevo/fsm"
)

// Happened is a change that was committed, or a sign that passes: typing,
// presence. It carries what a listener needs to find its readers.
type Happened struct {
	// The conversation as it is now; 0 where the change is of none.
	Conversation int64
	Inbox        int64
	Visitor      int64 // of the contact-inbox
	Contact      int64
	Seq, Version int64
	Status       fsm.Status

	Began    bool       // the conversation is new
	Gone     bool       // the conversation was removed for good
	Changed  []Field    // what is different about it, beside its messages
	Messages []*Message // what was said, in order
	Altered  []*Message // what stood there and is different now: answered, deleted, sent again
	Read     *Actor     // who has read everything
	Typing   *Typing    // somebody started or stopped typing; nothing was stored

	ContactChanged bool     // Contact is different, whatever its conversations
	Notices        []Notice // what agents are to be told of
	Present        []int64  // agents who came, went, or chose another availability
	Members        []int64  // agents whose inboxes, role or account changed: what they may see is read anew
}

// Field is something of a conversation that Happened.Changed names.
type Field string

const (
	FieldStatus     Field = "status"
	FieldAssignee   Field = "assignee"
	FieldTeam       Field = "team"
	FieldLabels     Field = "labels"
	FieldPriority   Field = "priority"
	FieldSnooze     Field = "snoozed_until"
	FieldAttributes Field = "custom_attributes"
	FieldContact    Field = "contact" // another contact's now
	FieldUnread     Field = "unread"  // an agent marked it unread
)

// Typing is a sign that lasts only as long as somebody looks.
type Typing struct {
	Who     Actor
	On      bool
	Private bool // a note: no customer is told
}

// Notice is a stored notification of an agent.
type Notice struct {
	ID, Agent int64
}

// happened says which conversation, and how it is now.
func (c *Conversation) happened() Happened {
	return Happened{Conversation: c.ID, Inbox: c.InboxID, Visitor: c.ContactInboxID, Contact: c.ContactID,
		Seq: c.Seq, Version: c.Version, Status: c.Status}
}

// happened says what ch changed; false if nobody needs to hear of it.
func (ch *change) happened() (Happened, bool) {
	h := ch.c.happened()
	h.Began, h.Changed, h.Messages, h.Altered, h.Read, h.Notices = ch.began, ch.changed(), ch.said, ch.altered, ch.read, ch.notices
	h.Gone = ch.gone
	return h, h.Began || h.Gone || len(h.Changed)+len(h.Messages)+len(h.Altered)+len(h.Notices) > 0 || h.Read != nil
}

// changed names what is different; of a new conversation everything is, so
// nothing is named.
func (ch *change) changed() []Field {
	if ch.began {
		return nil
	}
	var fields []Field
	now, was := ch.c, &ch.was
	for _, f := range []struct {
		field   Field
		differs bool
	}{
		{FieldStatus, now.Status != was.Status},
		{FieldAssignee, !reflect.DeepEqual(now.AssigneeID, was.AssigneeID)},
		{FieldTeam, !reflect.DeepEqual(now.TeamID, was.TeamID)},
		{FieldLabels, ch.labels},
		{FieldPriority, !reflect.DeepEqual(now.Priority, was.Priority)},
		{FieldSnooze, !reflect.DeepEqual(now.SnoozedUntil, was.SnoozedUntil)},
		{FieldAttributes, !reflect.DeepEqual(now.CustomAttributes, was.CustomAttributes)},
		{FieldContact, now.ContactID != was.ContactID},
		{FieldUnread, ch.unread},
	} {
		if f.differs {
			fields = append(fields, f.field)
		}
	}
	return fields
}
