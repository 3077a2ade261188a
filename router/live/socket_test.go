package live_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/live"
)

// socket is the official client, and what it heard.
type socket struct {
	t      *testing.T
	client *centrifuge.Client
	events chan live.Event
	raw    chan string // the same, as it came
	ended  chan centrifuge.DisconnectedEvent
	broken chan centrifuge.ConnectingEvent // every loss of the connection
}

// open opens a socket that is not yet connected.
func (n *node) open(t *testing.T, token func() string) *socket {
	s := &socket{t: t, events: make(chan live.Event, 10_000), raw: make(chan string, 10_000),
		ended: make(chan centrifuge.DisconnectedEvent, 10), broken: make(chan centrifuge.ConnectingEvent, 1000)}
	s.client = centrifuge.NewJsonClient(strings.Replace(n.server.URL, "http", "ws", 1)+"/realtime", centrifuge.Config{
		GetToken:          func(centrifuge.ConnectionTokenEvent) (string, error) { return token(), nil },
		MinReconnectDelay: time.Millisecond, MaxReconnectDelay: 20 * time.Millisecond, ReadTimeout: patience, HandshakeTimeout: patience,
	})
	s.client.OnPublication(func(p centrifuge.ServerPublicationEvent) {
		var e live.Event
		if err := json.Unmarshal(p.Data, &e); err != nil {
			panic(err)
		}
		offer(s.raw, string(p.Data))
		offer(s.events, e)
	})
	s.client.OnDisconnected(func(e centrifuge.DisconnectedEvent) { offer(s.ended, e) })
	s.client.OnConnecting(func(e centrifuge.ConnectingEvent) { offer(s.broken, e) })
	t.Cleanup(s.client.Close)
	return s
}

// offer does not wait: a test that has failed no longer reads.
func offer[T any](to chan T, v T) {
	select {
	case to <- v:
	default:
	}
}

// connect connects and waits for it.
func (s *socket) connect() *socket {
	connected := make(chan struct{}, 100)
	s.client.OnConnected(func(centrifuge.ConnectedEvent) { connected <- struct{}{} })
	require.NoError(s.t, s.client.Connect())
	select {
	case <-connected:
	case e := <-s.ended:
		s.t.Fatalf("refused: %+v", e)
	case <-time.After(patience):
		s.t.Fatal("never connected")
	}
	return s
}

func (n *node) agentSocket(t *testing.T, agent string) *socket {
	return n.open(t, func() string { return n.agentToken(agent) }).connect()
}

func (n *node) visitorSocket(t *testing.T, v *router.Visitor) *socket {
	return n.open(t, func() string { return n.visitorToken(v) }).connect()
}

// next waits for the next event that is no presence.
func (s *socket) next() live.Event {
	s.t.Helper()
	for {
		select {
		case e := <-s.events:
			if e.Event != "presence.update" {
				return e
			}
		case <-time.After(patience):
			s.t.Fatal("nothing came")
		}
	}
}

// until waits for an event of that name and returns all that came, it included.
func (s *socket) until(name string) []live.Event {
	s.t.Helper()
	var got []live.Event
	for {
		e := s.next()
		got = append(got, e)
		if e.Event == name {
			return got
		}
	}
}

const tides = 8 // a mark goes through every lane

// heard returns everything that an agent's socket was sent so far. It sends a
// mark through each of the queues and waits for all of them, so that what was
// told before has come.
func (n *node) heard(s *socket, agent string) []live.Event {
	s.t.Helper()
	for i := range int64(tides) {
		n.live.Tell(router.Happened{Conversation: 1_000_000 + i, Notices: []router.Notice{{ID: 999_999, Agent: n.agents[agent].ID}}})
	}
	return s.upTo(func(e live.Event) bool { return e.Data.Notification == 999_999 })
}

// visitorHeard is heard of a visitor's socket.
func (n *node) visitorHeard(s *socket, v *router.Visitor) []live.Event {
	s.t.Helper()
	for i := range int64(tides) {
		n.live.Tell(router.Happened{Conversation: 1_000_000 + i, Visitor: v.ID, Typing: &router.Typing{Who: router.System}})
	}
	return s.upTo(func(e live.Event) bool { return e.Data.Conversation >= 1_000_000 })
}

func (s *socket) upTo(mark func(live.Event) bool) []live.Event {
	s.t.Helper()
	var got []live.Event
	for seen := 0; seen < tides; {
		if e := s.next(); mark(e) {
			seen++
		} else {
			got = append(got, e)
		}
	}
	return got
}

func names(events []live.Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Event)
	}
	return out
}

// plain is a connection that speaks the protocol by hand, for what the client
// is too polite to do.
func (n *node) plain(t *testing.T) net.Conn {
	var d net.Dialer
	conn, err := d.DialContext(context.Background(), "tcp", n.server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &handmade{Conn: conn}
}
