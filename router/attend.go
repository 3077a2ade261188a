package router

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"relevo/fsm"
	"relevo/router/texts"
)

// nudgeSoon is how far ahead a process remembers a due time by itself. It is
// speed, not correctness: the sweep finds everything.
const nudgeSoon = 10 * time.Second

// Run attends due conversations until ctx ends, then finishes the turns in
// hand and returns. Any number of processes may run at the same time.
func (r *Router) Run(ctx context.Context) {
	var hands sync.WaitGroup
	defer hands.Wait()
	bots := r.pool(&hands, r.opts.Workers)
	quick := r.pool(&hands, quickHands) // what asks no bot must not wait behind slow ones
	hands.Go(func() { r.assignWhoWaits(ctx) })
	hands.Go(func() { r.countMessages(ctx) })
	hands.Go(func() { r.keepHouse(ctx) })
	hands.Go(func() { r.keepSeen(ctx) })
	sweep := time.NewTicker(r.opts.Sweep)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-r.nudges:
			bots(ctx, id, true)
		case <-sweep.C:
			due, err := r.due(ctx)
			if err != nil && ctx.Err() == nil {
				r.log.ErrorContext(ctx, "due conversations not found", "error", err)
			}
			for _, d := range due {
				hand := bots
				if d.Status != fsm.Pending {
					hand = quick
				}
				hand(ctx, d.ID, false)
			}
		}
	}
}

// readTimeout is how long a database that does not answer may hold up a turn.
const readTimeout = 10 * time.Second

// quickHands is how many conversations that need no bot are attended at once.
const quickHands = 4

// pool returns a function that attends a conversation in the background, as
// soon as one of size hands is free; after ctx has ended nothing is begun.
func (r *Router) pool(hands *sync.WaitGroup, size int) func(ctx context.Context, id int64, wait bool) {
	free := make(chan struct{}, size)
	return func(ctx context.Context, id int64, wait bool) {
		if ctx.Err() != nil {
			return
		}
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		hands.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					r.log.ErrorContext(ctx, "attending panicked", "conversation", id, "panic", p, "stack", string(debug.Stack()))
				}
				<-free
			}()
			if err := r.attend(context.WithoutCancel(ctx), id, wait); err != nil {
				r.log.ErrorContext(ctx, "conversation not attended", "conversation", id, "error", err)
			}
		})
	}
}

