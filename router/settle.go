package router

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"relevo/fsm"
	"relevo/router/store"
)

// Kinds of end that a turn can have, as stored.
const (
	turnAnswered   = "answered"
	turnHandedOff  = "handed_off"
	turnResolved   = "resolved"
	turnSuperseded = "superseded" // the conversation had moved on; nothing was shown
	turnLost       = "lost"       // the process that had it died
)

// settle writes what the bot answered, if the conversation is still the one
// that was claimed and the turn is still in hand. Otherwise the answer is
// logged as superseded and never shown: a person spoke, or another process took
// the words over. A turn that was settled before stays as it is: of a commit,
// the news alone can get lost.
func (r *Router) settle(ctx context.Context, cl *claim, o Outcome) error {
	lock := byID(cl.Conversation)
	if o.Contact.says() {
		lock = withContact(cl.Conversation, cl.contactID)
	}
	_, err := r.change(ctx, lock, func(ch *change) error {
		c := ch.c
		if c.Status != fsm.Pending || c.Episode != cl.Episode || c.Turn != cl.Number {
			return ch.logTurn(cl.log(turnSuperseded, "", o, ch.now))
		}
		if c.LeaseUntil == nil {
			return nil
		}
		if cl.Cause != CauseWords && c.CustomerSeq > cl.toSeq {
			// The customer was not silent after all. What he wrote is due.
			c.LeaseUntil, c.Tries = nil, 0
			return ch.logTurn(cl.log(turnSuperseded, "", o, ch.now))
		}
		return ch.apply(cl, o)
	})
	if err != nil {
		return fmt.Errorf("settle turn %d of conversation %d: %w", cl.Number, cl.Conversation, err)
	}
	return nil
}

// apply writes an outcome: what was learned of the contact, the texts in
// order, then the handoff or the resolution.
func (ch *change) apply(cl *claim, o Outcome) error {
	c := ch.c
	ch.movedBy, ch.silent = KindBot, cl.Cause == CauseIdle
	c.LeaseUntil, c.Tries = nil, 0
	c.BotSeq = max(c.BotSeq, cl.toSeq)
	c.Memory = store.JSON(o.Memory)
	c.IdleAt = nil
	if err := ch.learn(cl.contactID, o.Contact); err != nil {
		return err
	}
	episode, turn := cl.Episode, cl.Number
	for _, u := range o.Say {
		_, err := ch.say(Message{MessageType: Outgoing, SenderType: KindBot, Content: u.Content, ContentType: u.ContentType,
			ContentAttributes: u.ContentAttributes, Episode: &episode, Turn: &turn})
		if err != nil {
			return err
		}
	}
	switch {
	case o.Handoff != nil:
		if err := ch.handOff(cl, *o.Handoff); err != nil {
			return err
		}
		return ch.logTurn(cl.log(turnHandedOff, o.Handoff.Reason, o, ch.now))
	case o.Resolve != nil:
		ended := turnResolved
		if c.owed() { // the customer wrote meanwhile; that is answered first
			ended = turnAnswered
		}
		if err := ch.resolveByBot(*o.Resolve); err != nil {
			return err
		}
		return ch.logTurn(cl.log(ended, "", o, ch.now))
	}
	if o.IdleAfter > 0 && !c.owed() {
		at := ch.now.Add(o.IdleAfter)
		c.IdleAt = &at
	}
	return ch.logTurn(cl.log(turnAnswered, "", o, ch.now))
}

// says reports whether there is anything to write.
func (p ContactChange) says() bool {
	return p.Name != "" || p.Email != "" || p.PhoneNumber != "" || len(p.Attributes) > 0
}

// learn writes what the bot learned of the customer. The contact's row is
// locked already.
func (ch *change) learn(contactID int64, p ContactChange) error {
	if !p.says() || contactID != ch.c.ContactID {
		return nil // merged meanwhile: the words are in the thread, nothing is lost
	}
	var row Contact
	if err := ch.tx.Raw("SELECT * FROM contacts WHERE id = ?", contactID).Scan(&row).Error; err != nil {
		return fmt.Errorf("contact %d: %w", contactID, err)
	}
	var d ContactDraft // of what is not known yet
	for _, f := range []struct {
		known   string
		learned string
		to      **string
	}{{row.Name, p.Name, &d.Name}, {row.Email, p.Email, &d.Email}, {row.PhoneNumber, p.PhoneNumber, &d.PhoneNumber}} {
		if f.known == "" && f.learned != "" {
			*f.to = &f.learned
		}
	}
	d.CustomAttributes = p.Attributes
	if err := d.check(); err != nil {
		return nil // the words are in the thread; what no contact can hold is no reason to fail
	}
	err := ch.r.updateContact(ch.tx, &row, d)
	if err != nil {
		return fmt.Errorf("save contact %d: %w", contactID, err)
	}
	return nil
}

