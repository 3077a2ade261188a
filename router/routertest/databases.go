package routertest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router/store"
)

// openTimeout limits setting up one database.
const openTimeout = time.Minute

// Databases runs a test twice, as subtests "sqlite" and "postgres", each with
// a migrated database of its own that is gone afterwards. PostgreSQL is the
// server that RELEVO_TEST_POSTGRES names (a URL whose user may create
// databases), or one that is started from the binaries of this machine and
// shared by all tests. Without either the subtest is skipped; with
// RELEVO_REQUIRE_POSTGRES=1 it fails.
func Databases(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "relevo.db")
		require.NoError(t, os.WriteFile(path, sqliteTemplate(t), 0o600))
		run(t, Open(t, store.Options{Driver: store.SQLite, Path: path}))
	})
	t.Run("postgres", func(t *testing.T) {
		run(t, Open(t, postgresDatabase(t, true)))
	})
}

// Empty is like Databases, but the databases have no tables and are not yet
// open.
func Empty(t *testing.T, run func(t *testing.T, opts store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		run(t, store.Options{Driver: store.SQLite, Path: filepath.Join(t.TempDir(), "relevo.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		run(t, postgresDatabase(t, false))
	})
}

// Open opens a database until the end of the test, such as a second handle on
// the database of Databases: Open(t, db.Options()). Warnings go to the test's
// output unless opts name a logger.
func Open(t *testing.T, opts store.Options) *store.DB {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if opts.SlowQuery == 0 {
		opts.SlowQuery = 2 * time.Second // tests share the machine with each other
	}
	db, err := store.Open(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

// sqliteTemplate returns the bytes of a migrated database, made once.
func sqliteTemplate(t *testing.T) []byte {
	t.Helper()
	template, err := sqliteTemplateOnce()
	require.NoError(t, err, "migrate the SQLite template")
	return template
}

var sqliteTemplateOnce = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "relevo-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	opts := store.Options{Driver: store.SQLite, Path: filepath.Join(dir, "template.db")}
	if err := migrate(opts); err != nil {
		return nil, err
	}
	return os.ReadFile(opts.Path) // whole: closing folded the log into it
})

func migrate(opts store.Options) error {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	db, err := store.Open(ctx, opts)
	if err != nil {
		return err
	}
	if _, err := migrations.Up(ctx, db.SQL(), string(db.Dialect())); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}
