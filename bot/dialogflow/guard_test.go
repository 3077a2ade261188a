package dialogflow

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/router"
)

// agent answers what the test says, and counts. The tests here run in a bubble,
// where time passes only when everybody waits.
type agent struct {
	t     *testing.T
	guard *guard[string]
	asked int
	says  error
	takes time.Duration
}

func newAgent(t *testing.T, o Options) *agent {
	log := slog.New(slog.DiscardHandler)
	return &agent{t: t, guard: newGuard[string](o.withDefaults(), log)}
}

func code(c codes.Code) error { return status.Error(c, "as told") }

func (a *agent) ask() (attempts int, err error) {
	_, attempts, err = a.guard.ask(a.t.Context(), func(ctx context.Context) (string, error) {
		a.asked++
		select {
		case <-ctx.Done():
			return "", status.FromContextError(ctx.Err()).Err()
		case <-time.After(a.takes):
			return "answer", a.says
		}
	})
	return attempts, err
}

func (a *agent) refuses(reason router.Reason) {
	a.t.Helper()
	before := a.asked
	attempts, err := a.ask()
	require.Equal(a.t, reason, reasonOf(err))
	require.Zero(a.t, attempts)
	require.Equal(a.t, before, a.asked, "asked although the breaker is open")
}

func (a *agent) answers() {
	a.t.Helper()
	_, err := a.ask()
	require.NoError(a.t, err)
}

func pass(d time.Duration) { <-time.After(d) }

func TestAQuotaIsWaitedForUntilTheMinuteIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{})
		pass(20 * time.Second) // the bubble's clock begins on the minute
		a.says = code(codes.ResourceExhausted)
		_, err := a.ask()
		require.Equal(t, router.ReasonBotQuota, reasonOf(err))
		a.refuses(router.ReasonBotQuota)
		pass(40 * time.Second)
		a.refuses(router.ReasonBotQuota)
		pass(quotaSlack)
		a.says = nil
		a.answers()
		a.answers()
	})
}

func TestAQuotaStillUsedUpClosesForAnotherMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{})
		a.says = code(codes.ResourceExhausted)
		for range 3 {
			asked := a.asked
			_, _ = a.ask()
			require.Equal(t, asked+1, a.asked, "one question tries")
			a.refuses(router.ReasonBotQuota)
			pass(time.Minute + quotaSlack)
		}
	})
}

func TestWrongCredentialsAreTriedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []codes.Code{codes.Unauthenticated, codes.PermissionDenied, codes.NotFound} {
			a := newAgent(t, Options{})
			a.says = code(c)
			_, err := a.ask()
			require.Equal(t, router.ReasonBotMisconfig, reasonOf(err))
			a.refuses(router.ReasonBotMisconfig)
			pass(misconfigPause)
			a.says = nil
			a.answers()
		}
	})
}

func TestAnOutageIsNotWaitedForByEveryCustomer(t *testing.T) {
	for name, says := range map[string]error{
		"unavailable": code(codes.Unavailable),
		"internal":    code(codes.Internal),
		"timeout":     code(codes.DeadlineExceeded),
		"no status":   context.DeadlineExceeded,
		"unknown":     errors.New("something"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAgent(t, Options{RatePerMinute: -1})
				a.says = says
				for range outageQuestions {
					attempts, _ := a.ask()
					require.NotZero(t, attempts)
				}
				a.refuses(router.ReasonBotUnavailable)
				pass(outagePause)
				_, _ = a.ask() // one is let through, and fails
				a.refuses(router.ReasonBotUnavailable)
				pass(outagePause)
				a.says = nil
				a.answers()
				a.answers()
			})
		})
	}
}

func TestWhatIsNoOutageOpensNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, says := range map[string]error{
			"bad request": code(codes.InvalidArgument),
			"cancelled":   context.Canceled,
		} {
			a := newAgent(t, Options{RatePerMinute: -1})
			a.says = says
			for range 50 {
				attempts, _ := a.ask()
				require.Equal(t, 1, attempts, name)
			}
		}
	})
}

