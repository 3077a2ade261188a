package router

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/store"
	"relevo/router/texts"
)

// change is one transaction on one conversation, held under its row's lock.
type change struct {
	r      *Router
	tx     *gorm.DB
	now    time.Time
	c      *Conversation // as it will be
	was    Conversation  // as it is stored
	inbox  *Inbox
	labels bool  // the set of labels changed
	sender Actor // of the message that the change is about, for its repetition
	by     Actor // who was permitted to make it; none where a customer, the bot or time does
	said   []*Message
	gone   bool // the row was removed; there is nothing to save
	// Everything is written, and nothing but COMMIT is left. Where that fails,
	// it may have happened all the same: its answer may be lost.
	written bool

	unasked bool // the customer is not asked what they think of this resolution

	// For what follows from it; see consequences.
	later     []jobs.Entry // stored with the change, done after its commit
	triedTeam bool         // its team was asked for a free agent
	chosen    bool         // whoever has it was named beside the team
	mentioned []int64      // agents, in a note
	mentionIn *Message     // that note
	letGo     Reason       // the bot handed it off
	movedBy   ActorKind    // who made it, where neither sender nor by says so
	silent    bool         // it is made because the customer was silent

	// For webhooks; see tellWebhooks.
	hooks                 []*Webhook // of everybody
	labelsWere, labelsAre []string   // where labels is set
	webhookFails          int64      // administrators are told that this one does

	heard      bool  // it stores a word of a customer who is not blocked
	firstHeard bool  // and it is the first one of the conversation
	seen       int64 // the customer whose last activity it is, 0: nobody's

	// For those who listen; see Happened.
	began   bool
	altered []*Message
	read    *Actor
	unread  bool // an agent marked it so
	notices []Notice
}

// locker finds and locks the row of a change, or makes it.
type locker func(ch *change) error

// change is how every write to a conversation happens: it opens the
// transaction, locks the row, runs do, stores what do changed together with
// the new due_at, commits, and only then wakes sockets and workers. If do
// fails, nothing is stored. do may run twice when the database asks for a
// retry, so it keeps its results in variables that it sets anew.
//
// Lock order everywhere: contact, contact-inbox, conversation, agent.
func (r *Router) change(ctx context.Context, lock locker, do func(ch *change) error) (*Conversation, error) {
	var ch *change
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		ch = &change{r: r, tx: tx, now: r.now()}
		if err := lock(ch); err != nil || ch.c == nil {
			return err
		}
		ch.now = r.now() // the lock may have taken a while, in which others wrote
		if err := ch.loadInbox(); err != nil {
			return err
		}
		if err := do(ch); err != nil {
			return err
		}
		if err := ch.consequences(); err != nil {
			return err
		}
		if err := ch.save(); err != nil {
			return err
		}
		if err := ch.tellWebhooks(); err != nil {
			return err
		}
		if err := ch.enqueue(); err != nil {
			return err
		}
		ch.written = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	if ch.c == nil {
		return nil, nil
	}
	r.committed(ch)
	return ch.c, nil
}

// committed wakes whoever waits for what ch changed. A process that dies just
// before it loses nothing: the sweep finds what is due, readers find the rows.
func (r *Router) committed(ch *change) {
	if ch.c.DueAt != nil && ch.c.LeaseUntil == nil && !ch.gone {
		r.nudgeAt(ch.c.ID, ch.c.DueAt.Sub(ch.now))
	}
	if ch.seen != 0 {
		r.writers.add(ch.seen, ch.now)
	}
	if ch.freesAnAgent() {
		r.tryWaiting()
	}
	if h, ok := ch.happened(); ok {
		r.opts.Live(h)
	}
}

// byID locks a conversation by its id.
func byID(id int64) locker {
	return func(ch *change) error {
		return ch.lockRow("SELECT * FROM conversations WHERE id = ?"+ch.r.db.ForUpdate(false), id)
	}
}

