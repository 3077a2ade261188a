package router

import (
	"context"
	"fmt"
	"time"

	"relevo/fsm"
	"relevo/router/report"
)

// countEvery is how often messages are counted for reports. What is not
// counted yet is looked up, so nothing depends on it but speed.
const countEvery = 10 * time.Minute

// Reports answers questions on what happened so far.
func (r *Router) Reports() *report.Reports { return r.reports }

// countMessages counts messages from time to time, until ctx ends.
func (r *Router) countMessages(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.reports.Tally(ctx); err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "messages not counted", "error", err)
		}
	}
}

// Now is how conversations stand at this moment. A conversation is unattended
// if no person has answered its customer, or not his last words.
type Now struct {
	Open, Unattended, Unassigned, Pending int64
}

// CountNow counts the conversations of a scope.
func (r *Router) CountNow(ctx context.Context, s report.Scope) (Now, error) {
	where := new(conditions)
	for column, id := range map[string]int64{"c.assignee_id": s.Agent, "c.inbox_id": s.Inbox, "c.team_id": s.Team} {
		if id != 0 {
			where.and(column+" = ?", id)
		}
	}
	where.and("c.status IN ?", []string{string(fsm.Open), string(fsm.Pending)})
	var n Now
	err := r.db.Read().WithContext(ctx).Raw("SELECT "+standing+", count(*) - count(CASE WHEN c.status = 'open' THEN 1 END) AS pending FROM conversations c"+
		where.where(), where.args...).Scan(&n).Error
	if err != nil {
		return Now{}, fmt.Errorf("count conversations: %w", err)
	}
	return n, nil
}

const standing = `count(CASE WHEN c.status = 'open' THEN 1 END) AS open,
	count(CASE WHEN c.status = 'open' AND (c.first_reply_created_at IS NULL OR c.waiting_since IS NOT NULL) THEN 1 END) AS unattended,
	count(CASE WHEN c.status = 'open' AND c.assignee_id IS NULL THEN 1 END) AS unassigned`

// CountNowByAgent counts the open conversations of each agent who has any.
func (r *Router) CountNowByAgent(ctx context.Context) (map[int64]Now, error) {
	var rows []struct {
		AgentID int64
		Now
	}
	err := r.db.Read().WithContext(ctx).Raw("SELECT c.assignee_id AS agent_id, " + standing +
		" FROM conversations c WHERE c.status = 'open' AND c.assignee_id IS NOT NULL GROUP BY c.assignee_id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count conversations of agents: %w", err)
	}
	out := make(map[int64]Now, len(rows))
	for _, row := range rows {
		out[row.AgentID] = row.Now
	}
	return out, nil
}
