package dialogflow

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/bot"
	"relevo/bot/dialogflow/emulator"
	"relevo/router"
)

// exported finds an agent exported from Dialogflow.
func exported(t *testing.T, name string) *emulator.Agent {
	t.Helper()
	root, named := os.LookupEnv("RELEVO_TEST_AGENTS")
	if !named {
		root = filepath.Join("..", "..", "..", "shared", "agents")
	}
	folder := filepath.Join(root, name)
	if _, err := os.Stat(folder); err != nil {
		require.False(t, named, "RELEVO_TEST_AGENTS names %s: %v", root, err)
		require.NoDirExists(t, root, "the folder is there, so %s should be, too", name)
		t.Skipf("NOT TESTED: there is no exported agent at %s; RELEVO_TEST_AGENTS may name the folder of agents", folder)
	}
	agent, err := emulator.Load(folder)
	require.NoError(t, err)
	return agent
}

// emulate serves an agent to a client of its own.
func emulate(t *testing.T, agent *emulator.Agent, o Options) (*emulator.Server, *ES) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"test-project": agent}, Seed: 1})
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return server, client(t, o, listener.Addr().String())
}

func say(t *testing.T, es *ES, session, text string, contexts ...bot.Context) bot.Result {
	t.Helper()
	r, err := es.Detect(t.Context(), bot.Query{Session: session, Text: text, Language: "en", Contexts: contexts})
	require.NoError(t, err)
	return r
}

func contextNames(r bot.Result) []string {
	var names []string
	for _, c := range r.Contexts {
		names = append(names, c.Name)
	}
	return names
}

func TestTheSecondFallbackAsksForAnOperator(t *testing.T) {
	_, es := emulate(t, exported(t, "human-handoff"), Options{})
	first := say(t, es, "s1", "xyzzy plugh")
	require.True(t, first.Fallback)
	require.Equal(t, "Default Fallback Intent", first.Intent)
	require.Equal(t, []string{"defaultfallbackintent-followup"}, contextNames(first))
	require.NotEmpty(t, first.Messages)

	second := say(t, es, "s1", "xyzzy plugh")
	require.True(t, second.Fallback)
	require.Equal(t, []bot.Message{{Text: "I'm not sure I can help with that. I'm connecting you with a customer service agent."}}, second.Messages)
	require.Contains(t, contextNames(second), "operator_request")
	require.NotEqual(t, first.ResponseID, second.ResponseID)
	require.Positive(t, second.Latency)
}

// After a restart, or a stay with a person, the dialogue goes on in another
// session from the contexts that were kept.
func TestContextsCarryADialogueIntoANewSession(t *testing.T) {
	_, es := emulate(t, exported(t, "human-handoff"), Options{})
	first := say(t, es, "s1", "xyzzy plugh")
	second := say(t, es, "s2", "xyzzy plugh", first.Contexts...)
	require.Equal(t, "Default Fallback Intent - fallback", second.Intent)
	other := say(t, es, "s3", "xyzzy plugh")
	require.Equal(t, "Default Fallback Intent", other.Intent)
}

func TestSlotsAreOpenUntilAllAreFilled(t *testing.T) {
	_, es := emulate(t, exported(t, "room-reservation"), Options{})
	r := say(t, es, "s1", "I want to book a room")
	require.True(t, r.SlotsOpen, "%+v", r)
	require.False(t, r.Fallback)
	require.NotEmpty(t, r.Messages)
	require.Empty(t, slices.DeleteFunc(contextNames(r), func(n string) bool { return !reserved(n) }))
	for _, answer := range []string{"Mountain View", "tomorrow", "10 am", "1 hour", "5", "A", "tomorrow", "1 hour"} {
		if r = say(t, es, "s1", answer); !r.SlotsOpen {
			break
		}
	}
	require.False(t, r.SlotsOpen, "%+v", r)
	require.NotEmpty(t, r.Parameters)
}

