package agentdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// authenticate finds the agent or bot behind a request, by the token or the
// cookie that came along, and refuses any account but the one there is.
func (d *Desk) authenticate(r *http.Request, path func(string) string) (context.Context, api.Caller, error) {
	ctx := r.Context()
	who, err := d.identify(r)
	if err != nil {
		return nil, api.Somebody, err
	}
	if account := path("account_id"); account != "" && account != "1" {
		return nil, api.Somebody, fault.NotFound
	}
	if who.agent != nil { // whatever an agent asks for is a sign of life
		d.router.Heartbeat(ctx, who.agent.ID)
	}
	return context.WithValue(ctx, callerKey{}, who), who.kind(), nil
}

// kind is what the server's rights speak of.
func (who caller) kind() api.Caller {
	switch {
	case who.bot != nil:
		return api.Bot
	case who.agent.Role == router.RoleAdministrator:
		return api.Administrator
	}
	return api.Agent
}

// administers reports whether the caller is an administrator.
func (who caller) administers() bool {
	return who.agent != nil && who.agent.Role == router.RoleAdministrator
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

// byOnce returns who acts, for what makes something: sent again with the same
// key and the same fields, it makes nothing more.
func byOnce(ctx context.Context, key string, fields any) router.By {
	out := by(ctx, api.IfMatch{})
	if key == "" {
		return out
	}
	text, _ := json.Marshal(fields) // it came as JSON or less
	sum := sha256.Sum256(text)
	out.Once = router.Once{Key: key, Hash: hex.EncodeToString(sum[:])}
	return out
}
