package emulator_test

import (
	"context"
	"sync"
	"testing"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/bot/dialogflow/emulator"
)

func TestAnyCodeCanBeInjected(t *testing.T) {
	k := startTCP(t, demo(t), "es")
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		k.server.Faults().Inject(emulator.Fault{Code: code, Message: "as told", Reason: "A_REASON", Times: 1})
		_, err := k.ask(k.text("hola"))
		require.Equal(t, code, status.Code(err))
		require.ErrorContains(t, err, "as told")
		require.Equal(t, "A_REASON", reason(t, err))
		require.False(t, k.say("hola").Intent.IsFallback, "the fault was for one request")
	}
}

func TestAFaultMayBeForOneSessionOrTextOnly(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Inject(emulator.Fault{Code: codes.Internal, Session: "other"})
	k.server.Faults().Inject(emulator.Fault{Code: codes.Aborted, Text: "gracias", Times: 2})
	k.say("hola")
	for range 2 {
		_, err := k.ask(k.text("gracias"))
		require.Equal(t, codes.Aborted, status.Code(err))
	}
	k.say("gracias")
	k.session = "projects/shop/agent/sessions/other"
	for range 3 {
		_, err := k.ask(k.text("hola"))
		require.Equal(t, codes.Internal, status.Code(err))
	}
	k.server.Faults().Clear()
	k.say("hola")
}

func TestAHangingRequestEndsWithItsClient(t *testing.T) {
	k := start(t, demo(t), "es")
	for _, f := range []emulator.Fault{
		{Hang: true, Times: 1},
		{Latency: time.Hour, Times: 1},
		{Gate: make(chan struct{}), Times: 1},
	} {
		k.server.Faults().Inject(f)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err := k.client.DetectIntent(ctx, k.text("hola"))
		cancel()
		require.Equal(t, codes.DeadlineExceeded, status.Code(err))
		k.say("hola") // the session is not held up
	}
}

func TestStopBreaksOffWhatHangs(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Inject(emulator.Fault{Hang: true})
	failed := make(chan error, 1)
	go func() {
		_, err := k.ask(k.text("hola"))
		failed <- err
	}()
	require.Eventually(t, func() bool { return len(k.server.Requests()) == 1 }, 5*time.Second, time.Millisecond)
	k.server.Stop()
	require.Equal(t, codes.Unavailable, status.Code(<-failed))
}

func TestLatencyDelaysAnAnswer(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Inject(emulator.Fault{Latency: 30 * time.Millisecond})
	began := time.Now()
	k.say("hola")
	require.GreaterOrEqual(t, time.Since(began), 30*time.Millisecond)
}

func TestADroppedAnswerWasWorkedOn(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Inject(emulator.Fault{DropAfter: true, Times: 1})
	_, err := k.ask(k.text("devoluciones"))
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.Equal(t, "Devoluciones - sí", k.say("sí").Intent.DisplayName, "the session has taken the text")
}

func TestAnswersCanBeSpoiled(t *testing.T) {
	k := start(t, demo(t), "es")
	answer := func(f emulator.Fault, text string) *pb.DetectIntentResponse {
		f.Times = 1
		k.server.Faults().Inject(f)
		resp, err := k.ask(k.text(text))
		require.NoError(t, err)
		return resp
	}
	q := answer(emulator.Fault{NilIntent: true}, "hola").QueryResult
	require.Nil(t, q.Intent)
	require.Empty(t, q.FulfillmentMessages)

	q = answer(emulator.Fault{BlankText: true}, "hola").QueryResult
	require.Equal(t, "Bienvenida", q.Intent.DisplayName)
	require.Equal(t, []string{""}, q.FulfillmentMessages[0].GetText().Text)
	require.Empty(t, q.FulfillmentText)

	require.Len(t, answer(emulator.Fault{Messages: 40}, "hola").QueryResult.FulfillmentMessages, 40)

	resp := answer(emulator.Fault{WebhookFailed: true}, "hola")
	require.EqualValues(t, codes.DeadlineExceeded, resp.WebhookStatus.Code)
	require.Contains(t, resp.WebhookStatus.Message, "Reason: TIMEOUT_WEB.")
	require.Empty(t, resp.QueryResult.FulfillmentMessages)
}

func TestTheQuotaStartsAnewOnTheMinute(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Quota(3)
	k.clock.advance(50 * time.Second)
	for range 3 {
		k.say("hola")
	}
	_, err := k.ask(k.text("hola"))
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, "RATE_LIMIT_EXCEEDED", reason(t, err))
	require.ErrorContains(t, err, "StandardTierTextQueryOperationsPerMinutePerProject")
	k.clock.advance(9 * time.Second)
	_, err = k.ask(k.text("hola"))
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	k.clock.advance(time.Second)
	k.say("hola")
}

// A gate lets a test hold a turn and send another: the server notes it, and
// answers both.
func TestOverlappingRequestsOfASessionAreNoted(t *testing.T) {
	k := start(t, demo(t), "es")
	gate := make(chan struct{})
	k.server.Faults().Inject(emulator.Fault{Gate: gate, Text: "hola"})
	var both sync.WaitGroup
	both.Go(func() { _, _ = k.ask(k.text("hola")) })
	require.Eventually(t, func() bool { return len(k.server.Requests()) == 1 }, 5*time.Second, time.Millisecond)
	k.say("gracias")
	elsewhere := k.text("gracias")
	elsewhere.Session = "projects/shop/agent/sessions/elsewhere"
	_, err := k.ask(elsewhere)
	require.NoError(t, err)
	close(gate)
	both.Wait()
	k.say("gracias")

	var overlapped []bool
	for _, r := range k.server.Requests() {
		overlapped = append(overlapped, r.Overlapped)
	}
	require.Equal(t, []bool{false, true, false, false}, overlapped)
}

func TestManyClientsAtOnce(t *testing.T) {
	k := start(t, demo(t), "es")
	k.server.Faults().Quota(1000)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 20 {
				req := k.text("¿cuánto cuesta el envío?")
				req.Session = "projects/shop/agent/sessions/" + string(rune('a'+n%3))
				if resp, err := k.ask(req); err != nil || resp.QueryResult.Intent.DisplayName != "Envíos" {
					t.Errorf("%v %v", resp, err)
				}
			}
		})
	}
	all.Wait()
	require.Len(t, k.server.Requests(), 160)
}
