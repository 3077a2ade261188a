package agentdesk

import (
	"context"

	"relevo/router/api"
	"relevo/router/live"
)

// realtimeTokenJSON opens a socket. Its page asks for another before it ends.
type realtimeTokenJSON struct {
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expires_at"` // unix seconds
}

// RealtimeRoutes adds the operation that lets an agent's page hear l.
func (d *Desk) RealtimeRoutes(s *api.Server, l *live.Live) {
	g := s.Group("/api/v1/accounts/:account_id", api.ForAgents, d.authenticate)
	op := api.Operation{Method: "POST", Name: "createRealtimeToken", Path: "/realtime_token", Summary: "A token for the agent's sockets at /realtime"}
	api.Handle(g, op, func(ctx context.Context, _ *accountPath) (realtimeTokenJSON, error) {
		t, err := l.AgentToken(callerFrom(ctx).agent.ID)
		return realtimeTokenJSON{t.Text, t.ExpiresAt.Unix()}, err
	})
}
