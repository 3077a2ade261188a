package agentdesk

import (
	"context"

	"relevo/router/api"
)

// inboxBot names the bot outside that an inbox is to have; null or "" is none.
type inboxBot struct {
	inboxPath
	Bot api.Optional[int64] `json:"agent_bot" required:"true" minimum:"0" doc:"null or 0: none"`
}

// inboxBotJSON is the bot outside of an inbox; an empty object where there is
// none, as the dialect has it.
type inboxBotJSON struct {
	AgentBot api.Either[agentBotJSON, struct{}] `json:"agent_bot" doc:"an empty object: none"`
}

func (d *Desk) showInboxBot(ctx context.Context, in *inboxPath) (inboxBotJSON, error) {
	i, err := d.inboxSeen(ctx, in.Inbox)
	if err != nil {
		return inboxBotJSON{}, err
	}
	if i.AgentBotID == nil {
		return inboxBotJSON{api.Either[agentBotJSON, struct{}]{B: &struct{}{}}}, nil
	}
	b, err := d.router.AgentBot(ctx, *i.AgentBotID)
	if err != nil {
		return inboxBotJSON{}, err
	}
	return inboxBotJSON{api.Either[agentBotJSON, struct{}]{A: d.presentAgentBot(ctx, b)}}, nil
}

func (d *Desk) setInboxBot(ctx context.Context, in *inboxBot) (api.Empty, error) {
	_, err := d.router.SetAgentBot(ctx, in.Inbox, orNobody(in.Bot))
	d.known.forgetAll() // the bots' scopes
	return api.Empty{}, err
}
