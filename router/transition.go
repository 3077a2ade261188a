package router

import (
	"context"
	"fmt"
	"time"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/store"
)

// move is the only function that writes a conversation's status. It reports
// whether the status changed; an event that leads to where the conversation
// stands changes nothing, one that has no place there is fault.NotAllowed.
func (ch *change) move(ev fsm.Event) (bool, error) {
	c := ch.c
	next, err := fsm.Next(c.Status, ev)
	if err != nil {
		return false, fault.NotAllowed.With("status", string(c.Status)).With("event", string(ev)).Wrap(err)
	}
	if next == c.Status {
		return false, nil
	}
	c.Status = next
	c.LeaseUntil, c.ReplyDueAt, c.ReplyLatestAt, c.IdleAt, c.SnoozedUntil, c.Tries = nil, nil, nil, nil, nil, 0
	switch next {
	case fsm.Pending:
		ch.beginEpisode(ev)
	case fsm.Open:
		if c.WaitingSince == nil && ev == fsm.HandOff {
			c.WaitingSince = &ch.now
		}
	case fsm.Resolved:
		c.WaitingSince = nil
	}
	return true, nil
}

// beginEpisode gives the conversation to the bot: unassigned, with the newest
// flow, owing what no person has answered.
func (ch *change) beginEpisode(ev fsm.Event) {
	c := ch.c
	c.Episode++
	c.AssigneeID = nil
	c.FlowHash = ch.inbox.FlowHash
	switch ev {
	case fsm.ReopenToBot:
		// What came before was closed by whoever resolved it: only the word
		// that reopens is owed.
		c.Entry, c.BotSeq = EntryReopened, c.CustomerSeq-1
	case fsm.MarkPending:
		// What a person answered, and what the bot had already answered or
		// handed over, is not asked again.
		c.Entry, c.BotSeq = EntryGivenBack, max(c.BotSeq, c.HumanSeq)
		switch {
		case !ch.outside():
			c.ReplyDueAt = &ch.now
		case c.owed():
			ch.awaitOutside()
		}
	default:
		c.Entry = EntryStarted
	}
}

// takeOver makes by the one who answers: the conversation is open and theirs,
// whatever it was.
func (ch *change) takeOver(by Actor) (bool, error) {
	moved, err := ch.move(fsm.OpenUp)
	if err != nil {
		return false, err
	}
	if by.Kind == KindAgent && (moved || ch.c.AssigneeID == nil) {
		if err := ch.stillHere(by.ID); err != nil {
			return false, err
		}
		ch.c.AssigneeID = &by.ID
	}
	return moved, nil
}

// agentLock holds an agent's row against removal, but not against rows that
// merely name the agent.
func (ch *change) agentLock() string {
	if ch.r.db.Dialect() == store.Postgres {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// stillHere refuses an agent who was removed a moment ago: whoever asks may be
// known to this process for some seconds longer.
func (ch *change) stillHere(agentID int64) error {
	var here int64
	err := ch.tx.Raw("SELECT id FROM agents WHERE id = ? AND removed_at IS NULL"+ch.agentLock(), agentID).Scan(&here).Error
	if err != nil {
		return fmt.Errorf("agent %d: %w", agentID, err)
	}
	if here == 0 {
		return fault.Unauthenticated
	}
	return nil
}

// Open opens, reopens or takes over: who opens gets it, in the same write. An
// open conversation goes to the caller if nobody has it.
func (r *Router) Open(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.open(by.Actor)
	})
}

func (ch *change) open(by Actor) error {
	if by.Kind == KindBot && ch.c.Status == fsm.Pending {
		return ch.handOffByBot(by)
	}
	was, nobody := ch.c.Status, ch.c.AssigneeID == nil
	moved, err := ch.takeOver(by)
	switch {
	case err != nil:
		return err
	case moved && was == fsm.Resolved:
		return ch.note("reopened.agent", map[string]any{"agent": by.Name}, nil)
	case moved:
		return ch.note("opened.agent", map[string]any{"agent": by.Name}, nil)
	case nobody && ch.c.AssigneeID != nil:
		return ch.note("assigned.self", map[string]any{"agent": by.Name}, nil)
	}
	return nil
}

