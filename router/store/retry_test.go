package store

import (
	"errors"
	"fmt"
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

func TestTxGivesUpAfterFiveTries(t *testing.T) {
	db, err := Open(t.Context(), Options{Driver: SQLite, Path: t.TempDir() + "/a.db"})
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
