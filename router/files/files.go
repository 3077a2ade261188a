// Package files keeps the bytes of attachments, under keys that only we make.
// It knows neither messages nor who may see them.
//
// Start with Store; Folder is the one that is there.
package files

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"regexp"
)

// ErrNotFound says that nothing lies under a key, or that it is no key.
var ErrNotFound = errors.New("file is not there")

// Store keeps files. Implementations are safe for concurrent use.
type Store interface {
	// Put stores all of r under a key from NewKey. If r fails, or the context
	// ends, nothing is stored and the error of r is returned.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open returns what Put stored; ErrNotFound if there is nothing.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes a file, and what a Put that broke off left of it; one that
	// is not there is no error.
	Delete(ctx context.Context, key string) error
}

const keyBytes = 24 // 192 bits: nobody guesses one

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`)

// NewKey returns a new key: 32 characters that may stand in a URL and in a
// file's name, and that cannot be guessed.
func NewKey() string {
	b := make([]byte, keyBytes)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// IsKey reports whether s could be of NewKey. What is none names no path.
func IsKey(s string) bool { return keyForm.MatchString(s) }
