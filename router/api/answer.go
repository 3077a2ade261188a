package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"relevo/router/fault"
	"relevo/router/texts"
)

const contentType = "application/json; charset=utf-8"

// Versioned is an output that tells the conversation's version, sent as ETag.
type Versioned interface{ ETagVersion() int64 }

// Cookied is an output that comes with cookies.
type Cookied interface{ SetCookies() []*http.Cookie }

// Download is an output that is not JSON but a file to keep. Its type is told
// by Operation.Download.
type Download struct {
	Name string // of the file
	Body []byte
}

// write answers 200 with out as JSON, or with the file that it is.
func write(c *gin.Context, op Operation, out any) error {
	if v, ok := out.(Versioned); ok {
		// Weak: the version speaks of status, assignee, team, labels and
		// priority, not of every byte.
		c.Header("ETag", `W/"`+strconv.FormatInt(v.ETagVersion(), 10)+`"`)
	}
	if v, ok := out.(Cookied); ok {
		for _, cookie := range v.SetCookies() {
			http.SetCookie(c.Writer, cookie)
		}
	}
	guardAnswer(c)
	if _, ok := out.(Empty); ok {
		c.Status(http.StatusOK)
		c.Writer.WriteHeaderNow()
		return nil
	}
	if file, ok := out.(Download); ok {
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
		c.Data(http.StatusOK, op.Download, file.Body)
		return nil
	}
	body, err := encode(out)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	c.Data(http.StatusOK, contentType, body)
	return nil
}

// encode is json.Marshal that leaves <, > and & readable.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// guardAnswer keeps answers out of caches and away from being run as a page.
func guardAnswer(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// Failure is how the dialect tells errors: "error", or "message" and
// "attributes" where fields are wrong, "errors" beside a 401; and a code.
type Failure struct {
	Error      string   `json:"error,omitempty" doc:"a sentence in English or Spanish, by Accept-Language"`
	Errors     []string `json:"errors,omitempty" doc:"the same sentence, beside a 401"`
	Message    string   `json:"message,omitempty" doc:"what is wrong with the fields, in place of error"`
	Attributes []string `json:"attributes,omitempty" doc:"the names of the fields that are wrong"`
	Code       string   `json:"code" doc:"stable, for programs"`
}

// fail logs err if it is ours and answers with what the client may know of it.
func (s *Server) fail(c *gin.Context, err error) {
	ctx := c.Request.Context()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		c.Abort() // the client has gone; nobody reads an answer
		return
	}
	if f := fault.From(err); f.Status >= http.StatusInternalServerError {
		s.log.ErrorContext(ctx, "request failed", "route", c.FullPath(), "request", RequestID(ctx), "err", err)
	}
	s.answer(c, err)
}

func (s *Server) answer(c *gin.Context, err error) {
	f := fault.From(err)
	lang := Language(c.Request.Context())
	out := Failure{Code: f.Code}
	text := texts.Say(lang, "fault."+f.Code, f.Params)
	if where, ok := f.Params["where"].(string); ok && where != "" {
		text += ": " + where
	}
	switch wrong := problemsOf(err); {
	case len(wrong) > 0:
		out.Message, out.Attributes = explain(lang, text, wrong)
	case f.Code == fault.Unauthenticated.Code, f.Code == fault.BadCredentials.Code:
		out.Error, out.Errors = text, []string{text}
	default:
		out.Error = text
	}
	if f.Status == http.StatusTooManyRequests {
		c.Header("Retry-After", strconv.Itoa(retryAfter(f)))
	}
	guardAnswer(c)
	c.Abort()
	body, _ := encode(out) // strings alone: cannot fail
	c.Data(f.Status, contentType, body)
}

// Sentence says what err tells a client, in the caller's language.
func Sentence(ctx context.Context, err error) string {
	lang := Language(ctx)
	said, _ := explain(lang, texts.Say(lang, "fault."+fault.From(err).Code, nil), problemsOf(err))
	return said
}

// explain returns one clause for each wrong field, and the fields' names.
func explain(lang, text string, wrong []*fault.Fault) (string, []string) {
	var clauses, names []string
	for _, f := range wrong {
		detail, _ := f.Params["detail"].(string)
		for _, name := range f.Fields {
			names = append(names, name)
			if detail != "" {
				clauses = append(clauses, clause(lang, name, detail, f.Params))
			}
		}
	}
	if len(clauses) == 0 {
		return text, names
	}
	return strings.Join(clauses, "; "), names
}

// clause says what is wrong with a field: by the label under which the customer
// has read it, where it has one, and with the hint that stood beside it.
func clause(lang, name, detail string, params map[string]any) string {
	if label, ok := params["label"].(string); ok {
		name = label
	}
	said := name + " " + texts.Say(lang, "fault.detail."+detail, params)
	if hint, ok := params["hint"].(string); ok {
		said += ": " + hint
	}
	return said
}

// problems is what is wrong with a request, field by field.
type problems []*fault.Fault

func (p problems) Error() string {
	return errors.Join(p.Unwrap()...).Error()
}

// Unwrap lets fault.From find the first.
func (p problems) Unwrap() []error {
	out := make([]error, len(p))
	for i, f := range p {
		out[i] = f
	}
	return out
}

func problemsOf(err error) []*fault.Fault {
	if p, ok := errors.AsType[problems](err); ok {
		return p
	}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var all []*fault.Fault
		for _, one := range joined.Unwrap() {
			if f, ok := errors.AsType[*fault.Fault](one); ok && len(f.Fields) > 0 {
				all = append(all, f)
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	if f := fault.From(err); len(f.Fields) > 0 {
		return []*fault.Fault{f}
	}
	return nil
}

var (
	matcher  = language.NewMatcher([]language.Tag{language.English, language.Spanish})
	matching = []string{"en", "es"}
)

// Language returns the language to answer in: the best of Accept-Language that
// has a catalogue, English if there is none.
func Language(ctx context.Context) string {
	accept := callOf(ctx).languages
	if accept == "" || len(accept) > 200 {
		return matching[0]
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return matching[0]
	}
	_, i, _ := matcher.Match(tags...)
	return matching[i]
}
