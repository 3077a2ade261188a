package live

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"relevo/router/api"
)

// frameLimit is how many bytes one message of a client may have. The largest is
// a connect command that names a position for each of an agent's inboxes.
const frameLimit = 64 << 10

// Mount serves sockets at /realtime: WebSocket, and for networks that break it
// SSE and HTTP streaming, whose commands go the other way by /realtime/emulation.
func (l *Live) Mount(s *api.Server) {
	const base = "/realtime"
	alive := centrifuge.PingPongConfig{PingInterval: 25 * time.Second, PongTimeout: 10 * time.Second}
	s.Mount(api.Operation{Method: http.MethodGet, Path: base, Name: "connectWebSocket", Summary: "A WebSocket",
		Description: protocol, Answers: answers(http.StatusSwitchingProtocols, "")},
		l.guarded(centrifuge.NewWebsocketHandler(l.node, centrifuge.WebsocketConfig{
			CheckOrigin:                func(*http.Request) bool { return true }, // the token says who it is; a foreign page has none
			MessageSizeLimit:           frameLimit,
			WriteTimeout:               5 * time.Second,
			ReadBufferSize:             1024,
			UseWriteBufferPool:         true,
			ProcessCommandsOffReadLoop: true,
			PingPongConfig:             alive,
		})))
	sse := l.guarded(stream(centrifuge.NewSSEHandler(l.node, centrifuge.SSEConfig{MaxRequestBodySize: frameLimit, PingPongConfig: alive})))
	events := api.Operation{Method: http.MethodGet, Path: base + "/sse", Name: "connectEventStream", Summary: "Server-sent events, where WebSockets do not get through",
		Description: protocol, Answers: answers(http.StatusOK, "text/event-stream")}
	s.Mount(events, sse)
	events.Method, events.Name = http.MethodPost, "connectEventStreamByPost"
	s.Mount(events, sse)
	s.Mount(api.Operation{Method: http.MethodPost, Path: base + "/http_stream", Name: "connectHTTPStream", Summary: "A streamed answer, where WebSockets do not get through",
		Description: protocol, Answers: answers(http.StatusOK, "text/plain")},
		l.guarded(stream(centrifuge.NewHTTPStreamHandler(l.node, centrifuge.HTTPStreamConfig{MaxRequestBodySize: frameLimit, PingPongConfig: alive}))))
	s.Mount(api.Operation{Method: http.MethodPost, Path: base + "/emulation", Name: "sendToStream", Summary: "What a client of a streamed connection has to say",
		Description: protocol, Answers: answers(http.StatusNoContent, "")},
		share(centrifuge.NewEmulationHandler(l.node, centrifuge.EmulationConfig{MaxRequestBodySize: frameLimit})))
	for _, path := range []string{"/sse", "/http_stream", "/emulation"} {
		s.Mount(api.Operation{Method: http.MethodOptions, Path: base + path, Summary: "What pages of other origins may do",
			Answers: []api.Answer{{Status: http.StatusNoContent, Meaning: "GET and POST, without cookies"}}}, share(http.HandlerFunc(preflight)))
	}
}

const protocol = "Speaks the JSON protocol of centrifuge: use one of its clients, with a token of createRealtimeToken or publicCreateRealtimeToken."

// answers is what a socket's address answers, for the API document.
func answers(connected int, kind string) []api.Answer {
	return []api.Answer{
		{Status: connected, Meaning: "Connected, or the command was taken", Type: kind},
		{Status: http.StatusBadRequest, Meaning: "Not what the protocol begins with"},
		{Status: http.StatusNotFound, Meaning: "The connection is not here"},
		{Status: http.StatusRequestEntityTooLarge, Meaning: "More than 64 kB"},
		{Status: http.StatusTooManyRequests, Meaning: "The address has too many sockets"},
		{Status: http.StatusInternalServerError, Meaning: "Our fault"},
		{Status: http.StatusServiceUnavailable, Meaning: "This process ends: come back to another"},
	}
}

// guarded holds how many sockets an address may have, and sends new ones away
// while the process ends.
func (l *Live) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.draining.Load() {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ip := api.ClientIP(r.Context())
		if !l.sockets.enter(ip) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		seat := &seat{ResponseWriter: w, leave: sync.OnceFunc(func() { l.sockets.leave(ip) })}
		h.ServeHTTP(seat, r)
		if !seat.hijacked {
			seat.leave()
		}
	})
}

// stream serves answers that last: the server's time for reading a request does
// not end them. Pages of any origin may read them, since no cookie opens them.
func stream(h http.Handler) http.Handler {
	return share(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		h.ServeHTTP(w, r)
	}))
}

func share(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		h.ServeHTTP(w, r)
	})
}

func preflight(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	w.Header().Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// gate counts sockets by address.
type gate struct {
	most int

	mu   sync.Mutex
	byIP map[string]int
}

func newGate(most int) *gate { return &gate{most: most, byIP: map[string]int{}} }

func (g *gate) enter(ip string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byIP[ip] >= g.most {
		return false
	}
	g.byIP[ip]++
	return true
}

func (g *gate) leave(ip string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byIP[ip]--; g.byIP[ip] <= 0 {
		delete(g.byIP, ip)
	}
}

// seat is a place at the gate, given back when the request ends, or, once it
// has become a WebSocket, when the connection is closed.
type seat struct {
	http.ResponseWriter
	leave    func()
	hijacked bool
}

// Unwrap lets http.ResponseController reach the connection.
func (s *seat) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Flush sends what was written.
func (s *seat) Flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

// Hijack hands the connection over.
func (s *seat) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	s.hijacked = true
	return &seated{conn, s.leave}, rw, nil
}

// seated is a connection that gives its place back.
type seated struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (s *seated) Close() error {
	s.leave()
	return s.Conn.Close()
}