func TestSomeFailuresAmongManyAnswersOpenNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: -1})
		for i := range 100 {
			a.says = nil
			if i%3 == 2 {
				a.says = code(codes.Internal)
			}
			attempts, _ := a.ask()
			require.Equal(t, 1, attempts)
		}
	})
}

func TestHalfOpenLetsOneThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: -1})
		a.says = code(codes.ResourceExhausted)
		_, _ = a.ask()
		pass(time.Minute + quotaSlack)
		a.says, a.takes = nil, time.Second
		trying := make(chan error)
		go func() { _, err := a.ask(); trying <- err }()
		synctest.Wait()
		a.refuses(router.ReasonBotQuota)
		require.NoError(t, <-trying)
		a.answers()
	})
}

func TestTheSecondTryNeedsHalfTheTime(t *testing.T) {
	for _, tt := range []struct {
		takes    time.Duration
		attempts int
	}{
		{0, 2},
		{4 * time.Second, 2},
		{4499 * time.Millisecond, 2},
		{4500 * time.Millisecond, 1},
		{8 * time.Second, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAgent(t, Options{Timeout: 9 * time.Second})
			a.says, a.takes = code(codes.Unavailable), tt.takes
			start := time.Now()
			attempts, err := a.ask()
			require.Error(t, err)
			require.Equal(t, tt.attempts, attempts, "first failure after %s", tt.takes)
			require.Equal(t, tt.attempts, a.asked)
			require.LessOrEqual(t, time.Since(start), 9*time.Second)
		})
	}
}

func TestOnlyUnavailableIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for c := codes.Canceled; c <= codes.Unauthenticated; c++ {
			a := newAgent(t, Options{})
			a.says = code(c)
			attempts, _ := a.ask()
			want := 1
			if c == codes.Unavailable {
				want = 2
			}
			require.Equal(t, want, attempts, c.String())
		}
	})
}

func TestTheWholeQuestionKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{Timeout: time.Second})
		a.takes = time.Hour
		start := time.Now()
		_, err := a.ask()
		require.Equal(t, router.ReasonBotTimeout, reasonOf(err))
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestTheRateIsRefusedNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: 60, Burst: 3})
		start := time.Now()
		for range 3 {
			a.answers()
		}
		a.refuses(router.ReasonBotQuota)
		require.Zero(t, time.Since(start))
		pass(time.Second)
		a.answers()
		a.refuses(router.ReasonBotQuota)
	})
}

func TestAnOutageAfterAQuotaIsCalledAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: -1})
		a.says = code(codes.ResourceExhausted)
		_, _ = a.ask()
		pass(time.Minute + quotaSlack)
		a.says = nil
		a.answers()
		a.says = code(codes.Internal)
		for a.guard.outage.IsClosed() {
			_, _ = a.ask()
		}
		a.refuses(router.ReasonBotUnavailable)
	})
}

func TestASecondFailureTakesNoThirdPartOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: 1, Burst: 3})
		a.says = code(codes.Unavailable)
		attempts, _ := a.ask()
		require.Equal(t, 2, attempts)
		a.says = nil
		a.answers()
	})
}

func TestASecondTryCountsAgainstTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: 1, Burst: 1})
		a.says = code(codes.Unavailable)
		attempts, err := a.ask()
		require.Equal(t, 1, attempts)
		require.Equal(t, router.ReasonBotUnavailable, reasonOf(err))
	})
}

func TestRefusedQuestionsDoNotUseUpTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgent(t, Options{RatePerMinute: 1, Burst: 2})
		a.says = code(codes.PermissionDenied)
		_, _ = a.ask()
		for range 20 {
			a.refuses(router.ReasonBotMisconfig)
		}
		pass(misconfigPause)
		a.says = nil
		a.answers()
	})
}
