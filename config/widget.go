package config

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"relevo/router/page"
)

// Widget is what the widget on web pages looks like, and who may show it.
type Widget struct {
	Color          string   `yaml:"color,omitempty"` // #rrggbb
	WelcomeTitle   string   `yaml:"welcome_title,omitempty" jsonschema:"maxLength=255"`
	WelcomeTagline string   `yaml:"welcome_tagline,omitempty" jsonschema:"maxLength=255"`
	Position       string   `yaml:"position" jsonschema:"enum=right,enum=left"`
	AllowedDomains []string `yaml:"allowed_domains,omitempty"` // any page may show it when not set
}

// The corners where the button can be.
const (
	PositionRight = "right"
	PositionLeft  = "left"
)

const (
	maxWelcome = 255 // characters
	maxDomains = 50
)

var colorPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func (l *loader) widget(at string, w Widget) {
	if w.Color != "" && !colorPattern.MatchString(w.Color) {
		l.bad(at+".color", "must be a color like #1f93ff")
	}
	for key, text := range map[string]string{"welcome_title": w.WelcomeTitle, "welcome_tagline": w.WelcomeTagline} {
		if n := utf8.RuneCountInString(text); n > maxWelcome {
			l.bad(at+"."+key, "must be at most %d characters, not %d", maxWelcome, n)
		}
	}
	if w.Position != PositionRight && w.Position != PositionLeft {
		l.bad(at+".position", "must be right or left")
	}
	if len(w.AllowedDomains) > maxDomains {
		l.bad(at+".allowed_domains", "must be at most %d domains, not %d", maxDomains, len(w.AllowedDomains))
	}
	for i, d := range w.AllowedDomains {
		if !page.IsDomain(d) {
			l.bad(fmt.Sprintf("%s.allowed_domains[%d]", at, i), "must be a domain: shop.example, *.shop.example or https://shop.example:8443, without a path")
		}
	}
}
