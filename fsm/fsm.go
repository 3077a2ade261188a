// Package fsm says which statuses a conversation can have and what moves it
// from one to another. It knows nothing of databases, bots or people: package
// router asks it, stores what it decides, and is the only caller.
package fsm

import (
	"context"
	"errors"
	"fmt"

	looplab "github.com/looplab/fsm"
)

// Status is where a conversation stands.
type Status string

const (
	// New is before the first row is written; no stored conversation has it.
	New Status = "new"
	// Pending belongs to the bot.
	Pending Status = "pending"
	// Open waits for, or is held by, a person.
	Open Status = "open"
	// Snoozed is out of sight until its time comes or the customer writes.
	Snoozed Status = "snoozed"
	// Resolved is finished; a new word of the customer reopens it.
	Resolved Status = "resolved"
)

// Statuses lists what a stored conversation can be, in the order of its life.
var Statuses = []Status{Pending, Open, Snoozed, Resolved}

// Enum lists what a stored conversation can be, for the API document.
func (Status) Enum() []any { return []any{Pending, Open, Snoozed, Resolved} }

// Event is something that happens to a conversation. looplab/fsm keeps only
// the last of two rows with one event and one source, so what can end in two
// places is two events, chosen before the machine is asked.
type Event string

const (
	StartWithBot    Event = "start_with_bot"    // the inbox has a bot
	StartWithoutBot Event = "start_without_bot" // the inbox has none
	StartBlocked    Event = "start_blocked"     // the customer is blocked
	StartByAgent    Event = "start_by_agent"    // a person wrote first: a campaign

	HandOff        Event = "hand_off"        // the bot is done, or cannot go on
	OpenUp         Event = "open"            // an agent opens, reopens or takes over
	MarkPending    Event = "mark_pending"    // an agent gives it to the bot
	Snooze         Event = "snooze"          // an agent puts it off
	Wake           Event = "wake"            // the time of the snooze has come
	Resolve        Event = "resolve"         // anybody ends it
	CustomerWrites Event = "customer_writes" // a word of the customer, unless resolved
	ReopenToBot    Event = "reopen_to_bot"   // a word of the customer into resolved, bot
	ReopenToAgent  Event = "reopen_to_agent" // a word of the customer into resolved, no bot
)

// Events lists every event.
var Events = []Event{StartWithBot, StartWithoutBot, StartBlocked, StartByAgent, HandOff, OpenUp,
	MarkPending, Snooze, Wake, Resolve, CustomerWrites, ReopenToBot, ReopenToAgent}

// ErrNotAllowed is returned for an event that has no place in a status.
var ErrNotAllowed = errors.New("not allowed in this status")

type row struct {
	event Event
	from  []Status
	to    Status
}

// table is the whole machine. A row that leads to where it starts means "same":
// answered with success, nothing changes.
var table = []row{
	{StartWithBot, []Status{New}, Pending},
	{StartWithoutBot, []Status{New}, Open},
	{StartBlocked, []Status{New}, Resolved},
	{StartByAgent, []Status{New}, Open},

	{HandOff, []Status{Pending, Open}, Open},
	{OpenUp, []Status{Pending, Open, Snoozed, Resolved}, Open},
	{MarkPending, []Status{Pending, Open, Snoozed, Resolved}, Pending},
	{Snooze, []Status{Pending, Open, Snoozed, Resolved}, Snoozed},
	{Wake, []Status{Snoozed}, Open},
	{Resolve, []Status{Pending, Open, Snoozed, Resolved}, Resolved},
	{CustomerWrites, []Status{Pending}, Pending},
	{CustomerWrites, []Status{Open, Snoozed}, Open},
	{ReopenToBot, []Status{Resolved}, Pending},
	{ReopenToAgent, []Status{Resolved}, Open},
}

var descriptions = describe(table)

func describe(rows []row) looplab.Events {
	var out looplab.Events
	for _, r := range rows {
		d := looplab.EventDesc{Name: string(r.event), Dst: string(r.to)}
		for _, s := range r.from {
			d.Src = append(d.Src, string(s))
		}
		out = append(out, d)
	}
	return out
}

// Next returns the status that ev leads to from s, or ErrNotAllowed. The
// result may be s itself: then nothing is to be done.
//
// The truth about a conversation is its row, which other processes may change
// at any moment, so no machine is kept for one: what each answers to each
// event is asked once, when the process starts.
func Next(s Status, ev Event) (Status, error) {
	if to, allowed := answers[question{s, ev}]; allowed {
		return to, nil
	}
	return s, fmt.Errorf("%s from %s: %w", ev, s, ErrNotAllowed)
}

type question struct {
	status Status
	event  Event
}

var answers = ask(table)

// ask puts every question to a machine that lives for this one. It is asked
// with a context of its own because looplab/fsm stays stuck when an event's
// context is cancelled.
func ask(rows []row) map[question]Status {
	out := map[question]Status{}
	for _, r := range rows {
		for _, s := range r.from {
			m := looplab.NewFSM(string(s), descriptions, nil)
			err := m.Event(context.Background(), string(r.event))
			if _, same := errors.AsType[looplab.NoTransitionError](err); err == nil || same {
				out[question{s, r.event}] = Status(m.Current())
			}
		}
	}
	return out
}

// Valid reports whether s is a status that a stored conversation can have.
func Valid(s Status) bool {
	for _, known := range Statuses {
		if s == known {
			return true
		}
	}
	return false
}
