package openapi

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/invopop/jsonschema"
)

// shapes collects the schemas of types that have a name.
type shapes struct {
	named   map[string]*jsonschema.Schema
	types   map[string]reflect.Type // that took the names
	problem error                   // the first
}

func newShapes() *shapes {
	return &shapes{named: map[string]*jsonschema.Schema{}, types: map[string]reflect.Type{}}
}

// enumerated is a type of few values.
type enumerated interface{ Enum() []any }

// either is an api.Either of anything.
type either interface{ Variants() (a, b any) }

// of returns the schema of what encoding/json makes of a value of type t that
// is not nil: additional properties are none, and every field is there but
// those that may be left out.
func (s *shapes) of(t reflect.Type) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		return s.of(t.Elem())
	}
	switch v := reflect.Zero(t).Interface().(type) {
	case time.Time:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case enumerated:
		kind := "string"
		if t.Kind() != reflect.String {
			kind = "integer"
		}
		return &jsonschema.Schema{Type: kind, Enum: v.Enum()}
	case either:
		a, b := v.Variants()
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s.of(reflect.TypeOf(a)), s.of(reflect.TypeOf(b))}}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &jsonschema.Schema{Type: "integer"}
	case reflect.Float64:
		return &jsonschema.Schema{Type: "number"}
	case reflect.String:
		return &jsonschema.Schema{Type: "string"}
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: s.of(t.Elem())}
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: s.of(t.Elem())}
	case reflect.Interface:
		return &jsonschema.Schema{Extras: map[string]any{}} // anything
	case reflect.Struct:
		return s.structure(t)
	}
	s.refuse("the API document knows no %s", t)
	return &jsonschema.Schema{}
}

func (s *shapes) refuse(format string, args ...any) {
	if s.problem == nil {
		s.problem = fmt.Errorf(format, args...)
	}
}

// structure returns the schema of a struct, a reference if it has a name.
func (s *shapes) structure(t reflect.Type) *jsonschema.Schema {
	name := nameOf(t)
	if name == "" {
		return s.object(t)
	}
	if other, taken := s.types[name]; !taken {
		s.types[name] = t
		s.named[name] = &jsonschema.Schema{} // ends a type that holds itself
		s.named[name] = s.object(t)
	} else if other != t {
		s.refuse("both %s and %s are called %s in the API document", t, other, name)
	}
	return referenceTo(name)
}

func (s *shapes) object(t reflect.Type) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || f.Anonymous && name == "" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := strings.Contains(options, "omit")
		out.Properties.Set(name, s.field(f, optional))
		if !optional {
			out.Required = append(out.Required, name)
		}
	}
	return out
}

// field returns the schema of a field. What is never left out is null where it
// is nil.
func (s *shapes) field(f reflect.StructField, optional bool) *jsonschema.Schema {
	shape := s.of(f.Type)
	if words := f.Tag.Get("enum"); words != "" {
		for word := range strings.SplitSeq(words, ",") {
			shape.Enum = append(shape.Enum, word)
		}
	}
	if format := f.Tag.Get("format"); format != "" {
		shape.Format = format
	}
	_, choice := reflect.Zero(f.Type).Interface().(either)
	if !optional && (f.Type.Kind() == reflect.Pointer || choice) {
		shape = orNull(shape)
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		shape.Description = doc
	}
	return shape
}

// orNull returns a schema that allows null, too.
func orNull(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Type == "" || s.Enum != nil {
		null := &jsonschema.Schema{Type: "null"}
		if s.AnyOf != nil {
			s.AnyOf = append(s.AnyOf, null)
			return s
		}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, null}}
	}
	s.Extras = map[string]any{"type": []string{s.Type, "null"}}
	s.Type = ""
	return s
}

func referenceTo(name string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/components/schemas/" + name}
}

// nameOf returns the name of a type in the document: agentdesk.messageJSON is
// Message, channel.messageJSON is PublicMessage.
func nameOf(t reflect.Type) string {
	name := strings.TrimSuffix(t.Name(), "JSON")
	if name == "" {
		return ""
	}
	if strings.HasSuffix(t.PkgPath(), "/channel") {
		return "Public" + title(name)
	}
	return title(name)
}
