package router

import (
	"context"
	"fmt"

	"relevo/router/fault"
)

// AgentByID returns an agent who is there, and which inboxes they may see now.
// Somebody who is not there, or no longer, is fault.Unauthenticated.
func (r *Router) AgentByID(ctx context.Context, id int64) (*Agent, Scope, error) {
	var a Agent
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM agents WHERE id = ? AND removed_at IS NULL", id).Scan(&a).Error
	if err != nil {
		return nil, Scope{}, fmt.Errorf("agent %d: %w", id, err)
	}
	if a.ID == 0 {
		return nil, Scope{}, fault.Unauthenticated
	}
	scope, err := r.scopeOf(ctx, &a)
	return &a, scope, err
}
