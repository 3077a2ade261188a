package dialogflow

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Sessions service that does what the test says: for answers that
// no exported agent gives. Everything else is tested on the emulator.
type server struct {
	dialogflowpb.UnimplementedSessionsServer
	net.Listener
	answer func(ctx context.Context, n int, q *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error)

	mu       sync.Mutex
	requests []*dialogflowpb.DetectIntentRequest
	conns    []net.Conn
}

func (s *server) DetectIntent(ctx context.Context, q *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
	s.mu.Lock()
	s.requests = append(s.requests, q)
	n := len(s.requests)
	s.mu.Unlock()
	return s.answer(ctx, n, q)
}

// Accept remembers connections, so that drop can cut them.
func (s *server) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err == nil {
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
	}
	return conn, err
}

func (s *server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.conns = nil
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

type answerFunc = func(ctx context.Context, n int, q *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error)

// serve starts a server and a client of it; both end with the test. n is 1 at
// the first request.
func serve(t *testing.T, o Options, answer answerFunc) (*server, *ES) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &server{Listener: listener, answer: answer}
	g := grpc.NewServer()
	dialogflowpb.RegisterSessionsServer(g, s)
	done := make(chan struct{})
	go func() { defer close(done); _ = g.Serve(s) }()
	t.Cleanup(func() { g.Stop(); <-done })
	return s, client(t, o, listener.Addr().String())
}

// client connects to an emulator at addr.
func client(t *testing.T, o Options, addr string) *ES {
	t.Helper()
	if o.Project == "" {
		o.Project = "test-project"
	}
	o.Endpoint = addr
	o.Logger = slog.New(slog.DiscardHandler)
	es, err := NewES(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = es.Close() }) // some tests close it themselves
	return es
}

func hello() *dialogflowpb.DetectIntentResponse {
	return &dialogflowpb.DetectIntentResponse{
		ResponseId: "r1",
		QueryResult: &dialogflowpb.QueryResult{
			AllRequiredParamsPresent: true,
			Intent:                   &dialogflowpb.Intent{DisplayName: "Saludo"},
			FulfillmentMessages:      []*dialogflowpb.Intent_Message{textMessage("¡Hola!")},
		},
	}
}

func textMessage(variants ...string) *dialogflowpb.Intent_Message {
	return &dialogflowpb.Intent_Message{Message: &dialogflowpb.Intent_Message_Text_{
		Text: &dialogflowpb.Intent_Message_Text{Text: variants}}}
}
