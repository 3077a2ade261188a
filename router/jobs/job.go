package jobs

import (
	"fmt"
	"reflect"
	"time"

	"github.com/riverqueue/river"
)

// Job is one piece of work. Its exported fields are stored as JSON, for weeks
// where it fails: ids and addresses belong there, secrets do not. A job whose
// fields change must still understand those that were stored before.
type Job interface {
	Kind() string // names the handler, and never changes
}

// Entry is a job for the queue.
type Entry struct {
	Job
	At time.Time // when it is to be done; the zero time is at once
}

// Policy says how a kind of job is done.
type Policy struct {
	Tries   int           // how often in all, before it is listed as failed; default 10, which takes some 14 hours
	Timeout time.Duration // of one try; default one minute
	Queue   string        // whose workers do it, and keep no other's waiting; default one for all that name none
	Workers int           // of that queue, the most that any of its kinds wants; default Options.Workers
}

const (
	defaultTries   = 10
	defaultTimeout = time.Minute
	// firstPause is the pause after the first failed try. Each is twice as
	// long as the one before, up to longestPause, give or take a tenth:
	// 15 s, 30 s, 1 min … 32 min, 1 h 4 min, 2 h 8 min; then 3 h each.
	firstPause   = 15 * time.Second
	longestPause = 3 * time.Hour
)

// Handle names what does the jobs of one kind, before Run. An error means that
// it is tried again; one from Hopeless that it is not. Errors are shown to
// administrators, so they say what they could do about it and hold no secret.
func Handle[T Job](q *Queue, p Policy, do func(ctx Context, job T) error) {
	if p.Tries == 0 {
		p.Tries = defaultTries
	}
	if p.Timeout == 0 {
		p.Timeout = defaultTimeout
	}
	var job T
	kind := job.Kind()
	if _, twice := q.policies[kind]; twice {
		panic(fmt.Sprintf("jobs of kind %s are handled twice", kind))
	}
	if reflect.TypeFor[T]().Kind() != reflect.Struct {
		panic(fmt.Sprintf("jobs of kind %s are no struct", kind))
	}
	if p.Queue == "" {
		p.Queue = river.QueueDefault
	}
	q.policies[kind] = p
	q.queues[p.Queue] = river.QueueConfig{MaxWorkers: max(p.Workers, q.queues[p.Queue].MaxWorkers, q.opts.Workers)}
	river.AddWorker(q.workers, &worker[T]{policy: p, do: do})
}

// Postpone is the error of a job that could not be tried yet: it is done later,
// and the try does not count.
func Postpone(wait time.Duration) error { return river.JobSnooze(wait) }

// Hopeless marks an error that trying again would not help.
func Hopeless(err error) error { return river.JobCancel(err) }
