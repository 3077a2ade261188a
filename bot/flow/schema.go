package flow

import (
	"reflect"

	"github.com/invopop/jsonschema"
)

// JSONSchema describes a flow for editors.
func (Flow) JSONSchema() *jsonschema.Schema {
	type plainFlow Flow // without this method
	return reflectSchema(reflect.TypeFor[plainFlow]())
}

// JSONSchema describes a step: one of the kinds.
func (Step) JSONSchema() *jsonschema.Schema {
	steps := &jsonschema.Schema{}
	for _, k := range kinds {
		steps.OneOf = append(steps.OneOf, stepSchema(k))
	}
	return steps
}

func stepSchema(k kind) *jsonschema.Schema {
	under := reflectSchema(reflect.TypeOf(k.new()).Elem())
	step := under
	if !k.inline {
		step = &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(),
			Required: []string{k.name}, AdditionalProperties: jsonschema.FalseSchema}
		if len(under.Required) == 0 { // "- handoff:" alone is enough
			under.Type, under.OneOf = "", []*jsonschema.Schema{{Type: "object"}, {Type: "null"}}
		}
		step.Properties.Set(k.name, under)
	}
	step.Properties.Set("id", &jsonschema.Schema{Type: "string", Pattern: stepID.String(), Description: "A name of the step, unique in its flow."})
	step.Properties.Set("when", &jsonschema.Schema{Type: "string", Enum: []any{InsideHours, OutsideHours},
		Description: "Do the step only while people answer by the inbox's hours, or only while they do not."})
	return step
}

func reflectSchema(t reflect.Type) *jsonschema.Schema {
	r := jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Anonymous: true, ExpandedStruct: true}
	schema := r.ReflectFromType(t)
	schema.Version = ""
	return schema
}
