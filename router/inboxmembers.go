package router

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// maxMembers bounds how many agents are named in one request.
const maxMembers = 1000

// InboxMembers lists the agents of an inbox, by name.
func (r *Router) InboxMembers(ctx context.Context, inboxID int64) ([]*Agent, error) {
	agents := []*Agent{}
	err := r.db.Read().WithContext(ctx).Raw(`SELECT a.* FROM inbox_members m JOIN agents a ON a.id = m.agent_id
		WHERE m.inbox_id = ? AND a.removed_at IS NULL ORDER BY a.name, a.id`, inboxID).Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("members of inbox %d: %w", inboxID, err)
	}
	return agents, nil
}

// AssignableAgents lists who may have conversations of all the given inboxes:
// members of each of them, and administrators.
func (r *Router) AssignableAgents(ctx context.Context, inboxIDs []int64) ([]*Agent, error) {
	inboxIDs = slices.Compact(slices.Sorted(slices.Values(inboxIDs)))
	if len(inboxIDs) == 0 || len(inboxIDs) > maxMembers {
		return nil, fault.Invalid.Field("required", "inbox_ids")
	}
	agents := []*Agent{}
	err := r.db.Read().WithContext(ctx).Raw(`SELECT a.* FROM agents a WHERE a.removed_at IS NULL AND (a.role = ?
		OR (SELECT count(*) FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id IN ?) = ?) ORDER BY a.name, a.id`,
		string(RoleAdministrator), inboxIDs, len(inboxIDs)).Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("assignable agents: %w", err)
	}
	return agents, nil
}

// Membership says what becomes of the named members.
type Membership int

const (
	Join  Membership = iota // they are members, too
	Leave                   // they no longer are
	Only                    // they are, and nobody else
)

// SetInboxMembers changes who answers an inbox and returns its members. What
// those who leave have open or snoozed there is nobody's, unless they are
// administrators, who see every inbox.
func (r *Router) SetInboxMembers(ctx context.Context, by By, inboxID int64, agentIDs []int64, how Membership) ([]*Agent, error) {
	if _, err := r.InboxByID(ctx, inboxID); err != nil {
		return nil, err
	}
	before, after, err := r.setMembers(ctx, memberTable{"inbox_members", "inbox_id"}, inboxID, agentIDs, how)
	if err != nil {
		return nil, err
	}
	r.opts.Live(Happened{Members: differing(before, after)})
	for _, id := range before {
		if slices.Contains(after, id) {
			continue
		}
		a, err := r.Agent(ctx, id)
		if err != nil {
			return nil, err
		}
		if a.Role == RoleAdministrator {
			continue
		}
		if err := r.release(ctx, by, a, inboxID); err != nil {
			return nil, err
		}
	}
	r.tryWaiting()
	return r.InboxMembers(ctx, inboxID)
}

// memberTable is a table of memberships.
type memberTable struct{ name, of string }

// setMembers changes the members of one inbox or team and returns who they
// were and who they are.
func (r *Router) setMembers(ctx context.Context, table memberTable, of int64, agentIDs []int64, how Membership) (before, after []int64, err error) {
	agentIDs = slices.Compact(slices.Sorted(slices.Values(agentIDs)))
	if len(agentIDs) > maxMembers {
		return nil, nil, fault.Invalid.Field(fault.Limit("too_many", maxMembers), "user_ids")
	}
	read := "SELECT agent_id FROM " + table.name + " WHERE " + table.of + " = ? ORDER BY agent_id"
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		before, after = nil, nil
		if err := tx.Raw(read, of).Scan(&before).Error; err != nil {
			return err
		}
		if how != Leave {
			if err := allThere(tx, agentIDs); err != nil {
				return err
			}
		}
		// Whoever is given a conversation at this moment is waited for, so that
		// what they are given is found, and taken from them, when they have left.
		if err := tx.Exec("SELECT 1 FROM agents WHERE id IN ? ORDER BY id"+r.db.ForUpdate(false), append([]int64{0}, before...)).Error; err != nil {
			return err
		}
		for _, id := range before {
			if leaves := slices.Contains(agentIDs, id) == (how == Leave); leaves && how != Join {
				if err := tx.Exec("DELETE FROM "+table.name+" WHERE "+table.of+" = ? AND agent_id = ?", of, id).Error; err != nil {
					return err
				}
			}
		}
		for _, id := range agentIDs {
			if how == Leave {
				break
			}
			if err := tx.Exec("INSERT INTO "+table.name+" ("+table.of+", agent_id) VALUES (?, ?) ON CONFLICT DO NOTHING", of, id).Error; err != nil {
				return err
			}
		}
		return tx.Raw(read, of).Scan(&after).Error
	})
	if err != nil {
		return nil, nil, fmt.Errorf("set %s of %d: %w", table.name, of, err)
	}
	return before, after, nil
}

// allThere refuses agents who are not.
func allThere(tx *gorm.DB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	var n int
	if err := tx.Raw("SELECT count(*) FROM agents WHERE id IN ? AND removed_at IS NULL", ids).Scan(&n).Error; err != nil {
		return err
	}
	if n != len(ids) {
		return fault.Invalid.Field("unknown_agent", "user_ids")
	}
	return nil
}

// differing returns what stands in one list but not in both.
func differing(a, b []int64) []int64 {
	out := []int64{}
	for _, id := range append(slices.Clone(a), b...) {
		if slices.Contains(a, id) != slices.Contains(b, id) {
			out = append(out, id)
		}
	}
	return out
}
