package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/bot/dialogflow/emulator"
	"relevo/router/routertest"
	"relevo/router/store"
)

const (
	kills         = 25 // on each database
	killCustomers = 4
	killLease     = time.Second
	killLatency   = 40 * time.Millisecond // of an answer, so that kills hit turns in hand
	// killSlack is what a busy machine may add to a lease before a test fails.
	killSlack = 30 * time.Second
)

// serveVariable makes this test binary be the server: it names the
// configuration to serve.
const serveVariable = "RELEVO_TEST_SERVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(serveVariable); path != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, []string{"serve", "--config", path}, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestKilledProcesses kills the real process again and again while customers
// write: one process on SQLite, two on PostgreSQL. Nothing may be lost, nothing
// shown twice, and what a process had in hand is taken up when its lease ends.
func TestKilledProcesses(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		k := &killing{opts: opts, dir: t.TempDir(), agent: slowAgent(t)}
		nodes := 1
		if opts.Driver == store.Postgres {
			nodes = 2
		}
		for n := range nodes {
			k.nodes = append(k.nodes, k.node(t, n, nodes))
		}
		k.run(t)
	})
}

// slowAgent serves the demonstration's agent, with some latency, and returns
// its address. It outlives those who ask it.
func slowAgent(t *testing.T) string {
	agent, err := emulator.Demo()
	require.NoError(t, err)
	server := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"": agent}})
	server.Faults().Inject(emulator.Fault{Latency: killLatency})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { server.Stop(); served.Wait() })
	return listener.Addr().String()
}

type killing struct {
	opts  store.Options
	dir   string
	agent string
	nodes []*node
	db    *store.DB
	done  atomic.Bool // no more kills

	mu   sync.Mutex
	sent []string // echo ids that were accepted
}

// node is one `relevo serve`, started anew whenever it is killed.
type node struct {
	config, base string
	process      *exec.Cmd
}

func (k *killing) node(t *testing.T, n, of int) *node {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	database := fmt.Sprintf("driver: sqlite, path: %q", k.opts.Path)
	if k.opts.Driver == store.Postgres {
		database = fmt.Sprintf("driver: postgres, dsn: %q", k.opts.DSN)
	}
	path := filepath.Join(k.dir, fmt.Sprintf("node-%d.yaml", n))
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `
server: { listen: %q, nodes: %d }
database: { %s }
worker: { lease: %s, sweep: 50ms, tries: 10 }
limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }
inboxes:
  - { identifier: web, locale: es, timezone: UTC, bot: talk, debounce: { window: 0s, maximum: 0s } }
bots:
  - { name: agent, project: demo, language: es, endpoint: %q, timeout: 5s, rate_per_minute: 100000 }
flows:
  - name: talk
    language: es
    steps:
      - dialogflow: { agent: agent, handoff: { turns: 500 } }
`, address, of, database, killLease, k.agent), 0o600))
	return &node{config: path, base: "http://" + address + "/public/api/v1/inboxes/web"}
}

