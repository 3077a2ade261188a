package openapi

import (
	"cmp"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/invopop/jsonschema"

	"relevo/router/api"
	"relevo/router/fault"
)

type operation struct {
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	OperationID string                `json:"operationId,omitempty"`
	Security    []map[string][]string `json:"security"`
	Callers     api.Access            `json:"x-callers,omitempty"` // who may call
	Parameters  []parameter           `json:"parameters,omitempty"`
	RequestBody *requestBody          `json:"requestBody,omitempty"`
	Responses   map[string]*response  `json:"responses"`
}

type response struct {
	Ref         string               `json:"$ref,omitempty"`
	Description string               `json:"description,omitempty"`
	Headers     map[string]header    `json:"headers,omitempty"`
	Content     map[string]mediaType `json:"content,omitempty"`
}

type header struct {
	Description string             `json:"description"`
	Schema      *jsonschema.Schema `json:"schema"`
}

type mediaType struct {
	Schema *jsonschema.Schema `json:"schema,omitempty"`
}

func jsonContent(s *jsonschema.Schema) map[string]mediaType {
	return map[string]mediaType{"application/json": {s}}
}

// writer writes operations; what several of them name is collected in shapes.
type writer struct {
	shapes *shapes
	ids    map[string]string // by method and path
}

func (w *writer) operation(op api.Operation) (*operation, error) {
	if op.Summary == "" {
		return nil, errors.New("api.Operation.Summary is missing, for the API document")
	}
	out := &operation{Tags: []string{tagOf(op.Path)}, Summary: op.Summary, Description: op.Description, Responses: map[string]*response{}}
	if op.Output == nil {
		return out, w.mounted(op, out)
	}
	out.OperationID = w.ids[op.Method+op.Path]
	if strings.HasPrefix(out.OperationID, "func") {
		return nil, errors.New("api.Operation.Name is missing: its function has none")
	}
	out.Security, out.Callers = securityOf(op.Access), op.Access
	out.Parameters = parametersOf(op)
	out.RequestBody = w.bodyOf(op, out.OperationID)
	out.Responses["200"] = w.success(op)
	for _, status := range statusesOf(op) {
		out.Responses[strconv.Itoa(status)] = &response{Ref: "#/components/responses/" + failureName(status)}
	}
	return out, nil
}

// mounted writes what is served beside the typed operations.
func (w *writer) mounted(op api.Operation, out *operation) error {
	out.Parameters = parametersOf(op)
	out.Security = []map[string][]string{}
	if op.Method != http.MethodOptions && op.Method != http.MethodHead {
		if op.Name == "" {
			return errors.New("api.Operation.Name is missing, for the API document")
		}
		out.OperationID = op.Name
	}
	if len(op.Answers) == 0 {
		return errors.New("api.Operation.Answers is missing, for the API document")
	}
	for _, a := range op.Answers {
		r := &response{Description: a.Meaning}
		switch {
		case op.Method == http.MethodHead || a.Type == "":
		case a.Body != nil:
			r.Content = jsonContent(w.shapes.of(a.Body))
		default:
			r.Content = map[string]mediaType{a.Type: {}}
		}
		out.Responses[strconv.Itoa(a.Status)] = r
	}
	return nil
}

// success is the answer of a typed operation.
func (w *writer) success(op api.Operation) *response {
	out, t := &response{Description: "Done"}, op.Output
	if t == reflect.TypeFor[api.Download]() {
		kind, _, _ := strings.Cut(op.Download, ";")
		out.Content = map[string]mediaType{kind: {}}
		return out
	}
	if t == reflect.TypeFor[api.Empty]() {
		return out
	}
	shape := w.shapes.of(t)
	if _, choice := reflect.Zero(t).Interface().(either); choice {
		shape = orNull(shape)
	}
	out.Content = jsonContent(shape)
	if t.Implements(reflect.TypeFor[api.Versioned]()) {
		out.Headers = map[string]header{"ETag": {"The conversation's version, for If-Match", &jsonschema.Schema{Type: "string"}}}
	}
	if t.Implements(reflect.TypeFor[api.Cookied]()) {
		out.Headers = map[string]header{"Set-Cookie": {"The session", &jsonschema.Schema{Type: "string"}}}
	}
	return out
}

// statusesOf returns the failures that an operation may answer.
func statusesOf(op api.Operation) []int {
	reads := op.Method == http.MethodGet
	var out []int
	for _, f := range fault.Catalogue {
		switch f.Status {
		case http.StatusMethodNotAllowed:
			continue // no operation at all
		case http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge:
			if reads {
				continue
			}
		case http.StatusNotFound:
			if !strings.Contains(op.Path, ":") {
				continue
			}
		}
		if !slices.Contains(out, f.Status) {
			out = append(out, f.Status)
		}
	}
	return out
}

// securityOf returns what callers show: any one of these. A visitor's token
// stands in the path.
func securityOf(who api.Access) []map[string][]string {
	if who.Allows(api.Somebody) || who.Allows(api.Visitor) {
		return []map[string][]string{}
	}
	return []map[string][]string{{"token": {}}, {"bearer": {}}, {"session": {}}}
}

// idsOf names every operation, each by another name: customers' begin with
// "public", and PUT where PATCH is there, too, ends with "ByPut".
func idsOf(operations []api.Operation) map[string]string {
	out, seen := map[string]string{}, map[string]bool{}
	sorted := slices.SortedStableFunc(slices.Values(operations), func(a, b api.Operation) int { return cmp.Compare(a.Method, b.Method) })
	for _, op := range sorted { // PATCH before PUT
		id := op.Name
		if strings.HasPrefix(op.Path, "/public/") {
			id = "public" + title(id)
		}
		if seen[id] {
			id += "By" + title(strings.ToLower(op.Method))
		}
		seen[id], out[op.Method+op.Path] = true, id
	}
	return out
}

// title returns s with a capital letter.
func title(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

const accountPath = "/api/v1/accounts/:account_id"

// tagOf returns the noun that an operation is about.
func tagOf(path string) string {
	public, isPublic := strings.CutPrefix(path, "/public/api/v1/inboxes/:inbox_identifier")
	if isPublic {
		noun := "inbox"
		for _, segment := range strings.Split(public, "/") {
			if segment == "contacts" || segment == "conversations" || segment == "messages" {
				noun = segment
			}
		}
		return "Customers: " + noun
	}
	if report, ok := strings.CutPrefix(path, "/api/v2/accounts/:account_id/"); ok {
		path = strings.TrimPrefix(report, "summary_")
	}
	path = strings.TrimPrefix(strings.TrimPrefix(path, accountPath), "/api/v1")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	noun := segments[0]
	switch {
	case noun == "":
		noun = "account"
	case noun == "conversations" && slices.Contains(segments, "messages"):
		noun = "messages"
	case noun == "actions":
		noun = "contacts"
	case noun == "realtime_token":
		noun = "realtime"
	case noun == "api" || noun == "healthz" || noun == "readyz" || noun == "docs":
		noun = "server"
	case noun == "auth":
		noun = "sessions"
	case noun == "inbox_members" || noun == "assignable_agents":
		noun = "inboxes"
	}
	return title(strings.ReplaceAll(noun, "_", " "))
}
