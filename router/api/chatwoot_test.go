package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// contractVariable names Chatwoot's published OpenAPI document.
const contractVariable = "RELEVO_TEST_CONTRACT"

// contract is Chatwoot's published OpenAPI document.
type contract struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`

	compiler *jsonschema.Compiler
}

func chatwootContract(t *testing.T) *contract {
	t.Helper()
	path, named := os.LookupEnv(contractVariable)
	if !named {
		path = filepath.Join("..", "..", "..", "shared", "reference", "chatwoot-openapi.json")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		require.False(t, named, "%s names %s: %v", contractVariable, path, err)
		require.NoDirExists(t, filepath.Dir(path), "the folder is there, so the contract should be, too")
		t.Skipf("NOT TESTED: Chatwoot's contract is not at %s; %s names the file", path, contractVariable)
	}
	c := &contract{compiler: jsonschema.NewCompiler()}
	require.NoError(t, json.Unmarshal(text, c))
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	demandEverything(document)
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	require.NoError(t, c.compiler.AddResource("mem:///contract.json", document))
	return c
}

// demandEverything makes every property that a schema knows a required one: the
// contract marks almost none, so that "{}" would do for most answers.
func demandEverything(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, one := range s {
			demandEverything(one)
		}
	case map[string]any:
		for _, one := range s {
			demandEverything(one)
		}
		properties, ok := s["properties"].(map[string]any)
		if kind, named := s["type"].(string); !ok || named && kind != "object" {
			return
		}
		required := []any{}
		for name := range properties {
			required = append(required, name)
		}
		s["required"] = required
	}
}

// operations lists what the contract has, as "GET /api/v1/profile".
func (c *contract) operations() []string {
	var all []string
	for path, methods := range c.Paths {
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if methods[method] != nil {
				all = append(all, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(all)
	return all
}

// success returns the status that an operation promises, and the schema of its
// body, nil if it promises none.
func (c *contract) success(t *testing.T, operation string) (int, *jsonschema.Schema) {
	t.Helper()
	method, path, _ := strings.Cut(operation, " ")
	method = strings.ToLower(method)
	var o struct {
		Responses map[string]struct {
			Content map[string]any `json:"content"`
		} `json:"responses"`
	}
	require.Contains(t, c.Paths[path], method, "the contract has no %s", operation)
	require.NoError(t, json.Unmarshal(c.Paths[path][method], &o))
	for _, status := range []int{http.StatusOK, http.StatusNoContent} {
		promised, ok := o.Responses[fmt.Sprint(status)]
		if !ok {
			continue
		}
		if promised.Content["application/json"] == nil {
			return status, nil
		}
		escaped := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
		schema, err := c.compiler.Compile(fmt.Sprintf("mem:///contract.json#/paths/%s/%s/responses/%d/content/application~1json/schema", escaped, method, status))
		require.NoError(t, err, operation)
		return status, schema
	}
	require.Fail(t, "the contract promises nothing", operation)
	return 0, nil
}

// breaches returns where an answer is not as the contract promises, as
// "/payload/*/email: got null, want string", or "contact lacks email" where a
// schema with a name lacks something.
func breaches(schema *jsonschema.Schema, body string) []string {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return []string{": not JSON"}
	}
	wrong, ok := schema.Validate(value).(*jsonschema.ValidationError)
	if !ok {
		return nil
	}
	var all []string
	printer := message.NewPrinter(language.English)
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) > 0 {
			return
		}
		at := ""
		for _, key := range e.InstanceLocation {
			if _, err := strconv.Atoi(key); err == nil {
				key = "*"
			}
			at += "/" + key
		}
		switch why := e.ErrorKind.(type) {
		case *kind.Required:
			if _, name, named := strings.Cut(e.SchemaURL, "#/components/schemas/"); named {
				at = strings.TrimSuffix(innerSchema.ReplaceAllString(name, "/"), "/")
			}
			for _, name := range why.Missing {
				all = append(all, at+" lacks "+name)
			}
		case *kind.Type:
			if slices.Equal(why.Want, []string{"null"}) {
				return // one of two ways it might have been
			}
			all = append(all, at+": "+e.ErrorKind.LocalizedString(printer))
		default:
			all = append(all, at+": "+e.ErrorKind.LocalizedString(printer))
		}
	}
	walk(wrong)
	slices.Sort(all)
	return slices.Compact(all)
}

// innerSchema is what stands between the names in the address of a schema.
var innerSchema = regexp.MustCompile(`/(?:(?:properties|items|allOf/\d+)(?:/|$))+`)
