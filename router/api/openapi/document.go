package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"relevo/router/api"
	"relevo/router/fault"
)

// document is the root of an OpenAPI 3.1 document. Maps are written in the
// order of their keys, so that the same code gives the same text.
type document struct {
	OpenAPI    string                           `json:"openapi"`
	Info       info                             `json:"info"`
	Servers    []server                         `json:"servers"`
	Tags       []tag                            `json:"tags"`
	Paths      map[string]map[string]*operation `json:"paths"`
	Components components                       `json:"components"`
}

type info struct {
	Title       string  `json:"title"`
	Version     string  `json:"version"`
	Description string  `json:"description"`
	License     license `json:"license"`
}

type license struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

type server struct {
	URL string `json:"url"`
}

type tag struct {
	Name string `json:"name"`
}

type components struct {
	Schemas         map[string]*jsonschema.Schema `json:"schemas"`
	Responses       map[string]*response          `json:"responses"`
	SecuritySchemes map[string]securityScheme     `json:"securitySchemes"`
}

type securityScheme struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Name        string `json:"name,omitempty"`
	In          string `json:"in,omitempty"`
	Scheme      string `json:"scheme,omitempty"`
}

// version is the API's, not the program's: it changes when something that is
// documented goes.
const version = "1"

const about = `Relevo speaks the dialect of Chatwoot's REST API. Paths that begin with ` + "`/public/`" + ` are for customers, the others for agents and integrations.

- A body is JSON, ` + "`multipart/form-data`, `application/x-www-form-urlencoded`" + `, or empty. Its fields may stand in the query instead; the body wins.
- Numbers and booleans may be texts. A list is ` + "`labels`, `labels[]`" + ` or a JSON array.
- Where null is allowed it clears the field, and so does an empty text. A field that is not sent stays as it is.
- Unknown fields and query parameters are let through. A slash at the end of a path changes nothing.
- Times are unix seconds, 0 for never, unless their format is date-time.
- Objects without a schema of their own have at most 64 kB and 10 levels.
- Sentences are answered in English or Spanish, by ` + "`Accept-Language`" + `.`

// Build returns the document of s as indented JSON. It fails where a route
// lacks what the document must say of it.
func Build(s *api.Server) ([]byte, error) {
	d := document{
		OpenAPI: "3.1.0",
		Info:    info{"Relevo", version, about, license{"MIT", "MIT"}},
		Servers: []server{{"/"}},
		Paths:   map[string]map[string]*operation{},
		Components: components{SecuritySchemes: map[string]securityScheme{
			"token":   {Type: "apiKey", Description: "The API token of an agent or of a bot outside; Api-Access-Token is taken, too", Name: "api_access_token", In: "header"},
			"bearer":  {Type: "http", Description: "The same token", Scheme: "bearer"},
			"session": {Type: "apiKey", Description: "The session of a browser, from POST /auth/sign_in; only for pages of the same site", Name: "relevo_session", In: "cookie"},
		}},
	}
	w := writer{shapes: newShapes(), ids: idsOf(s.Operations())}
	used := map[string]bool{}
	for _, op := range slices.Concat(s.Operations(), s.Mounts()) {
		path := Path(op.Path)
		written, err := w.operation(op)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.Method, op.Path, err)
		}
		if d.Paths[path] == nil {
			d.Paths[path] = map[string]*operation{}
		}
		d.Paths[path][strings.ToLower(op.Method)] = written
		used[written.Tags[0]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		d.Tags = append(d.Tags, tag{name})
	}
	d.Components.Responses = w.failures()
	if w.shapes.problem != nil {
		return nil, w.shapes.problem
	}
	d.Components.Schemas = w.shapes.named
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the document: %w", err)
	}
	return append(text, '\n'), nil
}

// failures is an answer for each status that a fault has.
func (w *writer) failures() map[string]*response {
	codes := map[int][]any{}
	for _, f := range fault.Catalogue {
		codes[f.Status] = append(codes[f.Status], f.Code)
	}
	out := map[string]*response{}
	for status, some := range codes {
		shape := w.shapes.of(reflect.TypeFor[api.Failure]())
		shape.Properties = jsonschema.NewProperties()
		shape.Properties.Set("code", &jsonschema.Schema{Enum: some})
		r := &response{Description: http.StatusText(status), Content: jsonContent(shape)}
		if status == http.StatusTooManyRequests {
			r.Headers = map[string]header{"Retry-After": {"Seconds to wait", &jsonschema.Schema{Type: "integer"}}}
		}
		out[failureName(status)] = r
	}
	return out
}

func failureName(status int) string { return "Failure" + strconv.Itoa(status) }