// MarkPending gives the conversation back to the bot. An inbox without a bot
// refuses with fault.NoBot; a bot outside does not take what a person has
// (fault.PersonHasIt).
func (r *Router) MarkPending(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.giveBack(by.Actor)
	})
}

func (ch *change) giveBack(by Actor) error {
	switch {
	case !ch.inbox.HasBot():
		return fault.NoBot
	case by.Kind == KindBot && ch.c.AssigneeID != nil:
		return fault.PersonHasIt
	}
	moved, err := ch.move(fsm.MarkPending)
	if err != nil || !moved {
		return err
	}
	return ch.note("pending.agent", map[string]any{"agent": by.Name}, nil)
}

// Resolve ends the conversation.
func (r *Router) Resolve(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.resolve(by.Actor)
	})
}

// ResolveUnasked is Resolve, but the customer is not asked what they think of
// it.
func (r *Router) ResolveUnasked(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		ch.unasked = true
		return ch.resolve(by.Actor)
	})
}

func (ch *change) resolve(by Actor) error {
	moved, err := ch.move(fsm.Resolve)
	if err != nil || !moved {
		return err
	}
	return ch.note("resolved.agent", map[string]any{"agent": by.Name}, nil)
}

// ResolveByCustomer ends the conversation at the customer's wish.
func (r *Router) ResolveByCustomer(ctx context.Context, inbox *Inbox, sourceID string, id int64) (*View, error) {
	_, err := r.change(ctx, byVisitor(inbox, sourceID, id, nil), func(ch *change) error {
		ch.movedBy = KindContact
		moved, err := ch.move(fsm.Resolve)
		if err != nil || !moved {
			return err
		}
		return ch.note("resolved.customer", map[string]any{"customer": ch.contactName()}, nil)
	})
	if err != nil {
		return nil, err
	}
	return r.VisitorConversation(ctx, inbox, sourceID, id)
}

// Snooze puts the conversation off until a time, or until the customer's next
// word where until is nil. Snoozing anew replaces the old time. The customer's
// word ends any snooze.
func (r *Router) Snooze(ctx context.Context, by By, id int64, until *time.Time) (*Conversation, error) {
	return r.snooze(ctx, by, id, func(time.Time, *time.Location) (*time.Time, error) { return until, nil })
}

// SnoozeUntil is Snooze with one of the words "next_reply", "tomorrow" and
// "next_week", understood in the time zone of by, or else
// the inbox's; see SnoozeTime.
func (r *Router) SnoozeUntil(ctx context.Context, by By, id int64, word string) (*Conversation, error) {
	return r.snooze(ctx, by, id, func(now time.Time, zone *time.Location) (*time.Time, error) {
		return SnoozeTime(word, now, zone)
	})
}

func (r *Router) snooze(ctx context.Context, by By, id int64, when func(now time.Time, zone *time.Location) (*time.Time, error)) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		zone := by.Zone
		if zone == nil {
			zone = ch.inbox.Settings.Location()
		}
		until, err := when(ch.now, zone)
		if err != nil {
			return err
		}
		return ch.snooze(by.Actor, until)
	})
}

// snooze puts the conversation off, until the next reply where until is nil.
func (ch *change) snooze(by Actor, until *time.Time) error {
	if err := checkSnooze(until, ch.now); err != nil {
		return err
	}
	if _, err := ch.move(fsm.Snooze); err != nil {
		return err
	}
	if until == nil {
		ch.c.SnoozedUntil = nil
		return ch.note("snoozed.until_reply", map[string]any{"agent": by.Name}, nil)
	}
	utc := until.UTC()
	ch.c.SnoozedUntil = &utc
	return ch.note("snoozed.until_time", map[string]any{"agent": by.Name, "until": utc}, nil)
}
