package config

import (
	"time"

	"github.com/invopop/jsonschema"

	"relevo/router/hours"
	"relevo/router/prechat"
)

// EmailCollect asks customers of a web widget for their e-mail, where no bot
// does.
type EmailCollect struct {
	Enabled bool   `yaml:"enabled"`
	Ask     string `yaml:"ask,omitempty"`
	Box     string `yaml:"box,omitempty"`
	Thanks  string `yaml:"thanks,omitempty"`
}

// PreChat is the form before the first word.
type PreChat struct {
	Enabled bool           `yaml:"enabled"`
	Message string         `yaml:"message,omitempty"`
	Fields  []PreChatField `yaml:"fields,omitempty"`
}

// PreChatField is one question of the form.
type PreChatField struct {
	Name        string   `yaml:"name" jsonschema:"required"`
	Label       string   `yaml:"label,omitempty"`
	Type        string   `yaml:"type" jsonschema:"enum=text,enum=email,enum=phone,enum=number,enum=link,enum=date,enum=list,enum=checkbox,enum=text_area"`
	Required    bool     `yaml:"required"`
	Placeholder string   `yaml:"placeholder,omitempty"`
	Pattern     string   `yaml:"pattern,omitempty"`
	PatternHint string   `yaml:"pattern_hint,omitempty"`
	Values      []string `yaml:"values,omitempty"`
	SavedOn     string   `yaml:"saved_on" jsonschema:"enum=contact,enum=conversation"`
}

func (f *PreChatField) setDefaults() { f.Type, f.SavedOn = "text", prechat.OnContact }

// Form returns the form as it is checked and shown.
func (p PreChat) Form() prechat.Form {
	form := prechat.Form{Enabled: p.Enabled, Message: p.Message}
	for _, f := range p.Fields {
		form.Fields = append(form.Fields, prechat.Field{Name: f.Name, Label: f.Label, Type: f.Type, Required: f.Required, Placeholder: f.Placeholder,
			Pattern: f.Pattern, PatternHint: f.PatternHint, Values: f.Values, SavedOn: f.SavedOn})
	}
	return form
}

// Hours is when people answer, in the inbox's zone. Without days they always
// do.
type Hours struct {
	ClosedMessage string `yaml:"closed_message,omitempty"`
	Days          Days   `yaml:"days"`
	Holidays      []Day  `yaml:"holidays,omitempty"`
}

// Days holds the spans that begin on each day of the week.
type Days struct {
	Mon []Span `yaml:"mon,omitempty"`
	Tue []Span `yaml:"tue,omitempty"`
	Wed []Span `yaml:"wed,omitempty"`
	Thu []Span `yaml:"thu,omitempty"`
	Fri []Span `yaml:"fri,omitempty"`
	Sat []Span `yaml:"sat,omitempty"`
	Sun []Span `yaml:"sun,omitempty"`
}

// week lists the days as package time counts them, with their keys.
func (d *Days) week() [7]struct {
	key   string
	spans []Span
} {
	return [7]struct {
		key   string
		spans []Span
	}{{"sun", d.Sun}, {"mon", d.Mon}, {"tue", d.Tue}, {"wed", d.Wed}, {"thu", d.Thu}, {"fri", d.Fri}, {"sat", d.Sat}}
}

// Given reports whether the hours say when people answer.
func (h *Hours) Given() bool {
	for _, day := range h.Days.week() {
		if day.spans != nil {
			return true
		}
	}
	return false
}

// Hours returns the hours as they are reckoned with.
func (h *Hours) Hours() hours.Hours {
	var out hours.Hours
	for i, day := range h.Days.week() {
		for _, s := range day.spans {
			out.Week[i] = append(out.Week[i], s.Span)
		}
	}
	for _, d := range h.Holidays {
		out.Holidays = append(out.Holidays, d.Date)
	}
	return out
}

// Span is a time of a day, such as "09:00-14:00".
type Span struct{ hours.Span }

// JSONSchema describes a span to editors.
func (Span) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$`, Examples: []any{"09:00-14:00", "18:00-02:00"}}
}

// Day is a day of the calendar, such as "2026-12-25".
type Day struct{ hours.Date }

// JSONSchema describes a day to editors.
func (Day) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, Examples: []any{"2026-12-25"}}
}

// AutoResolve ends conversations that nobody writes in any more.
type AutoResolve struct {
	OpenAfter     Duration `yaml:"open_after"`    // 0: never
	PendingAfter  Duration `yaml:"pending_after"` // 0: never
	IgnoreWaiting bool     `yaml:"ignore_waiting"`
	Message       string   `yaml:"message,omitempty"`
	Label         string   `yaml:"label,omitempty"`
}

// Limits of what may be said.
const (
	maxClosingText = 2000 // characters
	maxBoxText     = 500
	maxSilence     = 999 * 24 * time.Hour
)
