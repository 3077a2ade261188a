package bot

import (
	"context"
	"time"

	"relevo/router"
)

// Detector is one natural-language agent at a provider. It is asked with
// everything it needs, every time: the provider's session is only a cache.
type Detector interface {
	// Detect sends one text or one event and returns the agent's answer. It
	// keeps its own deadline and retries at most once. A failure is a
	// *DetectError, whose Reason says why a person is needed now.
	Detect(ctx context.Context, q Query) (Result, error)
}

// Query is one question to an agent: a Text or an Event, never both.
type Query struct {
	Session  string // at most 36 characters
	Text     string
	Event    string
	Language string // "es", "en", "es-MX"
	TimeZone string // IANA name
	Contexts []Context
	Payload  map[string]any // passed on to the agent's own fulfilment
}

// Context is a piece of a provider's dialogue state.
type Context struct {
	Name       string         `json:"name"` // without the session's path, lower case
	Lifespan   int            `json:"lifespan"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// Result is an answer, the same for every provider.
type Result struct {
	Messages   []Message
	Intent     string // display name; empty when nothing matched
	Fallback   bool   // the agent did not understand
	Action     string
	Parameters map[string]any
	Contexts   []Context // active after this answer
	SlotsOpen  bool      // the agent is asking for a required parameter
	Handoff    bool      // the matched intent asks for a live agent
	End        bool      // the matched intent ends the interaction
	Webhook    error     // the agent's own fulfilment failed
	ResponseID string
	Attempts   int // requests sent
	Latency    time.Duration
}

// Message is one message of an answer: a text, a text with choices, or a
// custom payload.
type Message struct {
	Text    string
	Choices []string
	Payload map[string]any
}

// DetectError says why an agent could not be asked.
type DetectError struct {
	Reason   router.Reason
	Attempts int
	Latency  time.Duration
	Err      error
}

// Error names the reason and the cause; it is for logs, never for customers.
func (e *DetectError) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *DetectError) Unwrap() error { return e.Err }
