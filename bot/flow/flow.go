// Package flow is the language in which a business writes what its bot does: a
// YAML list of steps. It reads a flow, says everything that is wrong with it at
// once, and writes it back in one canonical form. It does not run flows; that
// is package bot. It imports nothing else of Relevo.
//
// A new kind of step is a file of its own (its struct, tagged) and a line in
// kinds.
package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/goccy/go-yaml"
)

// Flow is one bot's script. A parsed Flow is complete (every default is filled
// in) and is not changed afterwards, so it may be shared.
type Flow struct {
	Name     string `yaml:"name" jsonschema:"required,pattern=^[\\p{L}\\p{N}][\\p{L}\\p{N}_-]*$,maxLength=64" jsonschema_description:"How inboxes refer to the flow: letters, digits, - and _."`
	Language string `yaml:"language" jsonschema:"pattern=^[a-z]{2}(-[A-Z]{2})?$,default=es" jsonschema_description:"The language the bot speaks, such as es or es-MX."`
	Texts    Texts  `yaml:"texts,omitempty" jsonschema_description:"Sentences to use instead of the built-in ones."`
	Steps    []Step `yaml:"steps" jsonschema:"required,minItems=1,maxItems=200" jsonschema_description:"What the bot does, in order."`
}

// Texts replaces built-in sentences. An empty one keeps the built-in.
type Texts struct {
	Ack     string `yaml:"ack,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said when a person takes over."`
	Trouble string `yaml:"trouble,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said when the bot fails and a person takes over."`
}

// Step is one entry of Flow.Steps.
type Step struct {
	ID   string // "" or unique in its flow
	When string // the hours in which the step counts: InsideHours, OutsideHours, or "" for always
	Line int    // where it stands in the source it was parsed from; not part of the canonical text
	Do   Action
}

// When a step counts, by the opening hours of the inbox. An inbox without hours
// is always open.
const (
	InsideHours  = "inside_hours"
	OutsideHours = "outside_hours"
)

// Counts reports whether the step is done while people answer (open) or do not.
func (s Step) Counts(open bool) bool { return s.When == "" || open == (s.When == InsideHours) }

// Action is what a step does: *Say, *Collect, *Dialogflow, *Handoff or *Resolve.
type Action interface {
	// Kind is the key that names the step in YAML.
	Kind() string
}

// Source returns the flow in canonical form, JSON (which is YAML too): defaults
// written out, no comments,
// always the same bytes for the same flow. Parse(f.Source(), 1) gives f again,
// but for the lines.
func (f *Flow) Source() []byte {
	text, err := yaml.MarshalWithOptions(fields(f), yaml.JSON())
	if err != nil {
		panic("flow: a parsed flow cannot be written: " + err.Error()) // only strings, numbers and lists are in it
	}
	return text
}

// Hash names a source: the SHA-256 of its bytes in hexadecimal.
func Hash(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:])
}

// Agents lists the names of the agents that the flow asks, each once, in order.
func (f *Flow) Agents() []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range f.Steps {
		if d, ok := s.Do.(*Dialogflow); ok && !seen[d.Agent] {
			seen[d.Agent] = true
			names = append(names, d.Agent)
		}
	}
	return names
}

// Base returns the language without its region: "es" for "es-MX".
func (f *Flow) Base() string { return base(f.Language) }

func base(language string) string {
	head, _, _ := strings.Cut(language, "-")
	return head
}
