package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Both databases answer with gorm's errors where a rule of the schema is
// broken: gorm.ErrDuplicatedKey, gorm.ErrForeignKeyViolated,
// gorm.ErrCheckConstraintViolated. The driver's own error stays underneath.

var sqliteErrors = map[int]error{
	sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: gorm.ErrDuplicatedKey,
	sqlite3.SQLITE_CONSTRAINT_UNIQUE:     gorm.ErrDuplicatedKey,
	sqlite3.SQLITE_CONSTRAINT_ROWID:      gorm.ErrDuplicatedKey,
	sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: gorm.ErrForeignKeyViolated,
	sqlite3.SQLITE_CONSTRAINT_CHECK:      gorm.ErrCheckConstraintViolated,
}

// sqliteDialector is gorm's, except that it knows the errors of the pure-Go
// driver; gorm's own translation reads only those of the C one.
type sqliteDialector struct {
	*gormsqlite.Dialector
}

// Translate turns an error of the driver into gorm's.
func (sqliteDialector) Translate(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	if known, ok := sqliteErrors[e.Code()]; ok {
		return fmt.Errorf("%w: %w", known, err)
	}
	return err
}

// Explain leaves the values out of statements that gorm tells a logger, see
// postgresDialector.
func (sqliteDialector) Explain(sql string, _ ...any) string { return sql }

var postgresErrors = map[string]error{
	"23505": gorm.ErrDuplicatedKey,
	"23503": gorm.ErrForeignKeyViolated,
	"23514": gorm.ErrCheckConstraintViolated,
}

// named adds gorm's error to a driver's. gorm does so itself, but not for rows
// that Scan reads, such as those of INSERT … RETURNING.
func named(err error) error {
	var known error
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		known = postgresErrors[e.Code]
	} else if e, ok := errors.AsType[*sqlite.Error](err); ok {
		known = sqliteErrors[e.Code()]
	}
	if known == nil || errors.Is(err, known) {
		return err
	}
	return fmt.Errorf("%w: %w", known, err)
}

// retryable says whether a transaction failed only because of others that ran
// beside it: nothing of it is left in the database, and it may be run again.
func retryable(err error) bool {
	if errors.Is(err, ErrAgain) {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40P01" || e.Code == "40001" // deadlock, serialization failure
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_BUSY // with its variants, as 517, a stale snapshot
	}
	return false
}
