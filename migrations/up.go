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
	p, err := provider(db, dialect, sources)
	if err != nil {
		return 0, err
	}
	if dialect == "postgres" {
		return upOnce(ctx, p)
	}
	// SQLite has no lock that spans several transactions. Each migration takes
	// the file for itself (BEGIN IMMEDIATE) and notes its version, which the
	// index of noteOnce lets in once: whoever comes second fails as a whole,
	// is rolled back, sees that the version has moved, and goes on from there.
	if err := noteOnce(ctx, db, p); err != nil {
		return 0, err
	}
	for applied := 0; ; {
		before, err := p.GetDBVersion(ctx)
		if err != nil {
			return applied, fmt.Errorf("migrate database: %w", err)
		}
		n, failure := upOnce(ctx, p)
		applied += n
		if failure == nil {
			return applied, nil
		}
		after, err := p.GetDBVersion(ctx)
		if err != nil || after == before {
			return applied, failure
		}
	}
}

// upOnce applies what is missing, in one go and, on PostgreSQL, under a lock.
func upOnce(ctx context.Context, p *goose.Provider) (int, error) {
	if err := check(ctx, p); err != nil {
		return 0, err
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
func noteOnce(ctx context.Context, db *sql.DB, p *goose.Provider) error {
	if _, err := p.GetDBVersion(ctx); err != nil { // makes the table
		return fmt.Errorf("migrate database: %w", err)
	}
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