// Sweep attends everything that is due now, one after the other, and returns
// how many conversations it looked at. Run does the same on its own.
func (r *Router) Sweep(ctx context.Context) (int, error) {
	due, err := r.due(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		if err := r.attend(ctx, d.ID, false); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// dueRow is a conversation that must be looked at.
type dueRow struct {
	ID     int64
	Status fsm.Status
}

// due lists what must be looked at, the longest overdue first.
func (r *Router) due(ctx context.Context) ([]dueRow, error) {
	var due []dueRow
	err := r.db.Read().WithContext(ctx).
		Raw("SELECT id, status FROM conversations WHERE due_at <= ? ORDER BY due_at LIMIT ?", r.now(), 4*r.opts.Workers).Scan(&due).Error
	return due, err
}

// nudgeAt attends a conversation of which this process knows that it is due in
// d, without waiting for the sweep.
func (r *Router) nudgeAt(id int64, d time.Duration) {
	switch {
	case d <= 0:
		r.nudge(id)
	case d <= nudgeSoon:
		time.AfterFunc(d, func() { r.nudge(id) })
	}
}

func (r *Router) nudge(id int64) {
	select {
	case r.nudges <- id:
	default: // busy; the sweep comes by
	}
}

// attend claims a conversation if it is due, asks the bot outside any
// transaction, and settles what it answered.
func (r *Router) attend(ctx context.Context, id int64, wait bool) error {
	claim, err := r.claim(ctx, id, wait)
	if err != nil || claim == nil {
		return err
	}
	outcome, err := r.ask(ctx, claim)
	if err != nil {
		r.log.ErrorContext(ctx, "bot failed", "conversation", id, "turn", claim.Number, "error", err)
		outcome = r.trouble(claim, ReasonBotError)
	}
	return r.write(ctx, claim, outcome)
}

// write settles an outcome. One that cannot be stored is the bot's fault, and
// the customer must not wait for a lease to learn of it.
func (r *Router) write(ctx context.Context, c *claim, o Outcome) error {
	err := r.settle(ctx, c, o)
	if err == nil || o.Handoff != nil && o.Handoff.Reason == ReasonBotError {
		return err
	}
	r.log.ErrorContext(ctx, "answer cannot be stored", "conversation", c.Conversation, "turn", c.Number, "error", err)
	return r.settle(ctx, c, r.trouble(c, ReasonBotError))
}

// ask asks the bot, within the lease.
func (r *Router) ask(ctx context.Context, c *claim) (o Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bot panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if r.bot == nil || len(c.Flow.Source) == 0 {
		return r.trouble(c, ReasonFlowError), nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.opts.Lease*4/5)
	defer cancel()
	return r.bot.Take(ctx, c.Turn)
}

// trouble is the outcome of a bot that could not say anything itself.
func (r *Router) trouble(c *claim, why Reason) Outcome {
	return Outcome{Memory: c.Memory, Handoff: &Handoff{Reason: why},
		Say: []Utterance{{Content: texts.Say(c.Inbox.Locale, "bot.trouble", nil)}}}
}

// claim is a turn in hand: what the bot is asked, and what must still be true
// when its answer is written.
type claim struct {
	Turn
	contactID int64
	fromSeq   int64 // the words asked are those after this
	toSeq     int64 // up to this
	claimedAt time.Time
}

// claim takes a conversation that is due. What needs no bot, a snooze or a
// patience that ends, or words that nobody could answer, is done at once; then, and where
// there is nothing to do, the claim is nil. With wait, the row's lock is
// waited for; without, a locked row is somebody else's.
func (r *Router) claim(ctx context.Context, id int64, wait bool) (*claim, error) {
	lock := byIDUnlessLocked(id)
	if wait {
		lock = byID(id)
	}
	var got *claim
	_, err := r.change(ctx, lock, func(ch *change) (err error) {
		got = nil
		c := ch.c
		if due := nextDue(c); due == nil || due.After(ch.now) {
			return nil
		}
		if c.Status == fsm.Snoozed {
			return ch.wake()
		}
		if c.resolveDue(ch.now) {
			return ch.autoResolve()
		}
		if c.LeaseUntil != nil {
			if err := ch.logTurn(ch.lostTurn()); err != nil {
				return err
			}
		}
		if c.Tries+1 >= r.opts.Tries && c.Tries > 0 {
			return ch.giveUp(ReasonBotLost)
		}
		if ch.outside() {
			return ch.giveUp(ReasonBotTimeout)
		}
		c.Turn++
		c.Tries++
		lease := ch.now.Add(r.opts.Lease)
		c.LeaseUntil, c.ReplyDueAt, c.ReplyLatestAt = &lease, nil, nil
		got, err = ch.turn()
		return err
	})
	if err != nil || got == nil {
		return nil, err
	}
	if err := r.complete(ctx, got); err != nil {
		return nil, err // the lease ends and the words are asked again
	}
	return got, nil
}

// wake ends a snooze whose time has come.
func (ch *change) wake() error {
	if _, err := ch.move(fsm.Wake); err != nil {
		return err
	}
	return ch.note("opened.snooze_ended", nil, nil)
}

// giveUp hands over words on which too many processes died, or which a bot
// outside did not answer in time.
func (ch *change) giveUp(why Reason) error {
	c := ch.c
	o := Outcome{Memory: []byte(c.Memory), Handoff: &Handoff{Reason: why}}
	if c.owed() {
		o.Say = []Utterance{{Content: texts.Say(ch.inbox.Settings.Locale, "bot.trouble", nil)}}
	}
	c.Turn++
	return ch.apply(&claim{
		Turn:    Turn{Number: c.Turn, Episode: c.Episode, Try: c.Tries + 1, Cause: ch.cause()},
		fromSeq: c.BotSeq, toSeq: c.CustomerSeq, claimedAt: ch.now,
	}, o)
}

// cause says why the bot is asked now.
func (ch *change) cause() Cause {
	c := ch.c
	switch {
	case c.owed():
		return CauseWords
	case c.IdleAt != nil && !c.IdleAt.After(ch.now):
		return CauseIdle
	}
	return CauseResumed
}

// turn is what the row says about the question to the bot.
func (ch *change) turn() (*claim, error) {
	c := ch.c
	t := Turn{Conversation: c.ID, Key: c.UUID, Episode: c.Episode, Number: c.Turn, Try: c.Tries, Entry: c.Entry,
		Cause: ch.cause(), Memory: []byte(c.Memory), Now: ch.now,
		Inbox: TurnInbox{Identifier: ch.inbox.Identifier, Name: ch.inbox.Name,
			Locale: ch.inbox.Settings.Locale, TimeZone: ch.inbox.Settings.TimeZone, Closed: !ch.inbox.Settings.OpenAt(ch.now)}}
	if c.FlowHash != nil {
		t.Flow.Hash = *c.FlowHash
	}
	return &claim{Turn: t, contactID: c.ContactID, fromSeq: c.BotSeq, toSeq: max(c.CustomerSeq, c.BotSeq), claimedAt: ch.now}, nil
}

// complete reads what the bot is asked: words never change once they are
// stored, so no lock is needed.
func (r *Router) complete(ctx context.Context, c *claim) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	flow, err := r.flow(ctx, c.Flow.Hash)
	if err != nil {
		return err
	}
	c.Flow = flow
	db := r.db.Read().WithContext(ctx)
	var p Contact
	if err := db.Raw("SELECT * FROM contacts WHERE id = ?", c.contactID).Scan(&p).Error; err != nil {
		return fmt.Errorf("contact %d: %w", c.contactID, err)
	}
	c.Contact = TurnContact{Name: p.Name, Email: p.Email, PhoneNumber: p.PhoneNumber, Attributes: p.CustomAttributes}
	if p.Identifier != nil {
		c.Contact.Identifier = *p.Identifier
	}
	if c.Cause != CauseWords {
		return nil
	}
	var said []*Message
	err = db.Raw("SELECT * FROM messages m WHERE m.conversation_id = ? AND m.seq > ? AND m.seq <= ? AND m.message_type = ?"+undeleted+" ORDER BY m.seq",
		c.Conversation, c.fromSeq, c.toSeq, int(Incoming)).Scan(&said).Error
	if err != nil {
		return fmt.Errorf("words of conversation %d: %w", c.Conversation, err)
	}
	if len(said) == 0 {
		return errors.New("the row owes words that are not there")
	}
	if err := attach(db, said); err != nil {
		return err
	}
	for _, m := range said {
		c.Words = append(c.Words, m.word())
	}
	return nil
}

// word is m as the bot is asked it: of a clicked choice, the value behind it.
func (m *Message) word() Word {
	w := Word{Seq: m.Seq, Text: m.Content, Attachments: len(m.Attachments)}
	if v, ok := m.ContentAttributes["submitted_value"].(string); ok {
		w.Text, w.Clicked = v, true
	}
	return w
}
