package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
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
		get := func(path string, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
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
