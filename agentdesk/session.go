package agentdesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relevo/router"
	"relevo/router/api"
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

// Failures to sign in are limited for each address, for each e-mail from one
// address, and, more loosely so that a stranger does not lock its owner out,
// for each e-mail; in each process by itself. Half of a minute's may come at
// once.
const (
	signInsPerIP    = 20
	signInsPerPair  = 8
	signInsPerEmail = 60
)

// cookieLife is longer than any session: the database says when one ends.
const cookieLife = 400 * 24 * time.Hour

// signIn is an agent's e-mail address and password.
type signIn struct {
	Email    string `json:"email" required:"true" maxLength:"255"`
	Password string `json:"password" required:"true" maxLength:"128"`
}

// signedInJSON answers it; the session is the cookie beside it.
type signedInJSON struct {
	Data   profileJSON    `json:"data"`
	cookie []*http.Cookie // of the answer
}

// SetCookies tells the session.
func (s signedInJSON) SetCookies() []*http.Cookie { return s.cookie }

type signedOutJSON struct {
	Success bool `json:"success"`
	cookie  []*http.Cookie
}

// SetCookies takes the session back.
func (s signedOutJSON) SetCookies() []*http.Cookie { return s.cookie }

func (d *Desk) routeSessions(s *api.Server) {
	g := s.Group("/auth", api.ForEverybody, d.fromOurPages)
	api.Handle(g, api.Operation{Method: "POST", Path: "/sign_in", Summary: "Sign in a browser: answers a session cookie", Wrap: "session"}, d.signIn)
	api.Handle(g, api.Operation{Method: "DELETE", Path: "/sign_out", Summary: "End the browser's session"}, d.signOut)
}

type browserKey struct{}

// browser is what signing in needs to know of the request.
type browser struct {
	secure bool
	cookie string
}

// fromOurPages lets everybody through who does not come from a page of another
// site.
func (d *Desk) fromOurPages(r *http.Request, _ func(string) string) (context.Context, api.Caller, error) {
	if err := d.sameOrigin.Check(r); err != nil {
		return nil, api.Somebody, fault.CrossOrigin.Wrap(err)
	}
	b := browser{secure: r.TLS != nil || strings.HasPrefix(d.publicURL, "https://")}
	if c, err := r.Cookie(sessionCookie); err == nil && len(c.Value) <= maxTokenLength {
		b.cookie = c.Value
	}
	return context.WithValue(r.Context(), browserKey{}, b), api.Somebody, nil
}

// signIn takes the same time whether the address is known or not, and as many
// tries as the limits of address and e-mail allow.
func (d *Desk) signIn(ctx context.Context, in *signIn) (signedInJSON, error) {
	email := strings.ToLower(strings.TrimSpace(in.Email))
	back, err := d.trySignIn(api.ClientIP(ctx), email)
	if err != nil {
		return signedInJSON{}, err
	}
	agent, err := d.router.AgentByEmail(ctx, email)
	if errors.Is(err, fault.NotFound) {
		agent, err = &router.Agent{}, nil
	}
	if err != nil {
		return signedInJSON{}, err
	}
	same, err := isPassword(ctx, in.Password, agent.PasswordHash)
	if err != nil {
		return signedInJSON{}, err
	}
	if !same {
		return signedInJSON{}, fault.BadCredentials
	}
	back()
	token, hash := NewToken()
	if _, err := d.router.StartSession(ctx, agent.ID, hash); err != nil {
		return signedInJSON{}, err
	}
	return signedInJSON{Data: d.presentProfile(agent), cookie: d.cookie(ctx, token, cookieLife)}, nil
}

// trySignIn takes a try from each of the limits; back returns them, as only
// failures count. What one limit refuses is not taken from another.
func (d *Desk) trySignIn(ip, email string) (back func(), err error) {
	var taken []func()
	back = func() {
		for _, put := range taken {
			put()
		}
	}
	for _, of := range []struct {
		limit *api.Limiter
		key   string
	}{{d.perIP, ip}, {d.perPair, ip + " " + email}, {d.perEmail, email}} {
		put, err := of.limit.Try(of.key)
		if err != nil {
			back()
			return nil, err
		}
		taken = append(taken, put)
	}
	return back, nil
}

// signOut ends the session of the cookie that came along. Without one there is
// nothing to end.
func (d *Desk) signOut(ctx context.Context, _ *struct{}) (signedOutJSON, error) {
	b, _ := ctx.Value(browserKey{}).(browser)
	if b.cookie != "" {
		if err := d.router.EndSession(ctx, HashToken(b.cookie)); err != nil {
			return signedOutJSON{}, err
		}
		d.known.forgetAll()
	}
	return signedOutJSON{Success: true, cookie: d.cookie(ctx, "", -time.Second)}, nil
}

// cookie is a session's: no script reads it, no other site's form sends it.
func (d *Desk) cookie(ctx context.Context, value string, life time.Duration) []*http.Cookie {
	b, _ := ctx.Value(browserKey{}).(browser)
	return []*http.Cookie{{Name: sessionCookie, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: b.secure, SameSite: http.SameSiteLaxMode}}
}
