package config

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"

	"github.com/invopop/jsonschema"

	"relevo/bot/flow"
)

// Schema returns the JSON Schema (draft 2020-12) of relevo.yaml, for editors.
// Its descriptions are the comments of Example, so that they are written once.
func Schema() []byte {
	comments := commentsOf(Example)
	sections := map[reflect.Type]string{}
	findSections(reflect.TypeFor[Config](), "", sections)
	r := jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		DoNotReference:             true,
		ExpandedStruct:             true,
		Anonymous:                  true,
		Mapper:                     flowSchema,
		LookupComment: func(t reflect.Type, field string) string {
			path, known := sections[t]
			if !known || field == "" {
				return ""
			}
			f, _ := t.FieldByName(field)
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			return comments[join(path, name)]
		},
	}
	schema := r.Reflect(&Config{})
	schema.Title = "relevo.yaml"
	setDefaults(schema, reflect.ValueOf(*Default()))
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("config: the schema cannot be written: " + err.Error()) // it holds nothing but our own words
	}
	return append(text, '\n')
}

// findSections notes the path of every type that is a section: "server",
// "inboxes", "inboxes.debounce".
func findSections(t reflect.Type, path string, into map[reflect.Type]string) {
	into[t] = path
	for _, k := range keysOf(t) {
		inner := k.typ
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if isSection(inner) {
			findSections(inner, join(path, k.name), into)
		}
	}
}

// flowSchema lets an entry of flows be a file too.
func flowSchema(t reflect.Type) *jsonschema.Schema {
	if t != reflect.TypeFor[*flow.Flow]() && t != reflect.TypeFor[flow.Flow]() {
		return nil
	}
	file := jsonschema.NewProperties()
	file.Set("file", &jsonschema.Schema{Type: "string", Description: "The file that holds the flow, from the folder of this one."})
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "object", Properties: file, Required: []string{"file"}, AdditionalProperties: jsonschema.FalseSchema},
		flow.Flow{}.JSONSchema(),
	}}
}

// setDefaults writes the values of a section as its keys' defaults. Entries of
// lists take them from their setDefaults.
func setDefaults(schema *jsonschema.Schema, section reflect.Value) {
	for _, k := range keysOf(section.Type()) {
		property, ok := schema.Properties.Get(k.name)
		if !ok {
			continue
		}
		value := section.Field(k.index)
		switch {
		case isSection(k.typ):
			setDefaults(property, value)
		case k.typ.Kind() == reflect.Slice && isSection(k.typ.Elem()):
			one := reflect.New(k.typ.Elem())
			if preset, ok := one.Interface().(interface{ setDefaults() }); ok {
				preset.setDefaults()
			}
			setDefaults(property.Items, one.Elem())
		case k.typ.Kind() != reflect.Pointer && k.name != "flows" && !value.IsZero():
			property.Default = value.Interface()
		}
	}
}

var (
	exampleKey     = regexp.MustCompile(`^( *)#?(- )?([a-z_]+):`)
	exampleComment = regexp.MustCompile(`^ *# (.*)$`)
)

// commentsOf returns the comment above each key of an example, by its path
// without list positions: "inboxes.debounce.window". Keys that are switched
// off ("#key:") count; what stands under flows does not.
func commentsOf(example []byte) map[string]string {
	comments := map[string]string{}
	var path []string  // the keys around this line
	var columns []int  // and where they begin
	var above []string // comment lines since the last key
	for line := range strings.Lines(string(example)) {
		line = strings.TrimRight(line, "\n")
		if m := exampleComment.FindStringSubmatch(line); m != nil {
			above = append(above, m[1])
			continue
		}
		m := exampleKey.FindStringSubmatch(line)
		if m == nil {
			above = nil
			continue
		}
		column := len(m[1]) + len(m[2])
		for len(columns) > 0 && columns[len(columns)-1] >= column {
			path, columns = path[:len(path)-1], columns[:len(columns)-1]
		}
		path, columns = append(path, m[3]), append(columns, column)
		if path[0] != "flows" || len(path) == 1 {
			comments[strings.Join(path, ".")] = strings.Join(above, " ")
		}
		above = nil
	}
	return comments
}
