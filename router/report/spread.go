package report

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Spread counts the events of q by how long they took: of each inbox as many
// counts as there are limits and one more, the first of those that took less
// than the first limit, the last of those that took no less than the last.
func (s *Reports) Spread(ctx context.Context, q Question, limits []time.Duration) (map[int64][]int64, error) {
	var bucket strings.Builder
	for i, limit := range limits {
		fmt.Fprintf(&bucket, " WHEN e.millis < %d THEN %d", limit.Milliseconds(), i)
	}
	where, args := q.where()
	var rows []row
	err := s.read(ctx).Raw(fmt.Sprintf("SELECT e.inbox_id AS id, CASE%s ELSE %d END AS slot, count(*) AS count FROM report_events e%s GROUP BY 1, 2",
		bucket.String(), len(limits), where), args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("report of %s: %w", q.Kind, err)
	}
	out := map[int64][]int64{}
	for _, r := range rows {
		if out[r.ID] == nil {
			out[r.ID] = make([]int64, len(limits)+1)
		}
		out[r.ID][r.Slot] += r.Count
	}
	return out, nil
}

// ByInboxAndLabel counts the events of q by inbox and by each label that their
// conversations carry now.
func (s *Reports) ByInboxAndLabel(ctx context.Context, q Question) (map[int64]map[string]int64, error) {
	where, args := q.where()
	var rows []row
	err := s.read(ctx).Raw("SELECT e.inbox_id AS id, own.title AS name, count(*) AS count FROM report_events e"+labelsFor("own.title")+where+" GROUP BY 1, 2",
		args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("report of %s by label: %w", q.Kind, err)
	}
	out := map[int64]map[string]int64{}
	for _, r := range rows {
		if out[r.ID] == nil {
			out[r.ID] = map[string]int64{}
		}
		out[r.ID][r.Name] = r.Count
	}
	return out, nil
}

// BeganAs counts the conversations that began in a range by inbox and by the
// status that they have now.
func (s *Reports) BeganAs(ctx context.Context, r Range) (map[int64]map[string]int64, error) {
	where, args := Question{Kind: Began, Range: r}.where()
	var rows []row
	err := s.read(ctx).Raw("SELECT e.inbox_id AS id, c.status AS name, count(*) AS count FROM report_events e JOIN conversations c ON c.id = e.conversation_id"+where+
		" GROUP BY 1, 2", args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("report of inboxes: %w", err)
	}
	out := map[int64]map[string]int64{}
	for _, r := range rows {
		if out[r.ID] == nil {
			out[r.ID] = map[string]int64{}
		}
		out[r.ID][r.Name] = r.Count
	}
	return out, nil
}
