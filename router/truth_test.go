package router_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// TestTruth plays random histories, one transaction after the other, and
// compares the database with the rules after every step.
func TestTruth(t *testing.T) { playHistories(t, 300) }

// TestSoakTruth is TestTruth for as long as somebody likes to wait.
func TestSoakTruth(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("RELEVO_SOAK"))
	if err != nil || n < 1 {
		t.Skip("set RELEVO_SOAK to the number of histories, or run make soak")
	}
	playHistories(t, n)
}

// playHistories divides n histories among the databases.
func playHistories(t *testing.T, n int) {
	set := func(name, value string) {
		f := flag.Lookup(name)
		before := f.Value.String()
		require.NoError(t, f.Value.Set(value))
		t.Cleanup(func() { _ = f.Value.Set(before) })
	}
	seed := flag.Lookup("rapid.seed").Value.String()
	if seed == "0" {
		seed = strconv.FormatInt(time.Now().UnixNano(), 10)
		set("rapid.seed", seed)
	}
	set("rapid.checks", strconv.Itoa(max(1, n/2)))
	set("rapid.steps", "40")
	t.Logf("%d histories, to play them again: -rapid.seed=%s", n, seed)
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		rapid.Check(t, w.play)
		w.reconcile(t)
	})
}

// play is one history with its own visitors.
func (w *world) play(t *rapid.T) {
	start, err := time.Parse(time.RFC3339, worldStart)
	require.NoError(t, err)
	w.clock.Set(start)
	p := &play{world: w, before: map[int64]*picture{}}
	for range 1 + rapid.IntRange(0, 3).Draw(t, "visitors")/3 {
		p.people = append(p.people, w.visitor(t, w.inboxes[rapid.IntRange(0, len(w.inboxes)-1).Draw(t, "inbox")]))
	}
	t.Repeat(p.commands())
	p.drain(t)
	p.finish(t)
}

// commands are what may happen next; those that matter most have more names.
func (p *play) commands() map[string]func(*rapid.T) {
	weights := map[string]struct {
		n  int
		do func(*rapid.T)
	}{
		"customer says": {8, p.customerSays}, "customer repeats": {2, p.customerRepeats}, "connector brings": {1, p.connectorBrings},
		"customer chooses": {3, p.customerChooses}, "customer starts": {1, p.customerStarts}, "customer resolves": {1, p.customerResolves},
		"customer asks for a person": {2, p.customerAsksForPerson}, "customer stops waiting": {2, p.customerStopsWaiting},
		"customer is blocked": {1, p.customerIsBlocked}, "somebody saw": {1, p.somebodySaw},
		"agent replies": {2, p.agentReplies}, "agent repeats": {1, p.agentRepeats}, "agent opens": {1, p.agentOpens},
		"agent gives back": {4, p.agentGivesBack}, "agent resolves": {1, p.agentResolves}, "agent snoozes": {2, p.agentSnoozes},
		"agent assigns": {1, p.agentAssigns}, "agent assigns team": {1, p.agentAssignsTeam}, "agent labels": {1, p.agentLabels},
		"process claims": {10, p.processClaims}, "bot answers": {6, p.botAnswers}, "process dies": {1, p.processDies},
		"time passes": {6, p.timePasses},
	}
	commands := map[string]func(*rapid.T){}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		for i := range weights[name].n {
			commands[name+" "[:min(i, 1)]+strconv.Itoa(i)] = weights[name].do
		}
	}
	return commands
}

// drain lets time pass until nothing is due any more, with a bot that answers
// or with one on which every process dies.
func (p *play) drain(t *rapid.T) {
	dies := rapid.Bool().Draw(t, "every process dies")
	const enough = 200
	for range enough {
		var next *story
		for _, s := range p.stories {
			due := s.due(p.before[s.id].row.Status)
			if due != nil && (next == nil || due.Before(*next.due(p.before[next.id].row.Status))) {
				next = s
			}
		}
		if next == nil {
			p.late(t)
			return
		}
		if due := next.due(p.before[next.id].row.Status); due.After(p.now()) {
			p.clock.Set(*due)
		}
		h := p.claims(t, rapid.IntRange(0, processes-1).Draw(t, "process"), next)
		if h == nil {
			continue
		}
		p.hands = slices.DeleteFunc(p.hands, func(other *hand) bool { return other == h })
		if !dies {
			p.settles(t, h, router.Outcome{Say: []router.Utterance{{Content: p.text("bot")}}, Memory: []byte(`{}`)})
		}
	}
	t.Fatalf("still something due after %d looks", enough)
}

// late settles what processes still hold: nothing of it may be shown.
func (p *play) late(t *rapid.T) {
	for _, h := range p.hands {
		p.settles(t, h, router.Outcome{Say: []router.Utterance{{Content: p.text("tarde")}}})
	}
}
