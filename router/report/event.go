package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/store"
)

// Kind says what happened. The words are stored and shown; they never change.
type Kind string

const (
	Began         Kind = "conversation_created"
	Reopened      Kind = "conversation_reopened" // a resolved one; Millis since it was resolved
	Opened        Kind = "conversation_opened"   // it came to people, from the bot or from nobody
	BotEntered    Kind = "conversation_bot_entered"
	BotLeft       Kind = "conversation_bot_left" // Class says how, Millis how long the bot had it
	FirstResponse Kind = "first_response"        // a person's first answer; Millis the customer waited for people
	ReplyTime     Kind = "reply_time"            // any later answer
	Resolved      Kind = "conversation_resolved" // Millis since the round began, Class of the round, Reason who resolved
	Assigned      Kind = "conversation_assigned" // to an agent
	TeamAssigned  Kind = "conversation_team_assigned"
)

// Class divides rounds, and the stays of conversations with bots: each is of
// exactly one. A round is a conversation from its beginning, or from being
// reopened, until it is resolved. A stay is the time from a bot's getting a
// conversation until it has it no longer; its Class says how it ended. A round
// that began with a bot has the Class of its first stay.
type Class string

const (
	WithBot         Class = "bot"               // a bot has it: not over yet
	Contained       Class = "contained"         // the bot resolved it, because it was done
	EndedByCustomer Class = "ended_by_customer" // the customer resolved it while the bot had it
	Abandoned       Class = "abandoned"         // silence resolved it while the bot had it
	Closed          Class = "closed"            // an agent resolved it while the bot had it, without taking it
	HandedOff       Class = "handed_off"        // the bot gave it to people
	TakenOver       Class = "taken_over"        // a person took it
	ByPeople        Class = "person"            // of rounds only: it began without a bot
	Blocked         Class = "blocked"           // of a blocked customer: begun resolved, no round at all
)

// StayClasses lists those that a stay which is over can have.
var StayClasses = []Class{Contained, EndedByCustomer, Abandoned, Closed, HandedOff, TakenOver}

// Classes lists those that a resolved round can have.
var Classes = append(slices.Clone(StayClasses), ByPeople)

// Event is one thing that happened to a conversation.
type Event struct {
	ID             int64
	Kind           Kind
	ConversationID int64
	InboxID        int64
	AgentID        *int64 // who answered; else who has the conversation
	TeamID         *int64
	Class          Class
	Reason         string     // of a handoff; of a resolution or reopening, who: bot, agent, contact, system
	Millis         *int64     // how long it took
	BusinessMillis *int64     // of that, within the inbox's hours; nil where it has none
	StartedAt      *time.Time // what Millis are counted from
	At             time.Time
}

// Write stores events in the transaction of their change, in one statement.
func Write(tx *gorm.DB, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	var args []any
	for _, e := range events {
		args = append(args, string(e.Kind), e.ConversationID, e.InboxID, e.AgentID, e.TeamID, string(e.Class), e.Reason,
			e.Millis, e.BusinessMillis, e.StartedAt, e.At)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(events)), ", ")
	err := store.Exec(tx, `INSERT INTO report_events (kind, conversation_id, inbox_id, agent_id, team_id, class, reason,
		millis, business_millis, started_at, at) VALUES `+rows, args...)
	if err != nil {
		return fmt.Errorf("write report events: %w", err)
	}
	return nil
}

// Took sets how long e took, from a time that is known. Clocks of processes
// differ a little: no time is less than nothing.
func (e Event) Took(from *time.Time) Event {
	if from == nil {
		return e
	}
	millis := max(0, e.At.Sub(*from).Milliseconds())
	e.Millis, e.StartedAt = &millis, from
	return e
}
