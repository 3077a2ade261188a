package mail

import (
	"html/template"

	"relevo/router/markup"
	"relevo/router/texts"
)

// Notice is what an agent is told of a conversation.
type Notice struct {
	Language string
	Subject  string // what happened, in one line
	Reader   string
	Who      string // who wrote Text
	Text     string // the message that it is about, in Markdown; "" for none
	URL      string // of the conversation; "" where nobody knows it
}

// noticePage is what the templates of a notice are given.
type noticePage struct {
	Notice
	Hello, Open, Why string
	Plain            string // Text as characters alone
	HTML             template.HTML
}

// Mail returns the notice as a mail.
func (n Notice) Mail() (Content, error) {
	page := noticePage{Notice: n, Hello: texts.Say(n.Language, "mail.notice.hello", map[string]any{"agent": n.Reader}),
		Open: texts.Say(n.Language, "mail.notice.open", nil), Why: texts.Say(n.Language, "mail.notice.why", nil),
		Plain: markup.Text(n.Text), HTML: template.HTML(markup.HTML(n.Text))} //nolint:gosec // markup lets nothing through that could run
	text, html, err := render("notice", page)
	return Content{Subject: n.Subject, Text: text, HTML: html}, err
}
