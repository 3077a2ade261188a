package live

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// tokenLife is how long a token opens a socket. A socket that stays open
	// asks its page for a new one before.
	tokenLife = 15 * time.Minute

	tokenIssuer   = "relevo"
	tokenAudience = "realtime"
	minSecret     = 32
	maxToken      = 2048
)

var errShortSecret = fmt.Errorf("live: the secret of tokens needs %d bytes", minSecret)

// Token opens a socket as one agent or one visitor.
type Token struct {
	Text      string
	ExpiresAt time.Time
}

// AgentToken returns a token for an agent's sockets. What they may see is
// looked up when it is used.
func (l *Live) AgentToken(id int64) (Token, error) { return l.sign(user{agentUser, id}) }

// VisitorToken returns a token for the sockets of a visitor, by the id of the
// contact-inbox.
func (l *Live) VisitorToken(id int64) (Token, error) { return l.sign(user{visitorUser, id}) }

// user is who listens.
type user struct {
	kind string
	id   int64
}

const (
	agentUser   = "agent"
	visitorUser = "visitor"
)

func (u user) String() string { return u.kind + ":" + strconv.FormatInt(u.id, 10) }

func parseUser(s string) (user, error) {
	kind, number, _ := strings.Cut(s, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || kind != agentUser && kind != visitorUser {
		return user{}, errors.New("live: not a user")
	}
	return user{kind, id}, nil
}

func (l *Live) sign(u user) (Token, error) {
	now := l.opts.Now()
	until := now.Add(tokenLife)
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: u.String(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(until),
	}).SignedString(l.secret)
	if err != nil {
		return Token{}, fmt.Errorf("sign realtime token: %w", err)
	}
	return Token{text, until}, nil
}

// verify returns who a token was made for and how long it still counts.
func (l *Live) verify(text string) (user, time.Duration, error) {
	if text == "" || len(text) > maxToken {
		return user{}, 0, errors.New("live: no token")
	}
	var claims jwt.RegisteredClaims
	_, err := l.parser.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return l.secret, nil })
	if err != nil {
		return user{}, 0, fmt.Errorf("live: token: %w", err)
	}
	u, err := parseUser(claims.Subject)
	return u, claims.ExpiresAt.Sub(l.opts.Now()), err
}

// newParser takes nothing but what sign makes.
func newParser(now func() time.Time) *jwt.Parser {
	return jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(tokenIssuer),
		jwt.WithAudience(tokenAudience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now))
}

// tokenSecret returns the secret to sign with: the given one, or a random one
// that lasts as long as this process.
func tokenSecret(given []byte) ([]byte, error) {
	if len(given) == 0 {
		secret := make([]byte, minSecret)
		rand.Read(secret) // never fails
		return secret, nil
	}
	if len(given) < minSecret {
		return nil, errShortSecret
	}
	return given, nil
}
