package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/channel"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/live"
	"relevo/router/routertest"
	"relevo/router/store"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

var monday = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// node is one process: both doors and the sockets, on a database that it may
// share with others. The inboxes are "tienda" and "correo"; Ana answers in the
// first, Beto in the second, Jefa administers.
type node struct {
	t      *testing.T
	db     *store.DB
	clock  *routertest.Clock
	router *router.Router
	live   *live.Live
	server *httptest.Server
	agents map[string]*router.Agent
}

func eachDatabase(t *testing.T, test func(t *testing.T, n *node)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, newNode(t, db, live.Options{})) })
}

func newNode(t testing.TB, db *store.DB, o live.Options) *node {
	n := startNode(t, db, o)
	ctx := context.Background()
	settings := router.InboxSettings{Locale: "es", TimeZone: "UTC", NoAutoAssign: true}
	require.NoError(t, n.router.Wire(ctx, router.Wiring{
		Teams: []router.Team{{Name: "ventas"}},
		Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Settings: settings},
			{Identifier: "correo", Name: "Correo", Channel: "api", Settings: settings}}}))
	for name, inbox := range map[string]string{"ana": "tienda", "beto": "correo", "jefa": ""} {
		role, inboxes := router.RoleAdministrator, []int64{}
		if inbox != "" {
			role, inboxes = router.RoleAgent, []int64{n.inbox(inbox).ID}
		}
		a, err := n.router.AddAgent(ctx, router.Agent{Name: name, Email: name + "@example.com", Role: role, AutoOffline: true}, agentdesk.HashToken(name), inboxes)
		require.NoError(t, err)
		n.agents[name] = a
	}
	return n
}

// startNode starts a process on a database that has its inboxes and agents.
func startNode(t testing.TB, db *store.DB, o live.Options) *node {
	n := &node{db: db, clock: routertest.NewClock(monday), agents: map[string]*router.Agent{}}
	n.t, _ = t.(*testing.T)
	o.Now = n.clock.Now
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	o.Agent = func(ctx context.Context, id int64) (*router.Agent, router.Scope, error) {
		return n.router.AgentByID(ctx, id)
	}
	var err error
	n.live, err = live.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.live.Close(context.Background())) })
	n.router = router.New(router.Options{DB: db, Now: n.clock.Now, Live: n.live.Tell})
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	desk := agentdesk.New(agentdesk.Options{Router: n.router, Clock: n.clock.Now})
	desk.Routes(s)
	desk.RealtimeRoutes(s, n.live)
	public := channel.New(channel.Options{Router: n.router, Now: n.clock.Now})
	public.Routes(s)
	public.RealtimeRoutes(s, n.live)
	n.live.Mount(s)
	n.server = httptest.NewUnstartedServer(apitest.Checked(t, s))
	n.server.Config.ReadTimeout = time.Minute
	n.server.Start()
	t.Cleanup(n.server.Close)
	return n
}

func (n *node) inbox(identifier string) *router.Inbox {
	i, err := n.router.InboxByIdentifier(context.Background(), identifier)
	if err != nil {
		panic(err)
	}
	return i
}

func (n *node) by(name string) router.By {
	a := n.agents[name]
	return router.By{Actor: router.ActorFor(a), Scope: router.Scope{All: true}}
}

// visitor makes a visitor of an inbox.
func (n *node) visitor(inbox string) *router.Visitor {
	v, err := n.router.CreateVisitor(context.Background(), n.inbox(inbox), "", router.ContactDraft{})
	if err != nil {
		panic(err)
	}
	return v
}

// says is one word of the visitor into the current conversation.
func (n *node) says(v *router.Visitor, text string) *router.Message {
	inbox, err := n.router.InboxByID(context.Background(), v.InboxID)
	require.NoError(n.t, err)
	m, err := n.router.Receive(context.Background(), router.Inbound{Inbox: inbox, SourceID: v.SourceID, Draft: router.Draft{Content: text}})
	require.NoError(n.t, err)
	return m
}

func (n *node) reply(agent string, conversation int64, text string, private bool) *router.Message {
	m, err := n.router.Reply(context.Background(), n.by(agent), conversation, router.Draft{Content: text, Private: private})
	require.NoError(n.t, err)
	return m
}

// ask calls the API and decodes its answer into out.
func (n *node) ask(method, path, token string, out any) int {
	req, err := http.NewRequestWithContext(context.Background(), method, n.server.URL+path, bytes.NewReader(nil))
	if err != nil {
		panic(err)
	}
	if token != "" {
		req.Header.Set("Api-Access-Token", token)
	}
	res, err := n.server.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		panic(err)
	}
	if out != nil && res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(body, out); err != nil {
			panic(fmt.Sprintf("%s: %s", err, body))
		}
	}
	return res.StatusCode
}

type issued struct {
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expires_at"`
}

func (n *node) agentToken(agent string) string {
	var out issued
	if code := n.ask("POST", "/api/v1/accounts/1/realtime_token", agent, &out); code != 200 {
		panic(code)
	}
	return out.Token
}

func (n *node) visitorPath(v *router.Visitor) string {
	i, err := n.router.InboxByID(context.Background(), v.InboxID)
	if err != nil {
		panic(err)
	}
	return "/public/api/v1/inboxes/" + i.Identifier + "/contacts/" + v.SourceID
}

func (n *node) visitorToken(v *router.Visitor) string {
	var out issued
	if code := n.ask("POST", n.visitorPath(v)+"/realtime_token", "", &out); code != 200 {
		panic(code)
	}
	return out.Token
}
