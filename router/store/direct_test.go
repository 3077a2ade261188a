package store_test

import (
	"bytes"
	"database/sql"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

// inside runs a test in a transaction on both databases, with a table of one
// row whose note is NULL.
func inside(t *testing.T, test func(t *testing.T, tx *gorm.DB, log *bytes.Buffer)) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		var log bytes.Buffer
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		opts.SlowQuery = time.Nanosecond
		db := routertest.Open(t, opts)
		_, err := db.SQL().ExecContext(t.Context(), "CREATE TABLE cards (id integer PRIMARY KEY, title text NOT NULL UNIQUE, note text, extra text)")
		require.NoError(t, err)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			require.NoError(t, store.Exec(tx, "INSERT INTO cards VALUES (?, ?, ?, ?)", 1, "one", nil, "x"))
			test(t, tx, &log)
			return nil
		}))
	})
}

type card struct {
	ID    int64
	Title string
	Note  *string
	Back  back `gorm:"embedded;embeddedPrefix:b_"`
}

type back struct{ Title string }

func TestTakeReadsARow(t *testing.T) {
	inside(t, func(t *testing.T, tx *gorm.DB, _ *bytes.Buffer) {
		var got card
		found, err := store.Take(tx, &got, "SELECT c.*, d.title AS b_title FROM cards c JOIN cards d ON d.id = c.id WHERE c.id = ? AND c.title = ?", 1, "one")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, card{ID: 1, Title: "one", Back: back{"one"}}, got) // extra has no field

		note := "a note"
		require.NoError(t, store.Exec(tx, "UPDATE cards SET note = ? WHERE id = ?", note, 1))
		_, err = store.Take(tx, &got, "SELECT * FROM cards WHERE id = ?", 1)
		require.NoError(t, err)
		require.Equal(t, &note, got.Note)
	})
}

func TestTakeTellsThatThereIsNoRow(t *testing.T) {
	inside(t, func(t *testing.T, tx *gorm.DB, _ *bytes.Buffer) {
		got := card{Title: "as it was"}
		found, err := store.Take(tx, &got, "SELECT * FROM cards WHERE id = ?", 2)
		require.NoError(t, err)
		require.False(t, found)
		require.Equal(t, card{Title: "as it was"}, got)

		var id int64
		require.ErrorIs(t, store.Row(tx, "SELECT id FROM cards WHERE id = ?", []any{2}, &id), sql.ErrNoRows)
		require.NoError(t, store.Row(tx, "SELECT id FROM cards WHERE title = ?", []any{"one"}, &id))
		require.EqualValues(t, 1, id)
	})
}

func TestDirectStatementsGiveGormsErrors(t *testing.T) {
	for name, insert := range map[string]func(tx *gorm.DB) error{
		"exec": func(tx *gorm.DB) error {
			return store.Exec(tx, "INSERT INTO cards (id, title) VALUES (?, ?)", 2, "one")
		},
		"row": func(tx *gorm.DB) error {
			return store.Row(tx, "INSERT INTO cards (id, title) VALUES (?, ?) RETURNING id", []any{2, "one"}, new(int64))
		},
		"take": func(tx *gorm.DB) error {
			_, err := store.Take(tx, new(card), "INSERT INTO cards (id, title) VALUES (?, ?) RETURNING *", 2, "one")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inside(t, func(t *testing.T, tx *gorm.DB, _ *bytes.Buffer) {
				tx.SavePoint("before")
				require.ErrorIs(t, insert(tx), gorm.ErrDuplicatedKey)
				tx.RollbackTo("before")
			})
		})
	}
}

func TestSlowDirectStatementsAreLoggedWithoutValues(t *testing.T) {
	inside(t, func(t *testing.T, tx *gorm.DB, log *bytes.Buffer) {
		_, err := store.Take(tx, new(card), "SELECT * FROM cards WHERE title = ?", "my customer's secret")
		require.NoError(t, err)
		require.Contains(t, log.String(), "SELECT * FROM cards WHERE title = ?")
		require.NotContains(t, log.String(), "secret")
	})
}
