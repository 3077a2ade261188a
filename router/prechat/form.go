// Package prechat is the form that a customer fills in before the first word:
// which fields it has, which of them are still to be asked, and whether what
// came back is what was asked for. It stores nothing, and what customers write
// stays data: nobody may take it for markup.
package prechat

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"relevo/router/fault"
)

// Limits of a form.
const (
	MaxFields  = 20
	MaxText    = 255  // runes of a name, label, hint, placeholder, choice
	MaxMessage = 2000 // runes of the sentence above the form
	MaxPattern = 200  // runes
	MaxValues  = 100
)

// The fields whose answers are the contact's own.
const (
	FullName     = "fullName"
	EmailAddress = "emailAddress"
	PhoneNumber  = "phoneNumber"
)

// Types are what a field may ask for.
var Types = []string{"text", "email", "phone", "number", "link", "date", "list", "checkbox", "text_area"}

// Where an own field is saved.
const (
	OnContact      = "contact"
	OnConversation = "conversation"
)

// Form is the form of an inbox.
type Form struct {
	Enabled bool    `json:"enabled,omitempty"`
	Message string  `json:"message,omitempty"` // above the form
	Fields  []Field `json:"fields,omitempty"`  // in order
}

// Field is one question.
type Field struct {
	Name        string   `json:"name"` // fullName, emailAddress, phoneNumber, or one of your own
	Label       string   `json:"label,omitempty"`
	Type        string   `json:"type"`
	Required    bool     `json:"required,omitempty"`
	Off         bool     `json:"off,omitempty"` // kept, but not asked
	Placeholder string   `json:"placeholder,omitempty"`
	Pattern     string   `json:"pattern,omitempty"` // a regular expression of RE2
	PatternHint string   `json:"pattern_hint,omitempty"`
	Values      []string `json:"values,omitempty"`   // of a list
	SavedOn     string   `json:"saved_on,omitempty"` // of an own field: contact (default) or conversation
}

// Standard reports whether the answer is a contact's name, e-mail or telephone.
func (f Field) Standard() bool {
	return f.Name == FullName || f.Name == EmailAddress || f.Name == PhoneNumber
}

// Usual is the form of who names no fields: name and e-mail, which must be
// given.
func Usual() []Field {
	return []Field{{Name: FullName, Type: "text"}, {Name: EmailAddress, Type: "email", Required: true}}
}

// Problem is what is wrong with a form.
type Problem struct {
	Field int    // its position, -1 for the form itself
	Key   string // of the field or the form: "pattern"
	Code  string // of a sentence under "fault.detail"
	Text  string // the same in English, behind the name of the key
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)

// Check returns everything that is wrong with f.
func (f Form) Check() []Problem {
	c := checker{field: -1}
	c.plain("message", f.Message)
	if utf8.RuneCountInString(f.Message) > MaxMessage {
		c.bad("message", fault.Limit("too_long", MaxMessage), "must be at most %d characters", MaxMessage)
	}
	if len(f.Fields) > MaxFields {
		c.bad("fields", fault.Limit("too_many", MaxFields), "must be at most %d", MaxFields)
		return c.problems
	}
	var seen []string
	for i, field := range f.Fields {
		c.field = i
		if slices.Contains(seen, field.Name) {
			c.bad("name", "duplicate", "%q is there twice", field.Name)
		}
		seen = append(seen, field.Name)
		c.check(field)
	}
	return c.problems
}

// checker gathers problems of the field in hand.
type checker struct {
	field    int
	problems []Problem
}

func (c *checker) bad(key, code, text string, args ...any) {
	c.problems = append(c.problems, Problem{c.field, key, code, fmt.Sprintf(text, args...)})
}

func (c *checker) check(f Field) {
	if !fieldName.MatchString(f.Name) {
		c.bad("name", "bad_character", "must be 1 to 64 letters (a-z), digits and _, a letter first")
	}
	for _, text := range []struct{ key, of string }{{"label", f.Label}, {"placeholder", f.Placeholder}, {"pattern_hint", f.PatternHint}} {
		if utf8.RuneCountInString(text.of) > MaxText {
			c.bad(text.key, fault.Limit("too_long", MaxText), "must be at most %d characters", MaxText)
		}
		c.plain(text.key, text.of)
	}
	if !slices.Contains(Types, f.Type) {
		c.bad("type", "unknown", "must be one of %s", strings.Join(Types, ", "))
	} else if want := standardType(f.Name); want != "" && f.Type != want {
		c.bad("type", "not_allowed", "of %s is %s", f.Name, want)
	}
	switch {
	case f.SavedOn != "" && f.SavedOn != OnContact && f.SavedOn != OnConversation:
		c.bad("saved_on", "unknown", "must be contact or conversation")
	case f.SavedOn == OnConversation && f.Standard():
		c.bad("saved_on", "not_allowed", "goes with fields of your own; %s is the contact's", f.Name)
	}
	c.pattern(f)
	c.values(f)
}

// tag begins what a browser may take for an element of a page.
var tag = regexp.MustCompile(`<[A-Za-z/!?]`)

// plain refuses texts that are no plain text. Pages show all of them escaped;
// one that brings tags means something else, and should hear of it.
func (c *checker) plain(key, text string) {
	switch {
	case tag.MatchString(text):
		c.bad(key, "not_plain", "must be plain text, without tags")
	case !utf8.ValidString(text) || strings.IndexFunc(text, forbidden) >= 0:
		c.bad(key, "bad_character", "contains a character that is not allowed")
	}
}

// standardType is the type that a standard field must have.
func standardType(name string) string {
	return map[string]string{FullName: "text", EmailAddress: "email", PhoneNumber: "phone"}[name]
}

func (c *checker) pattern(f Field) {
	if f.Pattern == "" {
		return
	}
	switch _, err := compile(f.Pattern); {
	case utf8.RuneCountInString(f.Pattern) > MaxPattern:
		c.bad("pattern", fault.Limit("too_long", MaxPattern), "must be at most %d characters", MaxPattern)
	case err != nil:
		c.bad("pattern", "not_a_pattern", "is no regular expression that can be checked: %s", reason(err))
	case f.Type == "checkbox" || f.Type == "list":
		c.bad("pattern", "not_allowed", "goes with fields that are typed")
	}
}

// compile reads a pattern. RE2 takes time in proportion to the text whatever
// the pattern: there is nothing to go back to, and so neither look-around nor
// back-references.
func compile(pattern string) (*regexp.Regexp, error) { return regexp.Compile(pattern) }

func reason(err error) string {
	if s, ok := err.(*syntax.Error); ok {
		return s.Code.String()
	}
	return err.Error()
}

func (c *checker) values(f Field) {
	switch {
	case f.Type == "list" && len(f.Values) == 0:
		c.bad("values", "required", "are missing: a list needs what to choose from")
	case f.Type != "list" && len(f.Values) > 0:
		c.bad("values", "not_allowed", "go with type: list")
	case len(f.Values) > MaxValues:
		c.bad("values", fault.Limit("too_many", MaxValues), "must be at most %d", MaxValues)
		return
	}
	for i, v := range f.Values {
		if v == "" || utf8.RuneCountInString(v) > MaxText || slices.Contains(f.Values[:i], v) {
			c.bad("values", "duplicate", "must be different texts of 1 to %d characters", MaxText)
			return
		}
		c.plain("values", v)
	}
}
