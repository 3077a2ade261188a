//go:build !unix || aix || solaris || illumos

package store

import (
	"errors"
	"os"
)

var errLockHeld = errors.New("lock is held")

// lockFile refuses: without a lock two servers could share a file unnoticed.
func lockFile(*os.File) error {
	return errors.New("serving from SQLite needs file locks, which this system lacks: use PostgreSQL")
}
