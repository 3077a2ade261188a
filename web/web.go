// Package web holds what browsers are served, in the binary: the widget, as
// Vite builds it from widget/, and the demonstration's shop page. Without Node
// the program can be built all the same; it then serves a sentence that says
// how to build the widget.
package web

import (
	"embed"
	"path"
)

//go:embed all:dist
var built embed.FS

//go:embed demo
var demo embed.FS

// asset is a file as it is served.
type asset struct {
	kind  string // the content type
	etag  string
	plain []byte
	gzip  []byte // nil where there is none
}

// readAsset returns a file of the binary; without one it reports false.
func readAsset(files interface {
	ReadFile(string) ([]byte, error)
}, name string) (asset, bool) {
	plain, err := files.ReadFile(name)
	if err != nil {
		return asset{}, false
	}
	packed, _ := files.ReadFile(name + ".gz") // the demonstration's files have none
	return asset{kind: kinds[path.Ext(name)], etag: etagOf(plain), plain: plain, gzip: packed}, true
}

// Built reports whether the widget is in this binary.
func Built() bool {
	_, there := readAsset(built, "dist/frame.html")
	return there
}
