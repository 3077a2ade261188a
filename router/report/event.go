package report

import (
	"fmt"
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
	Resolved      Kind = "conversation_resolved" // Millis since the round began, Reason who resolved
	Assigned      Kind = "conversation_assigned" // to an agent
	TeamAssigned  Kind = "conversation_team_assigned"
)

// Class divides rounds: each is of exactly one. A round is a conversation from
// its beginning, or from being reopened, until it is resolved.
type Class string

const (
	WithBot   Class = "bot"        // began with a bot, which has it: not resolved yet
	Contained Class = "contained"  // began with a bot and was resolved without any person
	Closed    Class = "closed"     // began with a bot, and a person resolved it without taking it
	HandedOff Class = "handed_off" // began with a bot, which gave it to people
	TakenOver Class = "taken_over" // began with a bot, and a person took it
	ByPeople  Class = "person"     // began without a bot
	Blocked   Class = "blocked"    // of a blocked customer: begun resolved, no round at all
)

// EndedInBot is the Class of a BotLeft where the conversation was resolved
// while the bot had it. The others are HandedOff and TakenOver.
const EndedInBot Class = "resolved"

// Classes lists those that a resolved round can have.
var Classes = []Class{Contained, Closed, HandedOff, TakenOver, ByPeople}

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
