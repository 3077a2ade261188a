package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Agent is an exported Dialogflow ES agent, ready to answer. It is read only
// once loaded, so any number of servers and goroutines may share one.
type Agent struct {
	name          string
	language      string   // default language, lower case ("es", "pt-br")
	languages     []string // all languages, the default first
	zone          *time.Location
	minConfidence float64 // mlMinConfidence of the export
	intents       []*intent
	byID          map[string]*intent
	entities      map[string]*entity  // by name without "@"
	lexicons      map[string]*lexicon // by entity name and language ("order/es")
	indexes       map[string]*index   // by language
	warnings      []string
}

// intent is one intent of an agent.
type intent struct {
	id, name, action string
	parentID, rootID string
	fallback         bool
	priority         int
	inputs           []string // names of the contexts that must be active, lower case
	events           []string // lower case
	phrases          map[string][]phrase
	parameters       []parameter
	outputs          []outputContext
	resetContexts    bool
	messages         []message
	handoff, end     bool // liveAgentHandoff, endInteraction
	webhook          bool
}

// phrase is a training phrase: literal parts and annotated ones.
type phrase []part

// part is a piece of a phrase. entity is empty for literal text.
type part struct {
	text, entity, alias string
}

// parameter is what an intent wants to know.
type parameter struct {
	name     string
	entity   string // "sys.date", "room"; empty when value is a reference or a literal
	value    string // "$date", "#context.date", or a literal
	fallback any    // default value
	required bool
	list     bool
	prompts  map[string][]string // by language
}

// alias is the name that phrases give the parameter: the one its value refers
// to, which is its own but for exports edited by hand.
func (p parameter) alias() string {
	if ref, ok := strings.CutPrefix(p.value, "$"); ok && !strings.Contains(ref, ".") {
		return ref
	}
	return p.name
}

// outputContext is a context that an intent sets (or, with lifespan 0, removes).
type outputContext struct {
	name     string
	lifespan int
}

// entity is a custom entity of the agent, or an extension of a system one.
type entity struct {
	name    string
	regexp  bool
	entries map[string][]entry // by language
}

// entry is one value of an entity with the words that mean it.
type entry struct {
	value    string
	synonyms []string
}

// Name is the agent's name: that of the folder or zip it was loaded from,
// or what its export says.
func (a *Agent) Name() string { return a.name }

// Language is the agent's default language, for instance "es".
func (a *Agent) Language() string { return a.language }

// Languages lists the languages the agent speaks, the default first.
func (a *Agent) Languages() []string { return slices.Clone(a.languages) }

// Warnings tells what the loader did not understand and left out. An agent
// with warnings works; it may answer differently from the real one.
func (a *Agent) Warnings() []string { return slices.Clone(a.warnings) }

func (a *Agent) warn(format string, args ...any) {
	a.warnings = append(a.warnings, fmt.Sprintf(format, args...))
}

// String tells in one line what was loaded, for a person at a terminal.
func (a *Agent) String() string {
	phrases := 0
	for _, i := range a.intents {
		for _, p := range i.phrases {
			phrases += len(p)
		}
	}
	return fmt.Sprintf("%s: %d intents, %d phrases, %d entities, languages %s",
		a.name, len(a.intents), phrases, len(a.entities), strings.Join(a.languages, " "))
}

// speaks returns which of the agent's languages serves a request in lang:
// the same, its root (en-US is served by en), or the agent's default.
func (a *Agent) speaks(lang string) string {
	lang = strings.ToLower(lang)
	root, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, root} {
		if slices.Contains(a.languages, l) {
			return l
		}
	}
	return a.language
}

// pick returns the entry for the language that serves lang, with the agent's
// default language in its place where an intent has nothing of its own.
func pick[T any](a *Agent, by map[string][]T, lang string) []T {
	if found := by[a.speaks(lang)]; len(found) > 0 {
		return found
	}
	return by[a.language]
}
