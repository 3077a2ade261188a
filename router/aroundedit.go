package router

import (
	"time"

	"relevo/router/hours"
)

// AroundDraft is what is said of what happens around the conversations of an
// inbox; nil fields say nothing.
type AroundDraft struct {
	EmailCollect       *bool
	HoursEnabled       *bool
	ClosedMessage      *string
	Days               []DayDraft     // the days that change
	OpenAfter          *time.Duration // 0: never
	PendingAfter       *time.Duration // 0: never
	IgnoreWaiting      *bool
	ResolveText, Label *string
}

// around puts what d says into s.
func (s *InboxSettings) around(d AroundDraft) error {
	for to, from := range map[*string]*string{&s.Hours.Message: d.ClosedMessage, &s.AutoResolve.Message: d.ResolveText, &s.AutoResolve.Label: d.Label} {
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
	if d.IgnoreWaiting != nil {
		s.AutoResolve.Waiting = !*d.IgnoreWaiting
	}
	if d.HoursEnabled != nil {
		if s.Hours.Enabled = *d.HoursEnabled; s.Hours.Enabled && !s.Hours.given() {
			s.Hours.Hours = hours.Office()
		}
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
