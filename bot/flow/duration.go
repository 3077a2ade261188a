package flow

import (
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/invopop/jsonschema"
)

// Silences shorter than this are normal typing; longer than that is a
// conversation that nobody remembers.
const (
	minIdle = time.Minute
	maxIdle = 30 * 24 * time.Hour
)

// Duration is a length of time, written as 90s, 15m or 2h30m.
type Duration time.Duration

// MarshalYAML writes the duration as Parse reads it.
func (d Duration) MarshalYAML() (any, error) { return time.Duration(d).String(), nil }

// JSONSchema describes a duration for editors.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(h|m|s))+$`, Examples: []any{"15m", "2h30m"}}
}

func (d *Duration) decode(dec *decoder, node ast.Node, key string) {
	var text string
	if !dec.text(node, key, &text) {
		return
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		dec.report(node, key, `is not a length of time; write it as 90s, 15m or 2h30m`)
		return
	}
	if length < minIdle || length > maxIdle {
		dec.report(node, key, "must be between 1m and 720h")
		return
	}
	*d = Duration(length)
}
