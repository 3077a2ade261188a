// Package apitest holds what a server answers in tests to its API document.
package apitest

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"relevo/router/api"
)

// Checked returns what serves s, for tests: every answer is held to the API
// document of s, and one that the document does not allow fails the test. Make
// it when all routes are added.
func Checked(t testing.TB, s *api.Server) http.Handler {
	t.Helper()
	d, err := documentOf(s)
	if err != nil {
		t.Fatalf("the API document: %v", err)
	}
	next := s.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		witness := &witness{ResponseWriter: w, status: http.StatusOK}
		method, path := r.Method, r.URL.Path
		next.ServeHTTP(witness, r)
		if witness.hijacked || r.Context().Err() != nil {
			return // a WebSocket, or nobody listens any more
		}
		if err := d.check(method, path, witness); err != nil {
			t.Errorf("%s %s was answered with %d, which the API document does not allow: %v\n%s", method, path, witness.status, err, witness.text())
		}
	})
}

// witness notes what is answered.
type witness struct {
	http.ResponseWriter

	mu       sync.Mutex
	status   int
	body     bytes.Buffer // of JSON
	written  bool         // anything
	sniffed  string       // the content type that net/http gives what has none
	hijacked bool
}

// WriteHeader notes the status.
func (w *witness) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the body if it is JSON.
func (w *witness) Write(b []byte) (int, error) {
	w.mu.Lock()
	if len(b) > 0 && !w.written {
		w.written, w.sniffed = true, http.DetectContentType(b)
	}
	if w.kind() == jsonType {
		w.body.Write(b)
	}
	w.mu.Unlock()
	return w.ResponseWriter.Write(b)
}

const jsonType = "application/json"

// kind is the content type, "" for none.
func (w *witness) kind() string {
	kind, _, _ := mime.ParseMediaType(cmp.Or(w.Header().Get("Content-Type"), w.sniffed))
	return kind
}

func (w *witness) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.body.String()
}

// Flush sends what was written.
func (w *witness) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Hijack hands the connection over.
func (w *witness) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.hijacked = true
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// routes are the paths that are served, cut at their slashes.
type routes [][]string

func routesOf(s *api.Server) routes {
	var out routes
	for _, r := range s.Routes() {
		out = append(out, strings.Split(r.Path, "/"))
	}
	slices.SortFunc(out, func(a, b []string) int { // words before places
		for i := range min(len(a), len(b)) {
			if p, q := isPlace(a[i]), isPlace(b[i]); p != q {
				if q {
					return -1
				}
				return 1
			}
		}
		return len(b) - len(a)
	})
	return out
}

func isPlace(segment string) bool {
	return segment != "" && strings.ContainsRune(":*", rune(segment[0]))
}

// of returns the route that a request's path is of, in gin's syntax; "" for
// none.
func (r routes) of(path string) string {
	asked := strings.Split("/"+strings.Trim(path, "/"), "/")
	for _, route := range r {
		if fits(route, asked) {
			return strings.Join(route, "/")
		}
	}
	return ""
}

func fits(route, asked []string) bool {
	for i, segment := range route {
		if strings.HasPrefix(segment, "*") {
			return true
		}
		if i >= len(asked) || !isPlace(segment) && segment != asked[i] || isPlace(segment) && asked[i] == "" {
			return false
		}
	}
	return len(route) == len(asked)
}

// decode reads JSON as the validator wants it.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	return v, d.Decode(&v)
}
