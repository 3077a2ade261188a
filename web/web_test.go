package web

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
)

// Bytes, compressed by gzip, that a page may be asked to load.
const (
	loaderBudget = 4000  // with every page of a business
	panelBudget  = 30000 // when the chat is opened: scripts
	styleBudget  = 5000  // and styles
)

func newTestServer(t *testing.T) http.Handler {
	t.Helper()
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	Mount(s, func(_ context.Context, inbox string) []string {
		return map[string][]string{"narrow": {"tienda.example", "https://*.tienda.example"}}[inbox]
	})
	MountDemo(s)
	return s.Handler()
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func requireBuilt(t *testing.T) {
	t.Helper()
	if Built() {
		return
	}
	require.NotEqual(t, "1", os.Getenv("RELEVO_REQUIRE_NODE"), "the widget is not in this program: make web")
	t.Skip("NOT TESTED: the widget is not in this program: make web")
}

// TestWeight holds what visitors have to load.
func TestWeight(t *testing.T) {
	requireBuilt(t)
	h := newTestServer(t)
	weigh := func(p string) int {
		w := get(h, p, "Accept-Encoding", "gzip, br")
		require.Equal(t, http.StatusOK, w.Code, p)
		require.Equal(t, "gzip", w.Header().Get("Content-Encoding"), p)
		return w.Body.Len()
	}
	scripts, styles := 0, 0
	assets, err := fs.ReadDir(built, "dist/assets")
	require.NoError(t, err)
	for _, a := range assets {
		switch path.Ext(a.Name()) {
		case ".js":
			scripts += weigh(assetsPath + "/" + a.Name())
		case ".css":
			styles += weigh(assetsPath + "/" + a.Name())
		}
	}
	loader := weigh(loaderPath)
	t.Logf("compressed: loader %d of %d bytes, panel %d of %d, styles %d of %d", loader, loaderBudget, scripts, panelBudget, styles, styleBudget)
	require.LessOrEqual(t, loader, loaderBudget)
	require.LessOrEqual(t, scripts, panelBudget)
	require.NotZero(t, scripts)
	require.LessOrEqual(t, styles, styleBudget)
}

// TestTheFrameRunsNothingForeign holds the policy of the frame.
func TestTheFrameRunsNothingForeign(t *testing.T) {
	requireBuilt(t)
	w := get(newTestServer(t), framePath+"?inbox=x")
	require.Equal(t, http.StatusOK, w.Code)
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
	require.Contains(t, policy, "require-trusted-types-for 'script'")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, w.Body.String(), "<style")
	require.NotContains(t, w.Body.String(), "style=")
}

// TestAHostCannotWriteIntoThePolicy: the name under which the server is asked
// comes from outside.
func TestAHostCannotWriteIntoThePolicy(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, framePath, nil)
	r.Host = "x; script-src *"
	w := httptest.NewRecorder()
	newTestServer(t).ServeHTTP(w, r)
	require.NotContains(t, w.Header().Get("Content-Security-Policy"), "script-src *")
}

func TestWhatABrowserHasIsNotSentAgain(t *testing.T) {
	requireBuilt(t)
	h := newTestServer(t)
	first := get(h, loaderPath)
	require.Equal(t, "public, no-cache", first.Header().Get("Cache-Control"))
	require.Equal(t, "*", first.Header().Get("Access-Control-Allow-Origin"))
	again := get(h, loaderPath, "If-None-Match", first.Header().Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Zero(t, again.Body.Len())
	frame := get(h, framePath).Body.String()
	_, after, _ := strings.Cut(frame, `src="`)
	script, _, _ := strings.Cut(after, `"`)
	require.Equal(t, always, get(h, script).Header().Get("Cache-Control"))
}

func TestOnlyPartsOfTheWidgetAreServed(t *testing.T) {
	h := newTestServer(t)
	for _, p := range []string{"/widget/assets/nothing.js", "/widget/assets/..%2fREADME", "/widget/assets/x.js.gz", "/demo/index.html", "/demo/..%2fweb.go"} {
		require.Equal(t, http.StatusNotFound, get(h, p).Code, p)
	}
}

// TestWithoutNode: a program that was built without Node says what is missing.
func TestWithoutNode(t *testing.T) {
	for ext, status := range map[string]int{".js": http.StatusOK, ".html": http.StatusNotFound} {
		w := httptest.NewRecorder()
		notBuilt(w, ext)
		require.Equal(t, status, w.Code)
		require.Contains(t, w.Body.String(), "make build")
	}
}

func TestTheShop(t *testing.T) {
	h := newTestServer(t)
	for p, kind := range map[string]string{"/": "text/html", "/demo/shop.css": "text/css", "/demo/shop.js": "text/javascript"} {
		w := get(h, p)
		require.Equal(t, http.StatusOK, w.Code, p)
		require.Contains(t, w.Header().Get("Content-Type"), kind)
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
	}
}

// TestWhoMayShowTheWidget: an inbox that names domains is shown in no other
// page; any page may show one that names none.
func TestWhoMayShowTheWidget(t *testing.T) {
	h := newTestServer(t)
	policy := func(path string) string { return get(h, path).Header().Get("Content-Security-Policy") }
	require.Contains(t, policy("/widget/frame?inbox=narrow"), "; frame-ancestors 'self' tienda.example https://*.tienda.example")
	require.NotContains(t, policy("/widget/frame?inbox=tienda"), "frame-ancestors")
	require.NotContains(t, policy("/widget/frame"), "frame-ancestors")
}