// handOff opens the conversation for a person, with the brief and the wishes
// of the bot. All that the customer has said by now is handed over.
func (ch *change) handOff(cl *claim, h Handoff) error {
	c := ch.c
	moved, err := ch.move(fsm.HandOff)
	if err != nil || !moved {
		return err
	}
	ch.letGo = h.Reason
	from := cl.fromSeq + 1
	c.BotSeq = max(c.BotSeq, c.CustomerSeq)
	if h.Reason.Failure() { // nobody has answered: given back, the bot tries again
		c.BotSeq = cl.fromSeq
	}
	if h.ToldClosed {
		c.ClosedToldAt = &ch.now
	}
	if err := ch.note("opened.bot", map[string]any{"reason": h.Reason}, Attributes{"handoff": map[string]any{"reason": string(h.Reason)}}); err != nil {
		return err
	}
	problems, err := ch.grant(h)
	if err != nil {
		return err
	}
	c.Handoff, err = store.ToJSON(Brief{Reason: h.Reason, Trigger: h.Trigger, Intent: h.Intent, Team: h.Team, Data: h.Data,
		Episode: cl.Episode, Turn: cl.Number, FromSeq: from, ToSeq: c.Seq, At: ch.now, Problems: problems})
	return err
}

// grant gives a handoff what it wishes for, and says of each wish that cannot
// be met why not: a person is reached all the same.
func (ch *change) grant(h Handoff) (problems []string, err error) {
	c := ch.c
	if h.Team != "" {
		team, err := ch.team("name = ?", h.Team)
		if err != nil {
			return nil, err
		}
		line := "team.assigned_bot"
		if team == nil {
			line = "handoff.team_unknown"
			problems = append(problems, "team "+h.Team)
		} else {
			c.TeamID = &team.ID
		}
		if err := ch.note(line, map[string]any{"team": h.Team}, nil); err != nil {
			return nil, err
		}
	}
	if h.Priority != "" {
		line := "priority.set_bot"
		if !slices.Contains(Priorities, h.Priority) {
			line = "handoff.priority_unknown"
			problems = append(problems, "priority "+h.Priority)
		} else {
			c.Priority = &h.Priority
		}
		params := map[string]any{"new": priorityName(h.Priority)}
		if line == "handoff.priority_unknown" {
			params = map[string]any{"priority": h.Priority}
		}
		if err := ch.note(line, params, nil); err != nil {
			return nil, err
		}
	}
	return problems, ch.mark(h.Labels, h.Attributes)
}

// mark adds a bot's labels and attributes to the conversation. Labels that
// cannot be are left out, and a line says how many.
func (ch *change) mark(labels []string, attributes map[string]any) error {
	if a := ch.c.CustomAttributes.with(attributes); a.check("attributes") == nil {
		ch.c.CustomAttributes = a
	}
	if len(labels) == 0 {
		return nil
	}
	have, err := labelsOf(ch.tx, ch.c.ID)
	if err != nil {
		return err
	}
	want, dropped := have, 0
	for _, l := range labels {
		more, err := cleanLabels(append(slices.Clone(want), l))
		if err != nil {
			dropped++
			continue
		}
		want = more
	}
	if err := ch.setLabels(want, "_bot", nil); err != nil || dropped == 0 {
		return err
	}
	return ch.note("labels.dropped_bot", map[string]any{"count": dropped, "longest": maxLabelRunes, "most": maxLabels}, nil)
}

// Priorities that a conversation can have.
var Priorities = []string{"low", "medium", "high", "urgent"}

func (ch *change) resolveByBot(res Resolution) error {
	if err := ch.mark(res.Labels, res.Attributes); err != nil {
		return err
	}
	if ch.c.owed() {
		return nil
	}
	if _, err := ch.move(fsm.Resolve); err != nil {
		return err
	}
	if ch.silent {
		return ch.note("resolved.bot_idle", nil, nil)
	}
	return ch.note("resolved.bot_finished", nil, nil)
}

// turnRow is one line of a conversation's turn log. It holds no words.
type turnRow struct {
	number           int64
	episode, try     int
	cause            Cause
	outcome          string
	reason           Reason
	fromSeq, toSeq   int64
	calls            []Call
	claimed, settled time.Time
}

func (cl *claim) log(outcome string, why Reason, o Outcome, at time.Time) turnRow {
	return turnRow{cl.Number, cl.Episode, cl.Try, cl.Cause, outcome, why, cl.fromSeq, cl.toSeq, o.Calls, cl.claimedAt, at}
}

// lostTurn is the turn whose lease has ended.
func (ch *change) lostTurn() turnRow {
	c := ch.c
	return turnRow{c.Turn, c.Episode, c.Tries, ch.cause(), turnLost, "", c.BotSeq, c.CustomerSeq, nil,
		c.LeaseUntil.Add(-ch.r.opts.Lease), ch.now}
}

// logTurn adds a turn to the log; of a turn that was logged as lost and ends
// after all, the end is what counts.
func (ch *change) logTurn(t turnRow) error {
	if t.calls == nil {
		t.calls = []Call{}
	}
	calls, err := json.Marshal(t.calls)
	if err != nil {
		return err
	}
	err = ch.tx.Exec(`INSERT INTO bot_turns (conversation_id, turn, episode, try, cause, outcome, reason, from_seq, to_seq, calls, claimed_at, settled_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (conversation_id, turn) DO UPDATE SET outcome = excluded.outcome, calls = excluded.calls, settled_at = excluded.settled_at
			WHERE bot_turns.outcome = ?`,
		ch.c.ID, t.number, t.episode, t.try, string(t.cause), t.outcome, string(t.reason), t.fromSeq, t.toSeq,
		string(calls), t.claimed, t.settled, turnLost).Error
	if err != nil {
		return fmt.Errorf("log turn: %w", err)
	}
	return nil
}
