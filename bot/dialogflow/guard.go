package dialogflow

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/router"
)

const (
	retryDelay = 100 * time.Millisecond

	// An outage is when of five or more questions within half a minute at least
	// every other one failed. Then one is let through each quarter of a minute.
	outageRate      = 0.5
	outageQuestions = 5
	outageWindow    = 30 * time.Second
	outagePause     = 15 * time.Second

	// Wrong credentials stay wrong until somebody mends them, but that one should
	// not wait long to see it.
	misconfigPause = 10 * time.Second

	// Google refills quotas on the minute, by a clock that is not ours; asking a
	// moment too early would cost another minute.
	quotaSlack = time.Second
)

// guard stands between a question and the agent: it keeps the deadline, asks a
// second time where that is worth while, and refuses at once what would be
// refused or lost anyway, so that a customer gets a person instead of waiting.
type guard[R any] struct {
	timeout time.Duration
	rate    *rate.Limiter
	// refusal opens at the first answer that says "not now, nor to anybody":
	// quota and credentials. outage opens when the agent is out of reach.
	refusal, outage circuitbreaker.CircuitBreaker[R]
	refusedFor      atomic.Value // the router.Reason that refusal opened with
	policies        failsafe.Executor[R]
}

func newGuard[R any](o Options, log *slog.Logger) *guard[R] {
	limit := rate.Limit(float64(o.RatePerMinute) / 60)
	if o.RatePerMinute < 0 {
		limit = rate.Inf
	}
	g := &guard[R]{timeout: o.Timeout, rate: rate.NewLimiter(limit, o.Burst)}
	g.refusal = circuitbreaker.NewBuilder[R]().
		HandleIf(func(_ R, err error) bool { return refuses(err) }).
		WithFailureThreshold(1).
		WithSuccessThreshold(1).
		WithDelayFunc(func(x failsafe.ExecutionAttempt[R]) time.Duration {
			reason := reasonOf(x.LastError())
			g.refusedFor.Store(reason)
			return pause(reason, time.Now())
		}).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) { report(log, g.refusedFor.Load(), e) }).
		Build()
	g.outage = circuitbreaker.NewBuilder[R]().
		HandleIf(func(_ R, err error) bool { return fails(err) }).
		WithFailureRateThreshold(outageRate, outageQuestions, outageWindow).
		WithSuccessThreshold(1).
		WithDelay(outagePause).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) { report(log, router.ReasonBotUnavailable, e) }).
		Build()
	again := retrypolicy.NewBuilder[R]().
		HandleIf(func(_ R, err error) bool { return isAgain(err) }).
		WithMaxRetries(1).
		WithDelay(retryDelay).
		WithJitterFactor(0.5).
		ReturnLastFailure().
		Build()
	g.policies = failsafe.With[R](g.refusal, g.outage, again)
	return g
}

// ask sends a question through the guard and returns how often it was sent: 0
// when it was refused, 2 when it was repeated. send must respect its context.
func (g *guard[R]) ask(ctx context.Context, send func(context.Context) (R, error)) (answer R, attempts int, err error) {
	if err := g.closedTo(); err != nil {
		return answer, 0, err
	}
	if !g.rate.Allow() {
		return answer, 0, &refusedError{router.ReasonBotQuota, "our own rate limit"}
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	half := time.Now().Add(time.Until(deadline) / 2)

	answer, err = g.policies.WithContext(ctx).Get(func() (R, error) {
		attempts++
		answer, err := send(ctx)
		if attempts == 1 && status.Code(err) == codes.Unavailable && time.Now().Before(half) && g.rate.Allow() {
			err = againError{err}
		}
		return answer, err
	})
	if errors.Is(err, circuitbreaker.ErrOpen) {
		// Only while another question is being let through to try.
		return answer, attempts, &refusedError{g.reason(), "breaker half open"}
	}
	return answer, attempts, err
}

// closedTo returns why no question may be sent now, nil if one may. It comes
// before the rate, or questions that are never sent would use it up.
func (g *guard[R]) closedTo() error {
	if g.refusal.RemainingDelay() > 0 || g.outage.RemainingDelay() > 0 {
		return &refusedError{g.reason(), "breaker open"}
	}
	return nil
}

func (g *guard[R]) reason() router.Reason {
	if reason, ok := g.refusedFor.Load().(router.Reason); ok && !g.refusal.IsClosed() {
		return reason
	}
	return router.ReasonBotUnavailable
}

// pause says for how long to ask nothing after a refusal.
func pause(reason router.Reason, now time.Time) time.Duration {
	if reason == router.ReasonBotQuota {
		return now.Truncate(time.Minute).Add(time.Minute + quotaSlack).Sub(now)
	}
	return misconfigPause
}

// againError marks the one failure that is worth a second try.
type againError struct{ error }

func (e againError) Unwrap() error { return e.error }

func isAgain(err error) bool {
	_, ok := errors.AsType[againError](err)
	return ok
}

// report logs that the agent is left alone for a while, or asked again.
func report(log *slog.Logger, reason any, e circuitbreaker.StateChangedEvent) {
	level := slog.LevelInfo
	if e.NewState == circuitbreaker.OpenState {
		level = slog.LevelWarn
	}
	log.Log(e.Context(), level, "dialogflow breaker", "state", e.NewState.String(), "reason", reason)
}
