package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router"
	"relevo/router/live"
	"relevo/router/routertest"
	"relevo/router/store"
)

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, patience, 5*time.Millisecond, what)
}

func (n *node) exec(query string, args ...any) error {
	return n.db.Tx(context.Background(), func(tx *gorm.DB) error { return tx.Exec(query, args...).Error })
}

func (n *node) join(agent, inbox string) {
	require.NoError(n.t, n.exec("INSERT INTO inbox_members (inbox_id, agent_id) VALUES (?, ?)", n.inbox(inbox).ID, n.agents[agent].ID))
}

func (n *node) leave(agent, inbox string) {
	require.NoError(n.t, n.exec("DELETE FROM inbox_members WHERE inbox_id = ? AND agent_id = ?", n.inbox(inbox).ID, n.agents[agent].ID))
}

func TestWhatAnAgentMaySeeIsReadAnewWhenTold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		beto := n.agentSocket(t, "beto")
		n.join("beto", "tienda")
		n.live.Tell(router.Happened{Members: []int64{n.agents["beto"].ID}})
		<-beto.broken // the first connection
		select {
		case e := <-beto.broken:
			require.EqualValues(t, 3011, e.Code, "with the advice to come back")
		case <-time.After(patience):
			t.Fatal("not sent away")
		}
		eventually(t, "back", func() bool { return n.live.Sockets() == 1 })
		require.Empty(t, n.heard(beto, "beto"))
		n.says(n.visitor("tienda"), "Hola")
		require.Equal(t, []string{"conversation.created", "message.created"}, names(n.heard(beto, "beto")))
	})
}

func TestWhatAnAgentMaySeeIsReadAnewEveryPulse(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{Pulse: 20 * time.Millisecond})
		beto := n.agentSocket(t, "beto")
		n.leave("beto", "correo")
		n.join("beto", "tienda")
		// Whoever listens to tienda no longer listens to correo.
		eventually(t, "hears tienda", func() bool {
			n.says(n.visitor("tienda"), "Hola")
			return len(n.heard(beto, "beto")) > 0
		})
		n.says(n.visitor("correo"), "Buenas")
		require.Empty(t, n.heard(beto, "beto"))
		require.Len(t, beto.broken, 1, "on the same connection")
	})
}

func TestTheDeskHearsWhoComesAndGoes(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		signs := make(chan int64, 1000)
		var n *node
		n = newNode(t, db, live.Options{Pulse: 20 * time.Millisecond, Alive: func(ctx context.Context, id int64) {
			n.router.Heartbeat(ctx, id)
			signs <- id
		}})
		beto := n.agents["beto"].ID
		jefa := n.agentSocket(t, "jefa")
		first, second := n.agentSocket(t, "beto"), n.agentSocket(t, "beto")
		require.Equal(t, "online", jefa.presenceOf(beto))
		pulses := 0
		for pulses < 5 {
			if <-signs == beto {
				pulses++
			}
		}
		first.client.Close()
		eventually(t, "one page closed", func() bool { return n.live.Sockets() == 2 })
		for len(jefa.events) > 0 {
			<-jefa.events
		}
		n.live.Tell(router.Happened{Present: []int64{beto}})
		require.Equal(t, "online", jefa.presenceOf(beto), "the other page is still open")
		second.client.Close()
		require.Equal(t, "offline", jefa.presenceOf(beto))
	})
}

// presenceOf waits for what is told of an agent's presence.
func (s *socket) presenceOf(agent int64) string {
	s.t.Helper()
	for {
		select {
		case e := <-s.events:
			if e.Event == "presence.update" && e.Data.Users[id(agent)] != "" {
				return e.Data.Users[id(agent)]
			}
		case <-time.After(patience):
			s.t.Fatal("nothing told")
		}
	}
}
