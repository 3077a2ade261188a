package router

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const maxTeamText = 255 // runes of a name; a description has ten times as many

// TeamDraft is what is said of a team; nil fields say nothing.
type TeamDraft struct {
	Name, Description *string
	AllowAutoAssign   *bool
}

var teamMembers = memberTable{"team_members", "team_id"}

// Teams lists all, by name.
func (r *Router) Teams(ctx context.Context) ([]*Team, error) {
	teams := []*Team{}
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM teams ORDER BY name").Scan(&teams).Error; err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	return teams, nil
}

// Team returns one team.
func (r *Router) Team(ctx context.Context, id int64) (*Team, error) {
	return findTeam(r.db.Read().WithContext(ctx), id)
}

func findTeam(db *gorm.DB, id int64) (*Team, error) {
	var t Team
	if err := db.Raw("SELECT * FROM teams WHERE id = ?", id).Scan(&t).Error; err != nil {
		return nil, fmt.Errorf("team %d: %w", id, err)
	}
	if t.ID == 0 {
		return nil, fault.NotFound
	}
	return &t, nil
}

// TeamsOf returns the ids of the teams that an agent is a member of, sorted.
func (r *Router) TeamsOf(ctx context.Context, agentID int64) ([]int64, error) {
	var ids []int64
	err := r.db.Read().WithContext(ctx).Raw("SELECT team_id FROM team_members WHERE agent_id = ? ORDER BY team_id", agentID).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("teams of agent %d: %w", agentID, err)
	}
	return ids, nil
}

// AddTeam stores a team without members. Names are in small letters; one that
// is there is fault.Taken.
func (r *Router) AddTeam(ctx context.Context, d TeamDraft) (*Team, error) {
	t := Team{AllowAutoAssign: true, CreatedAt: r.now()}
	if err := d.apply(&t); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Raw("INSERT INTO teams (name, description, allow_auto_assign, created_at) VALUES (?, ?, ?, ?) RETURNING id",
			t.Name, t.Description, t.AllowAutoAssign, t.CreatedAt).Scan(&t.ID).Error
	})
	return &t, taken(err, "name", "add team")
}

// UpdateTeam changes a team.
func (r *Router) UpdateTeam(ctx context.Context, id int64, d TeamDraft) (*Team, error) {
	var t *Team
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if err := r.lockRow(tx, "teams", id); err != nil {
			return err
		}
		if t, err = findTeam(tx, id); err != nil {
			return err
		}
		if err := d.apply(t); err != nil {
			return err
		}
		return tx.Exec("UPDATE teams SET name = ?, description = ?, allow_auto_assign = ? WHERE id = ?", t.Name, t.Description, t.AllowAutoAssign, id).Error
	})
	return t, taken(err, "name", "update team")
}

// taken says in the caller's words what became of a write of something whose
// names are unique.
func taken(err error, field, doing string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Taken.Field("taken", field)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// apply puts what d says into t. A name that stays is not looked at: the
// configuration may spell it with capitals.
func (d TeamDraft) apply(t *Team) error {
	if d.Name != nil && *d.Name != t.Name {
		t.Name = strings.ToLower(strings.TrimSpace(*d.Name))
	}
	if d.Description != nil {
		t.Description = *d.Description
	}
	if d.AllowAutoAssign != nil {
		t.AllowAutoAssign = *d.AllowAutoAssign
	}
	if detail := badText(t.Name, maxTeamText); detail != "" {
		return fault.Invalid.Field(detail, "name")
	}
	if detail := badText(t.Description, 10*maxTeamText); detail != "" {
		return fault.Invalid.Field(detail, "description")
	}
	if t.Name == "" {
		return fault.Invalid.Field("blank", "name")
	}
	return nil
}

// RemoveTeam takes a team out. Every conversation that was meant for it is
// meant for none, and says so.
func (r *Router) RemoveTeam(ctx context.Context, by By, id int64) error {
	t, err := r.Team(ctx, id)
	if err != nil {
		return err
	}
	for {
		if err := r.releaseTeam(ctx, by, t); err != nil {
			return err
		}
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Exec("DELETE FROM teams WHERE id = ?", id).Error
		})
		switch {
		case errors.Is(err, gorm.ErrForeignKeyViolated) && ctx.Err() == nil:
			continue // a conversation was given to it meanwhile
		case err != nil:
			return fmt.Errorf("remove team %d: %w", id, err)
		}
		return nil
	}
}

func (r *Router) releaseTeam(ctx context.Context, by By, t *Team) error {
	for {
		var ids []int64
		err := r.db.Read().WithContext(ctx).Raw("SELECT id FROM conversations WHERE team_id = ? ORDER BY id LIMIT ?", t.ID, releaseBatch).Scan(&ids).Error
		if err != nil {
			return fmt.Errorf("conversations of team %d: %w", t.ID, err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			_, err := r.change(ctx, byID(id), func(ch *change) error {
				if ch.c.TeamID == nil || *ch.c.TeamID != t.ID {
					return nil
				}
				ch.c.TeamID = nil
				return ch.note("team.gone", map[string]any{"agent": by.Actor.Name, "team": t.Name}, nil)
			})
			if err != nil {
				return fmt.Errorf("release conversation %d: %w", id, err)
			}
		}
	}
}

// TeamMembers lists the agents of a team, by name.
func (r *Router) TeamMembers(ctx context.Context, id int64) ([]*Agent, error) {
	if _, err := r.Team(ctx, id); err != nil {
		return nil, err
	}
	agents := []*Agent{}
	err := r.db.Read().WithContext(ctx).Raw(`SELECT a.* FROM team_members m JOIN agents a ON a.id = m.agent_id
		WHERE m.team_id = ? AND a.removed_at IS NULL ORDER BY a.name, a.id`, id).Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("members of team %d: %w", id, err)
	}
	return agents, nil
}

// SetTeamMembers changes who is in a team and returns its members.
func (r *Router) SetTeamMembers(ctx context.Context, id int64, agentIDs []int64, how Membership) ([]*Agent, error) {
	if _, err := r.Team(ctx, id); err != nil {
		return nil, err
	}
	before, after, err := r.setMembers(ctx, teamMembers, id, agentIDs, how)
	if err != nil {
		return nil, err
	}
	if changed := differing(before, after); len(changed) > 0 {
		r.opts.Live(Happened{Members: changed})
		r.tryWaiting()
	}
	return r.TeamMembers(ctx, id)
}
