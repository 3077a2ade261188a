package agentdesk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"relevo/router/fault"
)

const (
	tokenBytes     = 32
	maxTokenLength = 256
	// tokenFresh is how long a token is believed without asking the database,
	// and so how long a removed one still works.
	tokenFresh  = 5 * time.Second
	knownTokens = 10_000
)

// NewToken returns a new API token, to be shown once, and its hash, to be
// stored.
func NewToken() (token, hash string) {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, HashToken(token)
}

// HashToken returns what is stored of a token: its SHA-256, in hexadecimal. A
// slow password hash would protect nothing here, since tokens are random.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// tokenOf returns the token in any of the headers that clients use.
func tokenOf(h http.Header) string {
	for _, name := range []string{"api_access_token", "Api-Access-Token"} {
		if token := strings.TrimSpace(h.Get(name)); token != "" {
			return token
		}
	}
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// callerOf returns the agent or bot of a token; fault.Unauthenticated if it is
// nobody's. Only hashes are looked up and compared, so the time it takes tells
// nothing of a token.
func (d *Desk) callerOf(ctx context.Context, token string) (caller, error) {
	if token == "" || len(token) > maxTokenLength {
		return caller{}, fault.Unauthenticated
	}
	hash := HashToken(token)
	if who, ok := d.known.get(hash); ok && who.session == "" {
		return who, nil
	}
	who, err := d.agentOf(ctx, hash)
	if errors.Is(err, fault.Unauthenticated) {
		who = caller{}
		who.bot, who.scope, err = d.router.AgentBotByToken(ctx, hash)
	}
	if err != nil {
		return caller{}, err
	}
	d.known.put(hash, who)
	return who, nil
}

func (d *Desk) agentOf(ctx context.Context, hash string) (who caller, err error) {
	if who.agent, who.scope, err = d.router.AgentByToken(ctx, hash); err != nil {
		return caller{}, err
	}
	who.teams, err = d.router.TeamsOf(ctx, who.agent.ID)
	return who, err
}

// tokenCache keeps callers by the hash of their token or cookie for a few seconds, so that
// a busy integration costs the database nothing. Unknown tokens are not kept.
type tokenCache struct {
	clock func() time.Time

	mu     sync.RWMutex
	byHash map[string]knownToken
}

type knownToken struct {
	who   caller
	until time.Time
}

func newTokenCache(clock func() time.Time) *tokenCache {
	return &tokenCache{clock: clock, byHash: map[string]knownToken{}}
}

func (c *tokenCache) get(hash string) (caller, bool) {
	c.mu.RLock()
	k, ok := c.byHash[hash]
	c.mu.RUnlock()
	return k.who, ok && c.clock().Before(k.until)
}

// forgetAll makes this process ask the database for everybody, at once.
func (c *tokenCache) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byHash)
}

func (c *tokenCache) put(hash string, who caller) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byHash) >= knownTokens {
		clear(c.byHash) // only to bound memory: all come back at their next use
	}
	c.byHash[hash] = knownToken{who, c.clock().Add(tokenFresh)}
}
