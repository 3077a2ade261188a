package router

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relevo/fsm"
	"relevo/router/store"
)

const (
	// waitingEvery is how often a process looks for conversations that wait for
	// an agent although one is free. Usually somebody's coming or resolving has
	// already seen to them; this finds what a process that died left.
	waitingEvery = 30 * time.Second
	// waitingBatch is how many of an inbox are tried at a time.
	waitingBatch = 100
)

// freeMembers finds the agents of an inbox that automatic assignment may pick:
// members who are online. Its arguments are those of online.
const freeMembers = ` FROM inbox_members m JOIN agents a ON a.id = m.agent_id
	WHERE m.inbox_id = ? AND a.removed_at IS NULL AND a.availability = 'online' AND (NOT a.auto_offline OR a.seen_at >= ?)`

// underLimit leaves out who has as many open conversations of the inbox as the
// limit says.
const underLimit = ` AND (SELECT count(*) FROM conversations o
	WHERE o.assignee_id = a.id AND o.status = 'open' AND o.inbox_id = m.inbox_id) < ?`

// inTeam leaves out who is not in a team, and everybody where the team does
// not take part. A team of nobody is everybody: its conversations would wait
// for ever.
const inTeam = ` AND EXISTS (SELECT 1 FROM teams t WHERE t.id = ? AND t.allow_auto_assign
	AND (EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = t.id AND x.agent_id = a.id)
		OR NOT EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = t.id)))`

// assignOpened finds an agent for a conversation that has just come open and
// that nobody has. Who opens a conversation gets it, so that what an agent
// leaves without anybody is meant so.
func (ch *change) assignOpened() error {
	byAgent := ch.actor().Kind == KindAgent && !ch.began
	if !ch.cameOpen() || ch.c.AssigneeID != nil || byAgent || ch.triedTeam {
		return nil
	}
	to, err := ch.pickFree()
	if err != nil || to == nil {
		return err
	}
	ch.c.AssigneeID = &to.ID
	return ch.note("assigned.system", map[string]any{"assignee": to.Name}, nil)
}

// keepToTeam holds a conversation that was given to a team to its members: an
// agent who is none of them leaves it, and where it is open one of them gets
// it.
func (ch *change) keepToTeam() error {
	if ch.c.TeamID == nil || sameID(ch.c.TeamID, ch.was.TeamID) {
		return nil
	}
	team, err := ch.team("id = ?", *ch.c.TeamID)
	if err != nil || team == nil {
		return err
	}
	if ch.c.AssigneeID != nil && !ch.changedHands() && !ch.chosen {
		if err := ch.leaveOutsider(team); err != nil {
			return err
		}
	}
	if ch.c.AssigneeID != nil || ch.c.Status != fsm.Open {
		return nil
	}
	ch.triedTeam = true
	to, err := ch.pickFree()
	if err != nil || to == nil {
		return err
	}
	ch.c.AssigneeID = &to.ID
	if by := ch.actor(); by.Kind == KindAgent {
		return ch.note("assigned.team", map[string]any{"agent": by.Name, "assignee": to.Name, "team": team.Name}, nil)
	}
	return ch.note("assigned.system", map[string]any{"assignee": to.Name}, nil)
}

// leaveOutsider takes the conversation from an assignee who is not in team. Of
// a team of nobody there are no outsiders.
func (ch *change) leaveOutsider(team *Team) error {
	var row struct {
		Name   string
		Inside bool
	}
	err := ch.tx.Raw(`SELECT a.name, EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = ? AND x.agent_id = a.id)
			OR NOT EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = ?) AS inside
		FROM agents a WHERE a.id = ?`, team.ID, team.ID, *ch.c.AssigneeID).Scan(&row).Error
	if err != nil {
		return fmt.Errorf("assignee in team %d: %w", team.ID, err)
	}
	if row.Inside {
		return nil
	}
	ch.c.AssigneeID = nil
	return ch.note("unassigned.team", map[string]any{"assignee": row.Name, "team": team.Name}, nil)
}

// pickFree returns the agent whose turn it is, nil if nobody is free: of the
// online members of the inbox (and of the team, if it has one) who are under
// the limit, the one whom it was given to least recently.
//
// The rows of all who could be picked are locked first, in one order, so that
// of two processes that assign at once the second counts what the first gave.
func (ch *change) pickFree() (*Agent, error) {
	s := ch.inbox.Settings
	if s.NoAutoAssign {
		return nil, nil
	}
	where, args := freeMembers, []any{ch.c.InboxID, ch.now.Add(-PresentFor)}
	if ch.c.TeamID != nil {
		where, args = where+inTeam, append(args, *ch.c.TeamID)
	}
	if ch.r.db.Dialect() == store.Postgres {
		var locked []int64 // not FOR UPDATE: rows that merely name an agent must not wait
		if err := ch.tx.Raw("SELECT a.id"+where+" ORDER BY a.id FOR NO KEY UPDATE OF a", args...).Scan(&locked).Error; err != nil {
			return nil, fmt.Errorf("lock free agents: %w", err)
		}
		if len(locked) == 0 {
			return nil, nil
		}
	}
	if s.AutoAssignLimit > 0 {
		where, args = where+underLimit, append(args, s.AutoAssignLimit)
	}
	var row struct {
		Agent
		Latest store.Time
	}
	err := ch.tx.Raw(`SELECT a.*, (SELECT max(z.last_assigned_at) FROM inbox_members z WHERE z.inbox_id = m.inbox_id) AS latest`+
		where+" ORDER BY m.last_assigned_at IS NOT NULL, m.last_assigned_at, a.id LIMIT 1", args...).Scan(&row).Error
	if err != nil {
		return nil, fmt.Errorf("pick a free agent: %w", err)
	}
	if row.ID == 0 {
		return nil, nil
	}
	at := ch.now // turns are told apart even where clocks stand still or differ
	if row.Latest.Valid && !at.After(row.Latest.Time) {
		at = row.Latest.Time.Add(time.Microsecond)
	}
	err = ch.tx.Exec("UPDATE inbox_members SET last_assigned_at = ? WHERE inbox_id = ? AND agent_id = ?", at, ch.c.InboxID, row.ID).Error
	if err != nil {
		return nil, fmt.Errorf("note whose turn it was: %w", err)
	}
	return &row.Agent, nil
}

