package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
)

const (
	// txTimeout limits a Tx with all its tries, waiting for locks included.
	txTimeout = 10 * time.Second
	// txTries is how often a Tx is run when others get in its way.
	txTries = 5
	// txBackoff is the pause before the second try; it doubles each time, give
	// or take a half: about 10, 20, 40 and 80 ms.
	txBackoff = 10 * time.Millisecond
)

// ErrNested is returned by Tx when it is called with the context of a running
// one. On SQLite it would wait for itself.
var ErrNested = errors.New("transaction inside a transaction")

// ErrAgain, wrapped in what change returns, has Tx run it again: what it went
// by was removed by another meanwhile.
var ErrAgain = errors.New("what the transaction went by has changed")

type insideTx struct{}

// Tx runs change in one writing transaction and commits it, or rolls it back
// when change returns an error or panics.
//
// The transaction does not end with ctx: a client that hangs up, or a server
// that shuts down, leaves nothing half done. Instead it has 10 seconds of its
// own. It is run again, up to five times in all, when the database gave up on
// it because of another (deadlock, serialization failure, SQLITE_BUSY) or change
// asked for it (ErrAgain), so change must set what it hands out anew each time and touch nothing but tx.
// A transaction in a transaction is not possible.
//
// Errors of change are returned as they are, but that a rule of the schema was
// broken can be told from gorm's errors on both databases, whatever way the
// statement was run.
func (db *DB) Tx(ctx context.Context, change func(tx *gorm.DB) error) error {
	if ctx.Value(insideTx{}) != nil {
		return ErrNested
	}
	then := new([]func())
	ctx = context.WithValue(context.WithoutCancel(ctx), insideTx{}, then)
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()

	for try := 1; ; try++ {
		*then = nil
		err := db.once(ctx, change)
		if err == nil {
			for _, do := range *then {
				do()
			}
			return nil
		}
		if !retryable(err) {
			return named(err)
		}
		if try == txTries {
			return fmt.Errorf("transaction gave up after %d tries: %w", try, err)
		}
		if !pause(ctx, backoff(try)) {
			return fmt.Errorf("transaction ran out of time after %d tries: %w", try, err)
		}
	}
}

// AfterCommit has do done once the running Tx is committed, and never if it is
// not. It is for telling who listens: a process that dies in between does not
// do it. Outside of a Tx it does nothing.
func AfterCommit(tx *gorm.DB, do func()) {
	if then, ok := tx.Statement.Context.Value(insideTx{}).(*[]func()); ok {
		*then = append(*then, do)
	}
}

// once runs change in one transaction. On SQLite, which writes one after the
// other, they take turns in the order they came: the pool would give its only
// connection to any of those who wait, and under load leave some of them out
// until their time is up.
func (db *DB) once(ctx context.Context, change func(tx *gorm.DB) error) error {
	if db.turns != nil {
		select {
		case db.turns <- struct{}{}:
			defer func() { <-db.turns }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return db.transact(ctx, change)
}

// backoff returns how long to wait after the given try, the first being 1.
// Those who collided must not meet again, hence the random part.
func backoff(try int) time.Duration {
	full := txBackoff << (try - 1)
	return full/2 + rand.N(full)
}

// pause waits for d and reports whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
