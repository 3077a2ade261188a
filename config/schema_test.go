package config

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// violations holds a document to a schema. It knows the keywords that our
// schemas use and fails on any other, so that none is passed over.
func violations(t *testing.T, schema map[string]any, value any, path string) (found []string) {
	t.Helper()
	bad := func(format string, args ...any) { found = append(found, path+": "+fmt.Sprintf(format, args...)) }
	for keyword, rule := range schema {
		switch keyword {
		case "$schema", "title", "description", "default", "examples", "additionalProperties":
		case "type":
			if !isType(rule.(string), value) {
				bad("is no %s", rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				bad("is none of %v", rule)
			}
		case "pattern":
			if text, ok := value.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(text) {
				bad("does not match %s", rule)
			}
		case "minLength", "maxLength":
			if text, ok := value.(string); ok && outside(keyword, float64(len([]rune(text))), rule.(float64)) {
				bad("%s", keyword)
			}
		case "minItems", "maxItems":
			if list, ok := value.([]any); ok && outside(keyword, float64(len(list)), rule.(float64)) {
				bad("%s", keyword)
			}
		case "minimum", "maximum":
			if number, ok := value.(float64); ok && outside(keyword, number, rule.(float64)) {
				bad("%s", keyword)
			}
		case "items":
			list, _ := value.([]any)
			for i, item := range list {
				found = append(found, violations(t, rule.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i))...)
			}
		case "required":
			object, isObject := value.(map[string]any)
			for _, name := range rule.([]any) {
				if _, ok := object[name.(string)]; isObject && !ok {
					bad("lacks %s", name)
				}
			}
		case "properties":
			object, _ := value.(map[string]any)
			for name, inner := range object {
				if property, ok := rule.(map[string]any)[name]; ok {
					found = append(found, violations(t, property.(map[string]any), inner, join(path, name))...)
				} else if schema["additionalProperties"] == false {
					bad("has an unknown key %s", name)
				}
			}
		case "oneOf":
			fits := 0
			for _, one := range rule.([]any) {
				if len(violations(t, one.(map[string]any), value, path)) == 0 {
					fits++
				}
			}
			if fits != 1 {
				bad("fits %d of the alternatives", fits)
			}
		default:
			t.Fatalf("the schema uses %q, which this test does not know", keyword)
		}
	}
	return found
}

func outside(keyword string, n, bound float64) bool {
	if keyword[:3] == "min" {
		return n < bound
	}
	return n > bound
}

func isType(name string, value any) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case bool:
		return name == "boolean"
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

// check holds YAML to the schema of the configuration.
func check(t *testing.T, source []byte) []string {
	t.Helper()
	var schema map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	asJSON, err := yaml.YAMLToJSON(source)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(asJSON, &value))
	return violations(t, schema, value, "")
}

func TestTheSchemaTakesWhatLoadTakes(t *testing.T) {
	require.Empty(t, check(t, Example))
	require.Empty(t, check(t, Demo))
	require.Empty(t, check(t, []byte("flows:\n  - file: soporte.yaml\n")))
}

func TestTheSchemaRefusesWhatLoadRefuses(t *testing.T) {
	for _, source := range []string{
		"sever: {}",
		"server: {prot: 1}",
		"server: {read_header_timeout: 5}",
		"server: {read_header_timeout: 5 parsecs}",
		"server: {body_limit: 1000}",
		"server: {nodes: 0}",
		"server: 8080",
		"database: {driver: mysql}",
		"teams: [{description: x}]",
		"inboxes: [{name: x}]",
		"inboxes: [{identifier: a, locale: fr}]",
		"inboxes: [{identifier: a b}]",
		"inboxes: [{identifier: a, debounce: {windw: 1s}}]",
		"bots: [{name: a, project: b}]",
		"flows: [{file: a, name: b}]",
		"flows: [{name: a, steps: [{shout: x}]}]",
	} {
		require.NotEmpty(t, check(t, []byte(source)), source)
		_, err := Parse("x.yaml", []byte(source), nil)
		require.Error(t, err, source)
	}
}

func TestTheSchemaIsOfItsDraftAndSaysDefaults(t *testing.T) {
	var schema struct {
		Schema     string `json:"$schema"`
		Properties map[string]struct {
			Description string
			Properties  map[string]struct{ Default any }
			Items       struct {
				Properties map[string]struct{ Default any }
			}
		}
	}
	require.NoError(t, json.Unmarshal(Schema(), &schema))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema.Schema)
	require.Equal(t, "127.0.0.1:8080", schema.Properties["server"].Properties["listen"].Default)
	require.Equal(t, "30s", schema.Properties["worker"].Properties["lease"].Default)
	require.Equal(t, "9s", schema.Properties["bots"].Items.Properties["timeout"].Default)
	require.Equal(t, "What customers may send, counted in each process. 0 means no limit.", schema.Properties["limits"].Description)
}
