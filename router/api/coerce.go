package api

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"relevo/router/fault"
)

const (
	minInt = math.MinInt64
	maxInt = math.MaxInt64

	maxItems       = 200     // of a list of texts
	maxObjectBytes = 64_000  // of an object, written as JSON
	maxObjectDepth = 10      // of objects and lists in an object
	maxObjectNodes = 100_000 // never reached within maxObjectBytes; ends the walk
)

// toText takes texts, and what other types are called in forms.
func toText(v any, r rules) (string, string) {
	s, ok := scalar(v)
	if !ok {
		return "", "not_a_string"
	}
	if detail := checkText(s); detail != "" {
		return "", detail
	}
	switch {
	case utf8.RuneCountInString(s) > r.max:
		return "", fault.Limit("too_long", r.max)
	case r.required && strings.TrimSpace(s) == "":
		return "", "blank"
	case s != "" && !r.allows(s):
		return "", r.detail
	}
	return s, ""
}

// checkText refuses what databases and clients cannot hold.
func checkText(s string) string {
	if !utf8.ValidString(s) {
		return "not_utf8"
	}
	if strings.ContainsRune(s, 0) {
		return "nul_byte"
	}
	return ""
}

// scalar returns a text, number or boolean as forms write it.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case repeated:
		if len(v) > 0 {
			return v[len(v)-1], true
		}
	}
	return "", false
}

// toInt takes integers as numbers or texts; an empty text is 0.
func toInt(v any, r rules) (int64, string) {
	s, ok := scalar(v)
	if _, isBool := v.(bool); !ok || isBool {
		return 0, "not_an_integer"
	}
	if s = strings.TrimSpace(s); s == "" {
		return 0, requiredIf(r)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil && isDigits(s), err == nil && (n < r.low || n > r.high):
		return 0, outside(r)
	case err != nil:
		return 0, "not_an_integer"
	}
	return n, ""
}

// outside is a detail that names what a number may be.
func outside(r rules) string {
	if r.high == maxInt {
		return fault.Limit("too_small", r.low)
	}
	return fault.Limit("out_of_range", r.low, r.high)
}

func requiredIf(r rules) string {
	if r.required {
		return "required"
	}
	return ""
}

func isDigits(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// toBool takes true and false and the words that forms have for them; an empty
// text is false.
func toBool(v any) (bool, string) {
	s, ok := scalar(v)
	if !ok {
		return false, "not_a_boolean"
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1", "on", "t", "yes":
		return true, ""
	case "false", "0", "off", "f", "no", "":
		return false, ""
	}
	return false, "not_a_boolean"
}

// toList takes a list of texts, or one text. Blank ones are left out: a form
// can say "no labels" only with an empty text.
func toList(v any, r rules) ([]string, string) {
	var items []any
	switch v := v.(type) {
	case []any:
		items = v
	case repeated:
		for _, s := range v {
			items = append(items, s)
		}
	case string:
		items = []any{v}
	default:
		return nil, "not_a_list"
	}
	if len(items) > maxItems {
		return nil, fault.Limit("too_many", maxItems)
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, detail := toText(item, rules{max: r.max, enum: r.enum, detail: r.detail})
		if detail != "" {
			return nil, detail
		}
		if strings.TrimSpace(s) != "" {
			list = append(list, s)
		}
	}
	return list, ""
}

// toObject takes an object, or one written as JSON in a form's text. Its
// numbers are what a database gives back: float64.
func toObject(v any) (map[string]any, string) {
	if s, ok := v.(string); ok {
		if strings.TrimSpace(s) == "" {
			return nil, ""
		}
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var object map[string]any
		if d.Decode(&object) != nil || d.More() {
			return nil, "not_an_object"
		}
		v = object
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, "not_an_object"
	}
	clean, detail := toAnything(object)
	if detail != "" {
		return nil, detail
	}
	return clean.(map[string]any), ""
}

// toAnything takes any JSON within the limits of an object.
func toAnything(v any) (any, string) {
	w := walk{bytes: maxObjectBytes}
	out := w.copy(v, 0)
	return out, w.detail
}

// walk copies JSON and ends at the first thing that is not allowed.
type walk struct {
	bytes  int // still allowed
	nodes  int
	detail string
}

func (w *walk) copy(v any, depth int) any {
	if w.nodes++; w.nodes > maxObjectNodes || w.bytes < 0 {
		w.refuse(fault.Limit("too_large", maxObjectBytes))
	}
	if w.detail != "" {
		return nil
	}
	switch v := v.(type) {
	case string:
		w.text(v)
		return v
	case json.Number:
		w.bytes -= len(v)
		f, err := v.Float64()
		if err != nil { // would be stored and could never be read again
			w.refuse("not_a_number")
		}
		return f
	case repeated:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return w.copy(list, depth)
	case []any:
		return w.list(v, depth+1)
	case map[string]any:
		return w.object(v, depth+1)
	case nil, bool:
		w.bytes -= 5
		return v
	}
	w.refuse("not_allowed") // a file
	return nil
}

func (w *walk) list(v []any, depth int) any {
	w.enter(depth)
	out := make([]any, len(v))
	for i, item := range v {
		if out[i] = w.copy(item, depth); w.detail != "" {
			return nil
		}
	}
	return out
}

func (w *walk) object(v map[string]any, depth int) any {
	w.enter(depth)
	out := make(map[string]any, len(v))
	for key, item := range v {
		w.text(key)
		if out[key] = w.copy(item, depth); w.detail != "" {
			return nil
		}
	}
	return out
}

func (w *walk) enter(depth int) {
	w.bytes -= 2
	if depth > maxObjectDepth {
		w.refuse(fault.Limit("too_deep", maxObjectDepth))
	}
}

func (w *walk) text(s string) {
	w.bytes -= len(s) + 3
	if w.bytes < 0 {
		w.refuse(fault.Limit("too_large", maxObjectBytes))
	} else if detail := checkText(s); detail != "" {
		w.refuse(detail)
	}
}

func (w *walk) refuse(detail string) {
	if w.detail == "" {
		w.detail = detail
	}
}
