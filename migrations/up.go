package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

func up(ctx context.Context, db *sql.DB, dialect string, sources fs.FS) (int, error) {
	if dialect == "postgres" {
		return upOnce(ctx, db, dialect, sources)
	}
	// SQLite has no lock that spans several transactions. Each migration takes
	// the file for itself (BEGIN IMMEDIATE) and notes its version, which the
	// index of noteOnce lets in once: whoever comes second fails as a whole,
	// is rolled back and looks again, to find the work done.
	applied := 0
	var failures error
	for range sqliteTries {
		n, err := upOnce(ctx, db, dialect, sources)
		applied += n
		if err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil {
			return applied, err
		}
		failures = err
	}
	return applied, failures
}

// upOnce applies what is missing, in one go and, on PostgreSQL, under a lock.
func upOnce(ctx context.Context, db *sql.DB, dialect string, sources fs.FS) (int, error) {
	p, err := provider(db, dialect, sources)
	if err != nil {
		return 0, err
	}
	if err := check(ctx, p); err != nil {
		return 0, err
	}
	if dialect != "postgres" {
		if err := noteOnce(ctx, db); err != nil {
			return 0, err
		}
	}
	results, err := p.Up(ctx)
	if err != nil {
		return appliedBefore(err), fmt.Errorf("migrate database: %w", err)
	}
	// A newer program may have gone first while this one waited for the lock.
	return len(results), check(ctx, p)
}

// noteOnce forbids that a version is noted twice, which goose's own table
// allows.
func noteOnce(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "CREATE UNIQUE INDEX IF NOT EXISTS goose_db_version_once ON goose_db_version (version_id)")
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// appliedBefore says how many migrations were applied before one failed.
func appliedBefore(err error) int {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return len(partial.Applied)
	}
	return 0
}
