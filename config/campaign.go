package config

import (
	"fmt"
	"net/mail"
	"time"
	"unicode/utf8"

	"relevo/router/page"
)

// Campaign is a message to visitors who have not written.
type Campaign struct {
	Title     string   `yaml:"title" jsonschema:"required"` // for agents
	Message   string   `yaml:"message" jsonschema:"required"`
	URL       string   `yaml:"url" jsonschema:"required"` // a pattern of the pages that show it
	After     Duration `yaml:"after"`                     // on the page
	HoursOnly bool     `yaml:"hours_only"`
	Sender    string   `yaml:"sender"` // SenderBot or an agent's e-mail
	Enabled   bool     `yaml:"enabled"`
}

// SenderBot is the sender of a campaign whose answers the bot has.
const SenderBot = "bot"

const (
	maxCampaigns       = 100
	maxCampaignMessage = 5000 // characters
)

// setDefaults fills what a campaign need not say.
func (c *Campaign) setDefaults() {
	c.After = Duration(10 * time.Second)
	c.Sender = SenderBot
	c.Enabled = true
}

func (l *loader) campaigns(at string, in *Inbox) {
	if len(in.Campaigns) > maxCampaigns {
		l.bad(at, "must be at most %d campaigns, not %d", maxCampaigns, len(in.Campaigns))
	}
	if len(in.Campaigns) > 0 && in.Channel != ChannelWebWidget {
		l.bad(at, "only a web_widget has visitors to show them to")
	}
	var seen []string
	for i, c := range in.Campaigns {
		at := fmt.Sprintf("%s[%d]", at, i)
		l.label(at, "title", c.Title, true)
		seen = l.unique(at+".title", c.Title, seen)
		switch n := utf8.RuneCountInString(c.Message); {
		case n == 0:
			l.missing(at, "message")
		case n > maxCampaignMessage:
			l.bad(at+".message", "must be at most %d characters, not %d", maxCampaignMessage, n)
		}
		if c.URL == "" {
			l.missing(at, "url")
		} else if err := page.Check(c.URL); err != nil {
			l.bad(at+".url", "%v, not %q", err, clip(c.URL))
		}
		l.timeBetween(at+".after", c.After, 0, 24*time.Hour)
		if _, err := mail.ParseAddress(c.Sender); c.Sender != SenderBot && err != nil {
			l.bad(at+".sender", "must be bot or an agent's e-mail address, not %q", clip(c.Sender))
		}
	}
}
