package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	identifierForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	projectForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]{0,62}$`)
	locationForm   = regexp.MustCompile(`^[a-z]+(-[a-z]+[0-9]+)?$`)
	languageForm   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	pathPartForm   = regexp.MustCompile(`^[A-Za-z0-9 _-]{1,64}$`)
)

const (
	maxName     = 100  // characters of a name
	maxGreeting = 2000 // characters of a greeting
)

func (l *loader) validateTeams() {
	var seen []string
	for i, team := range l.config.Teams {
		at := fmt.Sprintf("teams[%d]", i)
		l.label(at, "name", team.Name, true)
		seen = l.unique(at+".name", team.Name, seen)
	}
}

func (l *loader) validateInboxes() {
	var seen []string
	for i := range l.config.Inboxes {
		in, at := &l.config.Inboxes[i], fmt.Sprintf("inboxes[%d]", i)
		switch {
		case in.Identifier == "":
			l.missing(at, "identifier")
		case !identifierForm.MatchString(in.Identifier):
			l.bad(at+".identifier", "must be 1 to 64 letters (a-z), digits, - and _, since it stands in URLs")
		}
		seen = l.unique(at+".identifier", in.Identifier, seen)
		if in.Name == "" {
			in.Name = in.Identifier
		}
		l.label(at, "name", in.Name, false)
		if n := utf8.RuneCountInString(in.Greeting); n > maxGreeting {
			l.bad(at+".greeting", "must be at most %d characters, not %d", maxGreeting, n)
		}
		l.zone(at+".timezone", in.Timezone)
		l.webhookURL(at+".webhook_url", in)
		if in.Bot != "" && l.config.Flow(in.Bot) == nil && !l.unreadFlows {
			l.bad(at+".bot", "there is no flow %q%s", clip(in.Bot), didYouMean(in.Bot, l.flowNames()))
		}
		l.debounce(at+".debounce", in.Debounce)
		l.widget(at+".widget", in.Widget)
		l.survey(at+".survey", in)
		l.around(at, in)
		l.campaigns(at+".campaigns", in)
		l.inRange(at+".max_assignments", in.MaxAssignments, 0, 10_000)
		if in.MaxAssignments > 0 && !in.AutoAssign {
			l.doubt(at+".max_assignments", "counts only with auto_assign")
		}
	}
}

func (l *loader) debounce(at string, d Debounce) {
	l.timeBetween(at+".window", d.Window, 0, time.Minute)
	l.timeBetween(at+".maximum", d.Maximum, 0, 5*time.Minute)
	if d.Maximum < d.Window {
		l.bad(at, "maximum (%s) must not be shorter than window (%s)", d.Maximum, d.Window)
	}
}

// zone checks an IANA name. "Local" loads too, but means another zone on
// every machine.
func (l *loader) zone(key, name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		l.bad(key, `must be a time zone such as "America/Mexico_City", not %q`, clip(name))
	}
}

func (l *loader) validateBots() {
	var seen []string
	for i, b := range l.config.Bots {
		at := fmt.Sprintf("bots[%d]", i)
		l.label(at, "name", b.Name, true)
		seen = l.unique(at+".name", b.Name, seen)
		if !locationForm.MatchString(b.Location) {
			l.bad(at+".location", `must be "global" or a region such as "europe-west1", not %q`, clip(b.Location))
		}
		if !pathPartForm.MatchString(b.Environment) {
			l.bad(at+".environment", `must be "draft" or the name of an environment, not %q`, clip(b.Environment))
		}
		switch {
		case b.Language == "":
			l.missing(at, "language")
		case !languageForm.MatchString(b.Language):
			l.bad(at+".language", `must be a language such as "es" or "pt-BR", not %q`, clip(b.Language))
		}
		l.timeBetween(at+".timeout", b.Timeout, 100*time.Millisecond, time.Minute)
		l.inRange(at+".rate_per_minute", b.RatePerMinute, 1, 1_000_000)
		if b.Timeout > l.config.Worker.Lease {
			l.doubt(at+".timeout", "longer than worker.lease (%s): slow answers will be thrown away and asked for again", l.config.Worker.Lease)
		}
		l.provider(at, &l.config.Bots[i])
	}
}

// provider checks which agent a bot means: one at Google, one behind an
// endpoint for tests, or one that runs inside the process.
func (l *loader) provider(at string, b *Bot) {
	hasKey := b.CredentialsEnv != "" || b.CredentialsFile != ""
	switch {
	case b.Emulator != "" && b.Endpoint != "":
		l.bad(at+".endpoint", "give an endpoint or an emulator, not both")
	case b.Emulator != "":
		l.emulator(at+".emulator", b)
	case b.Project == "":
		l.missing(at, "project")
	case !projectForm.MatchString(b.Project):
		l.bad(at+".project", "must be the id of a Google Cloud project, not %q", clip(b.Project))
	}
	if b.Endpoint != "" {
		l.hostPort(at+".endpoint", b.Endpoint)
		if !loopback(b.Endpoint) {
			l.doubt(at+".endpoint", "customers' words travel there without encryption; leave endpoint out to use Dialogflow itself")
		}
	}
	if hasKey && (b.Emulator != "" || b.Endpoint != "") {
		l.bad(l.written(at+".credentials_env", at+".credentials_file"), "an emulator needs no credentials, and would be sent them unencrypted")
	}
}

func (l *loader) emulator(key string, b *Bot) {
	if l.config.Server.Nodes > 1 {
		l.bad(key, "an emulator inside the process is for one node")
	}
	if b.Emulator == EmulatorDemo {
		return
	}
	b.Emulator = l.relative(key, b.Emulator)
	if _, err := os.Stat(b.Emulator); err != nil {
		l.bad(key, `must be "demo" or the folder or zip file of an exported agent: %s`, unreadable(err))
	}
}

func loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// label checks a name that people read.
func (l *loader) label(at, key, name string, needed bool) {
	switch {
	case strings.TrimSpace(name) == "" && needed:
		l.missing(at, key)
	case utf8.RuneCountInString(name) > maxName:
		l.bad(at+"."+key, "must be at most %d characters", maxName)
	case strings.ContainsAny(name, "\n\r\t"):
		l.bad(at+"."+key, "must be one line")
	}
}

// unique notes a name that was seen before, and returns the names seen now.
func (l *loader) unique(key, name string, seen []string) []string {
	if name == "" {
		return seen
	}
	for _, other := range seen {
		if other == name {
			l.bad(key, "%q is there twice", clip(name))
			return seen
		}
	}
	return append(seen, name)
}
