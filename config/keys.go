package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// key is one field of a section, as its tags tell it.
type key struct {
	name  string
	index int
	typ   reflect.Type
	enum  []string // the values it may have; nil when free
}

// keysOf returns the keys of a section in the order of its struct.
func keysOf(section reflect.Type) []key {
	var keys []key
	for i := range section.NumField() {
		f := section.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		k := key{name: name, index: i, typ: f.Type}
		for part := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
			if value, ok := strings.CutPrefix(part, "enum="); ok {
				k.enum = append(k.enum, value)
			}
		}
		keys = append(keys, k)
	}
	return keys
}

func names(keys []key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.name
	}
	return list
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isSection reports whether values of t are mappings with keys of their own.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textUnmarshaler)
}

// setText sets a value from text, as written in the file or the environment.
// Its errors complete the sentence that begins with the key.
func setText(into reflect.Value, k key, text string) error {
	if u, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch into.Kind() {
	case reflect.String:
		if k.enum != nil && !slices.Contains(k.enum, text) {
			return fmt.Errorf("must be one of %s, not %q", strings.Join(k.enum, ", "), clip(text))
		}
		into.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("must be a whole number, not %q", clip(text))
		}
		into.SetInt(int64(n))
	case reflect.Bool:
		switch strings.TrimSpace(text) {
		case "true":
			into.SetBool(true)
		case "false":
			into.SetBool(false)
		default:
			return fmt.Errorf("must be true or false, not %q", clip(text))
		}
	case reflect.Slice: // of strings, in one variable
		list := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		into.Set(reflect.ValueOf(list))
	default:
		panic("config: no way to write a " + into.Type().String())
	}
	return nil
}

// clip shortens a value that is shown in a problem.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
