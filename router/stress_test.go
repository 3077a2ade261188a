package router_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/routertest"
	"relevo/router/store"
)

const (
	stressCustomers = 6 // a bot's, and as many more at an inbox without a bot
	stressWords     = 12
	stressAgents    = 3
	stressClicks    = 40
	stressCrashes   = 40
	stressLease     = 300 * time.Millisecond
	stressRest      = time.Minute // for everything to come to rest; it takes some lease's
)

// unsteady is a bot of an outside party: it answers each word with itself,
// fails now and then, and sometimes takes longer than a turn may.
type unsteady struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (u *unsteady) dice(n int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rand.IntN(n)
}

func (u *unsteady) Take(ctx context.Context, t router.Turn) (router.Outcome, error) {
	var o router.Outcome
	for _, w := range t.Words {
		o.Say = append(o.Say, router.Utterance{Content: "eco: " + w.Text})
	}
	switch u.dice(20) {
	case 0:
		return o, errors.New("no idea")
	case 1:
		panic("no idea at all")
	case 2:
		<-time.After(stressLease * 3 / 2) // by then another process may have the words
	case 3:
		o.Handoff = &router.Handoff{Reason: router.ReasonBotHandoff, Team: "ventas", Labels: []string{"vip"}}
	case 4:
		o.Resolve = &router.Resolution{}
	case 5:
		o.Contact.Attributes = map[string]any{"turn": t.Number}
	}
	return o, nil
}

// complaints keeps what a router logs as an error, but for its bot's failures.
type complaints struct {
	slog.Handler
	mu  sync.Mutex
	all []string
}

func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	if r.Level < slog.LevelError || r.Message == "bot failed" {
		return nil
	}
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, text)
	return nil
}

func (c *complaints) Enabled(context.Context, slog.Level) bool { return true }

// TestStress lets customers with two tabs each, agents, and processes that die
// loose on one database, all at once, while two routers attend.
func TestStress(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		s := &stress{world: w, log: &complaints{Handler: slog.DiscardHandler}, seed: seed}
		other := db
		if db.Dialect() == store.Postgres {
			other = routertest.Open(t, db.Options())
		}
		bot := &unsteady{rand: rand.New(rand.NewPCG(seed, 1))}
		for i, handle := range []*store.DB{db, other} {
			s.procs[i] = router.New(router.Options{DB: handle, Bot: bot, Logger: slog.New(s.log), Sweep: 20 * time.Millisecond,
				Lease: stressLease, Now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }})
		}
		s.procs = s.procs[:2]
		s.run(t)
	})
}

type stress struct {
	*world
	log    *complaints
	seed   uint64
	people []*person
}

func (s *stress) run(t *testing.T) {
	for n := range 2 * stressCustomers {
		s.people = append(s.people, s.visitor(t, s.inboxes[n%len(s.inboxes)]))
	}
	running, stop := context.WithCancel(t.Context())
	var attending sync.WaitGroup
	for _, r := range s.procs {
		attending.Go(func() { r.Run(running) })
	}
	defer attending.Wait()
	defer stop()

	var work sync.WaitGroup
	together := make(chan struct{})
	stream := uint64(1)
	start := func(do func(dice *rand.Rand)) {
		stream++
		dice := rand.New(rand.NewPCG(s.seed, stream))
		work.Go(func() { <-together; do(dice) })
	}
	for n, p := range s.people {
		for tab := range 2 {
			start(func(*rand.Rand) { s.talk(t, s.procs[tab], p, n) })
		}
	}
	for n := range stressAgents {
		start(func(dice *rand.Rand) {
			for i := range stressClicks {
				s.click(t, dice, fmt.Sprintf("agente-%d-%d", n, i))
			}
		})
	}
	start(func(dice *rand.Rand) {
		for range stressCrashes {
			_, err := s.procs[0].ClaimTurn(t.Context(), s.anyConversation(t, dice)) // and never settled
			s.fine(t, err)
		}
	})
	close(together)
	work.Wait()
	s.rest(t)
	stop()
	attending.Wait()
	s.look(t)
}

