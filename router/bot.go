package router

import (
	"context"
	"encoding/json"
	"time"
)

// Bot is whoever holds a pending conversation. The router asks it outside any
// transaction and writes what it answers only if the conversation still
// belongs to that episode and turn, so a Bot keeps no state of its own: all it
// must remember travels through Memory.
type Bot interface {
	// Take is given everything that the customer said since the bot last
	// answered and returns what to say and do. An error means that the bot
	// could not decide anything; the router then hands the conversation to a
	// person with ReasonBotError. Failures that the bot understands (a
	// provider that refuses, a limit that is reached) are an Outcome with a
	// Handoff, not an error.
	Take(ctx context.Context, t Turn) (Outcome, error)
}

// Cause says why the bot is asked.
type Cause string

const (
	CauseWords Cause = "words" // the customer wrote
	CauseIdle  Cause = "idle"  // the customer has been silent for Outcome.IdleAfter
	// CauseResumed: an agent gave the conversation back and nothing that the
	// customer said is unanswered. Saying nothing is a fine Outcome.
	CauseResumed Cause = "resumed"
)

// Entry says how an episode, one stay of a conversation with the bot, began.
type Entry string

const (
	EntryStarted   Entry = "started"    // a new conversation
	EntryReopened  Entry = "reopened"   // the customer wrote into a resolved conversation
	EntryGivenBack Entry = "given_back" // an agent marked it pending
)

// Turn is one question to the bot.
type Turn struct {
	Conversation int64  // the conversation's id
	Key          string // the conversation's UUID, safe to show to a provider
	Episode      int    // 1 for the first stay with the bot
	Number       int64  // grows with every claim of this conversation
	Try          int    // 1, or more when earlier claims of these words died
	Entry        Entry
	Cause        Cause
	Flow         FlowText
	Memory       json.RawMessage // what the last Outcome left; nil at first, kept across episodes
	Words        []Word          // in order; empty when Cause is not CauseWords
	Inbox        TurnInbox
	Contact      TurnContact
	Now          time.Time
}

// FlowText is the flow that the episode began with, by the hash of its source.
type FlowText struct {
	Hash, Name string
	Source     []byte
}

// Word is one message of the customer.
type Word struct {
	Seq         int64
	Text        string
	Attachments int  // how many files came with it
	Clicked     bool // a choice that was offered, not typed
}

// TurnInbox is what a bot may know of the inbox.
type TurnInbox struct {
	Identifier, Name string
	Locale           string // "es" or "en"
	TimeZone         string // IANA name
	Closed           bool   // nobody answers now
}

// TurnContact is what a bot may know of the customer.
type TurnContact struct {
	Name, Email, PhoneNumber, Identifier string
	Attributes                           map[string]any
}

// Outcome is what the bot wants done, applied in one transaction: contact,
// texts in order, then handoff or resolution.
type Outcome struct {
	Say       []Utterance
	Memory    json.RawMessage
	Contact   ContactChange
	Handoff   *Handoff    // the conversation opens
	Resolve   *Resolution // the conversation is resolved; ignored beside a Handoff
	IdleAfter time.Duration
	Calls     []Call
}

// Utterance is one message of the bot. An empty ContentType means "text".
type Utterance struct {
	Content           string
	ContentType       string
	ContentAttributes map[string]any
}

// ContactChange holds what the bot learned of the customer; empty fields say
// nothing. What is already known of the contact is overwritten only by
// Attributes of the same name.
type ContactChange struct {
	Name, Email, PhoneNumber string
	Attributes               map[string]any
}

// Handoff asks for a person. Team, Labels, Priority and Attributes are wishes:
// one that does not exist is left out and the activity line says so.
type Handoff struct {
	Reason     Reason
	Trigger    string // what exactly set it off: an intent, a word, a limit
	Intent     string // the provider's last intent, if any
	Team       string
	Labels     []string
	Priority   string
	Attributes map[string]any // for the conversation's custom attributes
	Data       map[string]any // what was collected, for the agent's brief
	ToldClosed bool           // Say tells that nobody is there now: the inbox need not
}

// Resolution ends the conversation.
type Resolution struct {
	Labels     []string
	Attributes map[string]any
}

// Call is one request to a provider, kept in the turn's log without any text.
type Call struct {
	Agent      string        `json:"agent"`
	ResponseID string        `json:"response_id,omitempty"`
	Attempts   int           `json:"attempts"`
	Latency    time.Duration `json:"latency_ns"`
	Error      Reason        `json:"error,omitempty"`
}