// byIDUnlessLocked leaves the change without a conversation where another
// process holds the row.
func byIDUnlessLocked(id int64) locker {
	return func(ch *change) error {
		err := ch.lockRow("SELECT * FROM conversations WHERE id = ?"+ch.r.db.ForUpdate(true), id)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
}

// byIDIfThere leaves the change without a conversation that was removed.
func byIDIfThere(id int64) locker {
	return func(ch *change) error {
		if err := byID(id)(ch); !errors.Is(err, fault.NotFound) {
			return err
		}
		return nil
	}
}

// withContact locks the contact before the conversation, for changes that
// write both.
func withContact(id, contactID int64) locker {
	return func(ch *change) error {
		var locked int64
		err := ch.tx.Raw("SELECT id FROM contacts WHERE id = ?"+ch.r.db.ForUpdate(false), contactID).Scan(&locked).Error
		if err != nil {
			return fmt.Errorf("lock contact %d: %w", contactID, err)
		}
		return byID(id)(ch)
	}
}

func (ch *change) lockRow(query string, args ...any) error {
	var c Conversation
	found, err := store.Take(ch.tx, &c, query, args...)
	if err != nil {
		return fmt.Errorf("lock conversation: %w", err)
	}
	if !found {
		return fault.NotFound
	}
	ch.c, ch.was = &c, c
	return nil
}

// column is one mutable column of a conversation.
type column struct {
	name string
	of   func(*Conversation) any
}

var columns = []column{
	{"contact_id", func(c *Conversation) any { return c.ContactID }},
	{"contact_inbox_id", func(c *Conversation) any { return c.ContactInboxID }},
	{"status", func(c *Conversation) any { return string(c.Status) }},
	{"assignee_id", func(c *Conversation) any { return c.AssigneeID }},
	{"team_id", func(c *Conversation) any { return c.TeamID }},
	{"priority", func(c *Conversation) any { return c.Priority }},
	{"version", func(c *Conversation) any { return c.Version }},
	{"seq", func(c *Conversation) any { return c.Seq }},
	{"customer_seq", func(c *Conversation) any { return c.CustomerSeq }},
	{"human_seq", func(c *Conversation) any { return c.HumanSeq }},
	{"bot_seq", func(c *Conversation) any { return c.BotSeq }},
	{"due_at", func(c *Conversation) any { return c.DueAt }},
	{"lease_until", func(c *Conversation) any { return c.LeaseUntil }},
	{"turn", func(c *Conversation) any { return c.Turn }},
	{"tries", func(c *Conversation) any { return c.Tries }},
	{"episode", func(c *Conversation) any { return c.Episode }},
	{"entry", func(c *Conversation) any { return string(c.Entry) }},
	{"reply_due_at", func(c *Conversation) any { return c.ReplyDueAt }},
	{"reply_latest_at", func(c *Conversation) any { return c.ReplyLatestAt }},
	{"idle_at", func(c *Conversation) any { return c.IdleAt }},
	{"snoozed_until", func(c *Conversation) any { return c.SnoozedUntil }},
	{"status_since", func(c *Conversation) any { return c.StatusSince }},
	{"opened_at", func(c *Conversation) any { return c.OpenedAt }},
	{"round_since", func(c *Conversation) any { return c.RoundSince }},
	{"round_class", func(c *Conversation) any { return string(c.RoundClass) }},
	{"resolve_at", func(c *Conversation) any { return c.ResolveAt }},
	{"closed_told_at", func(c *Conversation) any { return c.ClosedToldAt }},
	{"campaign_id", func(c *Conversation) any { return c.CampaignID }},
	{"flow_hash", func(c *Conversation) any { return c.FlowHash }},
	{"memory", func(c *Conversation) any { return c.Memory }},
	{"handoff", func(c *Conversation) any { return c.Handoff }},
	{"unread", func(c *Conversation) any { return c.Unread }},
	{"followers", func(c *Conversation) any { return c.Followers }},
	{"last_word_seq", func(c *Conversation) any { return c.LastWordSeq }},
	{"waiting_since", func(c *Conversation) any { return c.WaitingSince }},
	{"first_reply_created_at", func(c *Conversation) any { return c.FirstReplyCreatedAt }},
	{"contact_last_seen_at", func(c *Conversation) any { return c.ContactLastSeenAt }},
	{"agent_last_seen_at", func(c *Conversation) any { return c.AgentLastSeenAt }},
	{"assignee_last_seen_at", func(c *Conversation) any { return c.AssigneeLastSeenAt }},
	{"custom_attributes", func(c *Conversation) any { return c.CustomAttributes }},
	{"additional_attributes", func(c *Conversation) any { return c.AdditionalAttributes }},
	{"last_activity_at", func(c *Conversation) any { return c.LastActivityAt }},
}

// save writes the columns that changed, the version if somebody's decision
// could rest on them, and when to look next.
func (ch *change) save() error {
	if ch.gone {
		return nil
	}
	c, was := ch.c, &ch.was
	if ch.labels || c.Status != was.Status || !reflect.DeepEqual(c.AssigneeID, was.AssigneeID) ||
		!reflect.DeepEqual(c.TeamID, was.TeamID) || !reflect.DeepEqual(c.Priority, was.Priority) {
		c.Version++
	}
	c.ResolveAt = ch.inbox.Settings.AutoResolve.at(c)
	c.DueAt = nextDue(c)
	var set []string
	var args []any
	for _, col := range columns {
		if v := col.of(c); !reflect.DeepEqual(v, col.of(was)) {
			set, args = append(set, col.name+" = ?"), append(args, v)
		}
	}
	if len(set) == 0 {
		return nil
	}
	c.UpdatedAt = ch.now
	if !ch.began && !c.UpdatedAt.After(was.UpdatedAt) { // who orders by it is told of changes on several nodes
		c.UpdatedAt = was.UpdatedAt.Add(time.Microsecond)
	}
	set, args = append(set, "updated_at = ?"), append(args, c.UpdatedAt, c.ID)
	err := store.Exec(ch.tx, "UPDATE conversations SET "+strings.Join(set, ", ")+" WHERE id = ?", args...)
	if err != nil {
		return fmt.Errorf("save conversation %d: %w", c.ID, err)
	}
	return nil
}

// enqueue stores what is to be done later, in the transaction of the change.
func (ch *change) enqueue() error {
	switch {
	case len(ch.later) == 0:
		return nil
	case ch.r.opts.Jobs == nil:
		return fmt.Errorf("no queue for jobs of kind %s", ch.later[0].Kind())
	}
	return ch.r.opts.Jobs.Insert(ch.tx, ch.later...)
}

// say appends m to the conversation. A message whose echo or source id was
// stored before is not appended: errRepeated is returned and the caller
// answers with the one that is there.
func (ch *change) say(m Message) (*Message, error) {
	c := ch.c
	m.ConversationID, m.InboxID, m.Seq = c.ID, c.InboxID, c.Seq+1
	m.CreatedAt = ch.now
	if m.CreatedAt.Before(c.LastActivityAt) { // clocks of processes differ a little; a thread's times never go back
		m.CreatedAt = c.LastActivityAt
	}
	m.UpdatedAt = m.CreatedAt
	if m.ContentType == "" {
		m.ContentType = "text"
	}
	if err := ch.keepReference(&m); err != nil {
		return nil, err
	}
	query := `INSERT INTO messages (conversation_id, inbox_id, seq, message_type, content, content_type, content_attributes,
		private, status, sender_type, sender_id, echo_id, source_id, body_hash, episode, turn, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if m.EchoID != nil || m.SourceID != nil {
		query += " ON CONFLICT DO NOTHING"
	}
	err := store.Row(ch.tx, query+" RETURNING id", []any{m.ConversationID, m.InboxID, m.Seq, int(m.MessageType), m.Content, m.ContentType,
		m.ContentAttributes, m.Private, int(m.Status), string(m.SenderType), m.SenderID, m.EchoID, m.SourceID, m.BodyHash,
		m.Episode, m.Turn, m.CreatedAt, m.UpdatedAt}, &m.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, errRepeated
	case err != nil:
		return nil, fmt.Errorf("add message to conversation %d: %w", c.ID, err)
	}
	c.Seq, c.LastActivityAt = m.Seq, m.CreatedAt
	if m.MessageType != Activity {
		c.LastWordSeq = m.Seq
	}
	if err := ch.storeAttachments(&m); err != nil {
		return nil, err
	}
	ch.said = append(ch.said, &m)
	return &m, nil
}

// note leaves an activity line, in the inbox's language, with its key and
// parameters beside it so that a reader of another language can be served.
func (ch *change) note(key string, params map[string]any, extra Attributes) error {
	_, err := ch.say(ch.activity(key, params, extra))
	return err
}

// activity is the message of a note.
func (ch *change) activity(key string, params map[string]any, extra Attributes) Message {
	locale := ch.inbox.Settings.Locale
	shown := make(map[string]any, len(params))
	for name, v := range params {
		switch v := v.(type) {
		case Reason:
			shown[name] = texts.Say(locale, "reason."+string(v), nil)
		case priorityName:
			shown[name] = texts.Say(locale, "priority."+string(v), nil)
		case silence:
			shown[name] = v.in(locale)
		case time.Time:
			shown[name] = v.In(ch.inbox.Settings.Location()).Format(texts.Say(locale, "format.time", nil) + " MST")
		case []string:
			shown[name] = strings.Join(v, ", ")
		default:
			shown[name] = v
		}
	}
	attributes := Attributes{"activity": map[string]any{"key": key, "params": params}}.with(extra)
	return Message{MessageType: Activity, SenderType: KindSystem, Content: texts.Say(locale, "activity."+key, shown), ContentAttributes: attributes}
}

// priorityName is a priority in an activity line: shown in the reader's words.
type priorityName string

// permit checks that by may act on this conversation as it now is.
func (ch *change) permit(by By) error {
	if !by.Scope.Allows(ch.c.InboxID) {
		return fault.Forbidden
	}
	if by.IfVersion != nil && *by.IfVersion != ch.c.Version {
		return fault.Stale.With("version", ch.c.Version)
	}
	ch.by = by.Actor
	return nil
}

// Scope is which inboxes somebody may see.
type Scope struct {
	All     bool
	Inboxes []int64
}

// Allows reports whether conversations of an inbox may be seen.
func (s Scope) Allows(inboxID int64) bool { return s.All || slices.Contains(s.Inboxes, inboxID) }

// By is who asks for a change, what they may see, and which version of the
// conversation they saw. Another version now is fault.Stale.
type By struct {
	Actor     Actor
	Scope     Scope
	IfVersion *int64
	Zone      *time.Location // in which words like "tomorrow" are meant; nil: the inbox's
	Once      Once           // of what makes something
}
