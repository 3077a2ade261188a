package router

import (
	"fmt"
	"slices"
	"time"

	"relevo/fsm"
)

// NotificationKind says what an agent is told.
type NotificationKind string

const (
	NotifyCreation        NotificationKind = "conversation_creation"   // a conversation waits for a person
	NotifyAssignment      NotificationKind = "conversation_assignment" // a conversation is theirs now
	NotifyAssignedMessage NotificationKind = "assigned_conversation_new_message"
	NotifyMention         NotificationKind = "conversation_mention"
	NotifyFollowedMessage NotificationKind = "participating_conversation_new_message"
	NotifyReminder        NotificationKind = "conversation_reminder" // a snooze has ended
	NotifyWebhook         NotificationKind = "webhook_failed"        // a webhook took nothing for a day
)

// NotificationKinds lists every kind, in the order of the dialect.
var NotificationKinds = []NotificationKind{NotifyCreation, NotifyAssignment, NotifyAssignedMessage, NotifyMention,
	NotifyFollowedMessage, NotifyReminder, NotifyWebhook}

// Enum lists the kinds, for the API document.
func (NotificationKind) Enum() []any { return anythings(NotificationKinds) }

func anythings[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Notification is something that an agent was told. Of one kind about one
// conversation an agent has at most one unread: what comes after it brings it
// up to date.
type Notification struct {
	ID             int64
	AgentID        int64
	Kind           NotificationKind
	ConversationID int64
	MessageID      *int64 // the message that it is about
	ActorType      ActorKind
	ActorID        int64 // who caused it; 0 for the bot and the system
	ReadAt         *time.Time
	SnoozedUntil   *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time // of the last that it tells of; the time it comes back while snoozed
}

// notice is what a change gives cause to tell, and to whom.
type notice struct {
	kind  NotificationKind
	to    []int64
	from  Actor
	about *Message
}

// notify tells agents of the change: each the most important thing only, and
// nobody of what they did themselves. A conversation that belongs to the bot
// is nobody's concern, except for who is mentioned in it.
func (ch *change) notify() error {
	var told []int64
	for _, cause := range []func() (notice, error){ch.mention, ch.assignment, ch.reminder, ch.handedOff, ch.waits, ch.answerAssignee, ch.answerFollowers, ch.failingWebhook} {
		n, err := cause()
		if err != nil {
			return err
		}
		if n.from.Kind == KindAgent {
			told = append(told, n.from.ID)
		}
		n.to = slices.DeleteFunc(n.to, func(id int64) bool { return slices.Contains(told, id) })
		if len(n.to) == 0 {
			continue
		}
		if err := ch.tell(n); err != nil {
			return err
		}
		told = append(told, n.to...)
	}
	return nil
}

func (ch *change) mention() (notice, error) {
	if ch.mentionIn == nil {
		return notice{}, nil
	}
	return notice{NotifyMention, ch.mentioned, ch.author(ch.mentionIn), ch.mentionIn}, nil
}

func (ch *change) assignment() (notice, error) {
	if !ch.changedHands() || ch.c.AssigneeID == nil {
		return notice{}, nil
	}
	return notice{kind: NotifyAssignment, to: []int64{*ch.c.AssigneeID}, from: ch.actor()}, nil
}

// reminder is of the end of a snooze, to whoever has the conversation, else to
// all who follow it.
func (ch *change) reminder() (notice, error) {
	n := notice{kind: NotifyReminder, from: System}
	switch {
	case !ch.snoozeEnded():
		return notice{}, nil
	case ch.c.AssigneeID != nil:
		n.to = []int64{*ch.c.AssigneeID}
		return n, nil
	}
	var err error
	n.to, err = ch.followers()
	return n, err
}

// failingWebhook is of a webhook that took nothing for a day, for whoever runs
// the place; the conversation is the last that it was not told of.
func (ch *change) failingWebhook() (notice, error) {
	if ch.webhookFails == 0 {
		return notice{}, nil
	}
	to, err := ch.insiders("a.role = 'administrator'")
	return notice{kind: NotifyWebhook, to: to, from: Actor{Kind: KindWebhook, ID: ch.webhookFails}}, err
}

func (ch *change) snoozeEnded() bool {
	return ch.was.Status == fsm.Snoozed && ch.c.Status == fsm.Open && ch.actor() == System
}

// handedOff is of a bot that gave the conversation to a person: somebody is
// always told. Who has it already knows; else the team that it is for, else
// everybody at the inbox, else whoever runs the place.
func (ch *change) handedOff() (notice, error) {
	n := notice{kind: NotifyCreation, from: ch.actor()}
	byPerson := n.from.Kind == KindAgent || n.from.Kind == KindContact
	if ch.began || ch.was.Status != fsm.Pending || ch.c.Status != fsm.Open || byPerson || ch.c.AssigneeID != nil {
		return notice{}, nil
	}
	if ch.c.TeamID != nil {
		ids, err := ch.insiders("EXISTS (SELECT 1 FROM team_members x WHERE x.agent_id = a.id AND x.team_id = ?)", *ch.c.TeamID)
		if n.to = ids; err != nil || len(ids) > 0 {
			return n, err
		}
	}
	ids, err := ch.insiders("EXISTS (SELECT 1 FROM inbox_members x WHERE x.agent_id = a.id AND x.inbox_id = ?)", ch.c.InboxID)
	if n.to = ids; err != nil || len(ids) > 0 {
		return n, err
	}
	n.to, err = ch.insiders("a.role = 'administrator'")
	return n, err
}

// waits is of a conversation that came open otherwise, or by a bot: members of
// the inbox are told who want to know.
func (ch *change) waits() (notice, error) {
	n := notice{kind: NotifyCreation, from: ch.actor()}
	opened := ch.began || n.from.Kind != KindAgent && (ch.was.Status == fsm.Pending || ch.c.AssigneeID == nil)
	if !ch.cameOpen() || !opened || ch.snoozeEnded() {
		return notice{}, nil
	}
	flag := `%"` + string(NotifyCreation) + `"%`
	var err error
	n.to, err = ch.insiders(`EXISTS (SELECT 1 FROM inbox_members x WHERE x.agent_id = a.id AND x.inbox_id = ?)
		AND (CAST(a.email_flags AS text) LIKE ? OR CAST(a.push_flags AS text) LIKE ?)`, ch.c.InboxID, flag, flag)
	return n, err
}

func (ch *change) answerAssignee() (notice, error) {
	m := ch.word()
	if m == nil || ch.c.AssigneeID == nil {
		return notice{}, nil
	}
	return notice{NotifyAssignedMessage, []int64{*ch.c.AssigneeID}, ch.author(m), m}, nil
}

func (ch *change) answerFollowers() (notice, error) {
	m := ch.word()
	if m == nil || ch.c.Followers == 0 {
		return notice{}, nil
	}
	to, err := ch.followers()
	return notice{NotifyFollowedMessage, to, ch.author(m), m}, err
}

// word is the last public message of a person in this change; nil where there
// is none or the bot has the conversation.
func (ch *change) word() *Message {
	if ch.c.Status == fsm.Pending {
		return nil
	}
	for _, m := range slices.Backward(ch.said) {
		person := m.SenderType == KindAgent || m.SenderType == KindContact
		if person && !m.Private && (m.MessageType == Incoming || m.MessageType == Outgoing) {
			return m
		}
	}
	return nil
}

// author is who sent m.
func (ch *change) author(m *Message) Actor { return Actor{Kind: m.SenderType, ID: m.SenderID} }

func (ch *change) followers() ([]int64, error) {
	var ids []int64
	err := ch.tx.Raw("SELECT agent_id FROM participants WHERE conversation_id = ? ORDER BY agent_id", ch.c.ID).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("participants of conversation %d: %w", ch.c.ID, err)
	}
	return ids, nil
}

