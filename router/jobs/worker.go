package jobs

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
)

// Context is what a handler is told beside its job. It ends with the time of
// one try, and when the process must stop.
type Context struct {
	context.Context
	ID   int64         // of the job: the same in every try
	Try  int           // from 1
	Last bool          // no other try follows if this one fails
	Age  time.Duration // since the job was stored
}

// worker does the jobs of one kind.
type worker[T Job] struct {
	river.WorkerDefaults[T]
	policy Policy
	do     func(ctx Context, job T) error
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	return w.do(Context{Context: ctx, ID: j.ID, Try: j.Attempt, Last: j.Attempt >= j.MaxAttempts, Age: time.Since(j.CreatedAt)}, j.Args)
}

// Timeout implements river.Worker.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.policy.Timeout }

// NextRetry implements river.Worker.
func (w *worker[T]) NextRetry(j *river.Job[T]) time.Time { return time.Now().Add(pause(j.Attempt)) }

// pause is how long to wait after a failed try, the first being 1.
func pause(try int) time.Duration {
	d := longestPause
	if doublings := try - 1; doublings < 10 {
		d = min(d, firstPause<<doublings)
	}
	return d - d/10 + rand.N(d/5)
}
