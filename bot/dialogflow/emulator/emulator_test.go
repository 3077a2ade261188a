package emulator_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	df "cloud.google.com/go/dialogflow/apiv2"
	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/googleapis/gax-go/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/structpb"

	"relevo/bot/dialogflow/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that tests move. It starts on Monday, 23 November 2026,
// at nine in the morning UTC.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(c.ahead.Load()))
}

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// talk is a conversation of the official client with a server.
type talk struct {
	t       *testing.T
	server  *emulator.Server
	client  *df.SessionsClient
	clock   *clock
	session string
	lang    string
}

// start serves an agent in memory and opens a conversation in lang with it.
func start(t *testing.T, a *emulator.Agent, lang string) *talk {
	l := bufconn.Listen(1 << 20)
	conn, err := grpc.NewClient("passthrough:///buf",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	return serve(t, a, lang, l, option.WithGRPCConn(conn))
}

// startTCP is start over the loopback interface.
func startTCP(t *testing.T, a *emulator.Agent, lang string) *talk {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serve(t, a, lang, l, option.WithEndpoint(l.Addr().String()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
}

func serve(t *testing.T, a *emulator.Agent, lang string, l net.Listener, how ...option.ClientOption) *talk {
	c := &clock{}
	s := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"": a}, Clock: c.now, Seed: 1})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	client, err := df.NewSessionsClient(context.Background(), how...)
	require.NoError(t, err)
	client.CallOptions.DetectIntent = []gax.CallOption{} // the default retries for 220 s
	t.Cleanup(func() {
		require.NoError(t, client.Close())
		s.Stop()
		require.NoError(t, <-served)
	})
	return &talk{t: t, server: s, client: client, clock: c, lang: lang,
		session: "projects/shop/agent/sessions/5f0c6c1e-7a52-4b27-9f0f-0c6f2f7f0a01"}
}

// ask sends a request and returns what came, error or not.
func (k *talk) ask(req *pb.DetectIntentRequest) (*pb.DetectIntentResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return k.client.DetectIntent(ctx, req)
}

// say sends a text that must be answered.
func (k *talk) say(text string) *pb.QueryResult {
	k.t.Helper()
	resp, err := k.ask(k.text(text))
	require.NoError(k.t, err, text)
	return resp.QueryResult
}

// event sends an event that must be answered.
func (k *talk) event(name string, params map[string]any) *pb.QueryResult {
	k.t.Helper()
	p, err := structpb.NewStruct(params)
	require.NoError(k.t, err)
	resp, err := k.ask(&pb.DetectIntentRequest{Session: k.session, QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Event{
		Event: &pb.EventInput{Name: name, LanguageCode: k.lang, Parameters: p}}}})
	require.NoError(k.t, err)
	return resp.QueryResult
}

func (k *talk) text(text string) *pb.DetectIntentRequest {
	return &pb.DetectIntentRequest{Session: k.session, QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Text{
		Text: &pb.TextInput{Text: text, LanguageCode: k.lang}}}}
}

// expect says each text in turn and looks at the intent and the first text of
// the answer, which must begin as told.
func (k *talk) expect(lines ...line) *pb.QueryResult {
	k.t.Helper()
	var got *pb.QueryResult
	for _, l := range lines {
		got = k.say(l.say)
		require.Equal(k.t, l.intent, got.GetIntent().GetDisplayName(), "intent of %q", l.say)
		require.Truef(k.t, strings.HasPrefix(got.FulfillmentText, l.answer),
			"answer to %q is %q, not %q", l.say, got.FulfillmentText, l.answer)
	}
	return got
}

type line struct{ say, intent, answer string }

// lifespan is that of an active context, 0 where there is none.
func lifespan(q *pb.QueryResult, name string) int {
	for _, c := range q.OutputContexts {
		if strings.HasSuffix(c.Name, "/contexts/"+name) {
			return int(c.LifespanCount)
		}
	}
	return 0
}

func params(q *pb.QueryResult) map[string]any { return q.GetParameters().AsMap() }

// demo is our own agent.
func demo(t *testing.T) *emulator.Agent {
	a, err := emulator.Demo()
	require.NoError(t, err)
	return a
}

// saved is one of the exported agents of others that lie beside the
// repository; they are not part of it.
func saved(t *testing.T, name string) *emulator.Agent {
	t.Helper()
	dir, named := os.LookupEnv("RELEVO_TEST_AGENTS")
	if !named {
		dir = filepath.Join("..", "..", "..", "..", "shared", "agents")
	}
	if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
		require.False(t, named, "RELEVO_TEST_AGENTS names %s: %v", dir, err)
		require.NoDirExists(t, dir, "the folder is there, so %s should be, too", name)
		t.Skipf("NOT TESTED: the exported agent %s is not at %s; set RELEVO_TEST_AGENTS to the folder that holds it", name, dir)
	}
	a, err := emulator.Load(filepath.Join(dir, name))
	require.NoError(t, err)
	require.Empty(t, a.Warnings())
	return a
}
