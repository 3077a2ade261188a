package router

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// AgentByToken returns the agent that an access token (by its SHA-256, in
// hexadecimal) belongs to, and which inboxes they may see. An unknown token is
// fault.Unauthenticated.
func (r *Router) AgentByToken(ctx context.Context, hash string) (*Agent, Scope, error) {
	db := r.db.Read().WithContext(ctx)
	var a Agent
	if err := db.Raw("SELECT a.* FROM access_tokens t JOIN agents a ON a.id = t.agent_id WHERE t.hash = ? AND a.removed_at IS NULL", hash).Scan(&a).Error; err != nil {
		return nil, Scope{}, fmt.Errorf("agent by token: %w", err)
	}
	if a.ID == 0 {
		return nil, Scope{}, fault.Unauthenticated
	}
	scope, err := r.scopeOf(ctx, &a)
	return &a, scope, err
}

// scopeOf returns which inboxes an agent may see.
func (r *Router) scopeOf(ctx context.Context, a *Agent) (Scope, error) {
	if a.Role == RoleAdministrator {
		return Scope{All: true}, nil
	}
	var scope Scope
	err := r.db.Read().WithContext(ctx).
		Raw("SELECT inbox_id FROM inbox_members WHERE agent_id = ? ORDER BY inbox_id", a.ID).Scan(&scope.Inboxes).Error
	if err != nil {
		return Scope{}, fmt.Errorf("inboxes of agent %d: %w", a.ID, err)
	}
	return scope, nil
}

// AddAgent stores an agent, with an access token where tokenHash is not empty,
// as a member of the given inboxes, of all that exist where inboxes is nil. An
// e-mail that is there is fault.Taken; that of somebody who was removed brings
// them back, as a describes them.
func (r *Router) AddAgent(ctx context.Context, a Agent, tokenHash string, inboxes []int64) (*Agent, error) {
	now := r.now()
	a.Name, a.Email = strings.TrimSpace(a.Name), foldEmail(a.Email)
	a.Availability = cmp.Or(a.Availability, Online)
	a.CreatedAt, a.UpdatedAt, a.SeenAt, a.RemovedAt = now, now, nil, nil
	if err := a.check(); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		var row struct{ ID int64 }
		err := tx.Raw(`INSERT INTO agents (name, display_name, email, role, availability, auto_offline, time_zone, password_hash, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (email) DO UPDATE SET name = excluded.name, display_name = excluded.display_name, role = excluded.role,
				availability = excluded.availability, auto_offline = excluded.auto_offline, time_zone = excluded.time_zone,
				password_hash = excluded.password_hash, seen_at = NULL, removed_at = NULL, updated_at = excluded.updated_at
				WHERE agents.removed_at IS NOT NULL
			RETURNING id`,
			a.Name, a.DisplayName, a.Email, string(a.Role), a.Availability, a.AutoOffline, a.TimeZone, a.PasswordHash, now, now).Scan(&row).Error
		if err != nil {
			return err
		}
		if a.ID = row.ID; a.ID == 0 {
			return gorm.ErrDuplicatedKey
		}
		if tokenHash != "" {
			if err := tx.Exec("INSERT INTO access_tokens (hash, agent_id, created_at) VALUES (?, ?, ?)", tokenHash, a.ID, now).Error; err != nil {
				return err
			}
		}
		if inboxes == nil {
			return tx.Exec("INSERT INTO inbox_members (inbox_id, agent_id) SELECT id, ? FROM inboxes", a.ID).Error
		}
		for _, inbox := range inboxes {
			if err := tx.Exec("INSERT INTO inbox_members (inbox_id, agent_id) VALUES (?, ?)", inbox, a.ID).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err := r.agentSaved(err, "add agent"); err != nil {
		return nil, err
	}
	return &a, nil
}

// ReplaceToken makes the token with the given hash the only one of an agent.
func (r *Router) ReplaceToken(ctx context.Context, agentID int64, hash string) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM access_tokens WHERE agent_id = ?", agentID).Error; err != nil {
			return err
		}
		return tx.Exec("INSERT INTO access_tokens (hash, agent_id, created_at) VALUES (?, ?, ?)", hash, agentID, r.now()).Error
	})
	if err != nil {
		return fmt.Errorf("replace token of agent %d: %w", agentID, err)
	}
	return nil
}
