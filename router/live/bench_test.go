package live_test

import (
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router"
	"relevo/router/live"
	"relevo/router/store"
)

const benchSockets = 1000

// listeners opens sockets by hand, all with one token, that send nothing.
func listeners(b *testing.B, n *node, token live.Token, count int) []*wire {
	sockets := make([]*wire, count)
	for i := range sockets {
		var d net.Dialer
		conn, err := d.DialContext(b.Context(), "tcp", n.server.Listener.Addr().String())
		require.NoError(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		w, answer, err := n.connectBy(conn, token.Text)
		require.NoError(b, err)
		require.Contains(b, answer, `"connect":{`)
		require.NoError(b, conn.SetDeadline(time.Time{}))
		sockets[i] = w
	}
	return sockets
}

func benchNode(b *testing.B) *node {
	db, err := store.Open(b.Context(), store.Options{Driver: store.SQLite, Path: filepath.Join(b.TempDir(), "relevo.db")})
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	_, err = migrations.Up(b.Context(), db.SQL(), string(db.Dialect()))
	require.NoError(b, err)
	return newNode(b, db, live.Options{PerUser: benchSockets + 1, PerIP: benchSockets + 1, Pulse: time.Hour})
}

// BenchmarkOneEventToSockets tells one event to 1,000 sockets, again and again,
// and reports when the last of them had it: half of the times, and 99 of 100.
func BenchmarkOneEventToSockets(b *testing.B) {
	n := benchNode(b)
	token, err := n.live.AgentToken(n.agents["jefa"].ID)
	require.NoError(b, err)
	sockets := listeners(b, n, token, benchSockets)
	var got sync.WaitGroup
	for _, s := range sockets {
		go func() {
			for {
				text, err := s.receive()
				if err != nil {
					return
				}
				for range strings.Count(text, `"conversation_id":7,`) {
					got.Done()
				}
			}
		}()
	}
	var took []time.Duration
	for b.Loop() {
		got.Add(len(sockets))
		start := time.Now()
		n.live.Tell(router.Happened{Conversation: 7, Inbox: 1, Seq: 1, Version: 1, Messages: []*router.Message{{ID: 1, Seq: 1}}})
		got.Wait()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[(len(took)-1)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkIdleSocket reports what a visitor's socket that is open and silent costs in
// memory: heap and stacks of both its ends, of which the hand-made one has a
// read buffer of 4 KB and no goroutine.
func BenchmarkIdleSocket(b *testing.B) {
	n := benchNode(b)
	token, err := n.live.VisitorToken(n.visitor("tienda").ID)
	require.NoError(b, err)
	listeners(b, n, token, 50) // what the first ones need is not theirs
	for b.Loop() {
		before := inUse()
		open := listeners(b, n, token, benchSockets-100)
		each := float64(inUse()-before) / float64(len(open))
		b.ReportMetric(each-4096, "B/socket")
		for _, s := range open {
			require.NoError(b, s.Close())
		}
		require.Eventually(b, func() bool { return n.live.Sockets() == 50 }, patience, 10*time.Millisecond)
		runtime.KeepAlive(open)
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
