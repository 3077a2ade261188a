package config

import (
	"net/url"
	"regexp"

	"github.com/invopop/jsonschema"
)

// Realtime is how pages are told at once what happened.
type Realtime struct {
	Redis              RedisURL `yaml:"redis,omitempty"` // through which nodes tell each other
	RedisEnv           string   `yaml:"redis_env,omitempty"`
	RedisFile          string   `yaml:"redis_file,omitempty"`
	SecretEnv          string   `yaml:"secret_env,omitempty"`
	SecretFile         string   `yaml:"secret_file,omitempty"`
	ConnectionsPerUser int      `yaml:"connections_per_user" jsonschema:"minimum=1"` // of one visitor or agent, in each process
	ConnectionsPerIP   int      `yaml:"connections_per_ip" jsonschema:"minimum=1"`   // of one address, in each process

	Secret Secret `yaml:"-"` // what SecretEnv or SecretFile holds; signs the tokens of sockets
}

// RedisURL is the address of a Redis. It is shown without its password; Reveal
// gives it whole.
type RedisURL struct{ value string }

// Reveal returns the address with its password, "" when none is set.
func (r RedisURL) Reveal() string { return r.value }

// IsZero reports whether no address is set.
func (r RedisURL) IsZero() bool { return r.value == "" }

// String returns the address with its password masked. What cannot be read as
// an address is hidden whole.
func (r RedisURL) String() string {
	if r.IsZero() {
		return ""
	}
	u, err := url.Parse(r.value)
	if err != nil || !redisURL.MatchString(r.value) {
		return hidden
	}
	u.RawQuery = ""
	return u.Redacted()
}

// GoString hides the password from %#v.
func (r RedisURL) GoString() string { return r.String() }

// MarshalText hides the password from every encoder, and from slog.
func (r RedisURL) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText takes any text; what is wrong with it is said by Load.
func (r *RedisURL) UnmarshalText(text []byte) error {
	r.value = string(text)
	return nil
}

// JSONSchema describes a RedisURL to editors.
func (RedisURL) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Examples: []any{"redis://localhost:6379"}}
}

var redisURL = regexp.MustCompile(`^(rediss?|redis\+sentinel|unix)://.`)

// minRealtimeSecret is as long as what it makes: HMAC-SHA256.
const minRealtimeSecret = 32

// realtimeSecrets settles which of redis, redis_env and redis_file counts, as
// databaseSecret does, and reads the secret.
func (l *loader) realtimeSecrets(used map[string]bool) {
	rt := &l.config.Realtime
	if l.fromVariable("realtime.redis") || l.fromVariable("realtime.redis_env") || l.fromVariable("realtime.redis_file") {
		if !l.fromVariable("realtime.redis") {
			rt.Redis = RedisURL{}
		}
		if !l.fromVariable("realtime.redis_env") {
			rt.RedisEnv = ""
		}
		if !l.fromVariable("realtime.redis_file") {
			rt.RedisFile = ""
		}
	}
	value := l.reveal(reference{"realtime.redis_env", "realtime.redis_file", rt.RedisEnv, &rt.RedisFile}, used)
	switch {
	case value == "":
	case !rt.Redis.IsZero():
		l.bad("realtime.redis", "give one of redis, redis_env and redis_file")
	default:
		rt.Redis.value = value
	}
	rt.Secret.value = l.reveal(reference{"realtime.secret_env", "realtime.secret_file", rt.SecretEnv, &rt.SecretFile}, used)
}

func (l *loader) validateRealtime() {
	rt := l.config.Realtime
	l.inRange("realtime.connections_per_user", rt.ConnectionsPerUser, 1, 10_000)
	l.inRange("realtime.connections_per_ip", rt.ConnectionsPerIP, 1, 1_000_000)
	if !rt.Redis.IsZero() && !redisURL.MatchString(rt.Redis.value) {
		l.bad(l.written("realtime.redis", l.written("realtime.redis_env", "realtime.redis_file")), `must be like "redis://localhost:6379"`)
	}
	if n := len(rt.Secret.value); n > 0 && n < minRealtimeSecret {
		l.bad(l.written("realtime.secret_env", "realtime.secret_file"), "must hold %d characters or more", minRealtimeSecret)
	}
	if l.config.Server.Nodes < 2 || l.config.Database.Driver != Postgres {
		return
	}
	if rt.Redis.IsZero() && rt.RedisEnv == "" && rt.RedisFile == "" {
		l.doubt("server.nodes", "without realtime.redis a page hears only what its own node does, the rest when it fetches")
	}
	if rt.SecretEnv == "" && rt.SecretFile == "" {
		l.doubt("server.nodes", "without realtime.secret_env or secret_file a page is let in by no other node than the one that gave it a token")
	}
}
