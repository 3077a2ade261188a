package agentdesk_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/jobs"
	"relevo/router/routertest"
	"relevo/router/store"
)

// office is a server with the agents' door: the inbox "tienda" has a flow as
// its bot, "correo" has none. Ana answers in tienda, and Jefa administers;
// their tokens are "ana" and "jefa".
type office struct {
	*httptest.Server
	t              *testing.T
	router         *router.Router
	jobs           *jobs.Queue
	db             *store.DB
	clock          *routertest.Clock
	tienda, correo *router.Inbox
	ana, jefa      *router.Agent
}

// answer is what came back.
type answer struct {
	t       *testing.T
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

func (a answer) object() map[string]any {
	a.t.Helper()
	var out map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &out), a.body)
	return out
}

func (a answer) list() []map[string]any {
	a.t.Helper()
	var out []map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &out), a.body)
	return out
}

// payload is the list under "payload".
func (a answer) payload() []map[string]any {
	a.t.Helper()
	var out struct{ Payload []map[string]any }
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &out), a.body)
	return out.Payload
}

func column(rows []map[string]any, name string) []any {
	out := []any{}
	for _, row := range rows {
		out = append(out, row[name])
	}
	return out
}

const account = "/api/v1/accounts/1"

func eachOffice(t *testing.T, test func(t *testing.T, o *office)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, newOffice(t, db, agentdesk.Options{File: "relevo.yaml"})) })
}

func newOffice(t *testing.T, db *store.DB, opts agentdesk.Options) *office {
	o := &office{t: t, db: db, clock: routertest.NewClock(noon)}
	var err error
	o.jobs, err = jobs.New(jobs.Options{DB: db, Now: o.clock.Now})
	require.NoError(t, err)
	o.router = router.New(router.Options{DB: db, Now: o.clock.Now, Jobs: o.jobs})
	ctx := t.Context()
	flow := router.FlowText{Name: "soporte", Source: []byte("name: soporte\n")}
	require.NoError(t, o.router.Wire(ctx, router.Wiring{
		Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Flow: &flow,
				Settings: router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", Greeting: "¡Hola!"}},
			{Identifier: "correo", Name: "Correo", Channel: "api", Settings: router.InboxSettings{Locale: "en", TimeZone: "UTC"}},
		}}))
	o.tienda, err = o.router.InboxByIdentifier(ctx, "tienda")
	require.NoError(t, err)
	o.correo, err = o.router.InboxByIdentifier(ctx, "correo")
	require.NoError(t, err)
	o.ana, err = o.router.AddAgent(ctx, router.Agent{Name: "Ana", Email: "ana@example.com", Role: router.RoleAgent},
		agentdesk.HashToken("ana"), []int64{o.tienda.ID})
	require.NoError(t, err)
	o.jefa, err = o.router.AddAgent(ctx, router.Agent{Name: "Jefa", Email: "jefa@example.com", Role: router.RoleAdministrator},
		agentdesk.HashToken("jefa"), []int64{})
	require.NoError(t, err)
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	opts.Router, opts.Clock = o.router, o.clock.Now
	agentdesk.New(opts).Routes(s)
	o.Server = httptest.NewServer(apitest.Checked(t, s))
	t.Cleanup(o.Close)
	return o
}

// ask sends a request with a token, or without one where it is "", and further
// headers.
func (o *office) ask(token, method, path, body string, headers ...string) answer {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.URL+path, strings.NewReader(body))
	require.NoError(o.t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("api_access_token", token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(o.t, err)
	return answer{o.t, res.StatusCode, string(text), res.Header, res.Cookies()}
}

// must sends a request that has to succeed.
func (o *office) must(token, method, path, body string, headers ...string) answer {
	o.t.Helper()
	got := o.ask(token, method, path, body, headers...)
	require.Equal(o.t, 200, got.status, "%s %s: %s", method, path, got.body)
	return got
}

// refused sends a request that must be answered with a status and a code.
func (o *office) refused(status int, code, token, method, path, body string, headers ...string) answer {
	o.t.Helper()
	got := o.ask(token, method, path, body, headers...)
	require.Equal(o.t, status, got.status, "%s %s: %s", method, path, got.body)
	require.Equal(o.t, code, got.object()["code"], got.body)
	return got
}

// word is a customer's word in an inbox; it returns the conversation.
func (o *office) word(inbox *router.Inbox, text string) int64 {
	o.t.Helper()
	inbox, err := o.router.InboxByID(o.t.Context(), inbox.ID) // as it is now
	require.NoError(o.t, err)
	name := "Lucía Prado"
	v, err := o.router.CreateVisitor(o.t.Context(), inbox, "", router.ContactDraft{Name: &name})
	require.NoError(o.t, err)
	m, err := o.router.Receive(o.t.Context(), router.Inbound{Inbox: inbox, SourceID: v.SourceID, Draft: router.Draft{Content: text}})
	require.NoError(o.t, err)
	return m.ConversationID
}

// lines is the thread as agents see it, one line a message.
func (o *office) lines(conversation int64) []string {
	o.t.Helper()
	messages, err := o.router.Messages(o.t.Context(), router.By{Scope: router.Scope{All: true}}, conversation, router.MessagePage{})
	require.NoError(o.t, err)
	var out []string
	for _, m := range messages {
		out = append(out, string(m.SenderType)+": "+m.Content)
	}
	return out
}
