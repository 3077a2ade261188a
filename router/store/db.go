package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"gorm.io/gorm"
)

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	opts     Options
	write    *gorm.DB
	read     *gorm.DB // the same as write on PostgreSQL
	writeSQL *sql.DB
	readSQL  *sql.DB
	turns    chan struct{} // one place, for whoever writes to SQLite; nil on PostgreSQL
	lock     *os.File      // held by Lock, nil otherwise
}

// Open opens the database that opts describe and makes sure that it answers.
// ctx limits only the opening.
func Open(ctx context.Context, opts Options) (*DB, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{opts: opts}
	open := db.openPostgres
	if opts.Driver == SQLite {
		open = db.openSQLite
	}
	if err := open(ctx); err != nil {
		return nil, fmt.Errorf("open %s database: %w", opts.Driver, errors.Join(err, db.Close()))
	}
	return db, nil
}

// openGorm puts gorm on a pool, with what both databases share.
func openGorm(dialector gorm.Dialector, opts Options) (*gorm.DB, error) {
	return gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,  // Tx is explicit
		PrepareStmt:            false, // pgx keeps statements itself; twice costs a third of the throughput
		TranslateError:         true,
		DisableAutomaticPing:   true,
		NowFunc:                func() time.Time { return wallClock(time.Now()) },
		Logger:                 slowLogger{slog: opts.Logger, slow: opts.SlowQuery},
	})
}

// Close gives back the lock and closes the pools. It may be called twice.
func (db *DB) Close() error {
	var errs []error
	if db.readSQL != nil && db.readSQL != db.writeSQL {
		errs = append(errs, db.readSQL.Close())
	}
	if db.writeSQL != nil {
		errs = append(errs, db.writeSQL.Close()) // last, so that SQLite folds its log into the file
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
		db.lock = nil
	}
	return errors.Join(errs...)
}

// Dialect says which SQL the database speaks.
func (db *DB) Dialect() Dialect { return db.opts.Driver }

// Options returns what the database was opened with, defaults filled in, so
// that another handle or process can open the same one.
func (db *DB) Options() Options { return db.opts }

// Read returns a handle for queries outside a transaction. On SQLite it cannot
// write and sees only what is committed.
func (db *DB) Read() *gorm.DB { return db.read }

// SQL returns the pool under Tx, for migrations and for libraries that bring
// their own statements. On SQLite it has one connection: whoever holds it, by
// a transaction or by open rows, must not ask for another.
func (db *DB) SQL() *sql.DB { return db.writeSQL }

// Ping asks the database whether it answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.readSQL.PingContext(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// ForUpdate returns the end of a SELECT that locks its rows until the
// transaction ends, with a leading blank. Rows that refer to a locked one by a
// foreign key can still be added: none of ours changes a key. With skipLocked, rows that another
// transaction holds are left out instead of waited for. On SQLite it is empty:
// a Tx has the whole database to itself.
func (db *DB) ForUpdate(skipLocked bool) string {
	switch {
	case db.opts.Driver == SQLite:
		return ""
	case skipLocked:
		return " FOR NO KEY UPDATE SKIP LOCKED"
	default:
		return " FOR NO KEY UPDATE"
	}
}

// LockName holds a name until the transaction ends; another that wants the same
// name waits. It is for what no row stands for, such as a count over many. On
// SQLite it does nothing: a Tx has the whole database to itself.
func (db *DB) LockName(tx *gorm.DB, name string) error {
	if db.opts.Driver == SQLite {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error; err != nil {
		return fmt.Errorf("lock a name: %w", err)
	}
	return nil
}
