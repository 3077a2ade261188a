package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, however long one reads in it"), 0o600))
	for _, tt := range []struct {
		name string
		opts store.Options
		want string
	}{
		{"no driver", store.Options{}, `unknown driver ""`},
		{"unknown driver", store.Options{Driver: "mysql"}, `unknown driver "mysql": use postgres or sqlite`},
		{"postgres without DSN", store.Options{Driver: store.Postgres, Path: "x"}, "postgres needs a DSN"},
		{"sqlite without path", store.Options{Driver: store.SQLite, DSN: "x"}, "sqlite needs the path"},
		{"sqlite in memory", store.Options{Driver: store.SQLite, Path: ":memory:"}, "name a file"},
		{"negative pool", store.Options{Driver: store.SQLite, Path: "x", MaxConnections: -1}, "at least 1"},
		{"broken DSN", store.Options{Driver: store.Postgres, DSN: "postgres://u:hunter2@h:port/x"}, "open postgres database"},
		{"nobody listens", store.Options{Driver: store.Postgres, DSN: "postgres://u:hunter2@127.0.0.1:1/x"}, "open postgres database"},
		{"no database file", store.Options{Driver: store.SQLite, Path: file}, "open sqlite database"},
		{"a folder", store.Options{Driver: store.SQLite, Path: filepath.Dir(file)}, "open sqlite database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := store.Open(t.Context(), tt.opts)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new folder", "100% #1?mode=memory.db") // every character an address could trip over
	db := routertest.Open(t, store.Options{Driver: store.SQLite, Path: path})
	require.NoError(t, db.Lock())
	require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("CREATE TABLE a (b text)").Error }))
	for _, name := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	info, err := os.Stat(filepath.Dir(path))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestSQLiteSettingsHoldOnEveryConnection(t *testing.T) {
	db := routertest.Open(t, store.Options{Driver: store.SQLite, Path: filepath.Join(t.TempDir(), "a.db"), MaxConnections: 3})
	readers, err := db.Read().DB()
	require.NoError(t, err)
	for name, want := range map[string]string{
		"journal_mode": "wal", "busy_timeout": "5000", "synchronous": "1", "foreign_keys": "1",
	} {
		var got string
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
		require.Equal(t, want, got, "%s of the writer", name)
		for range 3 { // held until the end of the test, so each is another one
			conn, err := readers.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
			require.Equal(t, want, got, "%s of a reader", name)
			require.NoError(t, conn.Close())
		}
	}
	require.ErrorContains(t, db.Read().Exec("CREATE TABLE a (b text)").Error, "readonly")
	require.Equal(t, 1, db.SQL().Stats().MaxOpenConnections)
}

func TestLockKeepsASecondServerOut(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		first, second := routertest.Open(t, opts), routertest.Open(t, opts)
		require.NoError(t, first.Lock())
		require.NoError(t, first.Lock(), "twice is fine")
		if opts.Driver == store.Postgres {
			require.NoError(t, second.Lock(), "any number may serve")
			return
		}
		require.ErrorIs(t, second.Lock(), store.ErrLocked)
		require.NoError(t, second.Ping(t.Context()), "tools may look all the same")
		require.NoError(t, first.Close())
		require.NoError(t, second.Lock(), "free once the first has closed")
	})
}

func TestCloseTwice(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		require.NoError(t, db.Ping(t.Context()))
		require.NoError(t, db.Close())
		require.NoError(t, db.Close())
		require.Error(t, db.Ping(t.Context()))
	})
}
