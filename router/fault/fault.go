// Package fault holds the errors that clients may see. A fault is a catalogued
// value with a stable code and an HTTP status; its sentence stands in the
// catalogues of package texts under "fault.<code>", and its private cause is
// for the log alone. It is not for errors between our own packages: those are
// plain sentinels or wrapped errors.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Fault is an error with an answer for the client.
type Fault struct {
	Code   string // stable, snake_case
	Status int    // HTTP status
	Params map[string]any
	// Fields names the attributes that are wrong, if any.
	Fields []string
	cause  error
}

// The catalogue. Each has a sentence under "fault.<code>" in every language.
var (
	Unauthenticated  = &Fault{Code: "unauthenticated", Status: http.StatusUnauthorized}
	BadCredentials   = &Fault{Code: "bad_credentials", Status: http.StatusUnauthorized}
	Forbidden        = &Fault{Code: "forbidden", Status: http.StatusUnauthorized} // Chatwoot answers 401 here, clients rely on it
	NotForBots       = &Fault{Code: "not_for_bots", Status: http.StatusUnauthorized}
	CrossOrigin      = &Fault{Code: "cross_origin", Status: http.StatusForbidden}
	ReadOnly         = &Fault{Code: "read_only", Status: http.StatusUnprocessableEntity} // With("where", file)
	NotFound         = &Fault{Code: "not_found", Status: http.StatusNotFound}
	MethodNotAllowed = &Fault{Code: "method_not_allowed", Status: http.StatusMethodNotAllowed}
	Malformed        = &Fault{Code: "malformed", Status: http.StatusBadRequest}
	TooLarge         = &Fault{Code: "too_large", Status: http.StatusRequestEntityTooLarge}
	TooMany          = &Fault{Code: "too_many_requests", Status: http.StatusTooManyRequests}
	// With("seconds", until the next one)
	TooManyTranscripts = &Fault{Code: "too_many_transcripts", Status: http.StatusTooManyRequests}
	Invalid            = &Fault{Code: "invalid", Status: http.StatusUnprocessableEntity}
	NotAllowed         = &Fault{Code: "transition_not_allowed", Status: http.StatusUnprocessableEntity}
	NoBot              = &Fault{Code: "inbox_has_no_bot", Status: http.StatusUnprocessableEntity}
	PersonHasIt        = &Fault{Code: "person_has_it", Status: http.StatusUnprocessableEntity}
	NotOffered         = &Fault{Code: "not_offered", Status: http.StatusUnprocessableEntity}
	Stale              = &Fault{Code: "stale_version", Status: http.StatusConflict}
	EchoConflict       = &Fault{Code: "echo_id_reused", Status: http.StatusConflict}
	KeyConflict        = &Fault{Code: "idempotency_key_reused", Status: http.StatusConflict}
	OtherPerson        = &Fault{Code: "another_person", Status: http.StatusConflict}
	Answered           = &Fault{Code: "already_answered", Status: http.StatusConflict}
	SurveyClosed       = &Fault{Code: "survey_closed", Status: http.StatusUnprocessableEntity}
	Taken              = &Fault{Code: "taken", Status: http.StatusUnprocessableEntity}
	NoMail             = &Fault{Code: "no_mail", Status: http.StatusUnprocessableEntity}
	Unavailable        = &Fault{Code: "unavailable", Status: http.StatusServiceUnavailable}
	Internal           = &Fault{Code: "internal", Status: http.StatusInternalServerError}
)

// Catalogue lists every fault, for the catalogues' and the documents' tests.
var Catalogue = []*Fault{Unauthenticated, BadCredentials, Forbidden, NotForBots, CrossOrigin, ReadOnly, NotFound, MethodNotAllowed, Malformed, TooLarge, TooMany, TooManyTranscripts, Invalid,
	NotAllowed, NoBot, PersonHasIt, NotOffered, Stale, EchoConflict, KeyConflict, OtherPerson, Answered, SurveyClosed, Taken, NoMail, Unavailable, Internal}

// Error is for logs.
func (f *Fault) Error() string {
	s := f.Code
	if len(f.Params) > 0 {
		s += fmt.Sprintf(" %v", f.Params)
	}
	if len(f.Fields) > 0 {
		s += fmt.Sprintf(" fields %v", f.Fields)
	}
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap returns the private cause.
func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is the same entry of the catalogue.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// With returns f with a parameter of its sentence.
func (f *Fault) With(key string, value any) *Fault {
	g := *f
	g.Params = make(map[string]any, len(f.Params)+1)
	for k, v := range f.Params {
		g.Params[k] = v
	}
	g.Params[key] = value
	return &g
}

// Field returns f naming wrong attributes. detail is a key under
// "fault.detail." that says what is wrong with them, or "". Where it is a limit
// that they break, Limit makes it.
func (f *Fault) Field(detail string, names ...string) *Fault {
	parts := strings.Fields(detail)
	g := f.With("detail", strings.Join(parts[:min(1, len(parts))], ""))
	for i, name := range limitParams[:max(0, len(parts)-1)] {
		g = g.With(name, parts[i+1])
	}
	g.Fields = names
	return g
}

// limitParams are the parameters of a sentence about a limit: the limit, or
// the lowest and the highest of a range.
var limitParams = []string{"limit", "to"}

// Limit is a detail for Field that names the limit, so that whoever reads it
// need not guess: one number, or two for a range.
func Limit[N int | int64](detail string, limits ...N) string {
	for _, n := range limits {
		detail += fmt.Sprintf(" %d", n)
	}
	return detail
}

// Wrap returns f with a private cause.
func (f *Fault) Wrap(err error) *Fault {
	g := *f
	g.cause = err
	return &g
}

// From returns the fault that err carries, or Internal with err as its cause.
func From(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return Internal.Wrap(err)
}
