package agentdesk

import (
	"net/http"
	"time"

	"relevo/router"
	"relevo/router/api"
)

// accountID is the one account's. The dialect has accounts; Relevo has one.
const accountID = 1

// accountName is the one account's.
const accountName = "Relevo"

// Options is what a Desk needs. Router is required.
type Options struct {
	Router  *router.Router
	Version string           // of the program, told by GET /api
	Clock   func() time.Time // default time.Now
	File    string           // that declares inboxes; named where one cannot be changed here
	// PublicURL is where browsers reach the program ("https://…"), if it is
	// known: its pages are ours, and cookies stay on https.
	PublicURL string
}

// Desk serves the application API.
type Desk struct {
	router  *router.Router
	version string
	clock   func() time.Time
	known   *tokenCache

	file       string
	publicURL  string
	sameOrigin *http.CrossOriginProtection
	perIP      *api.Limiter // of signing in
	perEmail   *api.Limiter
	perPair    *api.Limiter // of an address and an e-mail
}

// New returns a Desk that serves nothing until Routes is called.
func New(o Options) *Desk {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Desk{router: o.Router, version: o.Version, clock: o.Clock, known: newTokenCache(o.Clock),
		file: o.File, publicURL: o.PublicURL, sameOrigin: pagesOf(o.PublicURL),
		perIP: api.NewLimiter(signInsPerIP, o.Clock), perEmail: api.NewLimiter(signInsPerEmail, o.Clock),
		perPair: api.NewLimiter(signInsPerPair, o.Clock)}
}

// Routes adds the operations to s.
func (d *Desk) Routes(s *api.Server) {
	api.Handle(s.Group("/api", api.ForEverybody, nil), api.Operation{Method: "GET", Path: "", Summary: "Version and health"}, d.showServer)
	d.peopleRoutes(s)

	g := s.Group("/api/v1/accounts/:account_id/conversations", api.ForAgents, d.authenticate)
	bots := s.Group("/api/v1/accounts/:account_id/conversations", api.ForAgentsAndBots, d.authenticate) // what bots may do, too
	const one = "/:conversation_id"
	api.Handle(g, api.Operation{Method: "GET", Path: "", Summary: "Conversations, the latest activity first"}, d.listConversations)
	api.Handle(g, api.Operation{Method: "GET", Path: "/meta", Summary: "How many conversations a list has"}, d.countConversations)
	api.Handle(bots, api.Operation{Method: "GET", Path: one, Summary: "One conversation"}, d.showConversation)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/toggle_status", Summary: "Open, resolve, snooze, give back to the bot", Wrap: "conversation"}, d.toggleStatus)
	api.Handle(bots, api.Operation{Name: "assignConversation", Method: "POST", Path: one + "/assignments", Summary: "Assign to an agent or a team"}, d.assign)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/update_last_seen", Summary: "Note that the agent has read everything"}, d.updateLastSeen)
	api.Handle(bots, api.Operation{Method: "GET", Path: one + "/labels", Summary: "Labels of a conversation"}, d.listLabels)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/labels", Summary: "Replace the labels of a conversation"}, d.setLabels)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/messages", Summary: "Messages of a conversation"}, d.listMessages)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/messages", Summary: "Answer, note, or bring a customer's word", Wrap: "message", BodyLimit: d.router.UploadLimit()}, d.createMessage)
	d.actionRoutes(s)
	d.transcriptRoutes(s)
	d.contactRoutes(s)
	d.searchRoutes(s)
	d.notificationRoutes(s)
	d.participantRoutes(s)
	d.presenceRoutes(s)
	d.routeReports(s)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/handoff", Summary: "What the bot tells the agent at a handoff"}, d.showHandoff)
}
