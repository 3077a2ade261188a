package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// bad notes what is wrong with a key, at the place where it was written.
func (l *loader) bad(key, format string, args ...any) {
	l.problems = append(l.problems, l.at(key, format, args...))
}

// doubt notes what is doubtful about a key.
func (l *loader) doubt(key, format string, args ...any) {
	l.config.Warnings = append(l.config.Warnings, l.at(key, format, args...))
}

// missing notes that a section lacks a key, unless what stands in its place
// has been complained of already.
func (l *loader) missing(section, name string) {
	for _, p := range l.problems {
		misspelt := strings.HasPrefix(p.Key, section+".") && strings.HasSuffix(p.Text, didYouMean(name, []string{name}))
		if p.Key == section && strings.HasPrefix(p.Text, "must hold") || p.Key == section+"."+name || misspelt {
			return
		}
	}
	l.bad(section, "%s is missing", name)
}

func (l *loader) at(key, format string, args ...any) Problem {
	from := l.origins.of(key)
	if from.variable != "" {
		return Problem{File: environmentName, Key: from.variable, Text: fmt.Sprintf(format, args...)}
	}
	return Problem{File: from.file, Line: from.line, Key: key, Text: fmt.Sprintf(format, args...)}
}

// validate looks at every value and at what they say together.
func (l *loader) validate() {
	l.validateServer()
	l.validateDatabase()
	l.validateRealtime()
	l.validateWorker()
	l.validateStorage()
	l.validateWebhooks()
	l.validateMail()
	l.validateTeams()
	l.validateBots()
	l.validateFlows()
	l.validateInboxes()
}

func (l *loader) validateServer() {
	s := &l.config.Server
	l.hostPort("server.listen", s.Listen)
	l.inRange("server.nodes", s.Nodes, 1, 1000)
	l.timeBetween("server.read_header_timeout", s.ReadHeaderTimeout, 100*time.Millisecond, 5*time.Minute)
	l.timeBetween("server.shutdown_timeout", s.ShutdownTimeout, 0, 10*time.Minute)
	l.sizeBetween("server.body_limit", s.BodyLimit, 1_000, 100_000_000)
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			l.bad("server.public_url", `must be an address such as "https://chat.example.com"`)
		}
		s.PublicURL = strings.TrimRight(s.PublicURL, "/")
	}
	for i, proxy := range s.TrustedProxies {
		_, errIP := netip.ParseAddr(proxy)
		_, errRange := netip.ParsePrefix(proxy)
		if errIP != nil && errRange != nil {
			l.bad(fmt.Sprintf("server.trusted_proxies[%d]", i), `must be an IP address or a range such as "10.0.0.0/8", not %q`, clip(proxy))
		}
	}
}

func (l *loader) validateDatabase() {
	db := l.config.Database
	l.inRange("database.max_connections", db.MaxConnections, 2, 10_000)
	switch db.Driver {
	case SQLite:
		if strings.TrimSpace(db.Path) == "" {
			l.bad("database.path", "must name the file that SQLite writes")
		}
		if !db.DSN.IsZero() && !l.fromVariable("database.driver") {
			l.bad(l.written("database.dsn", l.written("database.dsn_env", "database.dsn_file")),
				"the driver is sqlite, which takes a path; say driver: postgres")
		}
		if l.config.Server.Nodes > 1 {
			l.bad("server.nodes", "SQLite is for one node; several need driver: postgres")
		}
	case Postgres:
		switch {
		case db.DSN.IsZero() && db.DSNEnv == "" && db.DSNFile == "":
			l.bad("database", "driver postgres needs one of dsn, dsn_env and dsn_file")
		case !db.DSN.IsZero() && !dsnURL.MatchString(db.DSN.value) && !dsnPair.MatchString(db.DSN.value):
			l.bad(l.written("database.dsn", l.written("database.dsn_env", "database.dsn_file")),
				`must be like "postgres://user@host/name" or "host=… dbname=…"`)
		}
	}
}

// maxSweep is how long a conversation that became due may lie unseen. It is
// the promise behind every wait that the product makes, so it is not loosened.
const maxSweep = 500 * time.Millisecond

func (l *loader) validateWorker() {
	w := l.config.Worker
	l.inRange("worker.concurrency", w.Concurrency, 1, 1000)
	l.inRange("worker.tries", w.Tries, 1, 10)
	l.inRange("worker.jobs", w.Jobs, 1, 1000)
	l.timeBetween("worker.sweep", w.Sweep, 10*time.Millisecond, maxSweep)
	l.timeBetween("worker.lease", w.Lease, 100*time.Millisecond, 10*time.Minute)
	limits := l.config.Limits
	l.inRange("limits.visitor_per_minute", limits.VisitorPerMinute, 0, 1_000_000)
	l.inRange("limits.ip_per_minute", limits.IPPerMinute, 0, 1_000_000)
	l.inRange("limits.messages_per_minute", limits.MessagesPerMinute, 0, 1_000_000)
}

func (l *loader) validateStorage() {
	s := l.config.Storage
	if strings.TrimSpace(s.Path) == "" {
		l.bad("storage.path", "must name the folder that files are kept in")
	}
	l.inRange("storage.max_files", s.MaxFiles, 0, 100)
	l.sizeBetween("storage.max_file", s.MaxFile, 1_000, 1_000_000_000)
	l.sizeBetween("storage.max_total", s.MaxTotal, 1_000, 1_000_000_000)
	if s.MaxFile > s.MaxTotal {
		l.bad("storage.max_file", "is more than max_total, %s, which all files of a message may have", s.MaxTotal)
	}
}

func (l *loader) inRange(key string, n, least, most int) {
	if n < least || n > most {
		l.bad(key, "must be from %d to %d, not %d", least, most, n)
	}
}

func (l *loader) timeBetween(key string, d Duration, least, most time.Duration) {
	if d.D() < least || d.D() > most {
		l.bad(key, "must be from %s to %s, not %s", Duration(least), Duration(most), d)
	}
}

func (l *loader) sizeBetween(key string, size, least, most Size) {
	if size < least || size > most {
		l.bad(key, "must be from %s to %s, not %s", least, most, size)
	}
}

// hostPort checks an address to listen at or to call.
func (l *loader) hostPort(key, address string) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		l.bad(key, `must be host:port, such as "127.0.0.1:8080", not %q`, clip(address))
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		l.bad(key, "the port must be from 0 to 65535, not %q", clip(port))
	}
}
