package router

import (
	"strconv"
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

// ReadSnooze reads how the API says when a snooze ends: unix seconds, RFC 3339,
// or a word of SnoozeTime. Nothing is until the next reply.
func ReadSnooze(s string) (until *time.Time, word string, err error) {
	switch s {
	case "", "next_reply", "tomorrow", "next_week":
		return nil, s, nil
	}
	t, ok := ReadTime(s)
	if !ok {
		return nil, "", fault.Invalid.Field("not_a_time", "snoozed_until")
	}
	return &t, "", nil
}

// ReadTime reads unix seconds or RFC 3339.
func ReadTime(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		const year9999 = 253_402_300_799
		return time.Unix(min(max(seconds, 0), year9999), 0).UTC(), true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err == nil
}

// checkSnooze refuses a time until which nothing can be put off.
func checkSnooze(until *time.Time, now time.Time) error {
	switch {
	case until == nil:
		return nil
	case !until.After(now):
		return fault.Invalid.Field("in_the_past", "snoozed_until")
	case until.After(now.AddDate(maxSnoozeYears, 0, 0)):
		return fault.Invalid.Field(fault.Limit("too_far_ahead", maxSnoozeYears), "snoozed_until")
	}
	return nil
}
