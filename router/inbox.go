package router

import (
	"time"

	"relevo/router/prechat"
)

// Inbox is one door for customers.
type Inbox struct {
	ID            int64
	Identifier    string // in public addresses
	Name          string
	Channel       string // "web_widget" or "api"
	Origin        string // "file" (relevo.yaml) or "api"
	Settings      InboxSettings
	FlowHash      *string // the bot's flow; nil: no flow
	FlowName      string  // of FlowHash
	AgentBotID    *int64  // a bot that speaks through the API; it counts where there is no flow
	WebhookSecret string  // signs what Settings.WebhookURL is told; "" where there is none
	Failing       WebhookTrouble
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// What a customer's word does in a resolved conversation that is current.
const (
	AfterResolvedReopen = "reopen"
	AfterResolvedNew    = "new"
)

// channelAPI is the channel whose connectors bring customers' words in.
const channelAPI = "api"

// HasBot reports whether new conversations start with a bot.
func (i *Inbox) HasBot() bool { return i.FlowHash != nil || i.AgentBotID != nil }

// InboxSettings is how an inbox behaves, stored as JSON.
type InboxSettings struct {
	Locale        string   `json:"locale"`    // "es" or "en": activity lines, safe sentences
	TimeZone      string   `json:"time_zone"` // IANA name
	Greeting      string   `json:"greeting,omitempty"`
	GreetingOff   bool     `json:"greeting_off,omitempty"`   // the greeting is kept, but not said
	AfterResolved string   `json:"after_resolved,omitempty"` // "reopen" (default) or "new"
	Debounce      Debounce `json:"debounce"`
	HMACSecret    string   `json:"-"` // of contact identifiers; of a declared inbox in memory only

	NoTalkToPerson bool `json:"no_talk_to_person,omitempty"` // customers cannot ask for a person by a button, nor stop waiting for one

	NoAutoAssign    bool        `json:"no_auto_assign,omitempty"`    // open conversations wait for somebody to take them
	AutoAssignLimit int         `json:"auto_assign_limit,omitempty"` // open conversations of one agent that automatic assignment goes up to; 0: no limit
	BotFlow         string      `json:"bot_flow,omitempty"`          // the flow that an inbox of origin "api" names as its bot
	Widget          WidgetLooks `json:"widget,omitzero"`
	Mail            InboxMail   `json:"mail,omitzero"`
	WebhookURL      string      `json:"webhook_url,omitempty"` // of the connector of an inbox of channel "api": told what happens there

	OwnHMACSecret string `json:"hmac_secret,omitempty"` // HMACSecret of an inbox of origin "api"

	Survey       SurveySettings `json:"survey,omitzero"`
	EmailCollect EmailCollect   `json:"email_collect,omitzero"`
	PreChat      prechat.Form   `json:"pre_chat,omitzero"`
	Hours        OpeningHours   `json:"hours,omitzero"`
	AutoResolve  AutoResolve    `json:"auto_resolve,omitzero"`
}

// WidgetLooks is what the widget on a web page shows.
type WidgetLooks struct {
	WebsiteURL     string `json:"website_url,omitempty"`
	Color          string `json:"color,omitempty"` // #rrggbb
	WelcomeTitle   string `json:"welcome_title,omitempty"`
	WelcomeTagline string `json:"welcome_tagline,omitempty"`
	Position       string `json:"position,omitempty"` // "left" or "right", of the button; right where nothing is said

	// The pages that may show the widget: hosts, "*." before them for their
	// subdomains. None: any page may.
	AllowedDomains []string `json:"allowed_domains,omitempty"`
}

// Greets reports whether the customer's first word is answered with Greeting.
func (s InboxSettings) Greets() bool { return s.Greeting != "" && !s.GreetingOff }

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
