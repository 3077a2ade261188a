package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"relevo/router/store"
)

// poolSize is how many connections to PostgreSQL the queue may have beside
// those of the store: one listens, the others fetch and complete.
const poolSize = 4

// engine is River at work.
type engine struct {
	starter
	pool *pgxpool.Pool // nil on SQLite, where the store's writer is used
}

// starter is what a river.Client can do on any database.
type starter interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	Subscribe(kinds ...river.EventKind) (<-chan *river.Event, func())
}

func newEngine(ctx context.Context, db *store.DB, config *river.Config) (*engine, error) {
	if db.Dialect() == store.SQLite {
		c, err := river.NewClient(riversqlite.New(db.SQL()), config)
		return &engine{starter: c}, err
	}
	options, err := pgxpool.ParseConfig(db.Options().DSN)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	options.MaxConns = poolSize
	options.ConnConfig.RuntimeParams["application_name"] = "relevo jobs"
	options.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, options)
	if err != nil {
		return nil, err
	}
	c, err := river.NewClient(riverpgxv5.New(pool), config)
	return &engine{starter: c, pool: pool}, err
}

// stop finishes the jobs in hand, or interrupts them when they take too long.
func (e *engine) stop() error {
	defer e.close()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := e.Stop(ctx); err == nil {
		return nil
	}
	ctx, cancel = context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := e.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop the queue of jobs: %w", err)
	}
	return nil
}

func (e *engine) close() {
	if e.pool != nil {
		e.pool.Close()
	}
}

// fetchCooldown is how long to wait between two looks for jobs. PostgreSQL
// says when there are new ones; on SQLite every look is paid by the writer.
func fetchCooldown(db *store.DB) time.Duration {
	if db.Dialect() == store.SQLite {
		return 50 * time.Millisecond
	}
	return 5 * time.Millisecond
}
