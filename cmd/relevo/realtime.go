package main

import (
	"context"
	"time"

	"relevo/config"
	"relevo/router"
	"relevo/router/live"
)

// newLive starts what tells sockets. It asks s's router, which s is given
// afterwards, since the router tells it.
func newLive(c config.Realtime, s *server, now func() time.Time) (*live.Live, error) {
	return live.New(live.Options{
		Agent: func(ctx context.Context, id int64) (*router.Agent, router.Scope, error) {
			return s.router.AgentByID(ctx, id)
		},
		Alive:  func(ctx context.Context, id int64) { s.router.Heartbeat(ctx, id) },
		Secret: []byte(c.Secret.Reveal()), Redis: c.Redis.Reveal(), Now: now, Logger: s.log,
		PerUser: c.ConnectionsPerUser, PerIP: c.ConnectionsPerIP,
	})
}