// freesAnAgent reports whether an agent who may have been at the limit has one
// open conversation less.
func (ch *change) freesAnAgent() bool {
	had := ch.was.AssigneeID != nil && ch.was.Status == fsm.Open && !ch.began
	return had && ch.inbox.Settings.AutoAssignLimit > 0 && (ch.gone || ch.c.Status != fsm.Open || ch.changedHands())
}

// tryWaiting makes Run look for conversations that wait for an agent, now.
func (r *Router) tryWaiting() {
	select {
	case r.free <- struct{}{}:
	default: // it looks anyway
	}
}

// assignWhoWaits assigns waiting conversations when somebody may be free, and
// from time to time, until ctx ends.
func (r *Router) assignWhoWaits(ctx context.Context) {
	tick := time.NewTicker(waitingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.free:
		case <-tick.C:
		}
		if _, err := r.AssignWaiting(context.WithoutCancel(ctx)); err != nil {
			r.log.ErrorContext(ctx, "waiting conversations not assigned", "error", err)
		}
	}
}

// AssignWaiting gives open conversations that nobody has to agents who are
// free, in inboxes with automatic assignment, who waits longest first, each in
// a change of its own. It returns how many it gave. Run does the same on its
// own when an agent comes online or has room again.
func (r *Router) AssignWaiting(ctx context.Context) (int, error) {
	inboxes, err := r.Inboxes(ctx)
	if err != nil {
		return 0, err
	}
	given := 0
	var failed []error
	for _, inbox := range inboxes {
		if inbox.Settings.NoAutoAssign {
			continue
		}
		waiting, err := r.waiting(ctx, inbox)
		if err != nil {
			failed = append(failed, fmt.Errorf("inbox %d: %w", inbox.ID, err))
			continue
		}
		before := given
		for _, id := range waiting {
			got, err := r.assignWaiting(ctx, id)
			if err != nil { // the others need not wait for this one
				failed = append(failed, fmt.Errorf("conversation %d: %w", id, err))
				continue
			}
			if got {
				given++
			}
		}
		if len(waiting) == waitingBatch && given > before {
			r.tryWaiting() // there may be more
		}
	}
	return given, errors.Join(failed...)
}

// assignWaiting gives one conversation to whoever is free, if it still waits.
// One that somebody holds at the moment is left for the next time.
func (r *Router) assignWaiting(ctx context.Context, id int64) (bool, error) {
	got := false
	_, err := r.change(ctx, byIDUnlessLocked(id), func(ch *change) error {
		got = false
		if ch.c.Status != fsm.Open || ch.c.AssigneeID != nil {
			return nil
		}
		to, err := ch.pickFree()
		if err != nil || to == nil {
			return err
		}
		got, ch.c.AssigneeID = true, &to.ID
		return ch.note("assigned.system", map[string]any{"assignee": to.Name}, nil)
	})
	return got, err
}

// waiting lists conversations of an inbox that somebody could be given now.
func (r *Router) waiting(ctx context.Context, inbox *Inbox) ([]int64, error) {
	db := r.db.Read().WithContext(ctx)
	where, args := freeMembers, []any{inbox.ID, r.now().Add(-PresentFor)}
	if n := inbox.Settings.AutoAssignLimit; n > 0 {
		where, args = where+underLimit, append(args, n)
	}
	var free, ids []int64
	if err := db.Raw("SELECT a.id"+where, args...).Scan(&free).Error; err != nil {
		return nil, fmt.Errorf("free agents of inbox %d: %w", inbox.ID, err)
	}
	if len(free) == 0 {
		return nil, nil
	}
	err := db.Raw(`SELECT c.id FROM conversations c WHERE c.inbox_id = ? AND c.status = 'open' AND c.assignee_id IS NULL
		AND (c.team_id IS NULL OR EXISTS (SELECT 1 FROM teams t WHERE t.id = c.team_id AND t.allow_auto_assign
			AND (EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = t.id AND x.agent_id IN ?)
				OR NOT EXISTS (SELECT 1 FROM team_members x WHERE x.team_id = t.id))))
		ORDER BY coalesce(c.waiting_since, c.last_activity_at), c.id LIMIT ?`, inbox.ID, free, waitingBatch).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("waiting conversations of inbox %d: %w", inbox.ID, err)
	}
	return ids, nil
}
