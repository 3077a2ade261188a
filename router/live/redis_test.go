package live_test

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	dir := t.TempDir()
	startRedis(t, dir)
	return "unix://" + filepath.Join(dir, "redis.sock")
}

// startRedis starts a Redis in a folder. It ends with the test, or when end is
// called.
func startRedis(t *testing.T, dir string) (end func()) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		require.NotEqual(t, "1", os.Getenv("RELEVO_REQUIRE_REDIS"), "there is no redis-server")
		t.Skip("NOT TESTED: several nodes over Redis. There is no redis-server; install it (apt-get install redis-server) and run this again")
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--port", "0", "--unixsocket", filepath.Join(dir, "redis.sock"), "--save", "", "--appendonly", "no", "--dir", dir)
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
	end = sync.OnceFunc(func() {
		stop()
		<-read
		_ = cmd.Wait()
	})
	t.Cleanup(end)
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("redis did not start")
	}
	return end
}

// Conversations go on while Redis is away, and pages hear again once it is
// back.
func TestRedisMayGoAwayForAWhile(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		end := startRedis(t, dir)
		n := newNode(t, db, live.Options{Redis: "unix://" + filepath.Join(dir, "redis.sock"), Queue: 8})
		v := n.visitor("tienda")
		m := n.says(v, "0")
		his := n.visitorSocket(t, v)
		end()
		for range 100 { // more than the queue holds
			n.reply("ana", m.ConversationID, "¿sigues ahí?", false)
		}
		startRedis(t, dir)
		var highest int64
		eventually(t, "hears how far it is", func() bool {
			last := n.reply("ana", m.ConversationID, "otra vez", false)
			for len(his.events) > 0 {
				e := <-his.events
				highest = max(highest, e.Data.Seq)
			}
			return highest > 101 && last.Seq > highest-1
		})
	})
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
