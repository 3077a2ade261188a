package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/routertest"
	"relevo/router/store"
)

// A machine whose clock is an hour slow still agrees with the database. On
// SQLite the machine's clock is the only one.
func TestClockFollowsTheDatabase(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		slow := func() time.Time { return time.Now().Add(-time.Hour) }
		want := time.Now
		if db.Dialect() == store.SQLite {
			want = slow
		}
		c, err := store.NewClockOf(t.Context(), db, slow, time.Hour)
		require.NoError(t, err)
		now := c.Now()
		require.WithinDuration(t, want(), now, 5*time.Second)
		require.Equal(t, time.UTC, now.Location())
		require.Equal(t, now, now.Truncate(time.Microsecond))
	})
}

func TestClockIsComparedAgain(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		if opts.Driver == store.SQLite {
			return // nothing to compare
		}
		db := routertest.Open(t, opts)
		var error atomic.Int64 // of the process's clock, which somebody sets while it runs
		process := func() time.Time { return time.Now().Add(time.Duration(error.Load())) }
		c, err := store.NewClockOf(t.Context(), db, process, time.Millisecond)
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() { c.Run(ctx); close(stopped) }()
		error.Store(int64(time.Hour))
		require.Eventually(t, func() bool { return time.Until(c.Now()).Abs() < time.Minute }, 20*time.Second, time.Millisecond)
		require.InDelta(t, -time.Hour, c.Offset(), float64(time.Minute))
		cancel()
		<-stopped
	})
}

func TestClockNeedsAnAnswer(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		if opts.Driver == store.SQLite {
			return // nothing to ask
		}
		db := routertest.Open(t, opts)
		require.NoError(t, db.Close())
		_, err := store.NewClock(t.Context(), db)
		require.ErrorContains(t, err, "read the clock of the database")
	})
}
