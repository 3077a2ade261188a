package report

import (
	"context"
	"fmt"
)

const (
	// PageSize is how many events a page has.
	PageSize = 25
	// MaxPage is the last page that can be asked for.
	MaxPage = 400
	// countsTo is how far events are counted.
	countsTo = 1000
)

// OfConversation returns the events of a conversation, the first first. There
// are at most 1,000.
func (s *Reports) OfConversation(ctx context.Context, id int64) ([]*Event, error) {
	events := []*Event{}
	err := s.read(ctx).Raw("SELECT * FROM report_events WHERE conversation_id = ? ORDER BY id LIMIT 1000", id).Scan(&events).Error
	if err != nil {
		return nil, fmt.Errorf("report events of conversation %d: %w", id, err)
	}
	return events, nil
}

// Events returns a page, from 1, of the events that q asks for, the latest
// first, and how many there are, counted up to 1,000. A Kind of "" is any.
func (s *Reports) Events(ctx context.Context, q Question, page int) (events []*Event, count int, err error) {
	where, args := q.where()
	events = []*Event{}
	err = s.read(ctx).Raw("SELECT e.* FROM report_events e"+where+fmt.Sprintf(" ORDER BY e.at DESC, e.id DESC LIMIT %d OFFSET %d", PageSize, (max(page, 1)-1)*PageSize),
		args...).Scan(&events).Error
	if err != nil {
		return nil, 0, fmt.Errorf("report events: %w", err)
	}
	err = s.read(ctx).Raw(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM report_events e%s LIMIT %d) t", where, countsTo+1), args...).Row().Scan(&count)
	if err != nil {
		return nil, 0, fmt.Errorf("count report events: %w", err)
	}
	return events, count, nil
}
