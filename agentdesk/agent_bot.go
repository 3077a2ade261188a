package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// agentBotPath is the path of operations on a bot outside.
type agentBotPath struct {
	accountPath
	Bot int64 `path:"id" json:"-"`
}

type newAgentBot struct {
	accountPath
	Name        string `json:"name" required:"true" maxLength:"255"`
	Description string `json:"description" maxLength:"2048"`
	OutgoingURL string `json:"outgoing_url" maxLength:"2048"`
}

type agentBotChange struct {
	agentBotPath
	Name        api.Optional[string] `json:"name" maxLength:"255"`
	Description api.Optional[string] `json:"description" maxLength:"2048"`
	OutgoingURL api.Optional[string] `json:"outgoing_url" maxLength:"2048"`
}

// agentBotJSON is a bot outside. Its token is shown only when it is made.
type agentBotJSON struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Thumbnail   string   `json:"thumbnail"`
	OutgoingURL string   `json:"outgoing_url"`
	BotType     string   `json:"bot_type" enum:"webhook"`
	BotConfig   struct{} `json:"bot_config"`
	AccountID   int64    `json:"account_id"`
	AccessToken string   `json:"access_token,omitempty" doc:"shown only when it is made"`
	SystemBot   bool     `json:"system_bot"`
	Secret      *string  `json:"secret" doc:"signs what outgoing_url is told; for administrators"`

	// Relevo's own, for administrators.
	FailingSince *int64  `json:"failing_since" doc:"outgoing_url has taken nothing since then, unix seconds"`
	LastError    *string `json:"last_error" doc:"why the last delivery was not taken"`
}

func (d *Desk) presentAgentBot(ctx context.Context, b *router.AgentBot) *agentBotJSON {
	out := &agentBotJSON{ID: b.ID, Name: b.Name, Description: b.Description, OutgoingURL: b.OutgoingURL, BotType: "webhook", AccountID: accountID}
	if callerFrom(ctx).administers() {
		out.Secret, out.FailingSince, out.LastError = orNull(b.Secret), orNever(b.Failing.FailingSince), orNull(b.Failing.LastError)
	}
	return out
}

func (d *Desk) routeAgentBots(agents, administrators *api.Group) {
	const one = "/agent_bots/:id"
	api.Handle(agents, api.Operation{Method: "GET", Path: "/agent_bots", Summary: "Bots outside"}, d.listAgentBots)
	api.Handle(agents, api.Operation{Method: "GET", Path: one, Summary: "One bot outside"}, d.showAgentBot)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/agent_bots", Summary: "Add a bot outside; its token is shown this once", Wrap: "agent_bot"}, d.createAgentBot)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: one, Summary: "Change a bot outside", Wrap: "agent_bot"}, d.updateAgentBot)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a bot outside"}, d.removeAgentBot)
	api.Handle(administrators, api.Operation{Method: "POST", Path: one + "/reset_access_token", Summary: "Exchange the token of a bot outside; the new one is shown this once"}, d.resetBotToken)
	api.Handle(administrators, api.Operation{Method: "POST", Path: one + "/reset_secret", Summary: "Exchange the secret that signs what a bot outside is told"}, d.resetBotSecret)
}

func (d *Desk) listAgentBots(ctx context.Context, _ *accountPath) ([]*agentBotJSON, error) {
	bots, err := d.router.AgentBots(ctx)
	out := make([]*agentBotJSON, 0, len(bots))
	for _, b := range bots {
		out = append(out, d.presentAgentBot(ctx, b))
	}
	return out, err
}

func (d *Desk) showAgentBot(ctx context.Context, in *agentBotPath) (*agentBotJSON, error) {
	b, err := d.router.AgentBot(ctx, in.Bot)
	if err != nil {
		return nil, err
	}
	return d.presentAgentBot(ctx, b), nil
}

func (d *Desk) createAgentBot(ctx context.Context, in *newAgentBot) (*agentBotJSON, error) {
	token, hash := NewToken()
	b, err := d.router.AddAgentBot(ctx, router.AgentBot{Name: in.Name, Description: in.Description, OutgoingURL: in.OutgoingURL}, hash)
	if err != nil {
		return nil, err
	}
	out := d.presentAgentBot(ctx, b)
	out.AccessToken = token
	return out, nil
}

func (d *Desk) updateAgentBot(ctx context.Context, in *agentBotChange) (*agentBotJSON, error) {
	b, err := d.router.UpdateAgentBot(ctx, in.Bot, in.Name.Pointer(), in.Description.Pointer(), in.OutgoingURL.Pointer())
	if err != nil {
		return nil, err
	}
	d.known.forgetAll()
	return d.presentAgentBot(ctx, b), nil
}

func (d *Desk) removeAgentBot(ctx context.Context, in *agentBotPath) (api.Empty, error) {
	err := d.router.RemoveAgentBot(ctx, in.Bot)
	d.known.forgetAll()
	return api.Empty{}, err
}

func (d *Desk) resetBotToken(ctx context.Context, in *agentBotPath) (*agentBotJSON, error) {
	token, hash := NewToken()
	b, err := d.router.ReplaceBotToken(ctx, in.Bot, hash)
	if err != nil {
		return nil, err
	}
	d.known.forgetAll()
	out := d.presentAgentBot(ctx, b)
	out.AccessToken = token
	return out, nil
}

func (d *Desk) resetBotSecret(ctx context.Context, in *agentBotPath) (*agentBotJSON, error) {
	b, err := d.router.ResetBotSecret(ctx, in.Bot)
	if err != nil {
		return nil, err
	}
	return d.presentAgentBot(ctx, b), nil
}