// talk is one of two tabs, which both send the same words: some into the
// current conversation, some into the first one.
func (s *stress) talk(t *testing.T, r *router.Router, p *person, n int) {
	first := int64(0)
	for i := range stressWords {
		text := fmt.Sprintf("palabra-%d-%d", n, i)
		in := router.Inbound{Inbox: p.inbox, SourceID: p.SourceID, Draft: router.Draft{Content: text, EchoID: text}}
		if i%2 > 0 {
			in.Conversation = first
		}
		m, err := r.Receive(t.Context(), in)
		if !assert.NoError(t, err) {
			return
		}
		assert.Equal(t, text, m.Content)
		if i == 0 {
			first = m.ConversationID
		}
	}
}

// click is something that an agent does to some conversation.
func (s *stress) click(t *testing.T, dice *rand.Rand, name string) {
	ctx, r, by, id := t.Context(), s.procs[dice.IntN(2)], s.agents[dice.IntN(2)], s.anyConversation(t, dice)
	soon := time.Now().Add(time.Duration(1+dice.IntN(100)) * time.Millisecond)
	var err error
	switch dice.IntN(9) {
	case 0:
		_, err = r.Reply(ctx, by, id, router.Draft{Content: name, EchoID: name, Private: dice.IntN(2) == 0})
	case 1:
		_, err = r.Open(ctx, by, id)
	case 2, 3, 4:
		_, err = r.MarkPending(ctx, by, id)
	case 5:
		_, err = r.Resolve(ctx, by, id)
	case 6:
		_, err = r.Snooze(ctx, by, id, &soon)
	case 7:
		_, err = r.Assign(ctx, by, id, &s.agents[0].Actor.ID)
	case 8:
		_, err = r.SetLabels(ctx, by, id, []string{"vip", name})
	}
	s.fine(t, err)
}

// fine is no error, or one that a client understands.
func (s *stress) fine(t *testing.T, err error) {
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Status < http.StatusInternalServerError {
		return
	}
	assert.NoError(t, err)
}

func (s *stress) anyConversation(t *testing.T, dice *rand.Rand) int64 {
	var ids []int64
	assert.NoError(t, s.db.Read().Raw("SELECT id FROM conversations").Scan(&ids).Error)
	if len(ids) == 0 {
		return 1
	}
	return ids[dice.IntN(len(ids))]
}

// rest waits until nothing is due but the end of a silence, and nobody has
// anything in hand.
func (s *stress) rest(t *testing.T) {
	require.Eventually(t, func() bool {
		var n int
		err := s.db.Read().Raw("SELECT count(*) FROM conversations WHERE due_at IS NOT NULL AND (resolve_at IS NULL OR due_at <> resolve_at)").Scan(&n).Error
		return err == nil && n == 0
	}, stressRest, 20*time.Millisecond, "something is due for ever")
}

// look checks the database at rest.
func (s *stress) look(t *testing.T) {
	require.Empty(t, s.log.all, "the routers complained")
	routertest.RequireWhole(t, s.db)
	pictures := s.world.look(t, s.people)
	heard, echoes := map[string]int{}, map[string]int{}
	of := map[int64]int{}
	for _, c := range pictures {
		of[c.row.ContactInboxID]++
		for _, m := range c.messages {
			switch m.SenderType {
			case router.KindContact:
				heard[m.Content]++
			case router.KindBot:
				echoes[m.Content]++
			}
		}
		s.lookAtTurns(t, c)
	}
	for n, p := range s.people {
		if p.inbox.Settings.AfterResolved != router.AfterResolvedNew {
			require.Equal(t, 1, of[p.ID], "two tabs made two conversations")
		}
		for i := range stressWords {
			text := fmt.Sprintf("palabra-%d-%d", n, i)
			require.Equal(t, 1, heard[text], "%s", text)
			require.LessOrEqual(t, echoes["eco: "+text], 1, "%s was answered twice", text)
		}
	}
}

// lookAtTurns compares each answered turn with the words it was asked.
func (s *stress) lookAtTurns(t *testing.T, c *picture) {
	for _, turn := range s.turns(t, c.row.ID) {
		if turn.Outcome != "answered" {
			continue
		}
		words, answers := []string{}, []string{}
		for _, m := range c.messages {
			if m.MessageType == router.Incoming && m.Seq > turn.FromSeq && m.Seq <= turn.ToSeq {
				words = append(words, "eco: "+m.Content)
			}
			if m.SenderType == router.KindBot && *m.Turn == turn.Turn {
				answers = append(answers, m.Content)
			}
		}
		require.Equal(t, words, answers, "turn %d of conversation %d in %v", turn.Turn, c.row.ID, c.messages)
	}
}
