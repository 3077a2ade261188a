package store

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"
)

// Dialect names the SQL that a database speaks.
type Dialect string

// The two databases.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite"
)

// Options say which database to open and how.
type Options struct {
	// Driver is "postgres" or "sqlite".
	Driver Dialect
	// DSN is for PostgreSQL: a URL (postgres://…) or key=value pairs, as libpq
	// and pgx read them. It may hold a password and is never logged.
	DSN string
	// Path is for SQLite: the file. It is created, readable by its owner only,
	// when it does not exist; so is its folder.
	Path string
	// MaxConnections limits the pool of PostgreSQL, or the pool of readers of
	// SQLite. 0 means four for each processor, at least eight.
	MaxConnections int
	// SlowQuery is how long a statement may take before it is logged, without
	// its values. 0 means 200 ms, a negative duration means never.
	SlowQuery time.Duration
	// Logger takes slow statements and failed clock readings; nil means
	// slog.Default().
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.MaxConnections == 0 {
		o.MaxConnections = max(8, 4*runtime.GOMAXPROCS(0))
	}
	if o.SlowQuery == 0 {
		o.SlowQuery = 200 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func (o Options) validate() error {
	if o.MaxConnections < 1 {
		return fmt.Errorf("max connections must be at least 1, not %d", o.MaxConnections)
	}
	switch o.Driver {
	case Postgres:
		if o.DSN == "" {
			return errors.New("postgres needs a DSN")
		}
	case SQLite:
		if o.Path == "" {
			return errors.New("sqlite needs the path of a file")
		}
		// Each connection of a pool would get a database of its own.
		if strings.Contains(o.Path, ":memory:") {
			return errors.New("sqlite in memory is not supported: name a file")
		}
		if strings.ContainsRune(o.Path, 0) {
			return errors.New("the path of the file holds a NUL byte")
		}
	default:
		return fmt.Errorf("unknown driver %q: use postgres or sqlite", string(o.Driver))
	}
	return nil
}
