package api

import (
	"reflect"
	"strconv"
)

// Field is what a document says of one field of an operation's Input.
type Field struct {
	From string // "path", "header", "query" or "json"
	Name string
	Doc  string // the field's doc:"…"
	// Type is string, int64, bool, []string, a map, any, or Files.
	Type     reflect.Type
	Items    string // the field's items:"integer": what the texts of a list are
	Nullable bool   // null is told from a missing field
	Required bool

	MaxLength        int    // of a text, or of a list's
	Minimum, Maximum *int64 // nil: no limit
	Enum             []string
}

// MaxItems is how many a list of texts may have.
const MaxItems = maxItems

// Fields returns what the operation takes, by the rules that it is bound by.
func (o Operation) Fields() []Field {
	if o.Input == nil {
		return nil
	}
	var out []Field
	for _, f := range newBinder(o).fields {
		in := o.Input.FieldByIndex(f.index)
		shown := Field{From: f.from, Name: f.name, Doc: in.Tag.Get("doc"), Type: in.Type, Items: in.Tag.Get("items"),
			Required: f.rules.required || f.from == "path", MaxLength: f.rules.max, Enum: f.rules.enum,
			Minimum: numberOf(in.Tag, "minimum"), Maximum: numberOf(in.Tag, "maximum")}
		if inner, ok := optionalOf(in.Type); ok {
			shown.Type, shown.Nullable = inner, true
		}
		if shown.Type == reflect.TypeFor[IfMatch]() {
			shown.Type = reflect.TypeFor[string]()
		}
		out = append(out, shown)
	}
	return out
}

// optionalOf returns the T of an Optional[T].
func optionalOf(t reflect.Type) (inner reflect.Type, ok bool) {
	if !reflect.PointerTo(t).Implements(reflect.TypeFor[optional]()) {
		return nil, false
	}
	value, _ := t.FieldByName("Value")
	return value.Type, true
}

func numberOf(tag reflect.StructTag, key string) *int64 {
	n, err := strconv.ParseInt(tag.Get(key), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}
