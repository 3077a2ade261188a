package hours

import (
	"slices"
	"time"
)

// Within returns how much of the time from one moment to another the business
// was open, by the clocks of from's zone: what Open would say of every moment.
// Spans that overlap, as those of a night and of the day after may, count once.
func (h Hours) Within(from, to time.Time) (open time.Duration) {
	for day, spans := range h.Week {
		h.Week[day] = slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return a.From - b.From })
	}
	for from.Before(to) {
		until := to
		if _, changes := from.ZoneBounds(); !changes.IsZero() && changes.Before(to) {
			until = changes.In(from.Location())
		}
		open += h.withinOneOffset(from, until)
		from = until
	}
	return open
}

// withinOneOffset is Within where the clocks are not changed in between.
func (h Hours) withinOneOffset(from, to time.Time) (open time.Duration) {
	name, offset := from.Zone()
	clock := time.FixedZone(name, offset)
	counted := from.In(clock) // up to here
	for day := dateOf(counted).add(-1); ; day = day.add(1) {
		midnight := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, clock)
		if !midnight.Before(to) {
			return open
		}
		for _, s := range h.spans(day) {
			begins, ends := midnight.Add(time.Duration(s.From)*time.Minute), midnight.Add(time.Duration(s.To)*time.Minute)
			if begins.Before(counted) {
				begins = counted
			}
			if ends.After(to) {
				ends = to
			}
			if begins.Before(ends) {
				open, counted = open+ends.Sub(begins), ends
			}
		}
	}
}
