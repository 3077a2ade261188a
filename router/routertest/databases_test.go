package routertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/routertest"
	"relevo/router/store"
)

func TestDatabasesAreMigratedAndEmpty(t *testing.T) {
	for range 2 { // what the first one writes, the second one must not see
		routertest.Databases(t, func(t *testing.T, db *store.DB) {
			var n int
			require.NoError(t, db.Read().Raw("SELECT count(*) FROM teams").Scan(&n).Error)
			require.Zero(t, n)
			_, err := db.SQL().ExecContext(t.Context(), "INSERT INTO teams (name, created_at) VALUES ('a', '2026-01-01 00:00:00+00:00')")
			require.NoError(t, err)
		})
	}
}

func TestEmptyDatabasesHaveNoTables(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		tables := "SELECT count(*) FROM sqlite_master"
		if db.Dialect() == store.Postgres {
			tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
		}
		var n int
		require.NoError(t, db.Read().Raw(tables).Scan(&n).Error)
		require.Zero(t, n)
	})
}

func TestClockStandsStillUntilMoved(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 1999, time.FixedZone("Bogota", -5*3600))
	c := routertest.NewClock(start)
	require.Equal(t, time.Date(2026, 11, 22, 15, 0, 0, 1000, time.UTC), c.Now())
	require.Equal(t, c.Now(), c.Now())
	c.Advance(90 * time.Second)
	require.Equal(t, time.Date(2026, 11, 22, 15, 1, 30, 1000, time.UTC), c.Now())
	c.Set(start)
	require.Equal(t, time.Date(2026, 11, 22, 15, 0, 0, 1000, time.UTC), c.Now())
}
