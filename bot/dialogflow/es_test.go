package dialogflow

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/bot"
	"relevo/router"
)

var hola = bot.Query{Session: "s1", Text: "Hola", Language: "es"}

func detectError(t *testing.T, err error) *bot.DetectError {
	t.Helper()
	failure, ok := errors.AsType[*bot.DetectError](err)
	require.True(t, ok, "%v is not a DetectError", err)
	return failure
}

func TestEveryCodeHasItsReason(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		reason   router.Reason
		attempts int
	}{
		codes.Canceled:           {router.ReasonBotUnavailable, 1},
		codes.Unknown:            {router.ReasonBotUnavailable, 1},
		codes.InvalidArgument:    {router.ReasonBotBadRequest, 1},
		codes.DeadlineExceeded:   {router.ReasonBotTimeout, 1},
		codes.NotFound:           {router.ReasonBotMisconfig, 1},
		codes.AlreadyExists:      {router.ReasonBotUnavailable, 1},
		codes.PermissionDenied:   {router.ReasonBotMisconfig, 1},
		codes.ResourceExhausted:  {router.ReasonBotQuota, 1},
		codes.FailedPrecondition: {router.ReasonBotMisconfig, 1},
		codes.Aborted:            {router.ReasonBotUnavailable, 1},
		codes.OutOfRange:         {router.ReasonBotBadRequest, 1},
		codes.Unimplemented:      {router.ReasonBotMisconfig, 1},
		codes.Internal:           {router.ReasonBotUnavailable, 1},
		codes.Unavailable:        {router.ReasonBotUnavailable, 2},
		codes.DataLoss:           {router.ReasonBotUnavailable, 1},
		codes.Unauthenticated:    {router.ReasonBotMisconfig, 1},
	} {
		t.Run(code.String(), func(t *testing.T) {
			s, es := serve(t, Options{}, func(context.Context, int, *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
				return nil, status.Error(code, "as told")
			})
			_, err := es.Detect(t.Context(), hola)
			failure := detectError(t, err)
			require.Equal(t, want.reason, failure.Reason)
			require.Equal(t, want.attempts, failure.Attempts)
			require.Equal(t, want.attempts, s.count())
			require.Equal(t, code, status.Code(failure.Err), "the cause is kept for the log")
		})
	}
}

func TestUnavailableIsAskedOnceMore(t *testing.T) {
	s, es := serve(t, Options{}, func(_ context.Context, n int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		if n == 1 {
			return nil, status.Error(codes.Unavailable, "restarting")
		}
		return hello(), nil
	})
	r, err := es.Detect(t.Context(), hola)
	require.NoError(t, err)
	require.Equal(t, 2, r.Attempts)
	require.Equal(t, 2, s.count())
	require.GreaterOrEqual(t, r.Latency, retryDelay/2, "both attempts and the pause between them")
	require.Equal(t, []bot.Message{{Text: "¡Hola!"}}, r.Messages)
	require.Equal(t, "r1", r.ResponseID)
}

func TestAConnectionLostOnTheWayBackIsReplaced(t *testing.T) {
	var s *server
	s, es := serve(t, Options{}, func(_ context.Context, n int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		if n == 1 {
			s.drop()
		}
		return hello(), nil
	})
	r, err := es.Detect(t.Context(), hola)
	require.NoError(t, err)
	require.Equal(t, 2, r.Attempts)
}

func TestAServerThatIsNotThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	es := client(t, Options{}, listener.Addr().String())
	_, err = es.Detect(t.Context(), hola)
	require.Equal(t, router.ReasonBotUnavailable, detectError(t, err).Reason)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, es.Warm(ctx), context.DeadlineExceeded)
}

