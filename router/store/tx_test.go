package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

func insert(tx *gorm.DB, name string) error {
	return tx.Exec("INSERT INTO things (name) VALUES (?)", name).Error
}

func TestTxCommitsOrLeavesNothing(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return insert(tx, "kept") }))
		require.Equal(t, 1, count(t, db))

		refusal := errors.New("refused")
		err := db.Tx(t.Context(), func(tx *gorm.DB) error { return errors.Join(insert(tx, "dropped"), refusal) })
		require.ErrorIs(t, err, refusal)
		require.Equal(t, 1, count(t, db))

		require.PanicsWithValue(t, "oops", func() {
			_ = db.Tx(t.Context(), func(tx *gorm.DB) error {
				_ = insert(tx, "dropped too")
				panic("oops")
			})
		})
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return insert(tx, "kept too") }))
		require.Equal(t, 2, count(t, db))
	})
}

// A client that hangs up must not undo what is under way, and a server that
// shuts down must be able to store the turns it has in hand.
func TestTxOutlivesItsCaller(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, db.Tx(ctx, func(tx *gorm.DB) error {
			cancel()
			return insert(tx, "hung up half way")
		}))
		require.NoError(t, db.Tx(ctx, func(tx *gorm.DB) error { return insert(tx, "hung up before") }))
		require.Equal(t, 2, count(t, db))
	})
}

func TestTxHasADeadlineOfItsOwn(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			deadline, ok := tx.Statement.Context.Deadline()
			require.True(t, ok)
			require.WithinDuration(t, time.Now().Add(10*time.Second), deadline, 9*time.Second)
			return nil
		}))
	})
}

func TestTxIsNotNested(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *gorm.DB) error {
			return db.Tx(tx.Statement.Context, func(*gorm.DB) error { return nil })
		})
		require.ErrorIs(t, err, store.ErrNested)
	})
}

func TestReadSeesOnlyWhatIsCommitted(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			require.NoError(t, insert(tx, "a"))
			require.Equal(t, 0, count(t, db), "a reader beside the writer")
			return nil
		}))
		require.Equal(t, 1, count(t, db))
	})
}

// Two transactions that lock the same two rows in opposite order: PostgreSQL
// ends one of them, SQLite never lets them meet. Both must come out done.
func TestTxIsRunAgainAfterADeadlock(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b')").Error
		}))
		var runs sync.Map
		var met sync.WaitGroup // both hold their first row
		met.Add(2)
		move := func(first, second int) error {
			tries := 0
			defer func() { runs.Store(first, tries) }()
			return db.Tx(t.Context(), func(tx *gorm.DB) error {
				tries++
				if err := tx.Exec("UPDATE things SET count = count + 1 WHERE id = ?", first).Error; err != nil {
					return err
				}
				if tries == 1 && db.Dialect() == store.Postgres {
					met.Done()
					met.Wait()
				}
				return tx.Exec("UPDATE things SET count = count + 1 WHERE id = ?", second).Error
			})
		}
		done := make(chan error)
		go func() { done <- move(1, 2) }()
		go func() { done <- move(2, 1) }()
		require.NoError(t, <-done)
		require.NoError(t, <-done)

		var counts []int
		require.NoError(t, db.Read().Raw("SELECT count FROM things ORDER BY id").Scan(&counts).Error)
		require.Equal(t, []int{2, 2}, counts)
		if db.Dialect() == store.Postgres {
			one, _ := runs.Load(1)
			two, _ := runs.Load(2)
			require.GreaterOrEqual(t, one.(int)+two.(int), 3, "one of them ran again, and on a slow machine both met once more")
		}
	})
}

func TestWritersDoNotLoseUpdates(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		const writers, each = 8, 10
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return insert(tx, "counter") }))
		var wait sync.WaitGroup
		for range writers {
			wait.Go(func() {
				for range each {
					err := db.Tx(t.Context(), func(tx *gorm.DB) error {
						var n int
						if err := tx.Raw("SELECT count FROM things" + db.ForUpdate(false)).Scan(&n).Error; err != nil {
							return err
						}
						return tx.Exec("UPDATE things SET count = ?", n+1).Error
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		var n int
		require.NoError(t, db.Read().Raw("SELECT count FROM things").Scan(&n).Error)
		require.Equal(t, writers*each, n)
	})
}

func TestForUpdateSkipsLockedRows(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		if db.Dialect() == store.SQLite {
			require.Empty(t, db.ForUpdate(true))
			require.Empty(t, db.ForUpdate(false))
			return
		}
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b')").Error
		}))
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			require.NoError(t, tx.Exec("SELECT id FROM things WHERE id = ?"+db.ForUpdate(false), 1).Error)
			return db.Tx(t.Context(), func(beside *gorm.DB) error {
				var ids []int
				require.NoError(t, beside.Raw("SELECT id FROM things ORDER BY id"+db.ForUpdate(true)).Scan(&ids).Error)
				require.Equal(t, []int{2}, ids)
				return nil
			})
		}))
	})
}

// Another process on the same SQLite file, a tool or a backup, makes a writer
// wait, not fail.
func TestWriterWaitsForAnotherHandle(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		other := routertest.Open(t, db.Options())
		started, release := make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			done <- other.Tx(t.Context(), func(tx *gorm.DB) error {
				err := insert(tx, "other")
				close(started)
				<-release
				return err
			})
		}()
		<-started
		go func() { done <- db.Tx(t.Context(), func(tx *gorm.DB) error { return insert(tx, "mine") }) }()
		close(release)
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		require.Equal(t, 2, count(t, db))
	})
}
