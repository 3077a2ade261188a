package store

import (
	"context"
	"time"
)

// NewClockOf is NewClock with the process's clock and the pace of Run given.
func NewClockOf(ctx context.Context, db *DB, process func() time.Time, every time.Duration) (*Clock, error) {
	c, err := newClock(ctx, db, process)
	if err == nil {
		c.every = every
	}
	return c, err
}

// KeptStatements is how many statements a connection keeps.
const KeptStatements = keptStatements
