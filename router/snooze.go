package router

import (
	"time"

	"relevo/router/fault"
)

const (
	snoozeHour     = 9 // of the morning
	maxSnoozeYears = 5
)

// SnoozeTime turns a word into a time in zone: "tomorrow" is the next calendar
// day at 09:00, "next_week" the next Monday at 09:00 (on a Sunday that is
// tomorrow, on a Monday it is a week away), "next_reply" is nil. Another word
// is fault.Invalid. Days are calendar days, so a clock change at night does
// not move the hour.
func SnoozeTime(word string, now time.Time, zone *time.Location) (*time.Time, error) {
	local := now.In(zone)
	days := 0
	switch word {
	case "next_reply":
		return nil, nil
	case "tomorrow":
		days = 1
	case "next_week":
		days = (7 - int(local.Weekday()-time.Monday)) % 7
		if days == 0 {
			days = 7
		}
	default:
		return nil, fault.Invalid.Field("not_a_time", "snoozed_until")
	}
	at := time.Date(local.Year(), local.Month(), local.Day()+days, snoozeHour, 0, 0, 0, zone).UTC()
	return &at, nil
}
