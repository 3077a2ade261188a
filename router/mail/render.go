package mail

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	texttemplate "text/template"
)

//go:embed templates
var templates embed.FS

var (
	htmlTemplates = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/*.html"))
	textTemplates = texttemplate.Must(texttemplate.ParseFS(templates, "templates/*.txt"))
)

// render returns the two looks of a page.
func render(name string, page any) (text, html string, err error) {
	var plain, rich bytes.Buffer
	if err := textTemplates.ExecuteTemplate(&plain, name+".txt", page); err != nil {
		return "", "", fmt.Errorf("write %s: %w", name, err)
	}
	if err := htmlTemplates.ExecuteTemplate(&rich, name+".html", page); err != nil {
		return "", "", fmt.Errorf("write %s: %w", name, err)
	}
	return plain.String(), rich.String(), nil
}
