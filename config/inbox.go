package config

import "time"

// Team is a group of agents that flows may hand conversations to.
type Team struct {
	Name        string `yaml:"name" jsonschema:"required"`
	Description string `yaml:"description,omitempty"`
}

// Inbox is one door for customers.
type Inbox struct {
	Identifier     string       `yaml:"identifier" jsonschema:"required,pattern=^[A-Za-z0-9_-]+$,maxLength=64"` // in URLs; never changes
	Name           string       `yaml:"name"`                                                                   // shown to customers; the identifier when not set
	Channel        string       `yaml:"channel" jsonschema:"enum=web_widget,enum=api"`
	Locale         string       `yaml:"locale" jsonschema:"enum=es,enum=en"`
	Timezone       string       `yaml:"timezone"` // IANA name
	Greeting       string       `yaml:"greeting,omitempty"`
	Bot            string       `yaml:"bot,omitempty"` // the name of a flow; people answer when not set
	AfterResolved  string       `yaml:"after_resolved" jsonschema:"enum=reopen,enum=new"`
	Debounce       Debounce     `yaml:"debounce"`
	AutoAssign     bool         `yaml:"auto_assign"`
	MaxAssignments int          `yaml:"max_assignments" jsonschema:"minimum=0,maximum=10000"` // 0: no limit
	TalkToPerson   bool         `yaml:"talk_to_person"`
	Widget         Widget       `yaml:"widget"`
	Mail           InboxMail    `yaml:"mail"`
	Survey         Survey       `yaml:"survey"`
	Campaigns      []Campaign   `yaml:"campaigns,omitempty"`
	EmailCollect   EmailCollect `yaml:"email_collect"`
	PreChat        PreChat      `yaml:"pre_chat"`
	Hours          Hours        `yaml:"hours"`
	AutoResolve    AutoResolve  `yaml:"auto_resolve"`
	WebhookURL     string       `yaml:"webhook_url,omitempty" jsonschema:"maxLength=2048"` // of the connector of channel api
	HMACSecretEnv  string       `yaml:"hmac_secret_env,omitempty"`
	HMACSecretFile string       `yaml:"hmac_secret_file,omitempty"`

	HMACSecret Secret `yaml:"-"` // what HMACSecretEnv or HMACSecretFile holds
}

// Debounce is how long the bot waits for a customer to finish. It answers at
// the earlier of Window after the last word and Maximum after the first.
type Debounce struct {
	Window  Duration `yaml:"window"` // 0 answers at once
	Maximum Duration `yaml:"maximum"`
}

// The channels, and what a customer's word does to a resolved conversation.
const (
	ChannelWebWidget = "web_widget"
	ChannelAPI       = "api"

	AfterResolvedReopen = "reopen"
	AfterResolvedNew    = "new"
)

// setDefaults fills what an inbox need not say.
func (i *Inbox) setDefaults() {
	i.Channel = ChannelWebWidget
	i.Locale = "en"
	i.Timezone = "UTC"
	i.AfterResolved = AfterResolvedReopen
	i.Debounce = Debounce{Window: Duration(1500 * time.Millisecond), Maximum: Duration(6 * time.Second)}
	i.AutoAssign = true
	i.TalkToPerson = true
	i.Widget.Position = PositionRight
	i.Survey.Display = DisplayEmoji
	i.EmailCollect.Enabled = true
	i.AutoResolve.IgnoreWaiting = true
}
