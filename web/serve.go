package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"strings"

	"relevo/router/api"
)

// Where the widget is served. Pages that were made for Chatwoot name the
// loader by chatwootLoader.
const (
	loaderPath     = "/widget.js"
	chatwootLoader = "/packs/js/sdk.js"
	framePath      = "/widget/frame"
	assetsPath     = "/widget/assets"
)

const (
	always  = "public, max-age=31536000, immutable" // files whose name holds their hash
	askEach = "public, no-cache"                    // with an ETag
)

var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
	".svg": "image/svg+xml",
}

// Hosts says whose pages may show the widget of an inbox, in words that fit
// into a policy; none means that any page may.
type Hosts func(ctx context.Context, inbox string) []string

// Mount serves the widget: the loader that pages of others include, and the
// frame that it opens.
func Mount(s *api.Server, hosts Hosts) {
	s.Mount(served(loaderPath, "getWidgetLoader", "The script that a page includes to show the widget", "text/javascript"),
		file(built, "dist/loader.js", askEach, foreignScript))
	s.Mount(served(chatwootLoader, "getChatwootLoader", "The same for pages that were made for Chatwoot's script", "text/javascript"),
		file(built, "dist/sdk.js", askEach, foreignScript))
	s.Mount(served(framePath, "showWidget", "The widget itself, which the script opens in a frame", "text/html"), file(built, "dist/frame.html", askEach, frameHeaders(hosts)))
	s.Mount(served(assetsPath+"/:file", "getWidgetAsset", "A part of the widget", "*/*"), assets())
}

func served(path, name, summary, kind string) api.Operation {
	return api.Operation{Method: http.MethodGet, Path: path, Name: name, Summary: summary, Answers: []api.Answer{
		{Status: http.StatusOK, Meaning: "Here it is", Type: kind},
		{Status: http.StatusNotModified, Meaning: "The one that you have"},
		{Status: http.StatusNotFound, Meaning: "It is not in this program", Type: "text/plain"},
	}}
}

// file serves one file of the binary, or says how to build it.
func file(files interface {
	ReadFile(string) ([]byte, error)
}, name, cache string, headers func(http.Header, *http.Request)) http.Handler {
	a, there := readAsset(files, name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers(w.Header(), r)
		if !there {
			notBuilt(w, path.Ext(name))
			return
		}
		a.serve(w, r, cache)
	})
}

// notBuilt answers for what is not in a binary that was built without Node.
func notBuilt(w http.ResponseWriter, ext string) {
	const how = "The widget is not in this program. Build it with Node: make build"
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", kinds[ext])
	if ext == ".js" {
		_, _ = w.Write([]byte(`console.warn("` + how + `");` + "\n"))
		return
	}
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("<!doctype html><title>Relevo</title><p>" + how + "\n"))
}

// assets serves the parts of the frame, whose names hold their hashes.
func assets() http.Handler {
	const folder = "dist/assets/"
	all := map[string]asset{}
	entries, _ := built.ReadDir(strings.TrimSuffix(folder, "/")) // none without Node
	for _, e := range entries {
		if a, there := readAsset(built, folder+e.Name()); there && path.Ext(e.Name()) != ".gz" {
			all[e.Name()] = a
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, there := all[path.Base(r.URL.Path)]
		if !there {
			http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
			return
		}
		a.serve(w, r, always)
	})
}

// serve answers with a, compressed for whoever takes that.
func (a asset) serve(w http.ResponseWriter, r *http.Request, cache string) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", cache)
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if a.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(a.gzip)
		return
	}
	_, _ = w.Write(a.plain)
}

// foreignScript lets pages of any origin include the loader, with integrity
// and under COEP, too.
func foreignScript(h http.Header, _ *http.Request) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// sensibleHost is what may be written into a policy.
var sensibleHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

// frameHeaders lets the frame load what this server serves, and pictures of
// bots from anywhere; it runs no text as code. The pages that its inbox names
// may show it, and this server's own.
func frameHeaders(hosts Hosts) func(http.Header, *http.Request) {
	return func(h http.Header, r *http.Request) {
		sockets, ancestors := "", ""
		if sensibleHost.MatchString(r.Host) { // older Safari does not take 'self' for sockets
			sockets = " ws://" + r.Host + " wss://" + r.Host
		}
		if allowed := hosts(r.Context(), r.URL.Query().Get("inbox")); len(allowed) > 0 {
			ancestors = "; frame-ancestors 'self' " + strings.Join(allowed, " ")
		}
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"+sockets+
			"; img-src 'self' https: data: blob:; media-src 'self' https: blob:; base-uri 'none'; form-action 'none'"+
			"; require-trusted-types-for 'script'; trusted-types 'none'"+ancestors)
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("Referrer-Policy", "no-referrer")
	}
}

func etagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
