package prechat

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relevo/router/address"
	"relevo/router/fault"
)

const maxArea = 4000 // runes of a text_area

// Known is what is known of a customer already.
type Known struct {
	Name, Email, Phone string
	Attributes         map[string]any // of the contact
}

// ToAsk returns the form without what is switched off and what is known.
func (f Form) ToAsk(k Known) Form {
	f.Fields = slices.DeleteFunc(slices.Clone(f.Fields), func(field Field) bool { return field.Off || k.has(field) })
	return f
}

func (k Known) has(f Field) bool {
	switch f.Name {
	case FullName:
		return k.Name != ""
	case EmailAddress:
		return k.Email != ""
	case PhoneNumber:
		return k.Phone != ""
	}
	_, known := k.Attributes[f.Name]
	return known && f.SavedOn != OnConversation
}

// Answers is what a customer filled in, by where it is saved. Empty texts say
// nothing.
type Answers struct {
	Name, Email, Phone    string
	Contact, Conversation map[string]any // by the fields' names
}

// Wrong is a field that was not filled in as it must be.
type Wrong struct {
	Field string
	Code  string // of a sentence under "fault.detail", as fault.Field takes it
}

// Read checks what was filled in, by the fields' names, and returns everything
// that is wrong with it. Fields that the form does not have are left out: the
// page may show a form that has changed since. A required field may be missing
// only if it is known.
func (f Form) Read(values map[string]any, k Known) (Answers, []Wrong) {
	a := Answers{Contact: map[string]any{}, Conversation: map[string]any{}}
	var wrong []Wrong
	for _, field := range f.Fields {
		if field.Off {
			continue
		}
		value, code := field.read(values[field.Name])
		switch {
		case code != "":
			wrong = append(wrong, Wrong{field.Name, code})
		case value == nil && field.Required && !k.has(field):
			wrong = append(wrong, Wrong{field.Name, "required"})
		case value != nil:
			a.put(field, value)
		}
	}
	return a, wrong
}

func (a *Answers) put(f Field, value any) {
	text, _ := value.(string)
	switch {
	case f.Name == FullName:
		a.Name = text
	case f.Name == EmailAddress:
		a.Email = text
	case f.Name == PhoneNumber:
		a.Phone = text
	case f.SavedOn == OnConversation:
		a.Conversation[f.Name] = value
	default:
		a.Contact[f.Name] = value
	}
}

// read returns a value as it is saved, nil for nothing, or what is wrong with
// it.
func (f Field) read(v any) (any, string) {
	switch f.Type {
	case "checkbox":
		return f.checkbox(v)
	case "number":
		return number(v)
	}
	if n, ok := v.(float64); ok { // an order's number where a text is asked for
		v = strconv.FormatFloat(n, 'f', -1, 64)
	}
	text, ok := v.(string)
	text = strings.TrimSpace(text)
	limit := MaxText
	if f.Type == "text_area" {
		limit = maxArea
	}
	switch {
	case v == nil:
		return nil, ""
	case !ok:
		return nil, "not_a_string"
	case utf8.RuneCountInString(text) > limit:
		return nil, fault.Limit("too_long", limit)
	case !utf8.ValidString(text):
		return nil, "not_utf8"
	case strings.IndexFunc(text, forbidden) >= 0:
		return nil, "bad_character"
	case text == "":
		return nil, ""
	}
	if code := f.fits(text); code != "" {
		return nil, code
	}
	return text, ""
}

// forbidden are control characters that no answer has.
func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// fits says what is wrong with a text for this field; "" if nothing is.
func (f Field) fits(text string) string {
	if f.Type != "text_area" && strings.ContainsAny(text, "\n\r\t") {
		return "bad_character"
	}
	switch f.Type {
	case "email":
		if _, ok := address.Parse(text); !ok {
			return "not_an_email"
		}
	case "phone":
		if digits := len(notDigit.ReplaceAllString(text, "")); !phone.MatchString(text) || digits < 7 || digits > 15 {
			return "not_a_phone"
		}
	case "link":
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return "not_a_url"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return "not_a_date"
		}
	case "list":
		if !slices.Contains(f.Values, text) {
			return "unknown"
		}
	}
	if f.Pattern == "" {
		return ""
	}
	if p, err := compile(f.Pattern); err != nil || !p.MatchString(text) {
		return "does_not_match"
	}
	return ""
}

var (
	phone    = regexp.MustCompile(`^\+?[0-9 ().-]+$`)
	notDigit = regexp.MustCompile(`[^0-9]`)
)

// checkbox reads a mark. One that is required is a consent: it must be set.
func (f Field) checkbox(v any) (any, string) {
	switch v {
	case nil, "":
		return nil, ""
	case "true":
		v = true
	case "false":
		v = false
	}
	set, ok := v.(bool)
	switch {
	case !ok:
		return nil, "not_a_boolean"
	case f.Required && !set:
		return nil, "required"
	}
	return set, ""
}

func number(v any) (any, string) {
	switch n := v.(type) {
	case nil:
		return nil, ""
	case float64:
		return n, ""
	case int64:
		return float64(n), ""
	case string:
		if strings.TrimSpace(n) == "" {
			return nil, ""
		}
		parsed, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		if err == nil && len(n) <= MaxText && !math.IsInf(parsed, 0) && !math.IsNaN(parsed) {
			return parsed, ""
		}
	}
	return nil, "not_a_number"
}
