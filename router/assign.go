package router

import (
	"context"
	"fmt"
	"reflect"

	"relevo/fsm"
	"relevo/router/fault"
)

// Assign gives the conversation to an agent, or to nobody where agentID is
// nil. Only members of the inbox and administrators can have it. Giving a
// pending conversation to an agent takes it from the bot. It returns the agent
// who has it now.
func (r *Router) Assign(ctx context.Context, by By, id int64, agentID *int64) (*Agent, error) {
	var assignee *Agent
	_, err := r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		if agentID == nil {
			if ch.c.AssigneeID == nil {
				return nil
			}
			ch.c.AssigneeID = nil
			return ch.note("unassigned.agent", map[string]any{"agent": by.Actor.Name}, nil)
		}
		var err error
		if assignee, err = ch.assignable(*agentID); err != nil {
			return err
		}
		return ch.assign(by.Actor, assignee)
	})
	return assignee, err
}

func (ch *change) assign(by Actor, to *Agent) error {
	if ch.c.AssigneeID != nil && *ch.c.AssigneeID == to.ID {
		return nil
	}
	line := "assigned.agent"
	if ch.c.Status == fsm.Pending {
		if _, err := ch.move(fsm.OpenUp); err != nil {
			return err
		}
		line = "opened.takeover_assigned"
	}
	ch.c.AssigneeID = &to.ID
	if line == "assigned.agent" && by.Kind == KindAgent && by.ID == to.ID {
		line = "assigned.self"
	}
	return ch.note(line, map[string]any{"agent": by.Name, "assignee": to.Name}, nil)
}

// assignable returns the agent if conversations of this inbox may be theirs.
func (ch *change) assignable(agentID int64) (*Agent, error) {
	var row struct {
		Agent
		Member bool
	}
	err := ch.tx.Raw(`SELECT a.*, EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?) AS member
		FROM agents a WHERE a.id = ?`, ch.c.InboxID, agentID).Scan(&row).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("agent %d: %w", agentID, err)
	case row.ID == 0:
		return nil, fault.Invalid.Field("unknown_agent", "assignee_id")
	case !row.Member && row.Role != RoleAdministrator:
		return nil, fault.Invalid.Field("not_a_member", "assignee_id")
	}
	return &row.Agent, nil
}

// AssignTeam says which team the conversation is meant for, or none where
// teamID is nil. It changes neither status nor assignee.
func (r *Router) AssignTeam(ctx context.Context, by By, id int64, teamID *int64) (*Team, error) {
	var team *Team
	_, err := r.change(ctx, byID(id), func(ch *change) error {
		team = nil
		if err := ch.permit(by); err != nil {
			return err
		}
		if reflect.DeepEqual(teamID, ch.c.TeamID) && teamID == nil {
			return nil
		}
		if teamID == nil {
			old, err := ch.team("id = ?", *ch.c.TeamID)
			if err != nil {
				return err
			}
			ch.c.TeamID = nil
			return ch.note("team.removed", map[string]any{"agent": by.Actor.Name, "team": old.Name}, nil)
		}
		found, err := ch.team("id = ?", *teamID)
		if err != nil {
			return err
		}
		if found == nil {
			return fault.Invalid.Field("unknown_team", "team_id")
		}
		team = found
		if ch.c.TeamID != nil && *ch.c.TeamID == found.ID {
			return nil
		}
		ch.c.TeamID = &found.ID
		return ch.note("team.assigned", map[string]any{"agent": by.Actor.Name, "team": found.Name}, nil)
	})
	return team, err
}

// team finds a team by a condition; nil if there is none.
func (ch *change) team(where string, arg any) (*Team, error) {
	var t Team
	if err := ch.tx.Raw("SELECT * FROM teams WHERE "+where, arg).Scan(&t).Error; err != nil {
		return nil, fmt.Errorf("team: %w", err)
	}
	if t.ID == 0 {
		return nil, nil
	}
	return &t, nil
}
