package router

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	// sessionIdle is how long a browser's session lasts without being used.
	sessionIdle = 30 * 24 * time.Hour
	// sessionStep is how old a session's last use may be before it is written
	// anew: a write a day, not one a click.
	sessionStep = 24 * time.Hour
)

// AgentBySession returns the agent of a browser's session (by the SHA-256 of
// its cookie, in hexadecimal), and which inboxes they may see. Using a session
// makes it last. An unknown one, or one that was not used for 30 days, is
// fault.Unauthenticated.
func (r *Router) AgentBySession(ctx context.Context, hash string) (*Agent, Scope, error) {
	var row struct {
		Agent
		ExpiresAt time.Time
	}
	now := r.now()
	err := r.db.Read().WithContext(ctx).Raw(`SELECT a.*, s.expires_at FROM sessions s JOIN agents a ON a.id = s.agent_id
		WHERE s.hash = ? AND s.expires_at > ? AND a.removed_at IS NULL`, hash, now).Scan(&row).Error
	switch {
	case err != nil:
		return nil, Scope{}, fmt.Errorf("agent by session: %w", err)
	case row.ID == 0:
		return nil, Scope{}, fault.Unauthenticated
	}
	if row.ExpiresAt.Sub(now) < sessionIdle-sessionStep {
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Exec("UPDATE sessions SET expires_at = ? WHERE hash = ?", now.Add(sessionIdle), hash).Error
		})
		if err != nil {
			return nil, Scope{}, fmt.Errorf("renew session: %w", err)
		}
	}
	scope, err := r.scopeOf(ctx, &row.Agent)
	return &row.Agent, scope, err
}

// StartSession stores a session of an agent under the hash of its cookie. It
// returns when the session ends unless it is used.
func (r *Router) StartSession(ctx context.Context, agentID int64, hash string) (time.Time, error) {
	now := r.now()
	until := now.Add(sessionIdle)
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO sessions (hash, agent_id, created_at, expires_at) VALUES (?, ?, ?, ?)", hash, agentID, now, until).Error
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("start session: %w", err)
	}
	return until, nil
}

// EndSession removes a session. One that is not there is ended already.
func (r *Router) EndSession(ctx context.Context, hash string) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM sessions WHERE hash = ?", hash).Error
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
