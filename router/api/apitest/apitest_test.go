package apitest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/fault"
)

// complaints is a test that notes why it fails.
type complaints struct {
	testing.TB
	list []string
}

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

// lying says one thing in its type and another in JSON.
type lying struct {
	Name string   `json:"name"`
	More []string `json:"more"`
}

type liar struct{ text string }

func (l liar) MarshalJSON() ([]byte, error) { return []byte(l.text), nil }

type wrapped struct {
	Thing liar `json:"thing"`
}

// An answer that the document does not allow fails the test that got it, and
// no other does.
func TestWhatTheDocumentDoesNotAllowFails(t *testing.T) {
	for _, c := range []struct{ name, path, complaint string }{
		{"as written", "/api/fine", ""},
		{"nothing at all", "/api/empty", ""},
		{"a fault", "/api/fault", ""},
		{"an unknown path", "/api/nowhere", ""},
		{"a missing list", "/api/nil", "at '/more': got null, want array"},
		{"a field that is not documented", "/api/more", "additional properties 'surprise' not allowed"},
		{"another status", "/api/teapot", "there is no such answer"},
		{"another content type", "/api/text", `it is not "text/plain"`},
		{"a body where none is", "/api/loud", "it has no body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := &complaints{TB: t}
			server := httptest.NewServer(apitest.Checked(told, served(t)))
			defer server.Close()
			req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+c.path, nil)
			require.NoError(t, err)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			server.Close()
			if c.complaint == "" {
				require.Empty(t, told.list)
				return
			}
			require.Len(t, told.list, 1)
			require.Contains(t, told.list[0], c.complaint)
		})
	}
}

func served(t *testing.T) *api.Server {
	t.Helper()
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	g := s.Group("/api", api.ForEverybody, nil)
	op := func(name string) api.Operation {
		return api.Operation{Method: "GET", Path: "/" + name, Name: name, Summary: strings.ToUpper(name)}
	}
	api.Handle(g, op("fine"), func(context.Context, *struct{}) (lying, error) { return lying{More: []string{}}, nil })
	api.Handle(g, op("nil"), func(context.Context, *struct{}) (lying, error) { return lying{}, nil })
	api.Handle(g, op("empty"), func(context.Context, *struct{}) (api.Empty, error) { return api.Empty{}, nil })
	api.Handle(g, op("fault"), func(context.Context, *struct{}) (api.Empty, error) {
		return api.Empty{}, fault.Invalid.Field("required", "x")
	})
	api.Handle(g, op("more"), func(context.Context, *struct{}) (wrapped, error) {
		return wrapped{liar{`{"surprise":1}`}}, nil
	})
	mount := func(name string, a api.Answer, answer http.HandlerFunc) {
		o := op(name)
		o.Path, o.Answers = "/api/"+name, []api.Answer{a}
		s.Mount(o, answer)
	}
	json := api.Answer{Status: 200, Meaning: "Fine", Type: "application/json"}
	mount("teapot", json, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mount("text", json, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/plain") })
	mount("loud", api.Answer{Status: 200, Meaning: "Quiet"}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) })
	return s
}
