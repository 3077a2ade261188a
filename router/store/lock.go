package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrLocked is returned by Lock when another process serves from the file.
var ErrLocked = errors.New("another relevo is serving from this database file")

// Lock makes this process the only one that serves from an SQLite file, until
// Close or until the process dies; a second one gets ErrLocked. Tools that
// only look or make a single change need no lock. On PostgreSQL it does
// nothing: any number of processes may serve.
func (db *DB) Lock() error {
	if db.opts.Driver != SQLite || db.lock != nil {
		return nil
	}
	path := db.opts.Path + ".lock"
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock database: %w", err)
	}
	if err := lockFile(f); err != nil {
		defer f.Close()
		if errors.Is(err, errLockHeld) {
			return fmt.Errorf("%w (%s, process %s)", ErrLocked, db.opts.Path, holder(f))
		}
		return fmt.Errorf("lock %s: %w", path, err)
	}
	// The number only helps whoever reads the refusal; the lock is the file's.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	db.lock = f
	return nil
}

// holder reads the number of the process that holds the lock.
func holder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}