// tell stores a notice for those of its readers who may see the conversation.
// A blocked customer's conversation tells only who is mentioned in it, and of
// webhooks.
func (ch *change) tell(n notice) error {
	var message *int64
	if n.about != nil {
		message = &n.about.ID
	}
	var rows []told
	err := ch.tx.Raw(`INSERT INTO notifications (agent_id, kind, conversation_id, message_id, actor_type, actor_id, created_at, updated_at)
		SELECT a.id, ?, ?, ?, ?, ?, ?, ? FROM agents a WHERE `+insider+` AND a.id IN ?
			AND (? OR NOT EXISTS (SELECT 1 FROM contacts p WHERE p.id = ? AND p.blocked))
		ON CONFLICT (conversation_id, agent_id, kind) WHERE read_at IS NULL DO UPDATE SET message_id = excluded.message_id,
			actor_type = excluded.actor_type, actor_id = excluded.actor_id, snoozed_until = NULL, updated_at = excluded.updated_at
		RETURNING id, agent_id, (SELECT x.email_flags FROM agents x WHERE x.id = notifications.agent_id) AS email_flags`,
		string(n.kind), ch.c.ID, message, string(n.from.Kind), n.from.ID, ch.now, ch.now,
		ch.c.InboxID, n.to, n.kind == NotifyMention || n.kind == NotifyWebhook, ch.c.ContactID).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("notify of %s: %w", n.kind, err)
	}
	for _, row := range rows {
		ch.notices = append(ch.notices, Notice{ID: row.ID, Agent: row.AgentID})
	}
	return ch.mailNotices(n.kind, rows)
}
