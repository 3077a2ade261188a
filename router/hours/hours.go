// Package hours reckons when a business is open: several spans a day, spans
// that run past midnight, holidays, in a zone with summer time or without. It
// holds no clock and reads nothing; every answer follows from its arguments.
//
// Spans are wall-clock times. Where summer time skips an hour, what lies in it
// does not happen; where an hour comes twice, it counts both times.
package hours

import (
	"errors"
	"slices"
	"time"
)

const (
	// MaxSpans is how many spans a day may have.
	MaxSpans = 10
	// MaxHolidays is how many holidays may be listed.
	MaxHolidays = 500
	// horizon is how many days NextOpening looks ahead.
	horizon = 366 + 7
)

// Hours is when a business is open. The zero value is never open.
type Hours struct {
	Week     [7][]Span `json:"week"` // Sunday first; by the day that a span begins on
	Holidays []Date    `json:"holidays,omitempty"`
}

// Office is Monday to Friday from nine to five.
func Office() Hours {
	var h Hours
	for day := time.Monday; day <= time.Friday; day++ {
		h.Week[day] = []Span{{From: 9 * 60, To: 17 * 60}}
	}
	return h
}

// Check says what is wrong with h: too many spans or holidays, spans of a day
// that overlap.
func (h Hours) Check() error {
	if len(h.Holidays) > MaxHolidays {
		return errTooMany
	}
	for _, spans := range h.Week {
		if len(spans) > MaxSpans {
			return errTooMany
		}
		if err := overlaps(spans); err != nil {
			return err
		}
	}
	return nil
}

var (
	errTooMany = errors.New("too many")
	errOverlap = errors.New("overlaps another")
)

func overlaps(spans []Span) error {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.From - b.From })
	for i, s := range sorted {
		if i > 0 && s.From < sorted[i-1].To {
			return errOverlap
		}
	}
	return nil
}

// Open reports whether the business is open at t, by the clocks of t's zone. A
// span includes its first minute and not its last: 09:00-17:00 ends when the
// clock shows 17:00. A holiday cancels the spans that begin on it; one that
// began the evening before runs to its end.
func (h Hours) Open(t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	today := dateOf(t)
	return h.covers(today, minute) || h.covers(today.add(-1), minute+dayMinutes)
}

// covers reports whether a span that begins on a day covers a minute, counted
// from that day's midnight.
func (h Hours) covers(day Date, minute int) bool {
	return slices.ContainsFunc(h.spans(day), func(s Span) bool { return s.From <= minute && minute < s.To })
}

func (h Hours) spans(day Date) []Span {
	if slices.Contains(h.Holidays, day) {
		return nil
	}
	return h.Week[day.weekday()]
}

// NextOpening returns the first moment from t on at which the business is
// open, t itself if it is open now, in t's zone. False means not within a year.
func (h Hours) NextOpening(t time.Time) (time.Time, bool) {
	if h.Open(t) {
		return t, true
	}
	var next time.Time
	consider := func(at time.Time) {
		if at.After(t) && h.Open(at) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	today := dateOf(t)
	for i := -1; i <= horizon; i++ {
		day := today.add(i)
		for _, s := range h.spans(day) {
			for _, at := range day.moments(s.From, t.Location()) {
				consider(at)
			}
		}
		begins, ends := day.noon(t.Location()).ZoneBounds() // clocks that are put forward may land within a span
		consider(begins)
		consider(ends)
		// What begins on a later day can only be later still.
		if !next.IsZero() && today.add(i).noon(t.Location()).After(next) {
			break
		}
	}
	return next, !next.IsZero()
}
