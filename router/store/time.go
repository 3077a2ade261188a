package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// wallClock returns t as it comes back from both databases: in UTC, without a
// monotonic part, to the microsecond.
func wallClock(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// sqliteTime is how times are spelt in SQLite.
const sqliteTime = "2006-01-02 15:04:05.999999999-07:00"

// Time scans a time that is no plain column, such as max(created_at) or
// coalesce(due_at, ?). SQLite knows no type for an expression and gives its
// text, which a *time.Time refuses; plain columns need no Time.
type Time struct {
	Time  time.Time // in UTC
	Valid bool      // false for NULL
}

// Scan is for database/sql.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = Time{}
	case time.Time:
		*t = Time{Time: v.UTC(), Valid: true}
	case string:
		parsed, err := time.Parse(sqliteTime, v)
		if err != nil {
			return fmt.Errorf("scan time: %w", err)
		}
		*t = Time{Time: parsed.UTC(), Valid: true}
	default:
		return fmt.Errorf("cannot scan %T into a time", src)
	}
	return nil
}

// Value is for database/sql.
func (t Time) Value() (driver.Value, error) {
	if !t.Valid {
		return nil, nil
	}
	return t.Time, nil
}

// Pointer returns the time, or nil for NULL.
func (t Time) Pointer() *time.Time {
	if !t.Valid {
		return nil
	}
	return &t.Time
}
