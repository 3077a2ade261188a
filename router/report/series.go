package report

import (
	"context"
	"fmt"
	"time"

	"relevo/router/fault"
	"relevo/router/store"
)

// Period is what a series is divided into.
type Period string

// The periods. Weeks begin on Sunday, as they do where these reports come
// from.
const (
	Hour  Period = "hour"
	Day   Period = "day"
	Week  Period = "week"
	Month Period = "month"
	Year  Period = "year"
)

// maxPoints is how many points a series may have.
const maxPoints = 2000

// slotLength is how finely the database divides time. The clocks of all zones
// differ from UTC by quarters of an hour.
const slotLength = 15 * time.Minute

// Point is the figure of one period.
type Point struct {
	At time.Time // when the period begins
	Figure
}

// Series answers q period by period in a zone, those without events included.
func (s *Reports) Series(ctx context.Context, q Question, p Period, zone *time.Location) ([]Point, error) {
	points, err := empty(q.Range, p, zone)
	if err != nil {
		return nil, err
	}
	rows, err := s.ask(ctx, q, s.slot("e.at")+" AS slot")
	if err != nil {
		return nil, err
	}
	return fill(points, rows), nil
}

// slot is the quarter of an hour of a column, counted from 1970.
func (s *Reports) slot(column string) string {
	if s.db.Dialect() == store.SQLite {
		return fmt.Sprintf("CAST(strftime('%%s', %s) AS integer) / %d", column, int(slotLength.Seconds()))
	}
	return fmt.Sprintf("CAST(floor(extract(epoch FROM %s) / %d) AS bigint)", column, int(slotLength.Seconds()))
}

func slotOf(t time.Time) int64 { return t.Unix() / int64(slotLength.Seconds()) }

// empty returns the points of a range, each with nothing.
func empty(r Range, p Period, zone *time.Location) ([]Point, error) {
	var points []Point
	for at := p.begin(r.Since.In(zone)); at.Before(r.Until); at = p.next(at) {
		if len(points) == maxPoints {
			return nil, fault.Invalid.Field(fault.Limit("too_many", maxPoints), "group_by")
		}
		points = append(points, Point{At: at})
	}
	return points, nil
}

// fill adds each row to the point whose period it is in.
func fill(points []Point, rows []row) []Point {
	for _, r := range rows {
		at := time.Unix(r.Slot*int64(slotLength.Seconds()), 0)
		i := len(points) - 1
		for i > 0 && points[i].At.After(at) {
			i--
		}
		if i >= 0 {
			points[i].Figure = points[i].plus(r.figure())
		}
	}
	return points
}

// begin is when the period of t begins.
func (p Period) begin(t time.Time) time.Time {
	y, m, d := t.Date()
	switch p {
	case Hour:
		return time.Date(y, m, d, t.Hour(), 0, 0, 0, t.Location())
	case Week:
		d -= int(t.Weekday())
	case Month:
		d = 1
	case Year:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// next is when the period after the one that begins at t begins.
func (p Period) next(t time.Time) time.Time {
	switch p {
	case Hour:
		return t.Add(time.Hour)
	case Week:
		return t.AddDate(0, 0, 7)
	case Month:
		return t.AddDate(0, 1, 0)
	case Year:
		return t.AddDate(1, 0, 0)
	}
	return t.AddDate(0, 0, 1)
}
