package agentdesk

import (
	"context"
	"net/http"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// accountID is the one account's. The dialect has accounts; Relevo has one.
const accountID = 1

// Options is what a Desk needs. Router is required.
type Options struct {
	Router  *router.Router
	Version string           // of the program, told by GET /api
	Clock   func() time.Time // default time.Now
}

// Desk serves the application API.
type Desk struct {
	router  *router.Router
	version string
	clock   func() time.Time
	known   *tokenCache
}

// New returns a Desk that serves nothing until Routes is called.
func New(o Options) *Desk {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Desk{router: o.Router, version: o.Version, clock: o.Clock, known: newTokenCache(o.Clock)}
}

// Routes adds the operations to s.
func (d *Desk) Routes(s *api.Server) {
	api.Handle(s.Group("/api", nil), api.Operation{Method: "GET", Path: "", Summary: "Version and health"}, d.showServer)
	api.Handle(s.Group("/api/v1", d.authenticate), api.Operation{Method: "GET", Path: "/profile", Summary: "The agent who calls"}, d.showProfile)

	g := s.Group("/api/v1/accounts/:account_id/conversations", d.authenticate)
	const one = "/:conversation_id"
	api.Handle(g, api.Operation{Method: "GET", Path: "", Summary: "Conversations, the latest activity first"}, d.listConversations)
	api.Handle(g, api.Operation{Method: "GET", Path: "/meta", Summary: "How many conversations a list has"}, d.countConversations)
	api.Handle(g, api.Operation{Method: "GET", Path: one, Summary: "One conversation"}, d.showConversation)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/toggle_status", Summary: "Open, resolve, snooze, give back to the bot", Wrap: "conversation"}, d.toggleStatus)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/assignments", Summary: "Assign to an agent or a team"}, d.assign)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/update_last_seen", Summary: "Note that the agent has read everything"}, d.updateLastSeen)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/labels", Summary: "Labels of a conversation"}, d.listLabels)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/labels", Summary: "Replace the labels of a conversation"}, d.setLabels)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/messages", Summary: "Messages of a conversation"}, d.listMessages)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/messages", Summary: "Answer, note, or bring a customer's word", Wrap: "message"}, d.createMessage)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/handoff", Summary: "What the bot tells the agent at a handoff"}, d.showHandoff)
}

// caller is the agent behind a request.
type caller struct {
	agent *router.Agent
	scope router.Scope
}

type callerKey struct{}

// authenticate finds the agent whose token came along, and refuses any account
// but the one there is.
func (d *Desk) authenticate(r *http.Request, path func(string) string) (context.Context, error) {
	ctx := r.Context()
	who, err := d.callerOf(ctx, tokenOf(r.Header))
	if err != nil {
		return nil, err
	}
	if account := path("account_id"); account != "" && account != "1" {
		return nil, fault.NotFound
	}
	return context.WithValue(ctx, callerKey{}, who), nil
}

func callerFrom(ctx context.Context) caller { return ctx.Value(callerKey{}).(caller) }

// by returns who acts, for the router.
func by(ctx context.Context, m api.IfMatch) router.By {
	who := callerFrom(ctx)
	return router.By{Actor: router.ActorFor(who.agent), Scope: who.scope, IfVersion: m.Version}
}
