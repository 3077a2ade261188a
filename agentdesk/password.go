package agentdesk

import (
	"context"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"relevo/router/fault"
)

const (
	minPassword = 8 // characters
	maxPassword = 128
	// hashesAtOnce bounds the memory that signing in takes: 19 MiB each.
	hashesAtOnce = 4
)

// passwordCost is what OWASP asks of argon2id at the least.
var passwordCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

var hashing = make(chan struct{}, hashesAtOnce)

// HashPassword returns what is stored of a password. Lengths below 8 and above
// 128 characters are fault.Invalid.
func HashPassword(ctx context.Context, password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "", fault.Invalid.Field("not_utf8", "password")
	case n < minPassword:
		return "", fault.Invalid.Field(fault.Limit("too_short", minPassword), "password")
	case n > maxPassword:
		return "", fault.Invalid.Field(fault.Limit("too_long", maxPassword), "password")
	}
	if err := takeTurn(ctx); err != nil {
		return "", err
	}
	defer func() { <-hashing }()
	hash, err := argon2id.CreateHash(password, passwordCost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// isPassword reports whether hash is of password. An empty hash, nobody's, is
// of none, but takes as long to find out.
func isPassword(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		return false, nil
	}
	if err := takeTurn(ctx); err != nil {
		return false, err
	}
	defer func() { <-hashing }()
	known := hash != ""
	if !known {
		hash = nobodysHash()
	}
	same, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return same && known, nil
}

func takeTurn(ctx context.Context) error {
	select {
	case hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var nobodysHash = sync.OnceValue(func() string {
	secret, _ := NewToken()
	hash, err := argon2id.CreateHash(secret, passwordCost)
	if err != nil {
		panic("agentdesk: " + err.Error()) // the parameters above are wrong
	}
	return hash
})
