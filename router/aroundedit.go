package router

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"relevo/router/fault"
	"relevo/router/hours"
	"relevo/router/prechat"
)

// AroundDraft is what is said of what happens around the conversations of an
// inbox; nil fields say nothing.
type AroundDraft struct {
	EmailCollect       *bool
	EmailAsk           *string // as EmailCollect has them
	EmailBox           *string
	EmailThanks        *string
	FormEnabled        *bool
	Form               *prechat.Form // its message and fields; nil says nothing
	HoursEnabled       *bool
	ClosedMessage      *string
	Days               []DayDraft     // the days that change
	Holidays           []hours.Date   // all of them; nil says nothing
	OpenAfter          *time.Duration // 0: never
	PendingAfter       *time.Duration // 0: never
	IgnoreWaiting      *bool
	ResolveText, Label *string
}

// around puts what d says into s.
func (s *InboxSettings) around(d AroundDraft) error {
	for to, from := range map[*string]*string{&s.Hours.Message: d.ClosedMessage, &s.AutoResolve.Message: d.ResolveText, &s.AutoResolve.Label: d.Label,
		&s.EmailCollect.Ask: d.EmailAsk, &s.EmailCollect.Box: d.EmailBox, &s.EmailCollect.Thanks: d.EmailThanks} {
		if from != nil {
			*to = *from
		}
	}
	for to, from := range map[*time.Duration]*time.Duration{&s.AutoResolve.OpenAfter: d.OpenAfter, &s.AutoResolve.PendingAfter: d.PendingAfter} {
		if from != nil {
			*to = *from
		}
	}
	if d.EmailCollect != nil {
		s.EmailCollect.Enabled = *d.EmailCollect
	}
	if d.Holidays != nil {
		s.Hours.Holidays = d.Holidays
	}
	if d.IgnoreWaiting != nil {
		s.AutoResolve.Waiting = !*d.IgnoreWaiting
	}
	if d.HoursEnabled != nil {
		if s.Hours.Enabled = *d.HoursEnabled; s.Hours.Enabled && !s.Hours.given() {
			s.Hours.Hours = hours.Office()
		}
	}
	if err := s.form(d); err != nil {
		return err
	}
	if err := s.Hours.take(d.Days); err != nil {
		return err
	}
	if err := s.Hours.check(); err != nil {
		return err
	}
	return s.AutoResolve.check()
}

// given reports whether any day has hours.
func (h OpeningHours) given() bool {
	for _, spans := range h.Week {
		if len(spans) > 0 {
			return true
		}
	}
	return false
}

// form puts what d says of the form before the first word into s. One that is
// switched on and names no fields has the usual ones.
func (s *InboxSettings) form(d AroundDraft) error {
	if d.Form != nil {
		s.PreChat.Message, s.PreChat.Fields = d.Form.Message, d.Form.Fields
	}
	if d.FormEnabled != nil {
		s.PreChat.Enabled = *d.FormEnabled
	}
	if s.PreChat.Enabled && len(s.PreChat.Fields) == 0 {
		s.PreChat.Fields = prechat.Usual()
	}
	var wrong []error
	for _, p := range s.PreChat.Check() {
		wrong = append(wrong, fault.Invalid.Field(p.Code, formKey(p)))
	}
	return errors.Join(wrong...)
}

// formKey is where in pre_chat_form_options a problem of the form is.
func formKey(p prechat.Problem) string {
	key := cmp.Or(map[string]string{"pattern": "regex_pattern", "pattern_hint": "regex_cue", "saved_on": "field_type",
		"message": "pre_chat_message", "fields": "pre_chat_fields"}[p.Key], p.Key)
	if p.Field < 0 {
		return key
	}
	return fmt.Sprintf("pre_chat_fields[%d].%s", p.Field, key)
}
