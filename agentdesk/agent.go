package agentdesk

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/api"
)

// agentPath is the path of operations on an agent.
type agentPath struct {
	accountPath
	Agent int64 `path:"id" json:"-"`
}

// newAgent is somebody who is to answer. Without a password they cannot sign
// in until an administrator or `relevo agent password` gives them one.
type newAgent struct {
	accountPath
	Name         string             `json:"name" required:"true" maxLength:"255"`
	Email        string             `json:"email" required:"true" maxLength:"255"`
	Role         string             `json:"role" enum:"agent,administrator"`
	Availability string             `json:"availability" enum:"online,busy,offline"`
	AutoOffline  api.Optional[bool] `json:"auto_offline"`
	TimeZone     string             `json:"time_zone" maxLength:"64" doc:"IANA name; empty for the inbox's"`
	Password     string             `json:"password" maxLength:"128"`
}

// agentChange is what administrators change of an agent.
type agentChange struct {
	agentPath
	Name         api.Optional[string] `json:"name" maxLength:"255"`
	Email        api.Optional[string] `json:"email" maxLength:"255"`
	Role         string               `json:"role" enum:"agent,administrator"`
	Availability string               `json:"availability" enum:"online,busy,offline"`
	AutoOffline  api.Optional[bool]   `json:"auto_offline"`
	TimeZone     api.Optional[string] `json:"time_zone" maxLength:"64" doc:"IANA name; empty for the inbox's"`
	Password     string               `json:"password" maxLength:"128"`
}

func (d *Desk) routeAgents(agents, administrators *api.Group) {
	api.Handle(agents, api.Operation{Method: "GET", Path: "/agents", Summary: "Agents"}, d.listAgents)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/agents", Summary: "Add an agent, of no inbox yet", Wrap: "agent"}, d.createAgent)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: "/agents/:id", Summary: "Change an agent", Wrap: "agent"}, d.updateAgent)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: "/agents/:id", Summary: "Remove an agent; what they had open is nobody's"}, d.removeAgent)
}

func (d *Desk) listAgents(ctx context.Context, _ *accountPath) ([]*agentJSON, error) {
	agents, err := d.router.Agents(ctx)
	return d.presentAgents(agents), err
}

func (d *Desk) presentAgents(agents []*router.Agent) []*agentJSON {
	out := make([]*agentJSON, 0, len(agents))
	for _, a := range agents {
		out = append(out, presentAgent(a, d.clock()))
	}
	return out
}

func (d *Desk) createAgent(ctx context.Context, in *newAgent) (*agentJSON, error) {
	a := router.Agent{Name: in.Name, Email: in.Email, Role: router.Role(cmp.Or(in.Role, string(router.RoleAgent))),
		Availability: in.Availability, AutoOffline: !in.AutoOffline.Set || in.AutoOffline.Value, TimeZone: in.TimeZone}
	if in.Password != "" {
		hash, err := HashPassword(ctx, in.Password)
		if err != nil {
			return nil, err
		}
		a.PasswordHash = hash
	}
	added, err := d.router.AddAgent(ctx, a, "", []int64{})
	if err != nil {
		return nil, err
	}
	return presentAgent(added, d.clock()), nil
}

func (d *Desk) updateAgent(ctx context.Context, in *agentChange) (*agentJSON, error) {
	draft := router.AgentDraft{Name: in.Name.Pointer(), Email: in.Email.Pointer(), TimeZone: in.TimeZone.Pointer(), AutoOffline: in.AutoOffline.Pointer()}
	if in.Role != "" {
		role := router.Role(in.Role)
		draft.Role = &role
	}
	if in.Availability != "" {
		draft.Availability = &in.Availability
	}
	if in.Password != "" {
		hash, err := HashPassword(ctx, in.Password)
		if err != nil {
			return nil, err
		}
		draft.PasswordHash = &hash
	}
	a, err := d.router.UpdateAgent(ctx, in.Agent, draft, callerFrom(ctx).session)
	if err != nil {
		return nil, err
	}
	d.known.forgetAll()
	return presentAgent(a, d.clock()), nil
}

func (d *Desk) removeAgent(ctx context.Context, in *agentPath) (api.Empty, error) {
	err := d.router.RemoveAgent(ctx, by(ctx, api.IfMatch{}), in.Agent)
	d.known.forgetAll()
	return api.Empty{}, err
}
