package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// presenceRoutes adds the sign of life of an open desk. Every other request of
// an agent is one, too; an open page that asks for nothing sends this.
func (d *Desk) presenceRoutes(s *api.Server) {
	g := s.Group(account, api.ForAgents, d.authenticate)
	api.Handle(g, api.Operation{Name: "reportPresence", Method: "POST", Path: "/presence", Summary: "Say that the agent is there, and ask who else is"}, d.beat)
}

// presenceJSON is who is there: by id, "online" or "busy". Who is offline is
// not named.
type presenceJSON struct {
	AvailabilityStatus string           `json:"availability_status" enum:"online,busy,offline" doc:"of the caller"`
	OfflineAfter       int              `json:"offline_after" doc:"seconds without a sign of life"`
	Users              map[int64]string `json:"users" doc:"by id: online or busy; who is offline is not named"`
}

func (d *Desk) beat(ctx context.Context, _ *accountPath) (presenceJSON, error) {
	me := callerFrom(ctx).agent.ID
	users, err := d.router.Presences(ctx)
	if err != nil {
		return presenceJSON{}, err
	}
	out := presenceJSON{AvailabilityStatus: router.Offline, OfflineAfter: int(router.PresentFor.Seconds()), Users: users}
	if p, ok := users[me]; ok {
		out.AvailabilityStatus = p
	}
	return out, nil
}
