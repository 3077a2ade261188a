package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
)

// UpFrom and CheckFrom are Up and Check with other migrations.
var (
	UpFrom    = up
	CheckFrom = checkAgainst
)

// DownTo takes a database back to a version.
func DownTo(ctx context.Context, db *sql.DB, dialect string, sources fs.FS, version int64) error {
	p, err := provider(db, dialect, sources)
	if err != nil {
		return err
	}
	if _, err := p.DownTo(ctx, version); err != nil {
		return fmt.Errorf("down to %d: %w", version, err)
	}
	return nil
}
