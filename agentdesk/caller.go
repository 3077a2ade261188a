package agentdesk

import (
	"context"
	"net/http"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// caller is who is behind a request: an agent or a bot.
type caller struct {
	agent *router.Agent    // nil: a bot
	bot   *router.AgentBot // nil: an agent
	scope router.Scope
	teams []int64 // that the agent is a member of
	// session is the hash of the cookie that the caller came with; "" for a
	// token.
	session string
}

type callerKey struct{}

// authenticate lets agents through, by the token or the cookie that came
// along, and refuses any account but the one there is.
func (d *Desk) authenticate(r *http.Request, path func(string) string) (context.Context, error) {
	ctx, err := d.authenticateWithBots(r, path)
	if err != nil {
		return nil, err
	}
	if callerFrom(ctx).agent == nil {
		return nil, fault.NotForBots
	}
	return ctx, nil
}

// authenticateAdministrator lets administrators through.
func (d *Desk) authenticateAdministrator(r *http.Request, path func(string) string) (context.Context, error) {
	ctx, err := d.authenticate(r, path)
	if err != nil {
		return nil, err
	}
	if callerFrom(ctx).agent.Role != router.RoleAdministrator {
		return nil, fault.Forbidden
	}
	return ctx, nil
}

// authenticateWithBots lets agents through, and bots by their token. Few
// operations are for bots: see Routes.
func (d *Desk) authenticateWithBots(r *http.Request, path func(string) string) (context.Context, error) {
	ctx := r.Context()
	who, err := d.identify(r)
	if err != nil {
		return nil, err
	}
	if account := path("account_id"); account != "" && account != "1" {
		return nil, fault.NotFound
	}
	if who.agent != nil { // whatever an agent asks for is a sign of life
		d.router.Heartbeat(ctx, who.agent.ID)
	}
	return context.WithValue(ctx, callerKey{}, who), nil
}

// identify finds the caller: a token counts before a cookie.
func (d *Desk) identify(r *http.Request) (caller, error) {
	if token := tokenOf(r.Header); token != "" {
		return d.callerOf(r.Context(), token)
	}
	return d.callerInBrowser(r)
}

func callerFrom(ctx context.Context) caller { return ctx.Value(callerKey{}).(caller) }

// by returns who acts, for the router.
func by(ctx context.Context, m api.IfMatch) router.By {
	who := callerFrom(ctx)
	out := router.By{Scope: who.scope, IfVersion: m.Version}
	if who.bot != nil {
		out.Actor = router.ActorForBot(who.bot)
		return out
	}
	out.Actor, out.Zone = router.ActorFor(who.agent), who.agent.Zone()
	return out
}
