package router

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relevo/router/fault"
)

// cursor is the place behind a row in a list that is in the order of activity
// or of creation. A page that begins there costs the same however deep it is.
type cursor struct {
	order string
	at    time.Time // the row's last activity
	id    int64
}

// NextCursor returns where the page after views begins, as Filter.Cursor takes
// it. It is empty behind the last page, and in orders that have no cursor.
func (f Filter) NextCursor(views []View) string {
	if len(views) < pageSize || !f.hasCursor() {
		return ""
	}
	last := views[len(views)-1].Conversation
	return fmt.Sprintf("%d-%d", last.LastActivityAt.UnixMicro(), last.ID)
}

func (f Filter) hasCursor() bool {
	switch f.order() {
	case latestFirst, longestAgoFirst, "created_at_desc", "created_at_asc":
		return true
	}
	return false
}

// after reads the filter's cursor; nil if it has none.
func (f Filter) after() (*cursor, error) {
	if f.Cursor == "" {
		return nil, nil
	}
	at, id, _ := strings.Cut(f.Cursor, "-")
	micros, errAt := strconv.ParseInt(at, 10, 64)
	number, errID := strconv.ParseInt(id, 10, 64)
	if errAt != nil || errID != nil || !f.hasCursor() {
		return nil, fault.Invalid.Field("unknown", "cursor")
	}
	return &cursor{f.order(), time.UnixMicro(micros).UTC(), number}, nil
}

// conditions hold for the rows behind the place.
func (c *cursor) conditions() *conditions {
	switch c.order {
	case longestAgoFirst:
		return new(conditions).and("(c.last_activity_at, c.id) > (?, ?)", c.at, c.id)
	case "created_at_desc":
		return new(conditions).and("c.id < ?", c.id)
	case "created_at_asc":
		return new(conditions).and("c.id > ?", c.id)
	}
	return new(conditions).and("(c.last_activity_at, c.id) < (?, ?)", c.at, c.id)
}
