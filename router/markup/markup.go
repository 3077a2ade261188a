// Package markup turns the Markdown that people write into HTML that is safe to
// show. Messages are stored and sent as they were written; this is for what
// shows HTML itself: mails, transcripts, canned responses in an editor. The
// widget and the desk render Markdown on their own.
package markup

import (
	"bytes"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

var (
	// A line break is kept, as in a chat, and a bare address becomes a link.
	renderer = goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table),
		goldmark.WithRendererOptions(html.WithHardWraps()))
	policy = newPolicy()
)

// newPolicy allows what Markdown can say and nothing else. HTML that people
// type is already left out by the renderer; the policy is the second lock.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}

// HTML renders Markdown. What comes out holds no script, no style, no image and
// no address but of http, https, mailto and tel.
func HTML(markdown string) string {
	var b bytes.Buffer
	if err := renderer.Convert([]byte(markdown), &b); err != nil {
		return policy.Sanitize(markdown) // writing to memory does not fail
	}
	return strings.TrimSpace(policy.SanitizeReader(&b).String())
}
