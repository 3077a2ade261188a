package store

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

func TestRetryableAreOnlyCollisions(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "40P01"}, true},
		{&pgconn.PgError{Code: "40001"}, true},
		{fmt.Errorf("claim: %w", &pgconn.PgError{Code: "40001"}), true},
		{&pgconn.PgError{Code: "23505"}, false},
		{&pgconn.PgError{Code: "57014"}, false}, // cancelled
		{gorm.ErrRecordNotFound, false},
		{errors.New("database is locked"), false}, // somebody's words, not the driver's
		{nil, false},
	} {
		require.Equal(t, tt.want, retryable(tt.err), "%v", tt.err)
	}
}

// The driver's errors cannot be made by hand, so SQLite is brought to refuse.
func TestRetryableKnowsTheBusyErrorsOfSQLite(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a.db")
	connect := func() *sql.Conn {
		pool, err := sql.Open("sqlite", path) // without a busy_timeout
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pool.Close()) })
		conn, err := pool.Conn(ctx)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close()) })
		return conn
	}
	one, two := connect(), connect()
	do := func(conn *sql.Conn, statement string) error {
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	for _, statement := range []string{"PRAGMA journal_mode = WAL", "CREATE TABLE a (b text)", "BEGIN IMMEDIATE"} {
		require.NoError(t, do(one, statement))
	}
	err := do(two, "BEGIN IMMEDIATE")
	require.ErrorContains(t, err, "(5)")
	require.True(t, retryable(err))
	require.NoError(t, do(one, "COMMIT"))

	require.NoError(t, do(two, "BEGIN"))
	var n int
	require.NoError(t, two.QueryRowContext(ctx, "SELECT count(*) FROM a").Scan(&n)) // now two has a snapshot
	require.NoError(t, do(one, "INSERT INTO a VALUES ('x')"))                       // and it is old
	err = do(two, "INSERT INTO a VALUES ('y')")
	require.ErrorContains(t, err, "(517)")
	require.True(t, retryable(err))
	require.NoError(t, do(two, "ROLLBACK"))

	require.False(t, retryable(do(one, "INSERT INTO nowhere VALUES (1)")))
}

func TestTxGivesUpAfterFiveTries(t *testing.T) {
	db, err := Open(t.Context(), Options{Driver: SQLite, Path: filepath.Join(t.TempDir(), "a.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	collision := &pgconn.PgError{Code: "40001"}
	runs := 0
	err = db.Tx(t.Context(), func(*gorm.DB) error { runs++; return collision })
	require.ErrorIs(t, err, collision)
	require.ErrorContains(t, err, "after 5 tries")
	require.Equal(t, 5, runs)

	runs = 0
	require.NoError(t, db.Tx(t.Context(), func(*gorm.DB) error {
		if runs++; runs < 5 {
			return collision
		}
		return nil
	}))
	require.Equal(t, 5, runs)
}

func TestBackoffGrowsAndDiffers(t *testing.T) {
	seen := map[time.Duration]bool{}
	for try := 1; try < txTries; try++ {
		full := txBackoff << (try - 1)
		for range 50 {
			d := backoff(try)
			require.GreaterOrEqual(t, d, full/2)
			require.Less(t, d, full+full/2)
			seen[d] = true
		}
	}
	require.Greater(t, len(seen), 100)
}
