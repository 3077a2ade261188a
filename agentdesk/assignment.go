package agentdesk

import (
	"context"

	"relevo/router/api"
	"relevo/router/fault"
)

// assignment names who is to have a conversation. null, 0 and "" mean nobody;
// where both are sent, the agent counts, as the dialect has it.
type assignment struct {
	conversationPath
	Match      api.IfMatch         `header:"If-Match" json:"-"`
	AssigneeID api.Optional[int64] `json:"assignee_id" minimum:"0" doc:"null or 0: nobody; counts before team_id"`
	TeamID     api.Optional[int64] `json:"team_id" minimum:"0" doc:"null or 0: no team"`
}

// assign answers the agent or team who has the conversation now, or null.
func (d *Desk) assign(ctx context.Context, in *assignment) (holder api.Either[agentJSON, teamJSON], err error) {
	switch {
	case in.AssigneeID.Set:
		a, err := d.router.Assign(ctx, by(ctx, in.Match), in.Conversation, orNobody(in.AssigneeID))
		if a == nil || err != nil {
			return holder, err
		}
		holder.A = presentAgent(a, d.clock())
		return holder, nil
	case in.TeamID.Set:
		t, err := d.router.AssignTeam(ctx, by(ctx, in.Match), in.Conversation, orNobody(in.TeamID))
		if t == nil || err != nil {
			return holder, err
		}
		holder.B = presentTeam(t, callerFrom(ctx).teams)
		return holder, nil
	}
	return holder, fault.Invalid.Field("required", "assignee_id")
}

func orNobody(id api.Optional[int64]) *int64 {
	if id.Value == 0 {
		return nil
	}
	return &id.Value
}