func TestNoAnswerEndsAtTheDeadline(t *testing.T) {
	var seen atomic.Int64
	_, es := serve(t, Options{Timeout: 80 * time.Millisecond}, func(ctx context.Context, _ int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		deadline, _ := ctx.Deadline()
		seen.Store(int64(time.Until(deadline)))
		<-ctx.Done()
		return nil, ctx.Err()
	})
	_, err := es.Detect(t.Context(), hola)
	failure := detectError(t, err)
	require.Equal(t, router.ReasonBotTimeout, failure.Reason)
	require.Equal(t, 1, failure.Attempts)
	require.GreaterOrEqual(t, failure.Latency, 80*time.Millisecond)
	require.LessOrEqual(t, time.Duration(seen.Load()), 80*time.Millisecond, "the agent is told how long it has")
}

func TestTheCallersShorterDeadlineCounts(t *testing.T) {
	_, es := serve(t, Options{}, func(ctx context.Context, _ int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := es.Detect(ctx, hola)
	require.Equal(t, router.ReasonBotTimeout, detectError(t, err).Reason)
}

func TestACancelledQuestionSaysSo(t *testing.T) {
	asked := make(chan struct{})
	_, es := serve(t, Options{}, func(ctx context.Context, _ int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		close(asked)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := es.Detect(ctx, hola)
	detectError(t, err)
	require.ErrorIs(t, err, context.Canceled)
}

func TestAnAnswerTooLargeIsNotAQuota(t *testing.T) {
	s, es := serve(t, Options{}, func(_ context.Context, n int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		if n > 1 {
			return hello(), nil
		}
		r := hello()
		r.QueryResult.FulfillmentMessages = append(r.QueryResult.FulfillmentMessages, textMessage(strings.Repeat("a", maxAnswerBytes)))
		return r, nil
	})
	_, err := es.Detect(t.Context(), hola)
	require.Equal(t, router.ReasonBotBadRequest, detectError(t, err).Reason)
	_, err = es.Detect(t.Context(), hola)
	require.NoError(t, err, "no breaker opened")
	require.Equal(t, 2, s.count())
}

func TestAQuotaStopsQuestionsAtOnce(t *testing.T) {
	s, es := serve(t, Options{}, func(context.Context, int, *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		return nil, status.Error(codes.ResourceExhausted, "Quota exceeded for quota metric")
	})
	for i := range 5 {
		_, err := es.Detect(t.Context(), hola)
		failure := detectError(t, err)
		require.Equal(t, router.ReasonBotQuota, failure.Reason)
		require.Equal(t, 1, s.count())
		if i > 0 {
			require.Zero(t, failure.Attempts)
		}
	}
}

func TestWarmAsksNothing(t *testing.T) {
	s, es := serve(t, Options{}, func(context.Context, int, *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
		return hello(), nil
	})
	require.NoError(t, es.Warm(t.Context()))
	require.Zero(t, s.count())
	s.mu.Lock()
	require.Len(t, s.conns, 1, "the connection stands")
	s.mu.Unlock()

	require.NoError(t, es.Close())
	require.Error(t, es.Warm(t.Context()))
	_, err := es.Detect(t.Context(), hola)
	detectError(t, err)
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"no project":      {Options{}, "project"},
		"project's path":  {Options{Project: "projects/x"}, "project"},
		"location":        {Options{Project: "p", Location: "https://evil"}, "location"},
		"environment":     {Options{Project: "p", Environment: "a/b"}, "environment"},
		"no such file":    {Options{Project: "p", CredentialsFile: "testdata/nothing.json"}, "nothing.json"},
		"not JSON":        {Options{Project: "p", CredentialsJSON: []byte("s3cret")}, "not JSON"},
		"not a key":       {Options{Project: "p", CredentialsJSON: []byte(`{"type":"s3cret"}`)}, "service_account"},
		"both kinds":      {Options{Project: "p", CredentialsFile: "a.json", CredentialsJSON: []byte("{}")}, "both"},
		"a key that lies": {Options{Project: "p", CredentialsJSON: []byte(`{"type":"service_account","private_key":"s3cret"}`)}, "project p"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewES(t.Context(), tt.o)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}
