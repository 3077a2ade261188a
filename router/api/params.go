package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"relevo/router/fault"
)

// params is everything that a request says beside its path and headers: query
// and body in one, as the callers of this dialect expect. The body wins.
type params map[string]any

// repeated is a name that a form or query gives more than once. A list takes
// all of it, anything else the last.
type repeated []string

// maxNesting limits names like "a[b][c]".
const maxNesting = 10

// readParams reads query and body. It fails with fault.Malformed or
// fault.TooLarge.
func readParams(r *http.Request, wrap string) (params, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.Malformed.Wrap(err)
	}
	p := params{}
	p.addForm(query)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Body != nil {
		if err := p.addBody(r); err != nil {
			return nil, err
		}
	}
	if inner, ok := p[wrap].(map[string]any); ok && wrap != "" {
		maps.Copy(p, inner)
	}
	return p, nil
}

func (p params) addBody(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		return p.addMultipart(r)
	case "application/x-www-form-urlencoded":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return unreadable(err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return unreadable(err)
		}
		p.addForm(form)
		return nil
	}
	return p.addJSON(r.Body) // whatever it calls itself
}

// addMultipart takes the texts of a multipart body, and its files as lists of
// *multipart.FileHeader, which no type takes but Files.
func (p params) addMultipart(r *http.Request) error {
	form, err := readMultipart(r)
	if err != nil {
		return err
	}
	p.addForm(form.Value)
	for name, files := range form.File {
		path, _ := splitName(name)
		p.put(path, files)
	}
	return nil
}

func (p params) addJSON(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return unreadable(err)
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil
	}
	if !utf8.Valid(body) { // encoding/json would put replacement characters in its place
		return fault.Malformed.Wrap(errors.New("body is not UTF-8"))
	}
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return fault.Malformed.Wrap(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fault.Malformed.Wrap(errors.New("text after the JSON object"))
	}
	maps.Copy(p, object)
	return nil
}

func (p params) addForm(form url.Values) {
	for name, values := range form {
		path, list := splitName(name)
		if list || len(values) > 1 {
			p.put(path, repeated(values))
		} else {
			p.put(path, values[0])
		}
	}
}

// put sets the value at a path of names, making the objects on the way.
func (p params) put(path []string, v any) {
	at := map[string]any(p)
	for _, key := range path[:len(path)-1] {
		next, ok := at[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[key] = next
		}
		at = next
	}
	at[path[len(path)-1]] = v
}

// splitName reads "a[b][c][]" as the path a, b, c of a list. A name that is
// not made like that is one key.
func splitName(name string) (path []string, list bool) {
	rest, list := strings.CutSuffix(name, "[]")
	head, tail, nested := strings.Cut(rest, "[")
	path = []string{head}
	for nested {
		key, after, closed := strings.Cut(tail, "]")
		if !closed || key == "" || len(path) == maxNesting || (after != "" && after[0] != '[') {
			return []string{name}, false
		}
		path = append(path, key)
		tail, nested = strings.CutPrefix(after, "[")
	}
	return path, list
}

// unreadable tells a body that is too large from one that is broken.
func unreadable(err error) error {
	if body, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return fault.TooLarge.With("limit", body.Limit).Wrap(err)
	}
	return fault.Malformed.Wrap(err)
}
