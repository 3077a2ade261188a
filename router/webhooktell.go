package router

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"relevo/router/jobs"
	"relevo/router/store"
)

// delivery is one event on its way to one webhook.
type delivery struct {
	ID             string // the same in every try; in the order of time
	WebhookID      int64
	Event          WebhookEvent
	Payload        string
	ConversationID *int64
	MessageID      *int64
	Seq, Version   int64 // of the conversation, when it happened
	CreatedAt      time.Time
}

// tellWebhooks stores what webhooks are to be told of the change, as things
// are now: it comes last in the transaction. Where nobody listens it costs no
// statement.
func (ch *change) tellWebhooks() error {
	if ch.gone || len(ch.hooks) == 0 {
		return nil
	}
	var about []*Message
	type telling struct {
		occurrence
		to []*Webhook
	}
	var tellings []telling
	for _, o := range ch.occurrences() {
		to := o.listeners(ch.hooks, ch.inbox)
		if len(to) == 0 {
			continue
		}
		tellings = append(tellings, telling{o, to})
		if o.message != nil {
			about = append(about, o.message)
		}
	}
	if len(tellings) == 0 {
		return nil
	}
	snap, err := ch.r.snapshot(ch.tx, *ch.c, about)
	if err != nil {
		return err
	}
	var rows []delivery
	for _, t := range tellings {
		payload, err := snap.payload(t.occurrence)
		if err != nil {
			return fmt.Errorf("payload of %s: %w", t.event, err)
		}
		row := delivery{Event: t.event, Payload: string(payload), ConversationID: &ch.c.ID, Seq: ch.c.Seq, Version: ch.c.Version}
		if t.message != nil {
			row.MessageID = &t.message.ID
		}
		rows = append(rows, row.to(t.to)...)
	}
	entries, err := ch.r.storeDeliveries(ch.tx, rows, ch.hooks)
	ch.later = append(ch.later, entries...)
	return err
}

// listeners are the webhooks that are told of o. What agents alone may see is
// not told to a channel: its customer is at the other end.
func (o occurrence) listeners(hooks []*Webhook, i *Inbox) []*Webhook {
	var to []*Webhook
	for _, w := range hooks {
		if w.hears(o.event, i) && !(o.hidden && w.Kind == WebhookOfChannel) {
			to = append(to, w)
		}
	}
	return to
}

// to is d once for each webhook.
func (d delivery) to(hooks []*Webhook) []delivery {
	rows := make([]delivery, len(hooks))
	for i, w := range hooks {
		rows[i] = d
		rows[i].WebhookID = w.ID
	}
	return rows
}

// storeDeliveries writes rows and returns the jobs that deliver them. hooks
// are those that the rows name, and perhaps more.
func (r *Router) storeDeliveries(tx *gorm.DB, rows []delivery, hooks []*Webhook) ([]jobs.Entry, error) {
	kinds := make(map[int64]WebhookKind, len(hooks))
	for _, w := range hooks {
		kinds[w.ID] = w.Kind
	}
	var entries []jobs.Entry
	var values []string
	var args []any
	for _, d := range rows {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, fmt.Errorf("id of a delivery: %w", err)
		}
		values = append(values, "(?, ?, ?, ?, ?, ?, ?, ?, ?)")
		args = append(args, id.String(), d.WebhookID, string(d.Event), d.Payload, d.ConversationID, d.MessageID, d.Seq, d.Version, r.now())
		entries = append(entries, jobs.Entry{Job: jobFor(id.String(), kinds[d.WebhookID], d.Event)})
	}
	err := tx.Exec(`INSERT INTO webhook_deliveries (id, webhook_id, event, payload, conversation_id, message_id, seq, version, created_at)
		VALUES `+strings.Join(values, ", "), args...).Error
	if errors.Is(err, gorm.ErrForeignKeyViolated) { // one of hooks was removed since they were read
		r.inboxes.forget()
		err = fmt.Errorf("%w: %w", store.ErrAgain, err)
	}
	if err != nil {
		return nil, fmt.Errorf("store deliveries: %w", err)
	}
	return entries, nil
}

// tellAll stores what several are told of outside of a change of a
// conversation, with its jobs.
func (r *Router) tellAll(tx *gorm.DB, d delivery, hooks []*Webhook) error {
	if r.opts.Jobs == nil {
		return fmt.Errorf("no queue for %s", d.Event)
	}
	entries, err := r.storeDeliveries(tx, d.to(hooks), hooks)
	if err != nil {
		return err
	}
	return r.opts.Jobs.Insert(tx, entries...)
}

// listening returns the webhooks that are told of an event at an inbox, nil
// for what happens at none.
func (r *Router) listening(db *gorm.DB, e WebhookEvent, i *Inbox) ([]*Webhook, error) {
	set, err := r.inboxSet(db)
	if err != nil {
		return nil, err
	}
	return occurrence{event: e}.listeners(set.hooks, i), nil
}

// typingEvent is what typing is told as.
type typingEvent struct {
	Event        WebhookEvent        `json:"event"`
	User         writer              `json:"user"`
	Conversation conversationPayload `json:"conversation"`
	IsPrivate    bool                `json:"is_private"`
	Truncated    bool                `json:"truncated,omitempty"`
}

func (p *typingEvent) cut() {
	p.Truncated = true
	p.Conversation.cut()
}

// tellTyping tells webhooks that somebody types, if any asks to be told. It is
// a sign that passes: what goes wrong is logged, and it is tried once.
func (r *Router) tellTyping(ctx context.Context, c *Conversation, t Typing) {
	err := r.typed(ctx, c, t)
	if err != nil {
		r.log.WarnContext(ctx, "webhooks are not told of typing", "conversation", c.ID, "error", err)
	}
}

func (r *Router) typed(ctx context.Context, c *Conversation, t Typing) error {
	db := r.db.Read().WithContext(ctx)
	o := occurrence{event: EventTypingOff, hidden: t.Private}
	if t.On {
		o.event = EventTypingOn
	}
	set, err := r.inboxSet(db)
	if err != nil {
		return err
	}
	to := o.listeners(set.hooks, set.byID[c.InboxID])
	if len(to) == 0 {
		return nil
	}
	// A message that nobody wrote, for its sender.
	by := &Message{SenderType: t.Who.Kind, SenderID: t.Who.ID}
	snap, err := r.snapshot(db, *c, []*Message{by})
	if err != nil {
		return err
	}
	payload, err := fitted(&typingEvent{Event: o.event, User: snap.sender(by), Conversation: snap.conversation(snap.chat), IsPrivate: t.Private})
	if err != nil {
		return err
	}
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		return r.tellAll(tx, delivery{Event: o.event, Payload: string(payload), ConversationID: &c.ID, Seq: c.Seq, Version: c.Version}, to)
	})
}
