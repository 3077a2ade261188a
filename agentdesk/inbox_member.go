package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

type inboxMembersPath struct {
	accountPath
	Inbox int64 `path:"inbox_id" json:"-"`
}

// inboxMembers names agents of an inbox.
type inboxMembers struct {
	accountPath
	Inbox   int64                  `json:"inbox_id" required:"true" minimum:"1"`
	UserIDs api.Optional[[]string] `json:"user_ids" required:"true" items:"integer"`
}

type assignableQuery struct {
	accountPath
	InboxIDs []string `query:"inbox_ids" json:"inbox_ids" items:"integer"`
}

type agentListJSON struct {
	Payload []*agentJSON `json:"payload"`
}

func (d *Desk) routeInboxMembers(agents, administrators *api.Group) {
	api.Handle(agents, api.Operation{Method: "GET", Path: "/inbox_members/:inbox_id", Summary: "Agents of an inbox"}, d.listInboxMembers)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/inbox_members", Summary: "Add agents to an inbox"}, d.addInboxMembers)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: "/inbox_members", Summary: "Say who the agents of an inbox are, and nobody else"}, d.replaceInboxMembers)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: "/inbox_members", Summary: "Take agents off an inbox; what they had open there is nobody's"}, d.removeInboxMembers)
	api.Handle(agents, api.Operation{Method: "GET", Path: "/assignable_agents", Summary: "Who may have conversations of all the given inboxes"}, d.listAssignable)
}

func (d *Desk) listInboxMembers(ctx context.Context, in *inboxMembersPath) (agentListJSON, error) {
	if _, err := d.inboxSeen(ctx, in.Inbox); err != nil {
		return agentListJSON{}, err
	}
	agents, err := d.router.InboxMembers(ctx, in.Inbox)
	return agentListJSON{d.presentAgents(agents)}, err
}

func (d *Desk) addInboxMembers(ctx context.Context, in *inboxMembers) (agentListJSON, error) {
	return d.setInboxMembers(ctx, in, router.Join)
}

func (d *Desk) replaceInboxMembers(ctx context.Context, in *inboxMembers) (agentListJSON, error) {
	return d.setInboxMembers(ctx, in, router.Only)
}

func (d *Desk) removeInboxMembers(ctx context.Context, in *inboxMembers) (api.Empty, error) {
	_, err := d.setInboxMembers(ctx, in, router.Leave)
	return api.Empty{}, err
}

func (d *Desk) setInboxMembers(ctx context.Context, in *inboxMembers, how router.Membership) (agentListJSON, error) {
	ids, err := idsOf(in.UserIDs.Value, "user_ids")
	if err != nil {
		return agentListJSON{}, err
	}
	agents, err := d.router.SetInboxMembers(ctx, by(ctx, api.IfMatch{}), in.Inbox, ids, how)
	d.known.forgetAll()
	return agentListJSON{d.presentAgents(agents)}, err
}

func (d *Desk) listAssignable(ctx context.Context, in *assignableQuery) (agentListJSON, error) {
	ids, err := idsOf(in.InboxIDs, "inbox_ids")
	if err != nil {
		return agentListJSON{}, err
	}
	for _, id := range ids {
		if _, err := d.inboxSeen(ctx, id); err != nil {
			return agentListJSON{}, err
		}
	}
	agents, err := d.router.AssignableAgents(ctx, ids)
	return agentListJSON{d.presentAgents(agents)}, err
}