func (n *node) start(t *testing.T) {
	n.process = exec.CommandContext(t.Context(), os.Args[0])
	n.process.Env = append(os.Environ(), serveVariable+"="+n.config)
	log, err := os.OpenFile(n.config+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	defer log.Close()
	n.process.Stdout, n.process.Stderr = log, log
	require.NoError(t, n.process.Start())
	ready := strings.TrimSuffix(n.base, "/public/api/v1/inboxes/web") + "/readyz"
	if !wait(time.Minute, func() bool {
		res, err := http.Get(ready)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	}) {
		told, _ := os.ReadFile(log.Name())
		require.Fail(t, "not ready", "%s", told)
	}
}

// wait asks again and again, for at most so long, and says whether the answer
// was yes.
func wait(most time.Duration, yes func() bool) bool {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(most); time.Now().Before(end); <-ticker.C {
		if yes() {
			return true
		}
	}
	return false
}

// kill ends the process as a power cut would.
func (n *node) kill() {
	_ = n.process.Process.Kill()
	_ = n.process.Wait()
}

func (k *killing) run(t *testing.T) {
	for _, n := range k.nodes {
		n.start(t)
	}
	defer func() {
		for _, n := range k.nodes {
			n.kill()
		}
	}()
	k.db = routertest.Open(t, k.opts)
	var customers sync.WaitGroup
	defer customers.Wait()
	defer k.done.Store(true)
	for c := range killCustomers {
		customers.Go(func() { k.talk(t, c) })
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	for i := range kills {
		k.killOne(t, dice, k.nodes[i%len(k.nodes)])
	}
	k.done.Store(true)
	customers.Wait()
	require.False(t, t.Failed())
	require.True(t, wait(killSlack, func() bool { return k.count(t, "conversations WHERE due_at IS NOT NULL") == 0 }), "something is due for ever")
	for _, n := range k.nodes { // and one end in order
		require.NoError(t, n.process.Process.Signal(syscall.SIGTERM))
		require.NoError(t, n.process.Wait())
	}
	k.look(t)
}

// killOne waits until nobody is at a second try any more (the tenth would hand
// off) and somebody begins a turn, then for some part of the time that a turn
// takes, kills a process and starts it anew.
func (k *killing) killOne(t *testing.T, dice *rand.Rand, n *node) {
	turns := func() (n int) {
		assert.NoError(t, k.db.Read().Raw("SELECT coalesce(sum(turn), 0) FROM conversations").Scan(&n).Error)
		return n
	}
	repaired := func() bool { return k.count(t, "conversations WHERE tries > 1") == 0 }
	require.True(t, wait(killSlack, repaired), "what was interrupted is not taken up")
	before := turns()
	require.True(t, wait(killSlack, func() bool { return turns() > before }), "nobody works")
	moment := time.NewTimer(time.Duration(dice.Int64N(int64(killLatency))))
	<-moment.C
	n.kill()
	n.start(t)
}

// count counts rows; -1 if the database cannot tell.
func (k *killing) count(t *testing.T, of string) int {
	n := -1
	assert.NoError(t, k.db.Read().Raw("SELECT count(*) FROM "+of).Scan(&n).Error)
	return n
}

// talk is a customer: each word is sent, under one echo id, until it was
// accepted; then the answer is waited for.
func (k *killing) talk(t *testing.T, c int) {
	visitor := fmt.Sprintf("cliente-que-nadie-adivina-%d", c)
	texts := []string{"¿A qué hora abren?", "Hola", "¿Hacen envíos?", "Gracias"}
	if !k.until(t, c, http.MethodPost, "/contacts", map[string]any{"source_id": visitor}, nil) {
		return
	}
	start := func() (path string, id int64, ok bool) {
		var conversation struct{ ID int64 }
		ok = k.until(t, c, http.MethodPost, "/contacts/"+visitor+"/conversations", map[string]any{}, &conversation)
		return fmt.Sprintf("/contacts/%s/conversations/%d/messages", visitor, conversation.ID), conversation.ID, ok
	}
	path, id, ok := start()
	for i := 0; ok && (!k.done.Load() || i < 5); i++ {
		echo := fmt.Sprintf("%s-%d", visitor, i)
		if !k.until(t, c, http.MethodPost, path, map[string]any{"content": texts[i%len(texts)], "echo_id": echo}, nil) {
			return
		}
		k.mu.Lock()
		k.sent = append(k.sent, echo)
		k.mu.Unlock()
		if i%3 == 0 {
			continue // the next word comes while this one is answered
		}
		owes := fmt.Sprintf("conversations WHERE id = %d AND status = 'pending' AND customer_seq > bot_seq", id)
		ok = assert.True(t, wait(killSlack, func() bool { return k.count(t, owes) == 0 }), "%s is not answered", echo)
		if ok && k.count(t, fmt.Sprintf("conversations WHERE id = %d AND status = 'open'", id)) == 1 {
			path, id, ok = start() // a busy machine made the bot too slow; a person has it
		}
	}
}

// until sends a request to one node after the other until one accepts it.
func (k *killing) until(t *testing.T, first int, method, path string, body, to any) bool {
	text, err := json.Marshal(body)
	if !assert.NoError(t, err) {
		return false
	}
	next, last := first, ""
	ok := wait(2*killSlack, func() bool {
		next++
		req, err := http.NewRequestWithContext(t.Context(), method, k.nodes[next%len(k.nodes)].base+path, bytes.NewReader(text))
		if err != nil {
			last = err.Error()
			return false
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			last = err.Error()
			return false
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		last = fmt.Sprint(res.StatusCode, string(answer), err)
		return err == nil && res.StatusCode < 300 && (to == nil || json.Unmarshal(answer, to) == nil)
	})
	return assert.True(t, ok, "%s %s: %s", method, path, last)
}

// look checks the database: each word that was accepted stands there once and
// was answered, or handed over, once.
func (k *killing) look(t *testing.T) {
	routertest.RequireWhole(t, k.db)
	var words []struct {
		ConversationID, Seq int64
		EchoID              string
		Turns               int
		Opened              bool
	}
	require.NoError(t, k.db.Read().Raw(`SELECT m.conversation_id, m.seq, m.echo_id, (SELECT count(*) FROM bot_turns b
		WHERE b.conversation_id = m.conversation_id AND b.outcome IN ('answered', 'handed_off') AND b.from_seq < m.seq AND m.seq <= b.to_seq) AS turns,
		c.status = 'open' AS opened
		FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.message_type = 0 ORDER BY m.id`).Scan(&words).Error)
	stored := map[string]int{}
	for _, w := range words {
		stored[w.EchoID]++
		if !w.Opened || w.Turns != 0 { // what was said while or after the bot handed off is with people
			require.Equal(t, 1, w.Turns, "%s was answered so often", w.EchoID)
		}
	}
	require.Len(t, words, len(k.sent))
	for _, echo := range k.sent {
		require.Equal(t, 1, stored[echo], "%s", echo)
	}
	k.lookAtRepairs(t)
}

// lookAtRepairs: what a dead process had in hand was taken up when its lease
// had ended, not before, and soon after.
func (k *killing) lookAtRepairs(t *testing.T) {
	var lost []struct{ ClaimedAt, SettledAt time.Time }
	require.NoError(t, k.db.Read().Raw("SELECT claimed_at, settled_at FROM bot_turns WHERE outcome = 'lost'").Scan(&lost).Error)
	longest := time.Duration(0)
	for _, l := range lost {
		held := l.SettledAt.Sub(l.ClaimedAt)
		require.GreaterOrEqual(t, held, killLease)
		longest = max(longest, held)
	}
	t.Logf("%d words; %d kills interrupted %d turns, which were taken up after %v at most (lease %v); %d handoffs", len(k.sent), kills, len(lost), longest, killLease,
		k.count(t, "conversations WHERE status = 'open'"))
	require.NotEmpty(t, lost, "no kill hit a turn, so nothing was tested")
	require.Less(t, longest, killLease+killSlack)
}
