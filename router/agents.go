package router

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
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

// AddAgent stores an agent with one access token, as a member of the given
// inboxes, of all that exist where inboxes is nil. An e-mail that is there is
// fault.Taken.
func (r *Router) AddAgent(ctx context.Context, a Agent, tokenHash string, inboxes []int64) (*Agent, error) {
	a.Email = strings.ToLower(strings.TrimSpace(a.Email))
	a.Name = strings.TrimSpace(a.Name)
	if _, err := mail.ParseAddress(a.Email); err != nil {
		return nil, fault.Invalid.Field("not_an_email", "email")
	}
	if a.Name == "" {
		return nil, fault.Invalid.Field("blank", "name")
	}
	if a.Role != RoleAgent && a.Role != RoleAdministrator {
		return nil, fault.Invalid.Field("unknown", "role")
	}
	now := r.now()
	a.Availability, a.CreatedAt, a.UpdatedAt = "online", now, now
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		a.ID = 0
		err := tx.Raw(`INSERT INTO agents (name, email, role, availability, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (email) DO NOTHING RETURNING id`, a.Name, a.Email, string(a.Role), a.Availability, now, now).Scan(&a.ID).Error
		switch {
		case err != nil:
			return err
		case a.ID == 0:
			return gorm.ErrDuplicatedKey
		}
		if err := tx.Exec("INSERT INTO access_tokens (hash, agent_id, created_at) VALUES (?, ?, ?)", tokenHash, a.ID, now).Error; err != nil {
			return err
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
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, fault.Taken.Field("taken", "email")
	}
	if err != nil {
		return nil, fmt.Errorf("add agent: %w", err)
	}
	return &a, nil
}
