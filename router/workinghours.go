package router

import (
	"relevo/router/fault"
	"relevo/router/hours"
)

// DayRow is a day's hours in the dialect of the API, which knows one span a
// day: from the first opening to the last closing. Spans has all of them.
type DayRow struct {
	DayOfWeek    int      `json:"day_of_week" doc:"0 is Sunday"`
	ClosedAllDay bool     `json:"closed_all_day"`
	OpenHour     int      `json:"open_hour" doc:"0 on a day that is closed, as all the times"`
	OpenMinutes  int      `json:"open_minutes"`
	CloseHour    int      `json:"close_hour" doc:"not after the opening: on the day after"`
	CloseMinutes int      `json:"close_minutes"`
	OpenAllDay   bool     `json:"open_all_day"`
	Spans        []string `json:"spans" doc:"such as 09:00-14:00; 18:00-02:00 ends on the day after, 00:00-24:00 is all day"`
}

// Rows shows the hours of each day, Sunday first.
func (h OpeningHours) Rows() []DayRow {
	rows := make([]DayRow, 0, len(h.Week))
	for day, spans := range h.Week {
		row := DayRow{DayOfWeek: day, ClosedAllDay: len(spans) == 0, Spans: []string{}}
		for i, s := range spans {
			row.Spans = append(row.Spans, s.String())
			row.OpenAllDay = row.OpenAllDay || s == hours.AllDay
			if i == 0 {
				row.OpenHour, row.OpenMinutes = clock(s.From)
			}
			row.CloseHour, row.CloseMinutes = clock(s.To)
		}
		if row.OpenAllDay { // as clients expect it
			row.CloseHour, row.CloseMinutes = clock(24*60 - 1)
		}
		rows = append(rows, row)
	}
	return rows
}

func clock(minute int) (hour, minutes int) { return minute / 60 % 24, minute % 60 }

// DayDraft is what is said of a day's hours. Spans counts before the times.
type DayDraft struct {
	DayOfWeek                                      int
	ClosedAllDay, OpenAllDay                       bool
	OpenHour, OpenMinutes, CloseHour, CloseMinutes *int
	Spans                                          []string // nil: none were sent
}

// spans reads the hours that a draft means.
func (d DayDraft) spans() ([]hours.Span, error) {
	bad := fault.Invalid.Field("not_hours", "working_hours")
	switch {
	case d.ClosedAllDay:
		return nil, nil
	case d.OpenAllDay:
		return []hours.Span{hours.AllDay}, nil
	case d.Spans != nil:
		var all []hours.Span
		for _, text := range d.Spans {
			s, err := hours.ParseSpan(text)
			if err != nil {
				return nil, bad.Wrap(err)
			}
			all = append(all, s)
		}
		return all, nil
	case d.OpenHour == nil || d.CloseHour == nil:
		return nil, bad
	}
	minute := func(m *int) int {
		if m == nil {
			return 0
		}
		return *m
	}
	s, err := hours.NewSpan(*d.OpenHour, minute(d.OpenMinutes), *d.CloseHour, minute(d.CloseMinutes))
	if err != nil {
		return nil, bad.Wrap(err)
	}
	return []hours.Span{s}, nil
}

// take changes the days that are named, each once; the others stay.
func (h *OpeningHours) take(days []DayDraft) error {
	named := map[int]bool{}
	for _, d := range days {
		if d.DayOfWeek < 0 || d.DayOfWeek >= len(h.Week) {
			return fault.Invalid.Field(fault.Limit("out_of_range", 0, len(h.Week)-1), "working_hours")
		}
		if named[d.DayOfWeek] {
			return fault.Invalid.Field("duplicate", "working_hours")
		}
		named[d.DayOfWeek] = true
		spans, err := d.spans()
		if err != nil {
			return err
		}
		h.Week[d.DayOfWeek] = spans
	}
	return nil
}
