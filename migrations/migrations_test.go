package migrations_test

import (
	"context"
	"database/sql"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router/routertest"
	"relevo/router/store"
)

// databases runs a test on an empty database of each dialect.
func databases(t *testing.T, run func(t *testing.T, db *store.DB, dialect string)) {
	t.Helper()
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		run(t, db, string(db.Dialect()))
	})
}

// counting is a schema whose second migration must not run twice.
func counting() fstest.MapFS {
	return fstest.MapFS{
		"00001_counter.sql": {Data: []byte("-- +goose Up\nCREATE TABLE counter (n integer NOT NULL);\nINSERT INTO counter VALUES (0);\n-- +goose Down\nDROP TABLE counter;\n")},
		"00002_count.sql":   {Data: []byte("-- +goose Up\nUPDATE counter SET n = n + 1;\n-- +goose Down\nUPDATE counter SET n = n - 1;\n")},
		"00003_count.sql":   {Data: []byte("-- +goose Up\nUPDATE counter SET n = n + 10;\n-- +goose Down\nUPDATE counter SET n = n - 10;\n")},
	}
}

func counter(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT n FROM counter").Scan(&n))
	return n
}

func known(t *testing.T, dialect string) (fs.FS, int) {
	t.Helper()
	files, err := migrations.Files(dialect)
	require.NoError(t, err)
	names, err := fs.Glob(files, "*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return files, len(names)
}

func TestUpThenUpAgain(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		_, all := known(t, dialect)
		before, err := migrations.Status(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.Zero(t, before.Current)
		require.Equal(t, all, before.Pending)

		n, err := migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.Equal(t, all, n)
		n, err = migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.Zero(t, n)

		after, err := migrations.Status(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.Zero(t, after.Pending)
		require.Equal(t, after.Latest, after.Current)
		require.Len(t, after.Steps, all)
		for _, step := range after.Steps {
			require.NotEmpty(t, step.File)
			require.False(t, step.AppliedAt.IsZero())
		}
	})
}

func TestSeveralAtOnceApplyEachMigrationOnce(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		const processes = 3
		applied := make([]int, processes)
		var wait sync.WaitGroup
		for i := range processes {
			other := routertest.Open(t, db.Options()) // a process has pools of its own
			wait.Go(func() {
				var err error
				if applied[i], err = migrations.UpFrom(t.Context(), other.SQL(), dialect, counting()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		require.Equal(t, 11, counter(t, db.SQL()))
		require.Equal(t, 3, applied[0]+applied[1]+applied[2], "%v", applied)
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		newer := counting()
		_, err := migrations.UpFrom(t.Context(), db.SQL(), dialect, newer)
		require.NoError(t, err)
		require.NoError(t, migrations.CheckFrom(t.Context(), db.SQL(), dialect, newer))

		older := counting()
		delete(older, "00003_count.sql")
		n, err := migrations.UpFrom(t.Context(), db.SQL(), dialect, older)
		require.ErrorIs(t, err, migrations.ErrNewer)
		require.EqualError(t, err, "the database is at version 3, this relevo knows up to 2: use a newer relevo")
		require.Zero(t, n)
		require.ErrorIs(t, migrations.CheckFrom(t.Context(), db.SQL(), dialect, older), migrations.ErrNewer)
		require.Equal(t, 11, counter(t, db.SQL()))
	})
}

func TestCheckIsContentWithAnEmptyOrOlderDatabase(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		require.NoError(t, migrations.Check(t.Context(), db.SQL(), dialect))
		_, err := migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.NoError(t, migrations.Check(t.Context(), db.SQL(), dialect))
	})
}

func TestFailedMigrationLeavesTheOneBefore(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		broken := counting()
		broken["00003_count.sql"] = &fstest.MapFile{Data: []byte(
			"-- +goose Up\nUPDATE counter SET n = 1000;\nUPDATE nowhere SET n = 1;\n-- +goose Down\nSELECT 1;\n")}
		n, err := migrations.UpFrom(t.Context(), db.SQL(), dialect, broken)
		require.ErrorContains(t, err, "migrate database")
		require.ErrorContains(t, err, "version:3")
		require.Equal(t, 2, n)
		require.Equal(t, 1, counter(t, db.SQL()))

		n, err = migrations.UpFrom(t.Context(), db.SQL(), dialect, counting())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, 11, counter(t, db.SQL()))
	})
}

func TestDownUndoesUp(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		files, all := known(t, dialect)
		nothing := describe(t, db)
		_, err := migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		whole := describe(t, db)

		require.NoError(t, migrations.DownTo(t.Context(), db.SQL(), dialect, files, 0))
		require.Equal(t, nothing, describe(t, db))
		n, err := migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.Equal(t, all, n)
		require.Equal(t, whole, describe(t, db))
	})
}

func TestMigrationsComeInPairs(t *testing.T) {
	names := map[string][]string{}
	for _, dialect := range []string{"postgres", "sqlite"} {
		files, _ := known(t, dialect)
		var err error
		names[dialect], err = fs.Glob(files, "*")
		require.NoError(t, err)
	}
	require.Equal(t, names["postgres"], names["sqlite"])
}

func TestUnknownDialectIsRefused(t *testing.T) {
	_, err := migrations.Up(t.Context(), nil, "mysql")
	require.ErrorContains(t, err, `unknown dialect "mysql"`)
	require.ErrorContains(t, migrations.Check(t.Context(), nil, ""), `unknown dialect ""`)
}

func TestUpStopsWhenAskedTo(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := migrations.Up(ctx, db.SQL(), dialect)
		require.ErrorIs(t, err, context.Canceled)
	})
}
