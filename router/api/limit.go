package api

import (
	"container/list"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"relevo/router/fault"
)

// limiterKeys is how many keys a Limiter remembers. The longest unused is
// forgotten first, so memory is bounded and a busy key stays limited.
const limiterKeys = 20_000

// Limiter is a token bucket for each key: a visitor's token, an IP address. It
// counts in this process only. A nil Limiter allows everything.
type Limiter struct {
	every rate.Limit
	burst int
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]*list.Element
	used    *list.List // of bucket, the latest used in front
}

type bucket struct {
	key    string
	tokens *rate.Limiter
}

// NewLimiter returns a limiter of perMinute requests for each key, half of
// which may come at once. It returns nil, no limit, if perMinute is 0.
func NewLimiter(perMinute int, now func() time.Time) *Limiter {
	if perMinute <= 0 {
		return nil
	}
	if now == nil {
		now = time.Now
	}
	return &Limiter{every: rate.Limit(perMinute) / 60, burst: (perMinute + 1) / 2, now: now,
		buckets: map[string]*list.Element{}, used: list.New()}
}

// Take takes one request of key out of its bucket. If there is none left it
// returns fault.TooMany, which is answered with the seconds to wait.
func (l *Limiter) Take(key string) error {
	_, err := l.Try(key)
	return err
}

// Try is Take for what counts only if it fails: back puts the request into the
// bucket again.
func (l *Limiter) Try(key string) (back func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	now := l.now()
	r := l.bucket(key).ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return func() { r.CancelAt(now) }, nil
	}
	r.CancelAt(now)
	return nil, fault.TooMany.With("seconds", int(math.Ceil(wait.Seconds())))
}

func (l *Limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.buckets[key]; ok {
		l.used.MoveToFront(e)
		return e.Value.(*bucket).tokens
	}
	if l.used.Len() >= limiterKeys {
		oldest := l.used.Back()
		delete(l.buckets, l.used.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key: key, tokens: rate.NewLimiter(l.every, l.burst)}
	l.buckets[key] = l.used.PushFront(b)
	return b.tokens
}

// retryAfter returns the seconds of a TooMany; a minute if it does not say.
func retryAfter(f *fault.Fault) int {
	if seconds, ok := f.Params["seconds"].(int); ok {
		return seconds
	}
	return 60
}
