package live_test

import (
	"bufio"
	"context"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/live"
	"relevo/router/routertest"
	"relevo/router/store"
)

// redisServer starts a Redis of its own, reached by a socket file.
func redisServer(t *testing.T) string {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT TESTED: several nodes over Redis. There is no redis-server; install it (apt-get install redis-server) and run this again")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "redis.sock")
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ready := make(chan bool, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "ready to accept connections") {
				ready <- true
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		<-read
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("redis did not start")
	}
	return "unix://" + socket
}

func TestWhatOneNodeDoesIsHeardAtTheOthers(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		if db.Dialect() == store.SQLite {
			t.Skip("SQLite is for one node")
		}
		redis := redisServer(t)
		one := newNode(t, db, live.Options{Redis: redis, Secret: secret})
		two := startNode(t, db, live.Options{Redis: redis, Secret: secret})
		two.agents = one.agents

		v := one.visitor("tienda")
		his := two.visitorSocket(t, v)
		ana := two.open(t, func() string { return one.agentToken("ana") }).connect() // a token of the other node
		m := one.says(v, "Hola")
		one.reply("ana", m.ConversationID, "una nota", true)
		one.reply("ana", m.ConversationID, "¿Qué tal?", false)
		require.Equal(t, []int64{0, 1, 2, 3}, seqs(ana, 4), "conversation, word, note, answer")
		require.Equal(t, []int64{0, 1, 3}, seqs(his, 3), "no note")
		two.reply("ana", m.ConversationID, "Aquí sigo", false)
		require.EqualValues(t, 4, his.next().Data.Seq)

		// A change of what an agent may see reaches the node that holds the socket.
		<-ana.broken
		one.live.Tell(router.Happened{Members: []int64{one.agents["ana"].ID}})
		select {
		case e := <-ana.broken:
			require.EqualValues(t, 3011, e.Code)
		case <-time.After(patience):
			t.Fatal("not told")
		}

		// A node that ends tells the others what its last turns did.
		one.live.Drain()
		one.reply("jefa", m.ConversationID, "Hasta luego", false)
		require.NoError(t, one.live.Close(t.Context()))
		require.EqualValues(t, 5, his.next().Data.Seq)
	})
}

// seqs returns the seqs of the next n events; 0 for the conversation's own,
// which may come before or after.
func seqs(s *socket, n int) []int64 {
	var out []int64
	for range n {
		if e := s.next(); strings.HasPrefix(e.Event, "conversation.") {
			out = append(out, 0)
		} else {
			out = append(out, e.Data.Seq)
		}
	}
	return out
}

func TestANodeSaysThatRedisDoesNotAnswer(t *testing.T) {
	_, err := live.New(live.Options{Redis: "redis://user:hush@127.0.0.1:1", Agent: noAgent, Logger: slog.New(slog.DiscardHandler)})
	require.ErrorContains(t, err, "redis")
	require.NotContains(t, err.Error(), "hush")
}
