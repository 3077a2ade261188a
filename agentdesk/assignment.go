package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// assignment names who is to have a conversation. null, 0 and "" mean nobody.
// Where both are sent, both are done and the agent is the answer.
type assignment struct {
	conversationPath
	Match      api.IfMatch         `header:"If-Match" json:"-"`
	AssigneeID api.Optional[int64] `json:"assignee_id" minimum:"0" doc:"null or 0: nobody"`
	TeamID     api.Optional[int64] `json:"team_id" minimum:"0" doc:"null or 0: no team"`
}

// assign answers the agent or team who has the conversation now, or null.
func (d *Desk) assign(ctx context.Context, in *assignment) (holder api.Either[agentJSON, teamJSON], err error) {
	var to router.Assignment
	if in.AssigneeID.Set {
		to.Agent = &in.AssigneeID.Value
	}
	if in.TeamID.Set {
		to.Team = &in.TeamID.Value
	}
	if to.Agent == nil && to.Team == nil {
		return holder, fault.Invalid.Field("required", "assignee_id", "team_id")
	}
	agent, team, err := d.router.AssignAs(ctx, by(ctx, in.Match), in.Conversation, to)
	switch {
	case err != nil:
	case agent != nil:
		holder.A = presentAgent(agent, d.clock())
	case team != nil:
		holder.B = presentTeam(team, callerFrom(ctx).teams)
	}
	return holder, err
}

func orNobody(id api.Optional[int64]) *int64 {
	if id.Value == 0 {
		return nil
	}
	return &id.Value
}
