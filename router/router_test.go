package router_test

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// script is a bot that a test writes: an outside party, not our own code.
type script struct {
	mu    sync.Mutex
	take  func(router.Turn) (router.Outcome, error)
	turns []router.Turn
}

func (s *script) Take(_ context.Context, t router.Turn) (router.Outcome, error) {
	s.mu.Lock()
	s.turns = append(s.turns, t)
	take := s.take
	s.mu.Unlock()
	return take(t)
}

func (s *script) last() router.Turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turns[len(s.turns)-1]
}

// echo answers every word with itself.
func echo(t router.Turn) (router.Outcome, error) {
	o := router.Outcome{Memory: json.RawMessage(`{"turn":1}`)}
	for _, w := range t.Words {
		o.Say = append(o.Say, router.Utterance{Content: "eco: " + w.Text})
	}
	return o, nil
}

// desk is a router with one inbox with a bot ("tienda"), one without
// ("correo"), an agent, an administrator and a clock that tests move.
type desk struct {
	*router.Router
	t             *testing.T
	db            *store.DB
	clock         *routertest.Clock
	bot           *script
	tienda        *router.Inbox
	correo        *router.Inbox
	ana, jefa     router.By
	anaID, jefaID int64
	folder        *shelf // see withFiles
}

var monday = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // 09:00 in Mexico City

func eachDatabase(t *testing.T, test func(t *testing.T, d *desk)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, newDesk(t, db)) })
}

func newDesk(t *testing.T, db *store.DB) *desk {
	d := &desk{t: t, db: db, clock: routertest.NewClock(monday), bot: &script{take: echo}}
	d.Router = router.New(router.Options{DB: db, Bot: d.bot, Now: d.clock.Now})
	settings := router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", Greeting: "¡Bienvenida!", NoAutoAssign: true}
	ctx := t.Context()
	require.NoError(t, d.Wire(ctx, router.Wiring{
		Teams: []router.Team{{Name: "ventas"}},
		Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Settings: settings,
				Flow: &router.FlowText{Name: "eco", Source: []byte("name: eco\n")}},
			{Identifier: "correo", Name: "Correo", Channel: "api", Settings: router.InboxSettings{Locale: "en", TimeZone: "UTC", NoAutoAssign: true}},
		}}))
	var err error
	d.tienda, err = d.InboxByIdentifier(ctx, "tienda")
	require.NoError(t, err)
	d.correo, err = d.InboxByIdentifier(ctx, "correo")
	require.NoError(t, err)
	ana, err := d.AddAgent(ctx, router.Agent{Name: "Ana", Email: "ana@example.com", Role: router.RoleAgent}, "hash-ana", nil)
	require.NoError(t, err)
	jefa, err := d.AddAgent(ctx, router.Agent{Name: "Jefa", Email: "jefa@example.com", Role: router.RoleAdministrator}, "hash-jefa", nil)
	require.NoError(t, err)
	all := router.Scope{All: true}
	d.ana, d.jefa = router.By{Actor: router.ActorFor(ana), Scope: all}, router.By{Actor: router.ActorFor(jefa), Scope: all}
	d.anaID, d.jefaID = ana.ID, jefa.ID
	return d
}

// visitor makes a visitor of an inbox and returns its token.
func (d *desk) visitor(inbox *router.Inbox) string {
	name := "Lucía"
	v, err := d.CreateVisitor(d.t.Context(), inbox, "", router.ContactDraft{Name: &name})
	require.NoError(d.t, err)
	return v.SourceID
}

// says is one word of the visitor into the current conversation.
func (d *desk) says(inbox *router.Inbox, visitor, text string) *router.Message {
	m, err := d.Receive(d.t.Context(), router.Inbound{Inbox: inbox, SourceID: visitor, Draft: router.Draft{Content: text}})
	require.NoError(d.t, err)
	return m
}

// attend does what is due now.
func (d *desk) attend() {
	_, err := d.Sweep(d.t.Context())
	require.NoError(d.t, err)
}

func (d *desk) row(id int64) router.Conversation {
	v, err := d.Conversation(d.t.Context(), d.jefa, id)
	require.NoError(d.t, err)
	return v.Conversation
}

// thread is what agents see, one line a message.
func (d *desk) thread(id int64) []string {
	messages, err := d.Messages(d.t.Context(), d.jefa, id, router.MessagePage{})
	require.NoError(d.t, err)
	var lines []string
	for _, m := range messages {
		lines = append(lines, string(m.SenderType)+": "+m.Content)
	}
	return lines
}

// sql writes what another part of the program would.
func (d *desk) sql(query string, args ...any) {
	require.NoError(d.t, d.db.Tx(d.t.Context(), func(tx *gorm.DB) error { return tx.Exec(query, args...).Error }))
}

func (d *desk) status(id int64) fsm.Status { return d.row(id).Status }

func TestAConversationStartsWithTheBot(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		c := d.row(m.ConversationID)
		require.Equal(t, fsm.Pending, c.Status)
		require.Equal(t, 1, c.Episode)
		require.NotNil(t, c.DueAt)
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!"}, d.thread(c.ID))

		d.attend()
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!", "bot: eco: Hola"}, d.thread(c.ID))
		require.Nil(t, d.row(c.ID).DueAt)

		d.says(d.tienda, v, "¿Sigues ahí?")
		d.attend()
		require.Equal(t, "bot: eco: ¿Sigues ahí?", d.thread(c.ID)[4])
		require.JSONEq(t, `{"turn":1}`, string(d.bot.last().Memory))
	})
}

func TestWithoutABotAConversationIsOpen(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "Hello")
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		_, err := d.MarkPending(t.Context(), d.ana, m.ConversationID)
		require.ErrorContains(t, err, "inbox_has_no_bot")
	})
}

func TestAHandoffOpensWithBriefAndLine(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{
				Say:     []router.Utterance{{Content: "Te paso con una persona."}},
				Contact: router.ContactChange{Email: "lucia@example.com"},
				Handoff: &router.Handoff{Reason: router.ReasonBotHandoff, Trigger: "intent", Intent: "Mayoreo", Team: "ventas",
					Labels: []string{"mayoreo"}, Priority: "high", Data: map[string]any{"cajas": 12.0}},
			}, nil
		}
		m := d.says(d.tienda, d.visitor(d.tienda), "Quiero mayoreo")
		d.attend()
		view, err := d.Conversation(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, fsm.Open, view.Conversation.Status)
		require.Equal(t, "ventas", view.Team.Name)
		require.Equal(t, []string{"mayoreo"}, view.Labels)
		require.Equal(t, "high", *view.Conversation.Priority)
		require.Equal(t, "lucia@example.com", view.Contact.Email)
		require.Equal(t, []string{
			"contact: Quiero mayoreo", "system: ¡Bienvenida!", "bot: Te paso con una persona.",
			"system: El bot pasó la conversación a una persona: el agente de Dialogflow pidió una persona",
			"system: El bot asignó la conversación al equipo ventas",
			"system: El bot puso la prioridad en alta",
			"system: El bot añadió la etiqueta mayoreo",
		}, d.thread(m.ConversationID))
		brief, err := d.Handoff(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, router.ReasonBotHandoff, brief.Reason)
		require.Equal(t, map[string]any{"cajas": 12.0}, brief.Data)
	})
}

// dying is a bot whose process dies while it is asked.
type dying struct{}

func (dying) Take(context.Context, router.Turn) (router.Outcome, error) {
	runtime.Goexit()
	return router.Outcome{}, nil
}
