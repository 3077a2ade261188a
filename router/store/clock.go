package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	clockEvery   = time.Minute     // how often Run compares the clocks
	clockSamples = 3               // readings a comparison; the quickest counts
	clockTimeout = 5 * time.Second // for one comparison
)

// Clock tells the database's time, so that processes on machines whose clocks
// differ agree on when a lease ends. It asks the database now and then for the
// difference and else reads the clock of the process. On SQLite, which has no
// clock of its own, the two are the same.
type Clock struct {
	db      *DB
	process func() time.Time
	every   time.Duration
	offset  atomic.Int64 // database minus process, in nanoseconds
}

// NewClock compares the clocks for the first time. Call Run to keep it right.
func NewClock(ctx context.Context, db *DB) (*Clock, error) {
	return newClock(ctx, db, time.Now)
}

func newClock(ctx context.Context, db *DB, process func() time.Time) (*Clock, error) {
	c := &Clock{db: db, process: process, every: clockEvery}
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Now returns the time in UTC, to the microsecond: what is stored comes back
// equal. It is never off by more than half a round trip to the database, plus
// what the process's clock went astray since the last comparison.
func (c *Clock) Now() time.Time {
	return wallClock(c.process().Add(c.Offset()))
}

// Offset returns by how much the database's clock is ahead of the process's.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Run compares the clocks every minute until ctx ends. A comparison that fails
// is logged, and the last one holds.
func (c *Clock) Run(ctx context.Context) {
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := c.compare(ctx); err != nil && ctx.Err() == nil {
				c.db.opts.Logger.WarnContext(ctx, "clock of the database not read", slog.Any("error", err))
			}
		}
	}
}

// compare reads the database's clock a few times and takes the reading with
// the shortest round trip, which leaves the least room for error.
func (c *Clock) compare(ctx context.Context) error {
	if c.db.Dialect() == SQLite {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	best := time.Duration(-1)
	var offset time.Duration
	for range clockSamples {
		var there time.Time
		sent := c.process()
		if err := c.db.readSQL.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
			return fmt.Errorf("read the clock of the database: %w", err)
		}
		trip := c.process().Sub(sent)
		if best < 0 || trip < best {
			best, offset = trip, there.Sub(sent.Add(trip/2))
		}
	}
	c.offset.Store(int64(offset))
	return nil
}
