package router_test

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
)

// fate is what became of a customer's word.
type fate string

const (
	owed       fate = "owed to the customer by the bot"
	answered   fate = "answered by the bot"
	handedOver fate = "handed over by the bot"
	withPeople fate = "with people"
	closed     fate = "closed before anybody answered"
	muted      fate = "of a blocked customer"
)

// word is a customer's word.
type word struct {
	seq  int64
	text string
	fate fate
}

// story is what should be true of one conversation by the rules alone. It is
// told by the commands and never read from the database.
type story struct {
	id     int64
	person *person

	words   []*word
	greeted bool
	began   fsm.Status
	given   int   // how often an agent got it
	human   int64 // seq of the last public word of a person
	active  time.Time
	waiting bool // the customer, for a person's answer

	letGo  bool  // by the bot, in this episode
	queued int64 // seq of the last public word of a person by then

	held  *hand // the claim whose answer may still be written
	tries int   // claims since something was settled

	lease, reply, first, idle, snooze *time.Time

	ended     map[int64]string // turn → outcome
	submitted map[int64]string // message → chosen value
	replies   []reply
}

// hand is a claim that some process holds.
type hand struct {
	process int
	claim   *router.Claim
	story   *story
	words   []*word
	cause   router.Cause
}

// reply is what an agent sent under a name of its own.
type reply struct {
	by      router.By
	draft   router.Draft
	message int64
}

func newStory(p *person) *story {
	return &story{person: p, ended: map[int64]string{}, submitted: map[int64]string{}}
}

func (s *story) with(f fate) []*word {
	var found []*word
	for _, w := range s.words {
		if w.fate == f {
			found = append(found, w)
		}
	}
	return found
}

func (s *story) turn(from, to fate) {
	for _, w := range s.with(from) {
		w.fate = to
	}
}

// leave forgets what belongs to a status that ends. Words that the bot owes
// are with the people, or with the customer himself, who ended it.
func (s *story) leave() {
	s.turn(owed, withPeople)
	s.held, s.tries = nil, 0
	s.lease, s.reply, s.first, s.idle, s.snooze = nil, nil, nil, nil, nil
}

// enter begins an episode: given back, the bot owes what no person answered;
// reopened, what came before is closed.
func (s *story) enter(ev fsm.Event, now time.Time) {
	switch ev {
	case fsm.ReopenToBot:
		s.turn(withPeople, closed)
	case fsm.MarkPending:
		for _, w := range s.with(withPeople) {
			if w.seq > s.human {
				w.fate = owed
			}
		}
		s.reply = &now
	}
}

// owe makes the bot answer: min(last word + window, first word + maximum).
func (s *story) owe(now time.Time, clicked bool) {
	pause := s.person.inbox.Settings.Debounce
	if s.first == nil {
		s.first = &now
	}
	at := now.Add(pause.Window)
	if clicked {
		at = now
	}
	if latest := s.first.Add(pause.Maximum); latest.Before(at) {
		at = latest
	}
	s.reply, s.idle = &at, nil
}

// due says when somebody must look.
func (s *story) due(status fsm.Status) *time.Time {
	switch status {
	case fsm.Snoozed:
		return s.snooze
	case fsm.Pending:
		if s.lease != nil {
			return s.lease
		}
		return sooner(s.botDue(), s.resolves(status))
	case fsm.Open:
		return s.resolves(status)
	}
	return nil
}

// botDue says when the bot must answer, or has waited long enough.
func (s *story) botDue() *time.Time { return sooner(s.reply, s.idle) }

func sooner(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// resolves says when the silence has lasted long enough: a customer who waits
// for a person is left waiting, unless the inbox wants otherwise; what the bot
// owes comes first.
func (s *story) resolves(status fsm.Status) *time.Time {
	rules, after := s.person.inbox.Settings.AutoResolve, time.Duration(0)
	switch {
	case status == fsm.Open && (rules.Waiting || !s.waiting):
		after = rules.OpenAfter
	case status == fsm.Pending && len(s.with(owed)) == 0:
		after = rules.PendingAfter
	}
	if after == 0 {
		return nil
	}
	at := s.active.Add(after)
	return &at
}

// want is what a command should have made of its conversation.
type want struct {
	s        *story
	fresh    bool // it is a new conversation
	status   fsm.Status
	assignee *int64
	team     *int64
	priority *string
	labels   []string
	said     []spoken
	noted    bool          // a line is left although no decision changed
	reason   router.Reason // of the handoff
	memory   *string
}

// spoken is a message that is no activity line.
type spoken struct {
	kind    router.MessageType
	by      router.ActorKind
	id      int64
	text    string
	private bool
	episode int
	turn    int64
}

// play is one random history.
type play struct {
	*world
	people  []*person
	stories []*story
	hands   []*hand
	before  map[int64]*picture
	names   int
}

func (p *play) now() time.Time { return p.clock.Now() }

// expect wants a conversation as it is.
func (p *play) expect(s *story) *want {
	c := p.before[s.id]
	return &want{s: s, status: c.row.Status, assignee: c.row.AssigneeID, team: c.row.TeamID, priority: c.row.Priority, labels: c.labels}
}

// expectNew wants a conversation that is not there yet.
func (p *play) expectNew(v *person) *want {
	x := &want{s: newStory(v), fresh: true, status: fsm.New}
	ev := fsm.StartWithoutBot
	switch {
	case v.blocked:
		ev = fsm.StartBlocked
	case v.inbox.HasBot():
		ev = fsm.StartWithBot
	}
	x.status, _ = fsm.Next(fsm.New, ev)
	x.s.began = x.status
	return x
}

// move takes an event as the table has it and says whether anything changed.
func (p *play) move(t *rapid.T, x *want, ev fsm.Event) bool {
	next, err := fsm.Next(x.status, ev)
	require.NoError(t, err)
	if next == x.status {
		return false
	}
	x.status = next
	x.s.leave()
	if ev == fsm.HandOff || next == fsm.Pending {
		x.s.letGo, x.s.queued = ev == fsm.HandOff, x.s.human
	}
	x.s.waiting = ev == fsm.HandOff || x.s.waiting && next != fsm.Resolved
	if next == fsm.Pending {
		x.assignee = nil
		x.s.enter(ev, p.now())
	}
	return true
}

// hear is what a customer's word does.
func (p *play) hear(t *rapid.T, x *want, seq int64, text string, clicked bool) {
	s := x.s
	w := &word{seq: seq, text: text, fate: withPeople}
	defer func() { s.words = append(s.words, w) }()
	x.said = append(x.said, spoken{kind: router.Incoming, by: router.KindContact, id: s.person.Contact.ID, text: text})
	if s.person.blocked {
		w.fate = muted
		return
	}
	ev := fsm.CustomerWrites
	if x.status == fsm.Resolved {
		ev = fsm.ReopenToAgent
		if s.person.inbox.HasBot() {
			ev = fsm.ReopenToBot
		}
	}
	s.waiting = true
	p.move(t, x, ev)
	if x.status == fsm.Pending {
		w.fate = owed
		s.owe(p.now(), clicked)
	}
	if greeting := s.person.inbox.Settings.Greeting; greeting != "" && !s.greeted {
		x.said = append(x.said, spoken{kind: router.Template, by: router.KindSystem, text: greeting})
	}
	s.greeted = true
}
