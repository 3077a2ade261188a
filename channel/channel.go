package channel

import (
	"context"
	"net/http"
	"strings"
	"time"

	"relevo/router"
	"relevo/router/api"
)

// Options is what a Channel needs. Router is required.
type Options struct {
	Router           *router.Router
	PublicURL        string           // where browsers reach the program, for the addresses of files; "" if unknown
	VisitorPerMinute int              // requests of one visitor; 0 means no limit
	IPPerMinute      int              // requests of one address; 0 means no limit
	Now              func() time.Time // for the limits
}

// Channel serves the public client API. Its limits are counted in this process
// only.
type Channel struct {
	router    *router.Router
	publicURL string
	visitors  *api.Limiter
	ips       *api.Limiter

	transcripts *api.Limiter // of one address
	events      *api.Limiter // of one address
}

// New returns a Channel that serves nothing until Routes is called.
func New(o Options) *Channel {
	return &Channel{router: o.Router, publicURL: o.PublicURL, visitors: api.NewLimiter(o.VisitorPerMinute, o.Now), ips: api.NewLimiter(o.IPPerMinute, o.Now),
		transcripts: api.NewLimiter(transcriptsPerMinute, o.Now), events: api.NewLimiter(eventsPerMinute, o.Now)}
}

// Routes adds the operations to s.
func (ch *Channel) Routes(s *api.Server) {
	const base = "/public/api/v1/inboxes/:inbox_identifier"
	everybody, g := s.Group(base, api.ForEverybody, ch.admit).Share(), s.Group(base, api.ForVisitors, ch.admit).Share()
	const (
		contact      = "/contacts/:contact_identifier"
		conversation = contact + "/conversations/:conversation_id"
		messages     = conversation + "/messages"
	)
	api.Handle(everybody, api.Operation{Method: "GET", Path: "", Summary: "The inbox as customers see it"}, ch.showInbox)
	ch.widgetRoutes(everybody)
	ch.eventRoutes(everybody)

	api.Handle(everybody, api.Operation{Method: "POST", Path: "/contacts", Summary: "Become a visitor", Wrap: "contact"}, ch.createContact)
	api.Handle(g, api.Operation{Method: "GET", Path: contact, Summary: "The visitor"}, ch.showContact)
	update := api.Operation{Method: "PATCH", Path: contact, Summary: "Say more about the visitor", Wrap: "contact"}
	api.Handle(g, update, ch.updateContact)
	update.Method = "PUT"
	api.Handle(g, update, ch.updateContact)

	api.Handle(g, api.Operation{Method: "GET", Path: contact + "/conversations", Summary: "The visitor's conversations, the newest first"}, ch.listConversations)
	api.Handle(g, api.Operation{Method: "POST", Path: contact + "/conversations", Summary: "Start a conversation, with the first word or without", Wrap: "conversation"}, ch.createConversation)
	api.Handle(g, api.Operation{Method: "GET", Path: conversation, Summary: "One conversation with its latest messages"}, ch.showConversation)
	api.Handle(g, api.Operation{Name: "resolveConversation", Method: "POST", Path: conversation + "/toggle_status", Summary: "Resolve the conversation"}, ch.resolve)
	api.Handle(g, api.Operation{Method: "POST", Path: conversation + "/talk_to_person", Summary: "Ask for a person in place of the bot"}, ch.talkToPerson)
	api.Handle(g, api.Operation{Method: "POST", Path: conversation + "/cancel_waiting", Summary: "Stop waiting for a person, and go back to the bot"}, ch.cancelWaiting)
	api.Handle(g, api.Operation{Method: "POST", Path: conversation + "/toggle_typing", Summary: "Tell that the visitor is typing, or stopped"}, ch.toggleTyping)
	api.Handle(g, api.Operation{Method: "POST", Path: conversation + "/update_last_seen", Summary: "Note that the visitor has read everything"}, ch.updateLastSeen)

	api.Handle(g, api.Operation{Method: "GET", Path: messages, Summary: "Messages of a conversation"}, ch.listMessages)
	api.Handle(g, api.Operation{Method: "POST", Path: messages, Summary: "Write", Wrap: "message", BodyLimit: ch.router.UploadLimit()}, ch.createMessage)
	submit := api.Operation{Name: "submitAnswer", Method: "PATCH", Path: messages + "/:message_id", Summary: "Answer a choice, a form or the box for an e-mail", Wrap: "message"}
	api.Handle(g, submit, ch.submit)
	submit.Method = "PUT"
	api.Handle(g, submit, ch.submit)
	ch.transcriptRoutes(g, conversation)
	ch.campaignRoutes(everybody, g)
	ch.surveyRoutes(s)
	ch.serveAttachments(s)
}

type inboxKey struct{}

// admit holds the limits and finds the inbox, before a body is read. Whether
// the visitor that the address names is one, the operation sees when it looks
// for what is theirs.
func (ch *Channel) admit(r *http.Request, path func(string) string) (context.Context, api.Caller, error) {
	ctx := r.Context()
	if err := ch.ips.Take(api.ClientIP(ctx)); err != nil {
		return nil, api.Somebody, err
	}
	identifier, visitor := path("inbox_identifier"), path("contact_identifier")
	if visitor != "" {
		if err := ch.visitors.Take(identifier + "/" + visitor); err != nil {
			return nil, api.Somebody, err
		}
	}
	inbox, err := ch.router.InboxByIdentifier(ctx, identifier)
	if err != nil {
		return nil, api.Somebody, err
	}
	ctx = context.WithValue(ctx, inboxKey{}, inbox)
	if visitor == "" {
		return ctx, api.Somebody, nil
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if _, err := ch.router.Visitor(ctx, inbox, visitor); err != nil {
			return nil, api.Somebody, err // nobody's files are read
		}
	}
	return ctx, api.Visitor, nil
}

// inboxOf returns the inbox that admit found.
func inboxOf(ctx context.Context) *router.Inbox { return ctx.Value(inboxKey{}).(*router.Inbox) }
