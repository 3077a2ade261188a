package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"relevo/config"
	"relevo/router/api"
	"relevo/router/api/apitest"
)

const committed = "../../docs/openapi.json"

func TestTheCommittedDocumentIsTheCodes(t *testing.T) {
	status, text, problems := relevo(t, "", "openapi")
	require.Zero(t, status, problems)
	kept, err := os.ReadFile(committed)
	require.NoError(t, err)
	require.True(t, text == string(kept),
		"docs/openapi.json is not what the code says any more. Write it anew, look at the difference and commit it:\n\tgo run ./cmd/relevo openapi > docs/openapi.json")
}

// Every route that is served stands in the document, and nothing else.
func TestTheDocumentHasEveryRoute(t *testing.T) {
	kept, err := os.ReadFile(committed)
	require.NoError(t, err)
	var document struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	require.NoError(t, json.Unmarshal(kept, &document))
	var written, served []string
	ids := map[string]string{}
	for path, methods := range document.Paths {
		for method, op := range methods {
			route := strings.ToUpper(method) + " " + path
			written = append(written, route)
			if method == "options" || method == "head" {
				continue
			}
			require.NotEmpty(t, op.OperationID, route)
			require.Empty(t, ids[op.OperationID], "%s and %s have one operationId", route, ids[op.OperationID])
			ids[op.OperationID] = route
		}
	}
	place := regexp.MustCompile(`[:*](\w+)`)
	require.NoError(t, withIdleServer(t.Context(), func(s *api.Server) error {
		for _, r := range s.Routes() {
			served = append(served, r.Method+" "+place.ReplaceAllString(r.Path, "{$1}"))
		}
		return nil
	}))
	slices.Sort(written)
	slices.Sort(served)
	require.Equal(t, served, written)
	require.Greater(t, len(served), 100)
}

// The page that shows the document asks nobody but this server: neither in
// what it names nor in what its policy lets the viewer do.
func TestTheDocumentIsShownWithoutAskingOthers(t *testing.T) {
	require.NoError(t, withIdleServer(t.Context(), func(s *api.Server) error {
		handler := apitest.Checked(t, s)
		get := func(path string, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Equal(t, 200, w.Code, path)
			return w
		}
		page := get("/docs")
		require.Contains(t, page.Header().Get("Content-Type"), "text/html")
		named := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.Body.String(), -1)
		require.Len(t, named, 5)
		policy := page.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'")
		require.Contains(t, policy, "script-src 'self';", "no script stands in the page")
		require.NotRegexp(t, `https?:|\*|wss?:|unsafe-eval`, policy)
		require.NotContains(t, page.Body.String(), "<script>")
		require.NotContains(t, page.Body.String(), "<style")
		for _, part := range named {
			require.True(t, strings.HasPrefix(part[1], "/docs/"), part[1])
			asset := get(part[1], "Accept-Encoding", "gzip")
			if strings.HasSuffix(part[1], ".css") {
				require.NotRegexp(t, `(@import|url\()\s*["']?(https?:)?//`, get(part[1]).Body.String(), "a style sheet of others")
			}
			require.NotEmpty(t, asset.Body.Len())
		}
		script := get("/docs/start.js").Body.String()
		require.Contains(t, script, `url: "/docs/openapi.json"`)
		require.Contains(t, script, "validatorUrl: null", "the viewer would ask validator.swagger.io")
		require.NotRegexp(t, `https?://`, script)
		require.Equal(t, "gzip", get("/docs/swagger-ui-bundle.js", "Accept-Encoding", "gzip, br").Header().Get("Content-Encoding"))
		require.Contains(t, get("/docs/swagger-ui-bundle.js").Body.String(), "SwaggerUIBundle")
		kept, err := os.ReadFile(committed)
		require.NoError(t, err)
		require.JSONEq(t, string(kept), get("/docs/openapi.json").Body.String())
		return nil
	}))
}

// Every schema of the document can be used, and what it refers to is there.
func TestEverySchemaOfTheDocumentCompiles(t *testing.T) {
	text, err := os.ReadFile(committed)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("mem:///openapi.json", document))
	compiled := 0
	var walk func(place string, v any)
	walk = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				at := place + "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
				if key == "schema" || place == "/components/schemas" {
					_, err := compiler.Compile("mem:///openapi.json#" + at)
					require.NoError(t, err, at)
					compiled++
					continue
				}
				if reference, ok := inner.(string); ok && key == "$ref" {
					require.Contains(t, document.(map[string]any)["components"].(map[string]any)["responses"],
						strings.TrimPrefix(reference, "#/components/responses/"), at)
				}
				walk(at, inner)
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprintf("%s/%d", place, i), inner)
			}
		}
	}
	walk("", document)
	require.Greater(t, compiled, 300)
}

func TestTheProbesAreAsWritten(t *testing.T) {
	c, err := config.Parse("relevo.yaml", fmt.Appendf(nil, "database: {path: %q}\nstorage: {path: %q}\ninboxes:\n  - identifier: tienda\n",
		filepath.Join(t.TempDir(), "relevo.db"), t.TempDir()), nil)
	require.NoError(t, err)
	running, _, err := start(t.Context(), c, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	s, err := newServer(c, running.router, running.live, time.Now, running.log)
	require.NoError(t, err)
	handler := apitest.Checked(t, s)
	status := func(path string) int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return w.Code
	}
	require.Equal(t, 200, status("/healthz"))
	require.Equal(t, 200, status("/readyz"))
	require.NoError(t, running.close())
	require.Equal(t, 200, status("/healthz"))
	require.Equal(t, 503, status("/readyz"), "the database is closed")
}
