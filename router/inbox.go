package router

import (
	"time"
)

// Inbox is one door for customers.
type Inbox struct {
	ID         int64
	Identifier string // in public addresses
	Name       string
	Channel    string // "web_widget" or "api"
	Origin     string // "file" (relevo.yaml) or "api"
	Settings   InboxSettings
	FlowHash   *string // the bot's flow; nil: no bot
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// What a customer's word does in a resolved conversation that is current.
const (
	AfterResolvedReopen = "reopen"
	AfterResolvedNew    = "new"
)

// HasBot reports whether new conversations start with a bot.
func (i *Inbox) HasBot() bool { return i.FlowHash != nil }

// InboxSettings is how an inbox behaves, stored as JSON.
type InboxSettings struct {
	Locale        string   `json:"locale"`    // "es" or "en": activity lines, safe sentences
	TimeZone      string   `json:"time_zone"` // IANA name
	Greeting      string   `json:"greeting,omitempty"`
	AfterResolved string   `json:"after_resolved,omitempty"` // "reopen" (default) or "new"
	Debounce      Debounce `json:"debounce"`
	HMACSecret    string   `json:"-"` // of contact identifiers; in memory only
}

// Debounce is how long the bot waits for more words: due = min(last word +
// Window, first unanswered word + Maximum). Zero answers at once.
type Debounce struct {
	Window  time.Duration `json:"window_ns"`
	Maximum time.Duration `json:"maximum_ns"`
}

// Location returns the inbox's time zone, UTC if it cannot be loaded.
func (s InboxSettings) Location() *time.Location {
	loc, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
