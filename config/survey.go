package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Survey is whether and when customers are asked what they think of a
// conversation that was resolved.
type Survey struct {
	Enabled          bool     `yaml:"enabled"`
	Question         string   `yaml:"question,omitempty"` // a sentence of the inbox's language when not set
	Display          string   `yaml:"display" jsonschema:"enum=emoji,enum=star"`
	Labels           []string `yaml:"labels,omitempty"`
	WithoutLabels    []string `yaml:"without_labels,omitempty"`
	OnlyWithPerson   bool     `yaml:"only_with_person"`
	NotOnAutoResolve bool     `yaml:"not_on_auto_resolve"`
}

// The ways in which the ratings are shown.
const (
	DisplayEmoji = "emoji"
	DisplayStar  = "star"
)

const (
	maxQuestion = 1000 // characters
	maxLabels   = 50
)

func (l *loader) survey(at string, in *Inbox) {
	s := in.Survey
	if n := utf8.RuneCountInString(s.Question); n > maxQuestion {
		l.bad(at+".question", "must be at most %d characters, not %d", maxQuestion, n)
	}
	l.labels(at+".labels", s.Labels)
	l.labels(at+".without_labels", s.WithoutLabels)
	if s.Enabled && in.Channel == ChannelAPI && l.config.Server.PublicURL == "" {
		l.doubt(at+".enabled", "without server.public_url the question comes without the address of the page that takes the answer")
	}
}

// labels checks names of conversations' labels.
func (l *loader) labels(key string, labels []string) {
	if len(labels) > maxLabels {
		l.bad(key, "must be at most %d labels, not %d", maxLabels, len(labels))
	}
	for i, label := range labels {
		if n := utf8.RuneCountInString(label); strings.TrimSpace(label) == "" || n > maxName {
			l.bad(fmt.Sprintf("%s[%d]", key, i), "must be a label of 1 to %d characters", maxName)
		}
	}
}
