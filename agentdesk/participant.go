package agentdesk

import (
	"context"
	"slices"

	"relevo/router"
	"relevo/router/api"
)

// participantRoutes adds who follows a conversation.
func (d *Desk) participantRoutes(s *api.Server) {
	g := s.Group(account+"/conversations/:conversation_id/participants", api.ForAgents, d.authenticate)
	api.Handle(g, api.Operation{Method: "GET", Path: "", Summary: "Agents who follow a conversation"}, d.listParticipants)
	api.Handle(g, api.Operation{Method: "POST", Path: "", Summary: "Make agents follow a conversation"}, d.addParticipants)
	for _, method := range []string{"PATCH", "PUT"} {
		api.Handle(g, api.Operation{Method: method, Path: "", Summary: "Say who follows a conversation"}, d.setParticipants)
	}
	api.Handle(g, api.Operation{Method: "DELETE", Path: "", Summary: "Make agents follow a conversation no longer"}, d.removeParticipants)
}

// participants names agents.
type participants struct {
	conversationPath
	UserIDs api.Optional[[]string] `json:"user_ids" required:"true" maxLength:"20" items:"integer"`
}

func (d *Desk) listParticipants(ctx context.Context, in *conversationPath) ([]*agentJSON, error) {
	return d.participantsOf(ctx, in.Conversation, func(int64) bool { return true })
}

// addParticipants answers those who were named.
func (d *Desk) addParticipants(ctx context.Context, in *participants) ([]*agentJSON, error) {
	ids, err := idsOf(in.UserIDs.Value, "user_ids")
	if err != nil {
		return nil, err
	}
	if err := d.router.AddParticipants(ctx, by(ctx, api.IfMatch{}), in.Conversation, ids); err != nil {
		return nil, err
	}
	return d.participantsOf(ctx, in.Conversation, func(id int64) bool { return slices.Contains(ids, id) })
}

// setParticipants answers all who follow now.
func (d *Desk) setParticipants(ctx context.Context, in *participants) ([]*agentJSON, error) {
	ids, err := idsOf(in.UserIDs.Value, "user_ids")
	if err != nil {
		return nil, err
	}
	if err := d.router.SetParticipants(ctx, by(ctx, api.IfMatch{}), in.Conversation, ids); err != nil {
		return nil, err
	}
	return d.listParticipants(ctx, &in.conversationPath)
}

func (d *Desk) removeParticipants(ctx context.Context, in *participants) (api.Empty, error) {
	ids, err := idsOf(in.UserIDs.Value, "user_ids")
	if err != nil {
		return api.Empty{}, err
	}
	return api.Empty{}, d.router.RemoveParticipants(ctx, by(ctx, api.IfMatch{}), in.Conversation, ids)
}

func (d *Desk) participantsOf(ctx context.Context, conversation int64, wanted func(id int64) bool) ([]*agentJSON, error) {
	agents, err := d.router.Participants(ctx, by(ctx, api.IfMatch{}), conversation)
	if err != nil {
		return nil, err
	}
	return d.presentAgents(slices.DeleteFunc(agents, func(a *router.Agent) bool { return !wanted(a.ID) })), nil
}
