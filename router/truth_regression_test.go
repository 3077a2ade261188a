package router_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
	"relevo/router/routertest"
	"relevo/router/store"
)

// What the random histories and the stress once found, each on its own.

func eachWorld(t *testing.T, test func(t *testing.T, w *world, r *router.Router)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		test(t, w, w.procs[0])
	})
}

func (w *world) inbox(identifier string) *router.Inbox {
	for _, i := range w.inboxes {
		if i.Identifier == identifier {
			return i
		}
	}
	return nil
}

func (w *world) says(t *testing.T, p *person, d router.Draft) *router.Message {
	m, err := w.procs[0].Receive(t.Context(), router.Inbound{Inbox: p.inbox, SourceID: p.SourceID, Draft: d})
	require.NoError(t, err)
	return m
}

func (w *world) conversation(t *testing.T, id int64) router.Conversation {
	v, err := w.procs[0].Conversation(t.Context(), w.agents[1], id)
	require.NoError(t, err)
	return v.Conversation
}

func TestAWordSentAgainIsFoundInTheConversationThatWasCurrentThen(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		for _, d := range []router.Draft{{Content: "Hola", EchoID: "uno"}, {Content: "Hola", SourceID: "uno"}} {
			p := w.visitor(t, w.inbox("nueva"))
			first := w.says(t, p, d)
			_, err := r.Resolve(t.Context(), w.agents[0], first.ConversationID)
			require.NoError(t, err)
			require.Equal(t, first.ID, w.says(t, p, d).ID, "after it was resolved")
			_, err = r.Start(t.Context(), p.inbox, p.SourceID, nil)
			require.NoError(t, err)
			require.Equal(t, first.ID, w.says(t, p, d).ID, "after a new one was started")
			require.Len(t, w.look(t, []*person{p}), 2)
		}
	})
}

func TestABlockedCustomerCannotFillTheListWithConversations(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("nueva"))
		first := w.says(t, p, router.Draft{Content: "Hola"})
		_, err := r.Resolve(t.Context(), w.agents[0], first.ConversationID)
		require.NoError(t, err)
		_, err = w.db.SQL().ExecContext(t.Context(), "UPDATE contacts SET blocked = true")
		require.NoError(t, err)
		require.Equal(t, first.ConversationID, w.says(t, p, router.Draft{Content: "¡Eh!"}).ConversationID)
		require.Equal(t, fsm.Resolved, w.conversation(t, first.ConversationID).Status)
	})
}

func TestTimesInAThreadNeverGoBackThoughClocksDo(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("gente"))
		first := w.says(t, p, router.Draft{Content: "Uno"})
		w.clock.Advance(-time.Second)
		second := w.says(t, p, router.Draft{Content: "Dos"})
		require.Equal(t, first.CreatedAt, second.CreatedAt)
		require.Equal(t, first.CreatedAt, w.conversation(t, first.ConversationID).LastActivityAt)
		routertest.RequireWhole(t, w.db)
	})
}

func TestANameOfAMessageIsText(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("bot"))
		for _, d := range []router.Draft{{EchoID: "a\x00b"}, {SourceID: "a\x00b"}, {EchoID: "\xff"}, {SourceID: "\xff"}} {
			d.Content = "Hola"
			_, err := r.Receive(t.Context(), router.Inbound{Inbox: p.inbox, SourceID: p.SourceID, Draft: d})
			require.ErrorIs(t, err, fault.Invalid)
		}
		require.Empty(t, w.look(t, []*person{p}))
	})
}

func TestAnEmailIsOneAgents(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		_, err := r.AddAgent(t.Context(), router.Agent{Name: "Otra Ana", Email: "Ana@example.com", Role: router.RoleAgent}, "another", nil)
		require.ErrorIs(t, err, fault.Taken)
	})
}

// A visitor who is made twice at once, by two tabs or a connector that sends
// its create again, is one visitor with one contact.
func TestAVisitorMadeTwiceAtOnceIsOne(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		known := "cliente-7"
		for _, tt := range []struct {
			source string
			draft  router.ContactDraft
		}{{"fuente-1-que-nadie-adivina", router.ContactDraft{}}, {"fuente-2-que-nadie-adivina", router.ContactDraft{Identifier: &known}}} {
			const tabs = 8
			visitors := make([]*router.Visitor, tabs)
			var all sync.WaitGroup
			for i := range tabs {
				all.Go(func() {
					v, err := w.procs[i%processes].CreateVisitor(t.Context(), w.inbox("bot"), tt.source, tt.draft)
					assert.NoError(t, err)
					visitors[i] = v
				})
			}
			all.Wait()
			for _, v := range visitors {
				require.NotNil(t, v)
				require.Equal(t, visitors[0].ID, v.ID)
				require.Equal(t, visitors[0].Contact.ID, v.Contact.ID)
			}
		}
	})
}

func TestAResolutionThatACustomerInterruptedIsLoggedAsAnAnswer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("bot"))
		m := w.says(t, p, router.Draft{Content: "Gracias"})
		claim, err := r.ClaimTurn(t.Context(), m.ConversationID)
		require.NoError(t, err)
		w.says(t, p, router.Draft{Content: "Una cosa más"})
		require.NoError(t, r.SettleTurn(t.Context(), claim, router.Outcome{Resolve: &router.Resolution{}, Memory: json.RawMessage(`{}`)}))
		c := w.conversation(t, m.ConversationID)
		require.Equal(t, fsm.Pending, c.Status)
		require.NotNil(t, c.DueAt)
		require.Equal(t, "answered", w.turns(t, c.ID)[0].Outcome)
	})
}
