package flow

import (
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/invopop/jsonschema"
)

// The agent's signs that a person is needed.
const (
	SignalLiveAgent = "live_agent_handoff" // the matched intent is marked so
	SignalPayload   = "payload"            // a custom payload with the action handoff
	SignalAction    = "action"             // the intent's action has this name
	SignalIntent    = "intent"             // the intent has this display name
	SignalContext   = "context"            // an output context has this name
)

var (
	plainSignals = []string{SignalLiveAgent, SignalPayload}
	namedSignals = []string{SignalAction, SignalIntent, SignalContext}
)

// Signal is one entry of Limits.On. Name is empty for SignalLiveAgent and
// SignalPayload.
type Signal struct{ Kind, Name string }

// String is how triggers and logs show the signal.
func (s Signal) String() string {
	if s.Name == "" {
		return s.Kind
	}
	return s.Kind + ":" + s.Name
}

// MarshalYAML writes the signal as Parse reads it.
func (s Signal) MarshalYAML() (any, error) {
	if s.Name == "" {
		return s.Kind, nil
	}
	return yaml.MapSlice{{Key: s.Kind, Value: s.Name}}, nil
}

// JSONSchema describes a signal for editors.
func (Signal) JSONSchema() *jsonschema.Schema {
	plain := &jsonschema.Schema{Type: "string"}
	for _, name := range plainSignals {
		plain.Enum = append(plain.Enum, name)
	}
	either := []*jsonschema.Schema{plain}
	for _, name := range namedSignals {
		props := jsonschema.NewProperties()
		props.Set(name, &jsonschema.Schema{Type: "string"})
		either = append(either, &jsonschema.Schema{Type: "object", Properties: props,
			Required: []string{name}, AdditionalProperties: jsonschema.FalseSchema})
	}
	return &jsonschema.Schema{OneOf: either}
}

func (s *Signal) decode(d *decoder, node ast.Node, key string) {
	switch pairs, isMap := d.pairs(node); {
	case isMap && len(pairs) == 1:
		s.decodeNamed(d, pairs[0], key)
	case isMap:
		d.report(node, key, "needs exactly one of "+strings.Join(namedSignals, ", "))
	default:
		d.text(node, key, &s.Kind)
		d.oneOf(node, key, s.Kind, plainSignals)
	}
}

func (s *Signal) decodeNamed(d *decoder, p pair, key string) {
	s.Kind = p.name
	d.oneOf(p.at, key, p.name, namedSignals)
	d.text(p.value, key+"."+p.name, &s.Name)
	if strings.TrimSpace(s.Name) == "" || len(s.Name) > 250 {
		d.report(p.value, key+"."+p.name, "needs a name of 1 to 250 bytes")
	}
}
