package apitest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"relevo/router/api"
	"relevo/router/api/openapi"
)

// document is an API document that answers are held to.
type document struct {
	routes routes
	root   map[string]any

	mu       *sync.Mutex // of what follows, which servers with one document share
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

const address = "mem:///openapi.json"

var (
	known   = map[string]*document{} // by their text
	knownMu sync.Mutex
)

func documentOf(s *api.Server) (*document, error) {
	text, err := openapi.Build(s)
	if err != nil {
		return nil, err
	}
	knownMu.Lock()
	defer knownMu.Unlock()
	if d := known[string(text)]; d != nil {
		return d, nil
	}
	root, err := decode(text)
	if err != nil {
		return nil, err
	}
	d := &document{routes: routesOf(s), root: root.(map[string]any), mu: &sync.Mutex{}, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(address, root); err != nil {
		return nil, err
	}
	known[string(text)] = d
	return d, nil
}

// at returns what stands at a place in the document; nil for nothing.
func (d *document) at(place ...string) map[string]any {
	here := d.root
	for _, key := range place {
		here, _ = here[key].(map[string]any)
	}
	return here
}

// check returns why the document does not allow an answer.
func (d *document) check(method, path string, w *witness) error {
	place := d.answer(method, path, w.status)
	written := d.at(place...)
	if written == nil {
		return errors.New("there is no such answer")
	}
	content, _ := written["content"].(map[string]any)
	if method == http.MethodHead {
		return nil
	}
	if len(content) == 0 {
		if w.written {
			return fmt.Errorf("it has no body, and this one is %q", w.kind())
		}
		return nil
	}
	kind := w.kind()
	if content[kind] == nil && content["*/*"] == nil {
		return fmt.Errorf("it is not %q", kind)
	}
	if kind != jsonType || content[kind] == nil {
		return nil
	}
	media, _ := content[kind].(map[string]any)
	if media["schema"] == nil {
		return nil
	}
	return d.hold(append(place, "content", kind, "schema"), []byte(w.text()))
}

// answer returns the place of an answer in the document, wherever it refers to.
func (d *document) answer(method, path string, status int) []string {
	route := d.routes.of(path)
	operation := []string{"paths", openapi.Path(route), strings.ToLower(method)}
	if method == http.MethodHead && d.at(operation...) == nil {
		operation[2] = "get"
	}
	if d.at(operation...) == nil { // not served, which is said like any failure
		if route == "" && status == http.StatusNotFound || route != "" && status == http.StatusMethodNotAllowed {
			return []string{"components", "responses", "Failure" + strconv.Itoa(status)}
		}
		return []string{"nowhere"}
	}
	place := append(operation, "responses", strconv.Itoa(status))
	if reference, ok := d.at(place...)["$ref"].(string); ok {
		return strings.Split(strings.TrimPrefix(reference, "#/"), "/")
	}
	return place
}

// hold validates a body against the schema at a place.
func (d *document) hold(place []string, body []byte) error {
	value, err := decode(body)
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	var pointer strings.Builder
	for _, key := range place {
		pointer.WriteString("/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(key)))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	schema := d.compiled[pointer.String()]
	if schema == nil {
		if schema, err = d.compiler.Compile(address + "#" + pointer.String()); err != nil {
			return err
		}
		d.compiled[pointer.String()] = schema
	}
	return schema.Validate(value)
}
