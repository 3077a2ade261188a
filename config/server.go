package config

import "time"

// Server is how `relevo serve` listens.
type Server struct {
	Listen            string   `yaml:"listen"`               // host:port
	PublicURL         string   `yaml:"public_url,omitempty"` // where customers reach it, without a slash at the end
	TrustedProxies    []string `yaml:"trusted_proxies"`      // IP addresses and CIDR ranges
	Nodes             int      `yaml:"nodes" jsonschema:"minimum=1"`
	ReadHeaderTimeout Duration `yaml:"read_header_timeout"`
	ShutdownTimeout   Duration `yaml:"shutdown_timeout"` // for requests and bot turns in hand
	BodyLimit         Size     `yaml:"body_limit"`
}

// Database is where conversations are kept.
type Database struct {
	Driver         string `yaml:"driver" jsonschema:"enum=sqlite,enum=postgres"`
	Path           string `yaml:"path"` // SQLite's file, relative to the working directory
	DSN            DSN    `yaml:"dsn,omitempty"`
	DSNEnv         string `yaml:"dsn_env,omitempty"`
	DSNFile        string `yaml:"dsn_file,omitempty"`
	MaxConnections int    `yaml:"max_connections" jsonschema:"minimum=2"`
}

// The databases that Database.Driver may name.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Worker is how due conversations are attended.
type Worker struct {
	Concurrency int      `yaml:"concurrency" jsonschema:"minimum=1"` // turns at once in this process
	Sweep       Duration `yaml:"sweep"`                              // how often due conversations are looked for
	Lease       Duration `yaml:"lease"`                              // how long a claim holds if its process dies
	Tries       int      `yaml:"tries" jsonschema:"minimum=1"`       // claims of the same words; the last hands off
	Jobs        int      `yaml:"jobs" jsonschema:"minimum=1"`        // mails, deliveries to one webhook, and other jobs at once in this process
}

// Limits is what one customer may send; 0 means no limit. They are counted in
// each process by itself.
type Limits struct {
	VisitorPerMinute  int `yaml:"visitor_per_minute" jsonschema:"minimum=0"`  // requests of one visitor
	IPPerMinute       int `yaml:"ip_per_minute" jsonschema:"minimum=0"`       // requests of one address
	MessagesPerMinute int `yaml:"messages_per_minute" jsonschema:"minimum=0"` // customer's messages in one conversation
}

// Storage is where the files of messages are kept, and how large they may be.
type Storage struct {
	Path     string `yaml:"path"`                             // a folder, relative to the working directory
	MaxFile  Size   `yaml:"max_file"`                         // one file
	MaxTotal Size   `yaml:"max_total"`                        // all files of one message
	MaxFiles int    `yaml:"max_files" jsonschema:"minimum=0"` // of one message; 0 takes none
}

// Log is what the process tells of itself, on standard error.
type Log struct {
	Level  string `yaml:"level" jsonschema:"enum=debug,enum=info,enum=warn,enum=error"`
	Format string `yaml:"format" jsonschema:"enum=text,enum=json"`
}

// Default returns the configuration of a process that was told nothing: SQLite
// in the working directory, loopback only, no inboxes.
func Default() *Config {
	return &Config{
		Realtime: Realtime{ConnectionsPerUser: 20, ConnectionsPerIP: 500},
		Server: Server{
			Listen:            "127.0.0.1:8080",
			TrustedProxies:    []string{},
			Nodes:             1,
			ReadHeaderTimeout: Duration(10 * time.Second),
			ShutdownTimeout:   Duration(30 * time.Second),
			BodyLimit:         1_000_000,
		},
		Database: Database{Driver: SQLite, Path: "relevo.db", MaxConnections: 20},
		Worker: Worker{
			Concurrency: 64,
			Sweep:       Duration(500 * time.Millisecond),
			Lease:       Duration(30 * time.Second),
			Tries:       3,
			Jobs:        16,
		},
		Limits:   Limits{VisitorPerMinute: 120, IPPerMinute: 600, MessagesPerMinute: 200},
		Storage:  Storage{Path: "attachments", MaxFile: 40_000_000, MaxTotal: 100_000_000, MaxFiles: 15},
		Mail:     Mail{Driver: MailOff, TLS: MailStartTLS, Timeout: Duration(30 * time.Second)},
		Webhooks: Webhooks{AllowPrivate: []string{}, Timeout: Duration(5 * time.Second)},
		Log:      Log{Level: "info", Format: "text"},
	}
}
