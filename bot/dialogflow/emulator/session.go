package emulator

import (
	"context"
	"regexp"
	"sync"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
)

// How many sessions are kept, and for how long after their last request.
const (
	sessionLife  = 30 * time.Minute
	sweepEvery   = 256
	maxIDLength  = 36
	defaultPlace = "global"
)

// sessionName holds the parts of a session's resource name.
type sessionName struct {
	full, project, location, environment, user, id string
}

// The four forms of a session's name.
var sessionPattern = regexp.MustCompile(
	`^projects/([^/]+)(?:/locations/([^/]+))?/agent(?:/environments/([^/]+)/users/([^/]+))?/sessions/([^/]+)$`)

// parseSession takes a session's name apart.
func parseSession(name string) (sessionName, bool) {
	m := sessionPattern.FindStringSubmatch(name)
	if m == nil {
		return sessionName{}, false
	}
	s := sessionName{full: name, project: m[1], location: m[2], environment: m[3], user: m[4], id: m[5]}
	if s.location == "" {
		s.location = defaultPlace
	}
	if s.environment == "" {
		s.environment, s.user = "draft", "-"
	}
	return s, true
}

// key is the same for the forms that name the same session.
func (n sessionName) key() string {
	return n.project + "/" + n.location + "/" + n.environment + "/" + n.user + "/" + n.id
}

// session is what is remembered of one conversation.
type session struct {
	turn     sync.Mutex // held while a turn works on what follows
	turns    int
	contexts contexts
	noMatch  int // misses in a row
	entities map[string]sessionEntity
	last     time.Time // of the last request, for expiry

	// Guarded by sessions.mu.
	seen   time.Time
	inHand map[*struct{ _ byte }]context.Context // requests that have not been answered
}

// sessionEntity is an entity that was sent for one session.
type sessionEntity struct {
	words      *lexicon
	supplement bool
}

// expire forgets what is too old.
func (s *session) expire(now time.Time) {
	if !s.last.IsZero() && now.Sub(s.last) > contextLife {
		s.contexts, s.noMatch, s.entities = nil, 0, nil
	}
	if s.contexts == nil {
		s.contexts = contexts{}
	}
	s.last = now
}

// setEntities takes in the session entity types of a request.
func (s *session) setEntities(types []*pb.SessionEntityType) {
	for _, t := range types {
		if s.entities == nil {
			s.entities = map[string]sessionEntity{}
		}
		var entries []entry
		for _, e := range t.GetEntities() {
			entries = append(entries, entry{e.GetValue(), e.GetSynonyms()})
		}
		s.entities[lastSegment(t.GetName())] = sessionEntity{
			words:      newLexicon(entries, false, nil),
			supplement: t.GetEntityOverrideMode() == pb.SessionEntityType_ENTITY_OVERRIDE_MODE_SUPPLEMENT,
		}
	}
}

// sessions are all the conversations of a server.
type sessions struct {
	mu  sync.Mutex
	all map[string]*session
	new int
}

// enter finds or makes a session and notes that a request of it is in hand.
// overlapped says that an earlier one is in hand still, and its client still
// waits for it. The caller must call leave.
func (s *sessions) enter(ctx context.Context, key string, now time.Time) (found *session, overlapped bool, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = s.all[key]
	if found == nil {
		s.sweep(now)
		found = &session{inHand: map[*struct{ _ byte }]context.Context{}}
		s.all[key] = found
	}
	for _, other := range found.inHand {
		overlapped = overlapped || other.Err() == nil
	}
	me := new(struct{ _ byte })
	found.inHand[me], found.seen = ctx, now
	return found, overlapped, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(found.inHand, me)
	}
}

// sweep forgets sessions that nobody used for long, now and then, so that a
// server may run for weeks.
func (s *sessions) sweep(now time.Time) {
	if s.new++; s.new%sweepEvery != 0 {
		return
	}
	for key, old := range s.all {
		if len(old.inHand) == 0 && now.Sub(old.seen) > sessionLife {
			delete(s.all, key)
		}
	}
}