func TestWhatGoesWrongAtTheService(t *testing.T) {
	agent := exported(t, "human-handoff")
	type check = func(t *testing.T, r bot.Result, err error, asked int)
	refused := func(reason router.Reason, attempts int) check {
		return func(t *testing.T, _ bot.Result, err error, asked int) {
			failure := detectError(t, err)
			require.Equal(t, reason, failure.Reason)
			require.Equal(t, attempts, failure.Attempts)
			require.Equal(t, attempts, asked)
		}
	}
	for name, tt := range map[string]struct {
		fault emulator.Fault
		check check
	}{
		"bad request":                  {emulator.Fault{Code: codes.InvalidArgument, Message: "Input text exceeds 256 characters."}, refused(router.ReasonBotBadRequest, 1)},
		"denied":                       {emulator.Fault{Code: codes.PermissionDenied, Reason: "IAM_PERMISSION_DENIED"}, refused(router.ReasonBotMisconfig, 1)},
		"quota":                        {emulator.Fault{Code: codes.ResourceExhausted, Reason: "RATE_LIMIT_EXCEEDED"}, refused(router.ReasonBotQuota, 1)},
		"internal":                     {emulator.Fault{Code: codes.Internal}, refused(router.ReasonBotUnavailable, 1)},
		"unavailable":                  {emulator.Fault{Code: codes.Unavailable}, refused(router.ReasonBotUnavailable, 2)},
		"hangs":                        {emulator.Fault{Hang: true}, refused(router.ReasonBotTimeout, 1)},
		"dropped twice after the work": {emulator.Fault{DropAfter: true}, refused(router.ReasonBotUnavailable, 2)},
		"dropped once after the work": {emulator.Fault{DropAfter: true, Times: 1}, func(t *testing.T, r bot.Result, err error, asked int) {
			require.NoError(t, err)
			require.Equal(t, 2, asked)
			require.Equal(t, 2, r.Attempts)
		}},
		"slow": {emulator.Fault{Latency: 30 * time.Millisecond}, func(t *testing.T, r bot.Result, err error, asked int) {
			require.NoError(t, err)
			require.GreaterOrEqual(t, r.Latency, 30*time.Millisecond)
		}},
		"no intent": {emulator.Fault{NilIntent: true}, func(t *testing.T, r bot.Result, err error, _ int) {
			require.NoError(t, err)
			require.True(t, r.Fallback)
			require.Empty(t, r.Intent)
			require.Empty(t, r.Messages)
			require.False(t, r.SlotsOpen)
		}},
		"a blank text": {emulator.Fault{BlankText: true}, func(t *testing.T, r bot.Result, err error, _ int) {
			require.NoError(t, err)
			require.Empty(t, r.Messages)
		}},
		"forty messages": {emulator.Fault{Messages: 40}, func(t *testing.T, r bot.Result, err error, _ int) {
			require.NoError(t, err)
			require.Len(t, r.Messages, 40)
		}},
		"webhook failed": {emulator.Fault{WebhookFailed: true}, func(t *testing.T, r bot.Result, err error, _ int) {
			require.NoError(t, err)
			require.Empty(t, r.Messages)
			require.NotEqual(t, codes.OK, status.Code(r.Webhook))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			server, es := emulate(t, agent, Options{Timeout: 500 * time.Millisecond})
			require.NoError(t, es.Warm(t.Context()))
			server.Faults().Inject(tt.fault)
			r, err := es.Detect(t.Context(), bot.Query{Session: "s1", Text: "purpose", Language: "en"})
			tt.check(t, r, err, len(server.Requests()))
			require.NotContains(t, contextNames(r), "__system_counters__")
		})
	}
}

func TestAQuotaIsClosedAfterOneRefusal(t *testing.T) {
	server, es := emulate(t, exported(t, "human-handoff"), Options{})
	server.Faults().Quota(2)
	say(t, es, "s1", "purpose")
	say(t, es, "s1", "purpose")
	for range 10 {
		_, err := es.Detect(t.Context(), bot.Query{Session: "s1", Text: "purpose", Language: "en"})
		require.Equal(t, router.ReasonBotQuota, detectError(t, err).Reason)
	}
	require.Len(t, server.Requests(), 3)
}

func TestAProjectThatIsNotThere(t *testing.T) {
	_, es := emulate(t, exported(t, "human-handoff"), Options{Project: "somebody-elses"})
	_, err := es.Detect(t.Context(), bot.Query{Session: "s1", Text: "purpose", Language: "en"})
	require.Equal(t, router.ReasonBotMisconfig, detectError(t, err).Reason)
}

func TestEveryFormOfSessionIsTaken(t *testing.T) {
	agent := exported(t, "human-handoff")
	for _, o := range []Options{{}, {Location: "global"}, {Environment: "prod"}, {Location: "europe-west1", Environment: "prod"}} {
		server, es := emulate(t, agent, o)
		r := say(t, es, "s1", "purpose", bot.Context{Name: "Any", Lifespan: 2})
		require.Equal(t, "What's My Purpose?", r.Intent)
		require.Contains(t, contextNames(r), "any")
		left := server.Requests()[0].DeadlineLeft
		require.Greater(t, left, time.Duration(0))
		require.LessOrEqual(t, left, DefaultTimeout)
	}
}
