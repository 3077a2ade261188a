package agentdesk

import (
	"net/http"
	"net/url"

	"relevo/router/fault"
)

// sessionCookie carries the session of a browser.
const sessionCookie = "relevo_session"

// callerInBrowser returns the agent whose session cookie came along. A request
// that changes something must come from a page of our own.
func (d *Desk) callerInBrowser(r *http.Request) (caller, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" || len(cookie.Value) > maxTokenLength {
		return caller{}, fault.Unauthenticated
	}
	if err := d.sameOrigin.Check(r); err != nil {
		return caller{}, fault.CrossOrigin.Wrap(err)
	}
	hash := HashToken(cookie.Value)
	if who, ok := d.known.get(hash); ok && who.session != "" {
		return who, nil
	}
	ctx := r.Context()
	agent, scope, err := d.router.AgentBySession(ctx, hash)
	if err != nil {
		return caller{}, err
	}
	who := caller{agent: agent, scope: scope, session: hash}
	if who.teams, err = d.router.TeamsOf(ctx, agent.ID); err != nil {
		return caller{}, err
	}
	d.known.put(hash, who)
	return who, nil
}

// pagesOf returns the check that a request of a browser comes from our own
// pages. address is where browsers reach us, if that is known: a proxy may have
// changed the host that the request names.
func pagesOf(address string) *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		_ = p.AddTrustedOrigin(u.Scheme + "://" + u.Host) // well formed, as it was parsed
	}
	return p
}
