package openapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/swaggest/swgui/v5/static"

	"relevo/router/api"
)

//go:embed page
var page embed.FS

// pagePolicy lets the page load what this server serves and nothing else. The
// viewer draws its icons from data: addresses and sets style attributes.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// viewerFiles is what the page needs of Swagger UI.
var viewerFiles = []struct{ name, kind, operation string }{
	{"swagger-ui-bundle.js", "text/javascript", "getDocsViewer"},
	{"swagger-ui.css", "text/css", "getDocsStyles"},
	{"favicon-32x32.png", "image/png", "getDocsIcon"},
}

// Mount serves the document of s at /docs/openapi.json and a page that shows
// it at /docs. What is added to s later stands in it, too.
func Mount(s *api.Server) {
	built := sync.OnceValues(func() ([]byte, error) { return Build(s) })
	s.Mount(served("", "showDocs", "This document as a page", "text/html"), file("index.html", "text/html; charset=utf-8"))
	s.Mount(served("/openapi.json", "getDocument", "This document", "application/json"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := built()
		if err != nil { // a test of the program builds it, too
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}))
	s.Mount(served("/start.js", "getDocsScript", "A part of the page", "text/javascript"), file("start.js", "text/javascript; charset=utf-8"))
	for _, f := range viewerFiles {
		s.Mount(served("/"+f.name, f.operation, "A part of the page", f.kind), viewerFile(f.name, f.kind))
	}
}

func served(path, name, summary, kind string) api.Operation {
	return api.Operation{Method: http.MethodGet, Path: "/docs" + path, Name: name, Summary: summary, Answers: []api.Answer{
		{Status: http.StatusOK, Meaning: "Here it is", Type: kind},
		{Status: http.StatusInternalServerError, Meaning: "Our fault", Type: "text/plain"},
	}}
}

// file serves a file of the page.
func file(name, kind string) http.Handler {
	content, err := page.ReadFile("page/" + name)
	if err != nil {
		panic("openapi: " + err.Error()) // it is not in the binary
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { show(w, kind, "no-cache", content) })
}

func show(w http.ResponseWriter, kind, cache string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Cache-Control", cache)
	_, _ = w.Write(content)
}

// viewerFile serves a file of Swagger UI: compressed, as it lies in the
// binary, to whoever takes that.
func viewerFile(name, kind string) http.Handler {
	const cache = "public, max-age=86400"
	packed, err := static.FS.ReadFile(name + ".gz")
	if err != nil {
		plain, err := static.FS.ReadFile(name)
		if err != nil {
			panic("openapi: " + err.Error()) // it is not in the binary
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { show(w, kind, cache, plain) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			show(w, kind, cache, packed)
			return
		}
		plain, err := unpack(packed)
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		show(w, kind, cache, plain)
	})
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
