package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// teamPath is the path of operations on a team.
type teamPath struct {
	accountPath
	Team int64 `path:"team_id" json:"-"`
}

type newTeam struct {
	accountPath
	Name            string               `json:"name" required:"true" maxLength:"255"`
	Description     api.Optional[string] `json:"description" maxLength:"2550"`
	AllowAutoAssign api.Optional[bool]   `json:"allow_auto_assign"`
}

type teamChange struct {
	teamPath
	Name            api.Optional[string] `json:"name" maxLength:"255"`
	Description     api.Optional[string] `json:"description" maxLength:"2550"`
	AllowAutoAssign api.Optional[bool]   `json:"allow_auto_assign"`
}

// teamMembers names agents of a team.
type teamMembers struct {
	teamPath
	UserIDs api.Optional[[]string] `json:"user_ids" required:"true" items:"integer"`
}

func (d *Desk) routeTeams(agents, administrators *api.Group) {
	const one, members = "/teams/:team_id", "/teams/:team_id/team_members"
	api.Handle(agents, api.Operation{Method: "GET", Path: "/teams", Summary: "Teams"}, d.listTeams)
	api.Handle(agents, api.Operation{Method: "GET", Path: one, Summary: "One team"}, d.showTeam)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/teams", Summary: "Add a team", Wrap: "team"}, d.createTeam)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: one, Summary: "Change a team", Wrap: "team"}, d.updateTeam)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a team; conversations meant for it are meant for none"}, d.removeTeam)
	api.Handle(agents, api.Operation{Method: "GET", Path: members, Summary: "Agents of a team"}, d.listTeamMembers)
	api.Handle(administrators, api.Operation{Method: "POST", Path: members, Summary: "Add agents to a team"}, d.addTeamMembers)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: members, Summary: "Say who the agents of a team are, and nobody else"}, d.replaceTeamMembers)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: members, Summary: "Take agents off a team"}, d.removeTeamMembers)
}

func (d *Desk) listTeams(ctx context.Context, _ *accountPath) ([]*teamJSON, error) {
	teams, err := d.router.Teams(ctx)
	out := make([]*teamJSON, 0, len(teams))
	for _, t := range teams {
		out = append(out, presentTeam(t, callerFrom(ctx).teams))
	}
	return out, err
}

func (d *Desk) showTeam(ctx context.Context, in *teamPath) (*teamJSON, error) {
	return shownTeam(ctx)(d.router.Team(ctx, in.Team))
}

func (d *Desk) createTeam(ctx context.Context, in *newTeam) (*teamJSON, error) {
	return shownTeam(ctx)(d.router.AddTeam(ctx, router.TeamDraft{Name: &in.Name,
		Description: in.Description.Pointer(), AllowAutoAssign: in.AllowAutoAssign.Pointer()}))
}

func (d *Desk) updateTeam(ctx context.Context, in *teamChange) (*teamJSON, error) {
	return shownTeam(ctx)(d.router.UpdateTeam(ctx, in.Team, router.TeamDraft{Name: in.Name.Pointer(),
		Description: in.Description.Pointer(), AllowAutoAssign: in.AllowAutoAssign.Pointer()}))
}

// shownTeam returns what shows the caller a team.
func shownTeam(ctx context.Context) func(*router.Team, error) (*teamJSON, error) {
	return func(t *router.Team, err error) (*teamJSON, error) {
		if err != nil {
			return nil, err
		}
		return presentTeam(t, callerFrom(ctx).teams), nil
	}
}

func (d *Desk) removeTeam(ctx context.Context, in *teamPath) (api.Empty, error) {
	err := d.router.RemoveTeam(ctx, by(ctx, api.IfMatch{}), in.Team)
	d.known.forgetAll()
	return api.Empty{}, err
}

func (d *Desk) listTeamMembers(ctx context.Context, in *teamPath) ([]*agentJSON, error) {
	agents, err := d.router.TeamMembers(ctx, in.Team)
	return d.presentAgents(agents), err
}

func (d *Desk) addTeamMembers(ctx context.Context, in *teamMembers) ([]*agentJSON, error) {
	return d.setTeamMembers(ctx, in, router.Join)
}

func (d *Desk) replaceTeamMembers(ctx context.Context, in *teamMembers) ([]*agentJSON, error) {
	return d.setTeamMembers(ctx, in, router.Only)
}

func (d *Desk) removeTeamMembers(ctx context.Context, in *teamMembers) (api.Empty, error) {
	_, err := d.setTeamMembers(ctx, in, router.Leave)
	return api.Empty{}, err
}

func (d *Desk) setTeamMembers(ctx context.Context, in *teamMembers, how router.Membership) ([]*agentJSON, error) {
	ids, err := idsOf(in.UserIDs.Value, "user_ids")
	if err != nil {
		return nil, err
	}
	agents, err := d.router.SetTeamMembers(ctx, in.Team, ids, how)
	d.known.forgetAll()
	return d.presentAgents(agents), err
}
