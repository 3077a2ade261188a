package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

const (
	webhookKills = 3 // on each database
	killWords    = 6 // of the customer, before each kill and after it
)

// TestAProcessKilledOverWebhooks kills the real process while it delivers to a
// connector, and starts it again. The connector is told everything at least
// once, a thing that it is told again under the same webhook-id with the same
// body; ordered by seq and version, what it was told is the thread.
func TestAProcessKilledOverWebhooks(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		c := newConnector(t, rand.New(rand.NewPCG(seed, 0)))
		n := connectedNode(t, opts, c.URL)
		k := &killing{opts: opts, nodes: []*node{n}}
		n.start(t)
		t.Cleanup(func() { n.kill() })
		k.db = routertest.Open(t, opts)

		const visitor = "/contacts/cliente-que-nadie-adivina"
		var conversation struct{ ID int64 }
		require.True(t, k.until(t, 0, http.MethodPost, "/contacts", map[string]any{"source_id": visitor[len("/contacts/"):]}, nil))
		require.True(t, k.until(t, 0, http.MethodPost, visitor+"/conversations", map[string]any{}, &conversation))
		path := fmt.Sprintf("%s/conversations/%d", visitor, conversation.ID)
		var died []string // deliveries in which the process was killed
		for round := range webhookKills {
			killed := c.killsAt(n)
			var talks sync.WaitGroup
			talks.Go(func() {
				for i := range killWords {
					word := fmt.Sprintf("palabra %d de %d", i, round)
					k.until(t, 0, http.MethodPost, path+"/messages", map[string]any{"content": word, "echo_id": word}, nil)
				}
				k.until(t, 0, http.MethodPost, path+"/toggle_status", map[string]any{"status": "resolved"}, nil)
			})
			select {
			case id := <-killed:
				died = append(died, id)
			case <-time.After(killSlack):
				require.Fail(t, "nothing was delivered")
			}
			n.start(t)
			talks.Wait()
			require.False(t, t.Failed())
		}
		k.takeUp(t, n)
		k.lookAtTold(t, c, died)
	})
}

// takeUp kills the process, lets the minutes pass after which the queue takes
// jobs from a process that died, and waits until everything is delivered. Only
// the times in the tables are changed: who is rescued is the queue's decision.
func (k *killing) takeUp(t *testing.T, n *node) {
	n.kill()
	inHand := k.count(t, "river_job WHERE state = 'running'")
	require.GreaterOrEqual(t, inHand, 1, "no kill hit a delivery")
	earlier := func(column string) string {
		if k.opts.Driver == store.SQLite {
			return fmt.Sprintf("%s = strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '-6 minutes')", column, column)
		}
		return fmt.Sprintf("%s = %s - interval '6 minutes'", column, column)
	}
	change := func(statement string) {
		t.Helper()
		require.NoError(t, k.db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement).Error }))
	}
	change("UPDATE river_job SET " + earlier("attempted_at") + " WHERE state = 'running'")
	change("UPDATE river_leader SET " + earlier("expires_at"))
	n.start(t)
	const rescued = `river_job WHERE state = 'retryable' AND CAST(errors AS text) LIKE '%rescued%'`
	require.True(t, wait(killSlack, func() bool { return k.count(t, rescued) >= inHand }), "what was in hand is not taken up")
	change("UPDATE river_job SET " + earlier("scheduled_at") + " WHERE state = 'retryable'") // the pause before the next try
	require.True(t, wait(2*killSlack, func() bool { return k.count(t, "webhook_deliveries") == 0 }), "something is not delivered")
	t.Logf("%d deliveries were in the hands of processes that died", inHand)
}

// lookAtTold holds what the connector was told against the thread.
func (k *killing) lookAtTold(t *testing.T, c *connector, died []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Len(t, died, webhookKills)
	for _, id := range died {
		require.GreaterOrEqual(t, len(c.told[id]), 2, "what the killed process was telling is told again")
	}
	told := map[int64]string{}
	statuses := map[int64]string{}
	repeated := 0
	for id, bodies := range c.told {
		for _, body := range bodies {
			require.Equal(t, bodies[0], body, "told twice under the same id %s", id)
		}
		repeated += len(bodies) - 1
		var e struct {
			Event, Content, Status string
			Seq, Version           int64
		}
		require.NoError(t, json.Unmarshal([]byte(bodies[0]), &e))
		switch e.Event {
		case "message_created":
			require.NotContains(t, told, e.Seq, "told twice under two ids")
			told[e.Seq] = e.Content
		case "conversation_created", "conversation_status_changed":
			require.NotContains(t, statuses, e.Version, "told twice under two ids")
			statuses[e.Version] = e.Status
		}
	}
	var thread []struct {
		Seq     int64
		Content string
	}
	require.NoError(t, k.db.Read().Raw("SELECT seq, content FROM messages WHERE message_type <> 2").Scan(&thread).Error)
	said := map[int64]string{}
	for _, m := range thread {
		said[m.Seq] = m.Content
	}
	require.Len(t, said, webhookKills*killWords)
	require.Equal(t, said, told)
	require.Equal(t, []string{"open", "resolved", "open", "resolved", "open", "resolved"}, inOrder(statuses))
	t.Logf("%d things told, %d of them again", len(c.told), repeated)
}

// inOrder lists what stands under each version, the earliest first.
func inOrder(of map[int64]string) (all []string) {
	for version := range int64(1000) {
		if status, ok := of[version]; ok {
			all = append(all, status)
		}
	}
	return all
}

// connector is somebody else's server, which keeps what it is told, and in
// which the process that tells it can die.
type connector struct {
	*httptest.Server
	dice *rand.Rand

	mu    sync.Mutex
	told  map[string][]string // bodies, by webhook-id
	until int                 // requests before the one that kills
	kill  func(id string)     // nil: nobody is killed
}

func newConnector(t *testing.T, dice *rand.Rand) *connector {
	c := &connector{dice: dice, told: map[string][]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // broken off: nothing was told
		}
		id := r.Header.Get("webhook-id")
		c.mu.Lock()
		defer c.mu.Unlock()
		c.told[id] = append(c.told[id], string(body))
		if c.until--; c.until < 0 && c.kill != nil {
			c.kill(id)
			c.kill = nil
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// killsAt makes one of the next requests kill the process before it is
// answered, and says whose delivery that was.
func (c *connector) killsAt(n *node) <-chan string {
	killed := make(chan string, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = c.dice.IntN(killWords)
	c.kill = func(id string) { n.kill(); killed <- id }
	return killed
}

// connectedNode is a node with an inbox whose connector stands at an address of
// this machine.
func connectedNode(t *testing.T, opts store.Options, webhook string) *node {
	return loneNode(t, opts, fmt.Sprintf(`
webhooks: { allow_private: [127.0.0.1] }
limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }
inboxes:
  - { identifier: web, channel: api, locale: es, timezone: UTC, webhook_url: %q }
`, webhook))
}
