package router

import (
	"strconv"
	"time"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/texts"
)

const (
	minAutoResolve = time.Minute
	maxAutoResolve = 999 * 24 * time.Hour
	maxClosingText = 2000 // runes
)

// AutoResolve ends conversations that nobody writes in any more. The zero
// value never does.
type AutoResolve struct {
	OpenAfter    time.Duration `json:"open_after_ns,omitempty"`    // of silence in an open conversation; 0: never
	PendingAfter time.Duration `json:"pending_after_ns,omitempty"` // of silence in one that a bot holds; 0: never
	Waiting      bool          `json:"waiting,omitempty"`          // also where the customer waits for an answer
	Message      string        `json:"message,omitempty"`          // said to the customer first
	Label        string        `json:"label,omitempty"`            // put on the conversation
}

// at returns when c is to be resolved by itself, counted from its last message,
// or nil. A customer who waits for a person is left waiting only where it is
// wished for; what a bot owes is answered or handed over first.
func (a AutoResolve) at(c *Conversation) *time.Time {
	after := a.after(c)
	if after == 0 {
		return nil
	}
	at := c.LastActivityAt.Add(after)
	return &at
}

// after returns the silence that ends c, 0 for none.
func (a AutoResolve) after(c *Conversation) time.Duration {
	switch {
	case c.Status == fsm.Open && (c.WaitingSince == nil || a.Waiting):
		return a.OpenAfter
	case c.Status == fsm.Pending && !c.owed():
		return a.PendingAfter
	}
	return 0
}

// check refuses what is no time, or more than a customer would read.
func (a AutoResolve) check() error {
	for field, d := range map[string]time.Duration{"auto_resolve_after": a.OpenAfter, "auto_resolve_pending_after": a.PendingAfter} {
		if d != 0 && (d < minAutoResolve || d > maxAutoResolve) {
			return fault.Invalid.Field(fault.Limit("out_of_range", int(minAutoResolve.Minutes()), int(maxAutoResolve.Minutes())), field)
		}
	}
	if detail := badText(a.Message, maxClosingText); detail != "" {
		return fault.Invalid.Field(detail, "auto_resolve_message")
	}
	if _, err := cleanLabels([]string{a.Label}); err != nil {
		return fault.Invalid.Field(fault.Limit("too_long", maxLabelRunes), "auto_resolve_label")
	}
	return nil
}

// resolveDue reports whether the silence is what c is due for.
func (c *Conversation) resolveDue(now time.Time) bool {
	if c.ResolveAt == nil || c.ResolveAt.After(now) || c.Status == fsm.Pending && c.LeaseUntil != nil {
		return false
	}
	bot := earlier(c.ReplyDueAt, c.IdleAt)
	return c.Status == fsm.Open || bot == nil || c.ResolveAt.Before(*bot)
}

// autoResolve ends a conversation that nobody writes in. Where the settings
// have changed since its deadline was stored, it is only given a new one.
func (ch *change) autoResolve() error {
	s := ch.inbox.Settings.AutoResolve
	if at := s.at(ch.c); at == nil || at.After(ch.now) {
		return nil
	}
	after := s.after(ch.c)
	if s.Message != "" {
		if _, err := ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: s.Message}); err != nil {
			return err
		}
	}
	if err := ch.markClosed(s.Label); err != nil {
		return err
	}
	if _, err := ch.move(fsm.Resolve); err != nil {
		return err
	}
	return ch.note("resolved.idle", map[string]any{"time": silence(after)}, nil)
}

// markClosed adds the label of conversations that ended by themselves.
func (ch *change) markClosed(label string) error {
	if label == "" {
		return nil
	}
	have, err := labelsOf(ch.tx, ch.c.ID)
	if err != nil {
		return err
	}
	want, err := cleanLabels(append(have, label))
	if err != nil {
		return nil // as many as can be: that it ends matters more
	}
	return ch.setLabels(want, "_auto", nil)
}

// silence is a time in an activity line, in the largest unit that holds it
// without a rest.
type silence time.Duration

// MarshalText writes it as Go does, for readers of another language.
func (s silence) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

func (s silence) in(locale string) string {
	d := time.Duration(s)
	unit, one, n := "span.minutes", "span.minute", d.Round(time.Minute)/time.Minute
	switch {
	case d%(24*time.Hour) == 0:
		unit, one, n = "span.days", "span.day", d/(24*time.Hour)
	case d%time.Hour == 0:
		unit, one, n = "span.hours", "span.hour", d/time.Hour
	}
	if n == 1 {
		return texts.Say(locale, one, nil)
	}
	return texts.Say(locale, unit, map[string]any{"n": strconv.FormatInt(int64(n), 10)})
}
