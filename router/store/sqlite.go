package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	gormsqlite "gorm.io/driver/sqlite"
	"modernc.org/sqlite" // in pure Go
)

// openSQLite opens two pools on one file: a single writer, so that writers
// queue in Go, by turns, instead of polling for the file's lock, and readers
// that never wait for it.
func (db *DB) openSQLite(ctx context.Context) error {
	path, err := filepath.Abs(db.opts.Path)
	if err != nil {
		return err
	}
	if err := createPrivate(path); err != nil {
		return err
	}
	if db.writeSQL, err = openSQLitePool(path, false); err != nil {
		return err
	}
	db.turns = make(chan struct{}, 1)
	db.writeSQL.SetMaxOpenConns(1)
	db.writeSQL.SetMaxIdleConns(1)
	// The writer goes first: it turns the file to WAL.
	if err := db.writeSQL.PingContext(ctx); err != nil {
		return err
	}
	if db.readSQL, err = openSQLitePool(path, true); err != nil {
		return err
	}
	db.readSQL.SetMaxOpenConns(db.opts.MaxConnections)
	db.readSQL.SetMaxIdleConns(db.opts.MaxConnections)
	if err := db.readSQL.PingContext(ctx); err != nil {
		return err
	}
	if db.write, err = openGorm(newSQLiteDialector(db.writeSQL), db.opts); err != nil {
		return err
	}
	db.read, err = openGorm(newSQLiteDialector(db.readSQL), db.opts)
	return err
}

func openSQLitePool(path string, readOnly bool) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(sqliteDSN(path, readOnly))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(statements{connector}), nil
}

func newSQLiteDialector(pool *sql.DB) sqliteDialector {
	return sqliteDialector{gormsqlite.New(gormsqlite.Config{DriverName: "sqlite", Conn: pool}).(*gormsqlite.Dialector)}
}

// sqliteDSN returns the driver's name for a file. An absolute path is escaped
// into a URI, so that no character of it is read as an option.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{
		"_busy_timeout": {"5000"}, // applied before all others, which may have to wait
		"_pragma":       {"journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"},
		// One spelling for one instant, always in UTC: equal instants are equal
		// texts, and texts sort as the instants do. See TestTimes.
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
		"_dqs":         {"0"}, // a misspelt "column" is an error, not a string
		"_txlock":      {"immediate"},
	}
	if readOnly {
		q.Set("_query_only", "1")
		q.Set("_txlock", "deferred")
	} else {
		// Everybody waits for the one writer, so it should not wait for pages:
		// 32 MB of them instead of SQLite's 2.
		q.Add("_pragma", "cache_size(-32000)")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return u.String()
}

// createPrivate makes the file, and its folder, for the owner's eyes only.
// SQLite gives its side files (-wal, -shm) the same mode.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
