package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/store"
)

// openKeeping opens a new SQLite file with a table of three numbers.
func openKeeping(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, Path: filepath.Join(t.TempDir(), "kept.db"), MaxConnections: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE numbers (n integer PRIMARY KEY); INSERT INTO numbers VALUES (1), (2), (3)").Error
	}))
	return db
}

const byNumber = "SELECT n FROM numbers WHERE n >= ? ORDER BY n"

func TestKeptStatementsGiveTheRowsOfTheirArguments(t *testing.T) {
	db := openKeeping(t)
	for round := range 3 {
		for from, want := range map[int][]int{1: {1, 2, 3}, 3: {3}, 4: nil} {
			var got []int
			require.NoError(t, db.Read().Raw(byNumber, from).Scan(&got).Error)
			require.Equal(t, want, got, "round %d", round)
		}
	}
}

func TestAStatementRunsWhileItsOwnRowsAreRead(t *testing.T) {
	db := openKeeping(t)
	require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
		var seen []int
		rows, err := tx.Raw(byNumber, 1).Rows()
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var n int
			require.NoError(t, rows.Scan(&n))
			var above []int
			require.NoError(t, tx.Raw(byNumber, n+1).Scan(&above).Error)
			require.Len(t, above, 3-n)
			seen = append(seen, n)
		}
		require.Equal(t, []int{1, 2, 3}, seen)
		return rows.Err()
	}))
}

func TestAStatementIsOfUseAfterItFailed(t *testing.T) {
	db := openKeeping(t)
	insert := func(n int) error {
		return db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO numbers VALUES (?)", n).Error })
	}
	require.NoError(t, insert(4))
	require.ErrorIs(t, insert(4), gorm.ErrDuplicatedKey)
	require.NoError(t, insert(5))
	require.Error(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO nowhere VALUES (?)", 1).Error }))
}

func TestAKeptStatementSeesAChangedTable(t *testing.T) {
	db := openKeeping(t)
	const all = "SELECT * FROM numbers WHERE n = ?"
	var row map[string]any
	require.NoError(t, db.Read().Raw(all, 1).Scan(&row).Error)
	require.Len(t, row, 1)
	require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("ALTER TABLE numbers ADD COLUMN name text").Error }))
	row = nil
	require.NoError(t, db.Read().Raw(all, 1).Scan(&row).Error)
	require.Len(t, row, 2)
}

func TestMoreStatementsThanAreKept(t *testing.T) {
	db := openKeeping(t)
	for range 2 {
		for i := range store.KeptStatements + 10 {
			var got int
			require.NoError(t, db.Read().Raw(fmt.Sprintf("SELECT %d + n FROM numbers WHERE n = ?", i), 1).Scan(&got).Error)
			require.Equal(t, i+1, got)
		}
	}
}
