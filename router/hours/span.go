package hours

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

const dayMinutes = 24 * 60

// Span is a time of a day, in minutes from the midnight that the day begins
// with. To is more than 24 hours for a span that ends on the day after.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// AllDay is a whole day.
var AllDay = Span{From: 0, To: dayMinutes}

var spanForm = regexp.MustCompile(`^(\d\d):(\d\d)-(\d\d):(\d\d)$`)

var errNotASpan = errors.New(`must be times such as "09:00-14:00", or "18:00-02:00" past midnight`)

// ParseSpan reads "09:00-14:00", "18:00-02:00" (which ends on the day after)
// and "00:00-24:00".
func ParseSpan(text string) (Span, error) {
	found := spanForm.FindStringSubmatch(text)
	if found == nil {
		return Span{}, errNotASpan
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(found[i+1]) // two digits
	}
	return NewSpan(n[0], n[1], n[2], n[3])
}

// NewSpan returns the span between two times of the clock. One that does not
// end after it begins ends on the day after.
func NewSpan(fromHour, fromMinute, toHour, toMinute int) (Span, error) {
	s := Span{From: fromHour*60 + fromMinute, To: toHour*60 + toMinute}
	if fromHour < 0 || fromHour > 23 || toHour < 0 || fromMinute < 0 || fromMinute > 59 || toMinute < 0 || toMinute > 59 || s.To > dayMinutes {
		return Span{}, errNotASpan
	}
	switch {
	case s.From == s.To:
		return Span{}, errors.New("begins when it ends; a whole day is 00:00-24:00")
	case s.To < s.From:
		s.To += dayMinutes
	}
	return s, nil
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	to := s.To
	if to > dayMinutes {
		to -= dayMinutes
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, to/60, to%60)
}

// MarshalText returns String.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseSpan.
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

// Date is a day of a calendar, wherever it is.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-12-25".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, errors.New(`must be a day such as "2026-12-25"`)
	}
	return dateOf(t), nil
}

// String writes the day as ParseDate reads it.
func (d Date) String() string { return d.noon(time.UTC).Format(time.DateOnly) }

// MarshalText returns String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDate.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) noon(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone)
}

func (d Date) add(days int) Date { return dateOf(d.noon(time.UTC).AddDate(0, 0, days)) }

func (d Date) weekday() time.Weekday { return d.noon(time.UTC).Weekday() }

// moments are those at which the clocks of a zone show a minute of the day:
// one most often, two where an hour comes twice, none where it is skipped.
func (d Date) moments(minute int, zone *time.Location) []time.Time {
	wall := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
	var found []time.Time
	for _, near := range []time.Time{wall.Add(-36 * time.Hour), wall.Add(36 * time.Hour)} {
		_, offset := near.In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		shows := at.Hour()*60+at.Minute() == minute%dayMinutes
		if shows && (len(found) == 0 || !found[0].Equal(at)) {
			found = append(found, at)
		}
	}
	return found
}
