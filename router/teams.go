package router

import (
	"context"
	"fmt"
)

// TeamsOf returns the ids of the teams that an agent is a member of, sorted.
func (r *Router) TeamsOf(ctx context.Context, agentID int64) ([]int64, error) {
	var ids []int64
	err := r.db.Read().WithContext(ctx).Raw("SELECT team_id FROM team_members WHERE agent_id = ? ORDER BY team_id", agentID).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("teams of agent %d: %w", agentID, err)
	}
	return ids, nil
}
