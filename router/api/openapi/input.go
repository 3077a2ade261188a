package openapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"relevo/router/api"
)

type parameter struct {
	Name        string             `json:"name"`
	In          string             `json:"in"`
	Description string             `json:"description,omitempty"`
	Required    bool               `json:"required,omitempty"`
	Style       string             `json:"style,omitempty"`
	Explode     *bool              `json:"explode,omitempty"`
	Schema      *jsonschema.Schema `json:"schema"`
}

type requestBody struct {
	Required bool                 `json:"required,omitempty"`
	Content  map[string]mediaType `json:"content"`
}

// Path turns gin's "/files/:key/*rest" into the document's "/files/{key}/{rest}".
func Path(gin string) string {
	segments := strings.Split(gin, "/")
	for i, s := range segments {
		if isPlace(s) {
			segments[i] = "{" + s[1:] + "}"
		}
	}
	return strings.Join(segments, "/")
}

func isPlace(segment string) bool {
	return strings.HasPrefix(segment, ":") || strings.HasPrefix(segment, "*")
}

// parametersOf returns what an operation takes beside its body.
func parametersOf(op api.Operation) []parameter {
	fields := op.Fields()
	var out []parameter
	for segment := range strings.SplitSeq(op.Path, "/") {
		if !isPlace(segment) {
			continue
		}
		name := segment[1:]
		p := parameter{Name: name, In: "path", Required: true, Schema: &jsonschema.Schema{Type: "string"}}
		if i := slices.IndexFunc(fields, func(f api.Field) bool { return f.From == "path" && f.Name == name }); i >= 0 {
			p.Schema, p.Description = shapeOf(fields[i]), fields[i].Doc
		}
		if name == "account_id" {
			p.Schema, p.Description = &jsonschema.Schema{Type: "integer", Enum: []any{1}}, "There is one account"
		}
		out = append(out, p)
	}
	for _, f := range fields {
		if f.From != "header" && f.From != "query" {
			continue
		}
		p := parameter{Name: f.Name, In: f.From, Description: f.Doc, Required: f.Required, Schema: shapeOf(f)}
		if f.Type.Kind() == reflect.Slice {
			p.Name += "[]"
		}
		if f.Name == "If-Match" {
			p.Description = "The version that you saw: answered with 409 where there is a newer one"
		}
		if f.Name == "Idempotency-Key" {
			p.Description = "The same key again, with the same body, makes nothing more and answers what was made; with another it is 409"
		}
		out = append(out, p)
	}
	return out
}

// bodyOf returns the body that an operation takes; nil for none.
func (w *writer) bodyOf(op api.Operation, id string) *requestBody {
	plain := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties()}
	files := jsonschema.NewProperties()
	for _, f := range op.Fields() {
		if f.From != "json" {
			continue
		}
		if f.Type == reflect.TypeFor[api.Files]() {
			files.Set(f.Name+"[]", &jsonschema.Schema{Type: "array", Description: f.Doc,
				Items: &jsonschema.Schema{Type: "string", Extras: map[string]any{"contentMediaType": "application/octet-stream"}}})
			continue
		}
		shape := shapeOf(f)
		shape.Description = f.Doc
		plain.Properties.Set(f.Name, shape)
		if f.Required {
			plain.Required = append(plain.Required, f.Name)
		}
	}
	if plain.Properties.Len() == 0 && files.Len() == 0 {
		return nil
	}
	name := title(strings.TrimSuffix(id, "ByPut")) + "Request"
	w.shapes.named[name] = plain
	fields := referenceTo(name)
	body := &requestBody{Required: len(plain.Required) > 0, Content: jsonContent(fields)}
	if op.Wrap != "" && !slices.Contains(keysOf(plain), op.Wrap) {
		wrapped := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{op.Wrap}}
		wrapped.Properties.Set(op.Wrap, fields)
		body.Content = jsonContent(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{fields, wrapped}})
	}
	if files.Len() > 0 {
		body.Content["multipart/form-data"] = mediaType{&jsonschema.Schema{AllOf: []*jsonschema.Schema{fields, {Type: "object", Properties: files}}}}
	}
	return body
}

func keysOf(s *jsonschema.Schema) (names []string) {
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		names = append(names, p.Key)
	}
	return names
}

// shapeOf returns what a field may be, by the rules that it is bound by.
func shapeOf(f api.Field) *jsonschema.Schema {
	s := &jsonschema.Schema{}
	switch f.Type.Kind() {
	case reflect.String:
		s.Type = "string"
		limitText(s, f)
		if f.Required && f.From == "json" && len(f.Enum) == 0 {
			s.MinLength = pointer(1)
		}
	case reflect.Int, reflect.Int64:
		s.Type = "integer"
		s.Minimum, s.Maximum = number(f.Minimum), number(f.Maximum)
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Slice:
		s.Type, s.MaxItems = "array", pointer(api.MaxItems)
		s.Items = &jsonschema.Schema{Type: "string"}
		if f.Items == "integer" {
			s.Items.Type = f.Items
		} else {
			limitText(s.Items, f)
		}
	case reflect.Map:
		s.Type = "object"
	case reflect.Interface:
		s.Extras = map[string]any{} // anything
	}
	if f.Nullable {
		s = orNull(s)
	}
	return s
}

func limitText(s *jsonschema.Schema, f api.Field) {
	for _, word := range f.Enum {
		s.Enum = append(s.Enum, word)
	}
	if len(f.Enum) == 0 && f.From != "path" {
		s.MaxLength = pointer(f.MaxLength)
	}
}

func pointer(n int) *uint64 { u := uint64(n); return &u }

func number(n *int64) json.Number {
	if n == nil {
		return ""
	}
	return json.Number(strconv.FormatInt(*n, 10))
}
