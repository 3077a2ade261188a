package router

import (
	"time"

	"relevo/fsm"
)

// nextDue says when the router must next look at c, from nothing but the
// deadlines stored in the row. Nil means: not before somebody writes.
func nextDue(c *Conversation) *time.Time {
	switch c.Status {
	case fsm.Snoozed:
		return c.SnoozedUntil
	case fsm.Pending:
		if c.LeaseUntil != nil {
			return c.LeaseUntil // somebody is looking; after that, somebody else
		}
		return earlier(earlier(c.ReplyDueAt, c.IdleAt), c.ResolveAt)
	case fsm.Open:
		return c.ResolveAt
	}
	return nil
}

func earlier(a, b *time.Time) *time.Time {
	switch {
	case a == nil:
		return b
	case b == nil || a.Before(*b):
		return a
	}
	return b
}

// owe makes the bot answer once the customer pauses: due = min(last word +
// window, first unanswered word + maximum). A clicked choice is whole, so it
// is answered at once.
func (ch *change) owe(clicked bool) {
	if ch.outside() {
		ch.awaitOutside()
		return
	}
	c, d := ch.c, ch.inbox.Settings.Debounce
	if c.ReplyDueAt == nil || c.ReplyLatestAt == nil {
		latest := ch.now.Add(d.Maximum)
		c.ReplyLatestAt = &latest
	}
	due := ch.now
	if !clicked {
		due = ch.now.Add(d.Window)
	}
	c.ReplyDueAt = earlier(&due, c.ReplyLatestAt)
	c.IdleAt = nil
}
