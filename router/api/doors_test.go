package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/channel"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/jobs"
	"relevo/router/routertest"
	"relevo/router/store"
)

// A whole server with both doors, as operators run it but for its clock: the
// inbox "tienda" has a bot, "correo" has none, "banco" checks identities. Ana
// answers in tienda, Berta in correo, and Jefa administers.
type house struct {
	*httptest.Server
	t      *testing.T
	router *router.Router
	db     *store.DB
	clock  *routertest.Clock
	log    *journal
	teamID int64
	agents map[string]*router.Agent
}

const (
	secret = "the bank's secret"
	desk   = "/api/v1/accounts/1/conversations"
)

var monday = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // 09:00 in Mexico City

// chatty is a bot that says its name, and hands over when asked for a person.
type chatty struct{}

func (chatty) Take(_ context.Context, t router.Turn) (router.Outcome, error) {
	if len(t.Words) > 0 && t.Words[0].Text == "persona" {
		return router.Outcome{Say: []router.Utterance{{Content: "Te paso con una persona."}},
			Handoff: &router.Handoff{Reason: router.ReasonAsked, Trigger: "persona"}}, nil
	}
	return router.Outcome{Say: []router.Utterance{{Content: "¿Talla?", ContentType: "input_select",
		ContentAttributes: map[string]any{"items": []any{map[string]any{"title": "Grande", "value": "L"}}}}}}, nil
}

func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db *store.DB) *house { return furnish(t, db, func(*router.Options) {}) }

// furnish is newHouse with a router that has more.
func furnish(t *testing.T, db *store.DB, more func(*router.Options)) *house {
	h := &house{t: t, db: db, clock: routertest.NewClock(monday), log: &journal{}, agents: map[string]*router.Agent{}}
	logger := slog.New(slog.NewTextHandler(h.log, nil))
	queue, err := jobs.New(jobs.Options{DB: db, Now: h.clock.Now, Logger: logger})
	require.NoError(t, err)
	options := router.Options{DB: db, Bot: chatty{}, Now: h.clock.Now, Logger: logger, Jobs: queue,
		Files: folderOf(t), FileLimits: smallFiles}
	more(&options)
	h.router = router.New(options)
	settings := router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", Greeting: "¡Bienvenida!", NoAutoAssign: true}
	bank := router.InboxSettings{Locale: "es", TimeZone: "UTC", HMACSecret: secret, NoAutoAssign: true}
	ctx := t.Context()
	require.NoError(t, h.router.Wire(ctx, router.Wiring{
		Teams: []router.Team{{Name: "ventas", Description: "Quien vende"}},
		Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Settings: settings, Flow: &router.FlowText{Name: "f", Source: []byte("name: f\n")}},
			{Identifier: "correo", Name: "Correo", Channel: "api", Settings: router.InboxSettings{Locale: "en", TimeZone: "UTC", NoAutoAssign: true}},
			{Identifier: "banco", Name: "Banco", Channel: "api", Settings: bank},
		}}))
	tienda, err := h.router.InboxByIdentifier(ctx, "tienda")
	require.NoError(t, err)
	correo, err := h.router.InboxByIdentifier(ctx, "correo")
	require.NoError(t, err)
	for name, at := range map[string]struct {
		role    router.Role
		inboxes []int64
	}{"ana": {router.RoleAgent, []int64{tienda.ID}}, "berta": {router.RoleAgent, []int64{correo.ID}}, "jefa": {router.RoleAdministrator, []int64{}}} {
		h.agents[name], err = h.router.AddAgent(ctx, router.Agent{Name: name, Email: name + "@example.com", Role: at.role}, agentdesk.HashToken("token-"+name), at.inboxes)
		require.NoError(t, err)
		h.router.Heartbeat(ctx, h.agents[name].ID) // now, so that what they ask for writes none
	}
	require.NoError(t, db.Read().Raw("SELECT id FROM teams").Row().Scan(&h.teamID))
	s, err := api.New(api.Options{Logger: logger, Now: h.clock.Now})
	require.NoError(t, err)
	channel.New(channel.Options{Router: h.router, Now: h.clock.Now}).Routes(s)
	agentdesk.New(agentdesk.Options{Router: h.router, Version: "1.2.3", Clock: h.clock.Now}).Routes(s)
	h.Server = httptest.NewServer(apitest.Checked(t, s))
	t.Cleanup(h.Close)
	return h
}

// ask sends a request; token is an agent's, or "".
func (h *house) ask(method, path, token, body string, headers ...string) answer {
	h.t.Helper()
	if token != "" {
		headers = append(headers, "api_access_token", token)
	}
	return send(h.t, method, h.URL+path, body, append([]string{"Content-Type", asJSON}, headers...)...)
}

// must sends a request that has to succeed and returns its answer.
func (h *house) must(method, path, token, body string, headers ...string) map[string]any {
	h.t.Helper()
	got := h.ask(method, path, token, body, headers...)
	require.Equal(h.t, 200, got.status, "%s %s: %s", method, path, got.body)
	if got.body == "" {
		return nil
	}
	return got.json(h.t)
}

// visitor makes a visitor and returns the path of everything that is his.
func (h *house) visitor(inbox string) string {
	h.t.Helper()
	c := h.must("POST", "/public/api/v1/inboxes/"+inbox+"/contacts", "", `{"name":"Lucía","email":"Lucia@Example.com"}`)
	return "/public/api/v1/inboxes/" + inbox + "/contacts/" + c["source_id"].(string)
}

// conversation starts a conversation of a visitor with one word in it, and
// returns the visitor's and the agents' path of it.
func (h *house) conversation(visitor, word string) (public, agents string) {
	h.t.Helper()
	c := h.must("POST", visitor+"/conversations", "", "")
	public = fmt.Sprintf("%s/conversations/%v", visitor, c["id"])
	h.must("POST", public+"/messages", "", `{"content":"`+word+`"}`)
	h.attend()
	return public, fmt.Sprintf("%s/%v", desk, c["id"])
}

func (h *house) attend() {
	h.t.Helper()
	_, err := h.router.Sweep(h.t.Context())
	require.NoError(h.t, err)
}

// stored is everything that a refused request must leave as it was.
func (h *house) stored() string {
	h.t.Helper()
	var b strings.Builder
	for _, table := range []string{"contacts", "contact_inboxes", "conversations", "messages", "conversation_labels", "agents", "bot_turns"} {
		var rows []map[string]any
		require.NoError(h.t, h.db.Read().Raw("SELECT * FROM "+table+" ORDER BY 1, 2").Scan(&rows).Error)
		text, err := json.Marshal(rows)
		require.NoError(h.t, err)
		fmt.Fprintf(&b, "%s %s\n", table, text)
	}
	return b.String()
}

// keys returns the names of a JSON object in the order they were sent.
func keys(t *testing.T, body string) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	_, err := d.Token()
	require.NoError(t, err)
	var out []string
	for d.More() {
		key, err := d.Token()
		require.NoError(t, err)
		out = append(out, key.(string))
		var value json.RawMessage
		require.NoError(t, d.Decode(&value))
	}
	return out
}
