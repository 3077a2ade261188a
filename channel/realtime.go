package channel

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

// RealtimeRoutes adds the operation that lets a visitor's page hear l.
func (ch *Channel) RealtimeRoutes(s *api.Server, l *live.Live) {
	g := s.Group("/public/api/v1/inboxes/:inbox_identifier", api.ForVisitors, ch.admit).Share()
	op := api.Operation{Method: "POST", Name: "createRealtimeToken", Path: "/contacts/:contact_identifier/realtime_token", Summary: "A token for the visitor's sockets at /realtime"}
	api.Handle(g, op, func(ctx context.Context, in *contactPath) (realtimeTokenJSON, error) {
		v, err := ch.router.Visitor(ctx, inboxOf(ctx), in.Contact)
		if err != nil {
			return realtimeTokenJSON{}, err
		}
		t, err := l.VisitorToken(v.ID)
		return realtimeTokenJSON{t.Text, t.ExpiresAt.Unix()}, err
	})
}
