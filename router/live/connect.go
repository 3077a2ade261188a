package live

import (
	"context"
	"errors"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"

	"relevo/router"
	"relevo/router/fault"
)

// admit decides whether a socket may stay, and what it listens to. Nothing but
// the token says who it is: no cookie, no origin.
func (l *Live) admit(ctx context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	if l.draining.Load() {
		return centrifuge.ConnectReply{}, centrifuge.DisconnectShutdown
	}
	u, left, err := l.verify(e.Token)
	if err != nil {
		return centrifuge.ConnectReply{}, refusal(err)
	}
	channels, err := l.channels(ctx, u)
	if err != nil {
		return centrifuge.ConnectReply{}, l.refuse(ctx, u, err)
	}
	subscriptions := make(map[string]centrifuge.SubscribeOptions, len(channels))
	for _, ch := range channels {
		subscriptions[ch] = optionsOf(u, ch)
	}
	return centrifuge.ConnectReply{
		Credentials:       &centrifuge.Credentials{UserID: u.String(), ExpireAt: time.Now().Add(max(left, time.Second)).Unix()},
		Subscriptions:     subscriptions,
		ClientSideRefresh: true,
	}, nil
}

// refusal answers a token that is not taken. One that is too old, or that a
// node signed before it was started anew, is worth asking for another; one
// that was never ours is not.
func refusal(err error) error {
	if errors.Is(err, jwt.ErrTokenExpired) || errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return centrifuge.ErrorTokenExpired
	}
	return centrifuge.DisconnectInvalidToken
}

// refuse answers who has a good token but may not, or not now, listen.
func (l *Live) refuse(ctx context.Context, u user, err error) error {
	if fault.From(err).Status < 500 {
		return centrifuge.DisconnectPermissionDenied
	}
	l.log.WarnContext(ctx, "a socket cannot be admitted", "user", u.String(), "error", err)
	return centrifuge.ErrorInternal // the client comes back
}

// channels returns what u may listen to now.
func (l *Live) channels(ctx context.Context, u user) ([]string, error) {
	if u.kind == visitorUser {
		return []string{toVisitor(u.id)}, nil
	}
	_, scope, err := l.opts.Agent(ctx, u.id)
	if err != nil {
		return nil, err
	}
	return append([]string{toAgent(u.id), toDesk}, inboxChannels(scope)...), nil
}

func inboxChannels(s router.Scope) []string {
	if s.All {
		return []string{toAllInboxes}
	}
	channels := make([]string, len(s.Inboxes))
	for i, id := range s.Inboxes {
		channels[i] = toInbox(id)
	}
	return channels
}

// optionsOf lets a socket that comes back hear what it missed. An agent is
// present in their own channel, so that the last socket's end can be told.
func optionsOf(u user, channel string) centrifuge.SubscribeOptions {
	return centrifuge.SubscribeOptions{EnableRecovery: true, EmitPresence: u.kind == agentUser && channel == toAgent(u.id)}
}

// welcome follows a socket while it is open.
func (l *Live) welcome(c *centrifuge.Client) {
	u, err := parseUser(c.UserID())
	if err != nil {
		c.Disconnect(centrifuge.DisconnectInvalidToken) // cannot be: admit made it
		return
	}
	c.OnRefresh(func(e centrifuge.RefreshEvent, answer centrifuge.RefreshCallback) { answer(l.refresh(u, e)) })
	if u.kind != agentUser {
		return
	}
	c.OnAlive(func() { l.pulse(c, u) })
	c.OnDisconnect(func(centrifuge.DisconnectEvent) { l.farewell(u) })
	ctx := context.WithoutCancel(c.Context())
	l.alive(ctx, u)
	l.tellPresence(ctx, u.id)
}

// refresh takes a new token of the same user.
func (l *Live) refresh(u user, e centrifuge.RefreshEvent) (centrifuge.RefreshReply, error) {
	next, left, err := l.verify(e.Token)
	switch {
	case err != nil:
		return centrifuge.RefreshReply{}, refusal(err)
	case next != u:
		return centrifuge.RefreshReply{}, centrifuge.DisconnectInvalidToken
	}
	return centrifuge.RefreshReply{ExpireAt: time.Now().Add(max(left, time.Second)).Unix()}, nil
}

// pulse notes that an agent is there, and brings what their socket listens to
// in line with what they may see by now.
func (l *Live) pulse(c *centrifuge.Client, u user) {
	ctx := context.WithoutCancel(c.Context())
	l.alive(ctx, u)
	channels, err := l.channels(ctx, u)
	switch {
	case err == nil:
	case fault.From(err).Status < 500:
		c.Disconnect(centrifuge.DisconnectPermissionDenied)
		return
	default:
		l.log.WarnContext(ctx, "what an agent may see cannot be read", "agent", u.id, "error", err)
		return
	}
	keep := make(map[string]bool, len(channels))
	for _, ch := range channels {
		keep[ch] = true
	}
	for _, ch := range c.Channels() {
		if !keep[ch] {
			c.Unsubscribe(ch)
		}
		delete(keep, ch)
	}
	for ch := range keep {
		o := optionsOf(u, ch)
		if err := c.Subscribe(ch, centrifuge.WithRecovery(o.EnableRecovery), centrifuge.WithEmitPresence(o.EmitPresence)); err != nil {
			c.Disconnect(centrifuge.DisconnectForceReconnect)
			return
		}
	}
}

func (l *Live) alive(ctx context.Context, u user) {
	if l.opts.Alive != nil {
		l.opts.Alive(ctx, u.id)
	}
}

// farewell tells the desk that an agent has gone, once their last socket on any
// node has. Sockets that are sent to another node come back at once, so nothing
// is told of them.
func (l *Live) farewell(u user) {
	if l.draining.Load() {
		return
	}
	ctx := context.Background()
	left, err := l.node.PresenceStats(toAgent(u.id))
	if err != nil || left.NumClients > 0 {
		return
	}
	a, _, err := l.opts.Agent(ctx, u.id)
	if err != nil {
		return
	}
	gone := *a
	gone.SeenAt = nil
	l.sendPresence(ctx, u.id, gone.Presence(l.opts.Now()))
}

// reconsider makes an agent's sockets on every node come back, so that they
// listen to what the agent may see now.
func (l *Live) reconsider(ctx context.Context, agent int64) {
	err := l.node.Disconnect(user{agentUser, agent}.String(), centrifuge.WithCustomDisconnect(centrifuge.DisconnectForceReconnect))
	if err != nil {
		l.complain(ctx, err)
	}
}
