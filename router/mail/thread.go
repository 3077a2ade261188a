package mail

import (
	"html/template"
	"time"

	"relevo/router/markup"
	"relevo/router/texts"
)

// Thread is a conversation to be read on paper: what customers and those who
// answer said to each other, and nothing else.
type Thread struct {
	Language string
	Inbox    string
	Number   int64
	Customer string
	Zone     *time.Location // in which times are told
	Cut      bool           // there is more before the first word
	Words    []Word
}

// Word is one message of a thread.
type Word struct {
	Who     string
	Mine    bool // the customer's
	At      time.Time
	Text    string   // in Markdown
	Choices []string // to choose from
	Files   []File
}

// File is a file of a message. URL is "" where nobody knows the address.
type File struct{ Name, URL string }

// threadPage is what the templates of a thread are given.
type threadPage struct {
	Language, Title, Intro, Cut string
	Words                       []wordPage
}

type wordPage struct {
	Word
	When  string
	Plain string // Text as characters alone
	HTML  template.HTML
}

// Mail returns the thread as a mail.
func (t Thread) Mail() (Content, error) {
	page := t.page()
	text, html, err := render("thread", page)
	return Content{Subject: page.Title, Text: text, HTML: html}, err
}

// Page returns the thread as a page of HTML that stands by itself.
func (t Thread) Page() ([]byte, error) {
	_, html, err := render("thread", t.page())
	return []byte(html), err
}

func (t Thread) page() threadPage {
	about := map[string]any{"inbox": t.Inbox, "id": t.Number, "customer": t.Customer, "zone": t.Zone.String()}
	page := threadPage{Language: t.Language, Title: texts.Say(t.Language, "mail.transcript.subject", about),
		Intro: texts.Say(t.Language, "mail.transcript.intro", about)}
	if t.Cut {
		page.Cut = texts.Say(t.Language, "mail.transcript.cut", nil)
	}
	format := texts.Say(t.Language, "format.time", nil) + " MST"
	for _, w := range t.Words {
		page.Words = append(page.Words, wordPage{Word: w, When: w.At.In(t.Zone).Format(format), Plain: markup.Text(w.Text),
			HTML: template.HTML(markup.HTML(w.Text))}) //nolint:gosec // markup lets nothing through that could run
	}
	return page
}
