package mailbox

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"relevo/router/api"
	"relevo/router/texts"
)

//go:embed page
var files embed.FS

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:1.5rem auto;padding:0 1rem;color:#1c1d1f;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #d7dae0;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:#f4f5f7;padding:1rem}iframe{width:100%;height:32rem;border:1px solid #c5cad3}dt{color:#5c6068;font-size:.875rem}dd{margin:0 0 .5rem}`

var (
	pages = template.Must(template.ParseFS(files, "page/*.html"))

	// The page runs nothing, and shows a mail in a frame that can do nothing.
	pagePolicy = "default-src 'none'; style-src 'sha256-" + hashOf(style) + "'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the templates are given.
type page struct {
	Language, Title, Empty, From, To, Subject, Date, HTMLPart, Back string
	Style                                                           template.CSS
	Mails                                                           []Caught
	Mail                                                            *Caught
}

// Mount serves the mailbox at /mailbox, to this machine only.
func (m *Mailbox) Mount(s *api.Server, log *slog.Logger) {
	for path, what := range map[string]struct {
		name, summary string
		show          func(w http.ResponseWriter, r *http.Request) error
	}{
		"/mailbox":          {"showMailbox", "Mails that were caught, as a page", m.list},
		"/mailbox/:id":      {"showCaughtMail", "A mail that was caught, as a page", m.show},
		"/mailbox/:id/html": {"showCaughtMailHTML", "What a mail that was caught says", m.html},
	} {
		s.Mount(api.Operation{Method: http.MethodGet, Path: path, Name: what.name, Summary: what.summary, Answers: []api.Answer{
			{Status: http.StatusOK, Meaning: "Here it is", Type: "text/html"},
			{Status: http.StatusNotFound, Meaning: "There is no such mail, or you are on another machine", Type: "text/plain"},
			{Status: http.StatusInternalServerError, Meaning: "Our fault", Type: "text/plain"},
		}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !fromHere(r) {
				http.NotFound(w, r)
				return
			}
			if err := what.show(w, r); err != nil {
				log.ErrorContext(r.Context(), "mailbox", "error", err)
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			}
		}))
	}
}

// fromHere reports whether a request comes from this machine, by no proxy and
// under no name of the world: pages of others cannot reach it by a name that
// they point here.
func fromHere(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && isHere(r.Host)
}

func isHere(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.IsLoopback()
}

func newPage(r *http.Request) page {
	lang := api.Language(r.Context())
	return page{Language: lang, Style: style, Title: texts.Say(lang, "mailbox.title", nil), Empty: texts.Say(lang, "mailbox.empty", nil),
		From: texts.Say(lang, "mailbox.from", nil), To: texts.Say(lang, "mailbox.to", nil), Subject: texts.Say(lang, "mailbox.subject", nil),
		Date: texts.Say(lang, "mailbox.date", nil), HTMLPart: texts.Say(lang, "mailbox.html", nil), Back: texts.Say(lang, "mailbox.back", nil)}
}

func (m *Mailbox) list(w http.ResponseWriter, r *http.Request) (err error) {
	p := newPage(r)
	if p.Mails, err = m.Mails(r.Context()); err != nil {
		return err
	}
	return write(w, "list.html", p)
}

func (m *Mailbox) show(w http.ResponseWriter, r *http.Request) (err error) {
	p := newPage(r)
	if p.Mail, err = m.asked(r); err != nil {
		return err
	}
	if p.Mail == nil {
		http.NotFound(w, r)
		return nil
	}
	return write(w, "mail.html", p)
}

// html serves the words of a mail as they are, where they can do nothing.
func (m *Mailbox) html(w http.ResponseWriter, r *http.Request) error {
	caught, err := m.asked(r)
	if err != nil {
		return err
	}
	if caught == nil {
		http.NotFound(w, r)
		return nil
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write([]byte(caught.HTML))
	return err
}

// asked returns the mail that a request names; nil where there is none.
func (m *Mailbox) asked(r *http.Request) (*Caught, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/mailbox/"), "/")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return nil, nil //nolint:nilerr // what is no number is no mail
	}
	return m.Mail(r.Context(), id)
}

func write(w http.ResponseWriter, name string, p page) error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Cache-Control", "no-store")
	_, err := b.WriteTo(w)
	return err
}
