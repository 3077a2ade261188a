package router

import (
	"context"
	"fmt"

	"relevo/fsm"
	"relevo/router/fault"
)

// Assignment says who is to have a conversation, and which team: nil leaves it
// as it is, 0 means nobody and none.
type Assignment struct{ Agent, Team *int64 }

// AssignAs gives the conversation to an agent and a team in one change, and
// returns them. Only members of the inbox and administrators can have it; for
// the assignee see keepToTeam. Giving a pending conversation to an agent takes
// it from the bot, a team changes no status. An agent who is named has it
// whether or not they are in the team.
func (r *Router) AssignAs(ctx context.Context, by By, id int64, to Assignment) (agent *Agent, team *Team, err error) {
	_, err = r.change(ctx, byID(id), func(ch *change) (err error) {
		if err := ch.permit(by); err != nil {
			return err
		}
		if to.Agent != nil {
			if agent, err = ch.assignTo(by.Actor, orNone(to.Agent)); err != nil {
				return err
			}
			ch.chosen = agent != nil
		}
		if to.Team != nil {
			team, err = ch.assignTeam(by.Actor, orNone(to.Team))
		}
		return err
	})
	return agent, team, err
}

// assignTo gives the conversation to an agent or, where agentID is nil, to
// nobody, and returns whose it is.
func (ch *change) assignTo(by Actor, agentID *int64) (*Agent, error) {
	if agentID == nil {
		switch {
		case ch.c.AssigneeID == nil:
			return nil, nil
		case by.Kind == KindBot && ch.held():
			return nil, fault.PersonHasIt
		}
		ch.c.AssigneeID = nil
		return nil, ch.note("unassigned.agent", map[string]any{"agent": by.Name}, nil)
	}
	assignee, err := ch.assignable(*agentID)
	if err != nil {
		return nil, err
	}
	return assignee, ch.assign(by, assignee)
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
	had := ch.c.AssigneeID
	ch.c.AssigneeID = &to.ID
	switch {
	case line != "assigned.agent":
	case by.Kind == KindAgent && by.ID == to.ID:
		line = "assigned.self"
	case had != nil:
		return ch.transferred(by, *had, to)
	}
	return ch.note(line, map[string]any{"agent": by.Name, "assignee": to.Name}, nil)
}

// transferred leaves the line of a conversation that one agent had and another
// has now.
func (ch *change) transferred(by Actor, had int64, to *Agent) error {
	var previous string
	if err := ch.tx.Raw("SELECT name FROM agents WHERE id = ?", had).Scan(&previous).Error; err != nil {
		return fmt.Errorf("agent %d: %w", had, err)
	}
	return ch.note("assigned.transfer", map[string]any{"agent": by.Name, "previous": previous, "assignee": to.Name}, nil)
}

// assignable returns the agent if conversations of this inbox may be theirs.
func (ch *change) assignable(agentID int64) (*Agent, error) {
	// The lock comes first, and alone: a statement that waits for it looks at
	// memberships as they were before, and the agent may be leaving.
	if lock := ch.agentLock(); lock != "" {
		if err := ch.tx.Exec("SELECT 1 FROM agents WHERE id = ?"+lock, agentID).Error; err != nil {
			return nil, fmt.Errorf("lock agent %d: %w", agentID, err)
		}
	}
	var row struct {
		Agent
		Member bool
	}
	err := ch.tx.Raw(`SELECT a.*, EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?) AS member
		FROM agents a WHERE a.id = ? AND a.removed_at IS NULL`, ch.c.InboxID, agentID).Scan(&row).Error
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

// assignTeam says which team the conversation is meant for, none where teamID
// is nil, and returns it.
func (ch *change) assignTeam(by Actor, teamID *int64) (*Team, error) {
	if teamID == nil {
		if ch.c.TeamID == nil {
			return nil, nil
		}
		old, err := ch.team("id = ?", *ch.c.TeamID)
		if err != nil {
			return nil, err
		}
		ch.c.TeamID = nil
		return nil, ch.note("team.removed", map[string]any{"agent": by.Name, "team": old.Name}, nil)
	}
	found, err := ch.team("id = ?", *teamID)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, fault.Invalid.Field("unknown_team", "team_id")
	case ch.c.TeamID != nil && *ch.c.TeamID == found.ID:
		return found, nil
	}
	ch.c.TeamID = &found.ID
	return found, ch.note("team.assigned", map[string]any{"agent": by.Name, "team": found.Name}, nil)
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
