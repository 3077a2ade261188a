package router

import (
	"time"

	"relevo/fsm"
	"relevo/router/report"
)

// holder is who has a conversation in a status.
type holder int

const (
	nobody holder = iota
	bots
	people
)

func holderIn(s fsm.Status) holder {
	switch s {
	case fsm.Pending:
		return bots
	case fsm.Open, fsm.Snoozed:
		return people
	}
	return nobody
}

// startRound begins a round in the status that the conversation has.
func (c *Conversation) startRound(now time.Time) {
	c.StatusSince, c.RoundSince = &now, &now
	switch holderIn(c.Status) {
	case bots:
		c.RoundClass = report.WithBot
	case people:
		c.RoundClass, c.OpenedAt = report.ByPeople, &now
	default:
		c.RoundClass, c.RoundSince = report.Blocked, nil
	}
}

// report writes what reports count of the change. It compares the conversation
// with what it was, so that no path can forget it, and a customer's word in a
// conversation that goes on costs nothing here.
func (ch *change) report() error {
	var events []report.Event
	c, was := ch.c, &ch.was
	if ch.began {
		began := ch.event(report.Began)
		began.Class = was.RoundClass
		events = append(append(events, began), ch.arrivals(nobody, holderIn(was.Status))...)
	}
	if c.Status != was.Status {
		events = append(events, ch.moves()...)
	}
	if answer, ok := ch.answered(); ok {
		events = append(events, answer)
	}
	if ch.changedHands() && c.AssigneeID != nil {
		events = append(events, ch.event(report.Assigned))
	}
	if c.TeamID != nil && !sameID(c.TeamID, was.TeamID) {
		events = append(events, ch.event(report.TeamAssigned))
	}
	return report.Write(ch.tx, events)
}

func (ch *change) event(kind report.Kind) report.Event {
	return report.Event{Kind: kind, ConversationID: ch.c.ID, InboxID: ch.c.InboxID, AgentID: ch.c.AssigneeID, TeamID: ch.c.TeamID, At: ch.now}
}

// moves is what a change of status means, and keeps what the next one needs.
func (ch *change) moves() []report.Event {
	c, was := ch.c, &ch.was
	from, to := holderIn(was.Status), holderIn(c.Status)
	c.StatusSince = &ch.now
	if from == to { // open and snoozed
		return nil
	}
	var events []report.Event
	switch from {
	case nobody:
		again := ch.event(report.Reopened).Took(was.StatusSince)
		again.Class, again.Reason = was.RoundClass, string(ch.mover())
		c.startRound(ch.now)
		events = append(events, again)
	case bots:
		events = append(events, ch.leftBot(to))
	}
	events = append(events, ch.arrivals(from, to)...)
	if to == nobody {
		events = append(events, ch.ended())
	}
	return events
}

// arrivals is that a conversation came to the bot or to people.
func (ch *change) arrivals(from, to holder) []report.Event {
	switch {
	case from == to:
	case to == bots:
		return []report.Event{ch.event(report.BotEntered)}
	case to == people:
		ch.c.OpenedAt = &ch.now
		return []report.Event{ch.event(report.Opened)}
	}
	return nil
}

// leftBot is the end of a bot's time with the conversation.
func (ch *change) leftBot(to holder) report.Event {
	left := ch.event(report.BotLeft).Took(ch.was.StatusSince)
	switch {
	case to == nobody:
		left.Class, left.Reason = ch.endWithBot(), string(ch.mover())
	case ch.letGo != "":
		left.Class, left.Reason = report.HandedOff, string(ch.letGo)
	default:
		left.Class = report.TakenOver
	}
	if ch.c.RoundClass == report.WithBot {
		ch.c.RoundClass = left.Class
	}
	return left
}

// endWithBot is how a conversation ended that a bot had: a bot that is done is
// another thing than a customer who does not answer any more.
func (ch *change) endWithBot() report.Class {
	switch who := ch.mover(); {
	case ch.silent || who == KindSystem:
		return report.Abandoned
	case who == KindContact:
		return report.EndedByCustomer
	case who == KindBot:
		return report.Contained
	}
	return report.Closed
}

// ended is the end of a round.
func (ch *change) ended() report.Event {
	c, who := ch.c, ch.mover()
	end := ch.inHours(ch.event(report.Resolved).Took(c.RoundSince))
	end.Class, end.Reason = c.RoundClass, string(who)
	if by := ch.actor(); end.AgentID == nil && who == KindAgent {
		end.AgentID = &by.ID
	}
	return end
}

// answered is a person's answer to a customer who waited: since his first word
// without one, but not from before the conversation came to people.
func (ch *change) answered() (report.Event, bool) {
	c, was := ch.c, &ch.was
	if was.WaitingSince == nil || c.WaitingSince != nil || c.HumanSeq == was.HumanSeq {
		return report.Event{}, false
	}
	kind := report.ReplyTime
	if was.FirstReplyCreatedAt == nil {
		kind = report.FirstResponse
	}
	from := was.WaitingSince
	for _, t := range []*time.Time{was.OpenedAt, was.RoundSince} {
		if t != nil && t.After(*from) {
			from = t
		}
	}
	e := ch.inHours(ch.event(kind).Took(from))
	for _, m := range ch.said {
		if m.Seq == c.HumanSeq {
			e.AgentID = &m.SenderID
		}
	}
	return e, true
}

// inHours adds how much of the time that e took the inbox was open, by the
// hours that it has now: other hours later do not change what was.
func (ch *change) inHours(e report.Event) report.Event {
	s := ch.inbox.Settings
	if !s.Hours.Enabled || e.StartedAt == nil {
		return e
	}
	millis := s.Hours.Within(e.StartedAt.In(s.Location()), e.At).Milliseconds()
	e.BusinessMillis = &millis
	return e
}

// mover is what kind of somebody made the change.
func (ch *change) mover() ActorKind {
	if ch.movedBy != "" {
		return ch.movedBy
	}
	return ch.actor().Kind
}
