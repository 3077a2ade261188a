package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm"

	"relevo/router/store"
)

// Options is what a Queue needs. DB is required; the rest has defaults.
type Options struct {
	DB      *store.DB
	Now     func() time.Time // the database's clock; see store.Clock
	Logger  *slog.Logger
	Workers int           // jobs in hand at the same time, of each queue that does not want more; default 16
	Rescue  time.Duration // when a job is taken from a process that died; default 5 minutes, and longer than any Timeout
}

// Queue stores jobs and does them. It is safe for concurrent use, once all
// handlers are named.
type Queue struct {
	db       *store.DB
	opts     Options
	log      *slog.Logger
	policies map[string]Policy
	queues   map[string]river.QueueConfig
	workers  *river.Workers
	client   client
}

const (
	defaultWorkers = 16
	defaultRescue  = 5 * time.Minute
	// What was done is kept for a day, what failed for good for a month.
	keepDone   = 24 * time.Hour
	keepFailed = 30 * 24 * time.Hour
	// stopTime is how long jobs in hand may take once the process must stop.
	stopTime = 10 * time.Second
)

// New returns a queue on a migrated database. Nothing is done before Run.
func New(o Options) (*Queue, error) {
	if o.Workers == 0 {
		o.Workers = defaultWorkers
	}
	if o.Rescue == 0 {
		o.Rescue = defaultRescue
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	q := &Queue{db: o.DB, opts: o, log: slog.New(warnings{o.Logger.Handler()}), policies: map[string]Policy{}, workers: river.NewWorkers()}
	// Also where no kind wants it: for what was stored before its kind had a queue of its own.
	q.queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}}
	var err error
	q.client, err = newClient(o.DB, &river.Config{Logger: q.log})
	return q, err
}

// Workers is how many jobs are in hand at the same time in a queue that does
// not want more.
func (q *Queue) Workers() int { return q.opts.Workers }

// Insert stores jobs in a running transaction: they are done once it is
// committed, and never if it is rolled back.
func (q *Queue) Insert(tx *gorm.DB, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(entries))
	for i, e := range entries {
		policy, known := q.policies[e.Kind()]
		if !known {
			return fmt.Errorf("nothing does jobs of kind %s", e.Kind())
		}
		opts := &river.InsertOpts{MaxAttempts: policy.Tries, Queue: policy.Queue}
		if wait := e.At.Sub(q.opts.Now()); !e.At.IsZero() && wait > 0 {
			opts.ScheduledAt = time.Now().Add(wait) // River reckons with the process's clock
		}
		params[i] = river.InsertManyParams{Args: e.Job, InsertOpts: opts}
	}
	if err := q.client.insert(tx, params); err != nil {
		return fmt.Errorf("store jobs: %w", err)
	}
	return nil
}

// Run does jobs until ctx ends, and then finishes those in hand, within 10
// seconds. What is not finished then is done again by another process.
func (q *Queue) Run(ctx context.Context) error {
	if len(q.policies) == 0 {
		<-ctx.Done() // there is nothing that could be done
		return nil
	}
	e, err := q.start(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	<-ctx.Done()
	return e.stop()
}

// start begins to do jobs.
func (q *Queue) start(ctx context.Context) (*engine, error) {
	e, err := newEngine(ctx, q.db, q.config())
	if err != nil {
		return nil, fmt.Errorf("start the queue of jobs: %w", err)
	}
	if err := e.Start(ctx); err != nil {
		e.close()
		return nil, fmt.Errorf("start the queue of jobs: %w", err)
	}
	return e, nil
}

func (q *Queue) config() *river.Config {
	return &river.Config{
		Queues:                      q.queues,
		Workers:                     q.workers,
		Logger:                      q.log,
		JobTimeout:                  defaultTimeout,
		RescueStuckJobsAfter:        q.opts.Rescue,
		FetchCooldown:               fetchCooldown(q.db),
		FetchOnlyKnownKinds:         true, // in a rolling deploy the older processes leave new kinds to the others
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepFailed,
		DiscardedJobRetentionPeriod: keepFailed,
	}
}
