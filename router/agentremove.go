package router

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/fault"
)

// releaseBatch is how many conversations are looked up at a time.
const releaseBatch = 100

// RemoveAgent takes an agent out: no token, session or membership is left, and
// what they had open or snoozed is nobody's. The row stays so that their
// messages keep a name. Nobody removes themselves or the last administrator.
// Removing again goes on with what an interrupted removal left.
func (r *Router) RemoveAgent(ctx context.Context, by By, id int64) error {
	if by.Actor.Kind == KindAgent && by.Actor.ID == id {
		return fault.Invalid.Field("yourself", "id")
	}
	var gone *Agent
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if gone, err = r.lockAgent(tx, id); err != nil || gone.RemovedAt != nil {
			return err
		}
		if gone.Role == RoleAdministrator {
			if err := lastAdministrator(tx, id, "id"); err != nil {
				return err
			}
		}
		for _, table := range []string{"access_tokens", "sessions", "inbox_members", "team_members", "participants", "drafts"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE agent_id = ?", id).Error; err != nil {
				return err
			}
		}
		now := r.now()
		return tx.Exec("UPDATE agents SET removed_at = ?, password_hash = '', updated_at = ? WHERE id = ?", now, now, id).Error
	})
	if err != nil {
		return fmt.Errorf("remove agent: %w", err)
	}
	out := *gone
	out.RemovedAt = &out.UpdatedAt
	r.tellOf(gone, &out)
	return r.release(ctx, by, gone, 0)
}

// release makes what an agent has open or snoozed nobody's, in one inbox or,
// where inboxID is 0, everywhere: a change of its own for each conversation.
func (r *Router) release(ctx context.Context, by By, a *Agent, inboxID int64) error {
	query, args := "SELECT id FROM conversations WHERE assignee_id = ? AND status IN ?", []any{a.ID, []string{string(fsm.Open), string(fsm.Snoozed)}}
	if inboxID != 0 {
		query, args = query+" AND inbox_id = ?", append(args, inboxID)
	}
	for {
		var ids []int64
		if err := r.db.Read().WithContext(ctx).Raw(query+" ORDER BY id LIMIT ?", append(args, releaseBatch)...).Scan(&ids).Error; err != nil {
			return fmt.Errorf("conversations of agent %d: %w", a.ID, err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			_, err := r.change(ctx, byID(id), func(ch *change) error {
				if ch.c.AssigneeID == nil || *ch.c.AssigneeID != a.ID {
					return nil
				}
				ch.c.AssigneeID = nil
				return ch.note("unassigned.gone", map[string]any{"agent": by.Actor.Name, "assignee": a.Name}, nil)
			})
			if err != nil {
				return fmt.Errorf("release conversation %d: %w", id, err)
			}
		}
	}
}

// dropGone makes a conversation nobody's that comes back to somebody who no
// longer answers its inbox: they would never see it.
func (ch *change) dropGone() error {
	if ch.c.AssigneeID == nil {
		return nil
	}
	var a Agent
	err := ch.tx.Raw(`SELECT a.* FROM agents a WHERE a.id = ? AND (a.removed_at IS NOT NULL OR a.role <> ?
		AND NOT EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?))`,
		*ch.c.AssigneeID, string(RoleAdministrator), ch.c.InboxID).Scan(&a).Error
	if err != nil {
		return fmt.Errorf("assignee %d: %w", *ch.c.AssigneeID, err)
	}
	if a.ID == 0 {
		return nil
	}
	ch.c.AssigneeID = nil
	return ch.note("unassigned.left", map[string]any{"assignee": a.Name}, nil)
}
