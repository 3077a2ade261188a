package live_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/live"
	"relevo/router/routertest"
	"relevo/router/store"
)

// connectBy opens a socket by hand.
func (n *node) connectBy(conn net.Conn, token string, headers ...string) (*wire, string, error) {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, "", err
	}
	w, err := upgrade(conn, "/realtime", headers...)
	if err != nil {
		return nil, "", err
	}
	if err := w.send(fmt.Sprintf(`{"id":1,"connect":{"token":%q}}`, token)); err != nil {
		return nil, "", err
	}
	answer, err := w.receive()
	return w, answer, err
}

func TestAnAddressMayOpenSoManySockets(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{PerIP: 2})
		first := n.plain(t)
		_, _, err := n.connectBy(first, n.agentToken("ana"))
		require.NoError(t, err)
		_, _, err = n.connectBy(n.plain(t), n.agentToken("ana"))
		require.NoError(t, err)
		_, _, err = n.connectBy(n.plain(t), n.agentToken("ana"))
		require.ErrorContains(t, err, "429")
		require.NoError(t, first.Close())
		eventually(t, "a place is free", func() bool {
			_, _, err := n.connectBy(n.plain(t), n.agentToken("ana"))
			return err == nil
		})
	})
}

func TestAVisitorMayOpenSoManySockets(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{PerUser: 2})
		lucia := n.visitor("tienda")
		for range 2 {
			_, answer, err := n.connectBy(n.plain(t), n.visitorToken(lucia))
			require.NoError(t, err)
			require.Contains(t, answer, `"connect":{`)
		}
		_, answer, err := n.connectBy(n.plain(t), n.visitorToken(lucia))
		require.NoError(t, err)
		require.Contains(t, answer, "3504")
		_, answer, err = n.connectBy(n.plain(t), n.visitorToken(n.visitor("tienda")))
		require.NoError(t, err)
		require.Contains(t, answer, `"connect":{`, "another visitor")
	})
}

func TestFramesHaveALimit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		w, _, err := n.connectBy(n.plain(t), n.agentToken("ana"))
		require.NoError(t, err)
		_ = w.send(`{"id":2,"rpc":{"method":"` + strings.Repeat("a", 70<<10) + `"}}`) // may be cut before it is whole
		for err == nil {
			var answer string
			answer, err = w.receive()
			require.NotContains(t, answer, `"id":2`)
		}
		eventually(t, "gone", func() bool { return n.live.Sockets() == 0 })
	})
}

// The token says who it is, so a page of any origin may connect; the agents'
// cookie says nothing here.
func TestAnyOriginMayConnectAndNoCookieCounts(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		_, answer, err := n.connectBy(n.plain(t), n.visitorToken(n.visitor("tienda")), "Origin: https://shop.example\r\n")
		require.NoError(t, err)
		require.Contains(t, answer, `"connect":{`)
		_, hash := "session", strings.Repeat("0", 64)
		_, err = n.router.StartSession(t.Context(), n.agents["ana"].ID, hash)
		require.NoError(t, err)
		_, answer, err = n.connectBy(n.plain(t), "", "Origin: https://evil.example\r\nCookie: relevo_session=session; api_access_token=ana\r\n", "Api-Access-Token: ana\r\n")
		require.NoError(t, err)
		require.Contains(t, answer, "3500")
	})
}

// A client that does not read is cut, and nobody waits for it.
func TestASlowReaderIsCut(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{})
		ana := n.agentSocket(t, "ana")
		slow := n.plain(t)
		require.NoError(t, slow.(*handmade).Conn.(*net.TCPConn).SetReadBuffer(4096))
		_, _, err := n.connectBy(slow, n.agentToken("ana"))
		require.NoError(t, err)
		require.Equal(t, 2, n.live.Sockets())
		told := 0
		for n.live.Sockets() == 2 && told < 500_000 {
			for range 1000 {
				n.live.Tell(router.Happened{Conversation: 1, Inbox: n.inbox("tienda").ID, Changed: []router.Field{router.FieldLabels}})
				told++
			}
			for len(ana.events) > 0 { // ana reads
				<-ana.events
			}
		}
		require.Equal(t, 1, n.live.Sockets(), "after %d events", told)
		eventually(t, "with the advice to come back", func() bool { return n.disconnects(t, "3008")+n.disconnects(t, "3009") == 1 })
		n.heard(ana, "ana")
	})
}

// disconnects counts how many sockets were sent away with a code.
func (n *node) disconnects(t *testing.T, code string) float64 {
	families, err := n.live.Metrics().Gather()
	require.NoError(t, err)
	total := 0.0
	for _, f := range families {
		if !strings.HasSuffix(f.GetName(), "num_server_disconnects") {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "code" && l.GetValue() == code {
					total += m.GetCounter().GetValue()
				}
			}
		}
	}
	return total
}

func TestAProcessThatEndsSendsItsSocketsElsewhere(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		w, _, err := n.connectBy(n.plain(t), n.visitorToken(n.visitor("tienda")))
		require.NoError(t, err)
		n.live.Drain()
		answer, err := w.receive()
		require.NoError(t, err)
		require.Equal(t, "closed 3001 shutdown", answer)
		_, _, err = n.connectBy(n.plain(t), n.agentToken("ana"))
		require.ErrorContains(t, err, "503")
		require.NoError(t, n.live.Close(t.Context()))
		require.NoError(t, n.live.Close(t.Context()), "twice is once")
		n.live.Tell(router.Happened{Conversation: 1}) // nobody hears; nothing breaks
	})
}

// Networks that break WebSockets get the same by SSE.
func TestServerSentEvents(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		v := n.visitor("tienda")
		ctx, end := context.WithTimeout(t.Context(), patience)
		defer end()
		body := fmt.Sprintf(`{"id":1,"connect":{"token":%q}}`, n.visitorToken(v))
		req, err := http.NewRequestWithContext(ctx, "POST", n.server.URL+"/realtime/sse", strings.NewReader(body))
		require.NoError(t, err)
		res, err := n.server.Client().Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, "*", res.Header.Get("Access-Control-Allow-Origin"))
		require.Contains(t, res.Header.Get("Content-Type"), "text/event-stream")
		lines := bufio.NewScanner(res.Body)
		line := func() string {
			for lines.Scan() {
				if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
					return text
				}
			}
			return ""
		}
		require.Contains(t, line(), `"connect":{`)
		m := n.says(v, "Hola")
		require.Contains(t, line(), "conversation.created")
		require.Contains(t, line(), fmt.Sprintf(`"message_id":%d`, m.ID))
		n.live.Drain()
		require.Contains(t, line(), `"code":3001`)
	})
}
