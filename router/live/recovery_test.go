package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relevo/router"
	"relevo/router/live"
)

// message is what a client keeps of a message of the API.
type message struct {
	ID      int64  `json:"id"`
	Content string `json:"content"`
}

// follower is a client as docs/api.md describes it: it keeps a thread, hears
// what comes, and fetches what it lacks. Its connections break after a random
// number of bytes, wherever that falls, until enough are lost.
type follower struct {
	fetch  func(query string) []message
	client *centrifuge.Client

	mu      sync.Mutex
	moved   sync.Cond
	ahead   int // messages written since it last heard something
	dice    *rand.Rand
	lost    int // connections that broke
	enough  int
	fetches int
	resumed int // times that the socket itself brought what was missed
	seq     int64
	thread  []message
}

// catchUp fetches what came after the last message that is known.
func (f *follower) catchUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		page := f.fetch(fmt.Sprintf("?after=%d", f.thread[len(f.thread)-1].ID))
		f.fetches++
		f.thread = append(f.thread, page...)
		if len(page) < 100 {
			return
		}
	}
}

// pace keeps who writes a little ahead of who follows, no more: else all would
// be written before anything breaks.
func (f *follower) pace() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.ahead++; f.ahead > 3 && f.lost < f.enough; {
		f.moved.Wait()
	}
}

// stir lets who writes go on.
func (f *follower) stir() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ahead = 0
	f.moved.Broadcast()
}

func (f *follower) hear(p centrifuge.ServerPublicationEvent) {
	f.stir()
	var e live.Event
	if err := json.Unmarshal(p.Data, &e); err != nil {
		panic(err)
	}
	if e.Data.Seq > f.seq {
		f.seq = e.Data.Seq
		f.catchUp()
	}
}

// dial gives the client connections that break.
func (f *follower) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost >= f.enough {
		return conn, nil
	}
	return &brittle{Conn: conn, left: f.dice.IntN(5000), broke: func() {
		f.mu.Lock()
		f.lost++
		f.moved.Broadcast()
		f.mu.Unlock()
	}}, nil
}

func (f *follower) losses() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

// brittle is a connection that breaks once so many bytes were read.
type brittle struct {
	net.Conn
	left  int
	once  sync.Once
	broke func()
}

func (b *brittle) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.once.Do(func() { b.broke(); _ = b.Conn.Close() })
		return 0, net.ErrClosed
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func (n *node) follow(t *testing.T, seed uint64, token func() string, first message, fetch func(query string) []message) *follower {
	f := &follower{fetch: fetch, dice: rand.New(rand.NewPCG(seed, 1)), enough: 100, thread: []message{first}}
	f.moved.L = &f.mu
	f.client = centrifuge.NewJsonClient(strings.Replace(n.server.URL, "http", "ws", 1)+"/realtime", centrifuge.Config{
		GetToken:          func(centrifuge.ConnectionTokenEvent) (string, error) { return token(), nil },
		MinReconnectDelay: time.Millisecond, MaxReconnectDelay: 5 * time.Millisecond,
		ReadTimeout:      250 * time.Millisecond, // so long the client waits for a connection that broke while it connected
		HandshakeTimeout: patience, NetDialContext: f.dial})
	f.client.OnPublication(f.hear)
	f.client.OnSubscribed(func(e centrifuge.ServerSubscribedEvent) {
		f.stir()
		if e.Recovered {
			f.resumed++
			return // what was missed comes by itself
		}
		f.catchUp()
	})
	t.Cleanup(f.client.Close)
	_ = f.client.Connect() // the first may break too; it goes on trying
	return f
}

// seedOf returns the seed of a random test: RELEVO_SEED, or a new one.
func seedOf(t *testing.T) uint64 {
	seed := rand.Uint64()
	if given := os.Getenv("RELEVO_SEED"); given != "" {
		var err error
		seed, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("RELEVO_SEED=%d plays this again", seed)
	return seed
}

func TestWhoLosesAHundredConnectionsEndsWithTheMessagesOfTheAPI(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		seed := seedOf(t)
		v := n.visitor("tienda")
		m := n.says(v, "0")
		first, conversation := message{m.ID, m.Content}, m.ConversationID
		visitorThread := func(query string) (page []message) {
			n.ask("GET", fmt.Sprintf("%s/conversations/%d/messages%s", n.visitorPath(v), conversation, query), "", &page)
			return page
		}
		agentThread := func(query string) []message {
			var page struct{ Payload []message }
			n.ask("GET", fmt.Sprintf("/api/v1/accounts/1/conversations/%d/messages%s", conversation, query), "ana", &page)
			return page.Payload
		}
		visitor := n.follow(t, seed, func() string { return n.visitorToken(v) }, first, visitorThread)
		agent := n.follow(t, seed+1, func() string { return n.agentToken("ana") }, first, agentThread)
		n.talk(t, seed+2, v, conversation, visitor, agent)
		for f, fetch := range map[*follower]func(string) []message{visitor: visitorThread, agent: agentThread} {
			truth := backwards(fetch)
			eventually(t, "everything has come", func() bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				return len(f.thread) >= len(truth)
			})
			f.mu.Lock()
			require.Equal(t, truth, f.thread)
			require.Equal(t, 100, f.lost)
			t.Logf("%d messages, %d connections lost, %d fetches, %d times resumed by the socket", len(f.thread), f.lost, f.fetches, f.resumed)
			f.mu.Unlock()
		}
	})
}

// talk lets the customer and two agents write at the same time, words and
// notes, until all followers have lost enough connections.
func (n *node) talk(t *testing.T, seed uint64, v *router.Visitor, conversation int64, followers ...*follower) {
	enough := func() bool {
		return !slices.ContainsFunc(followers, func(f *follower) bool { return f.losses() < f.enough })
	}
	const most = 10_000 // messages of each: nothing is lost any more, or nothing is told
	ctx := context.Background()
	inbox := n.inbox("tienda")
	var writers errgroup.Group
	write := func(who uint64, say func(text string, dice *rand.Rand) error) {
		dice := rand.New(rand.NewPCG(seed, who))
		writers.Go(func() error {
			for i := range most {
				if enough() {
					return nil
				}
				for _, f := range followers {
					f.pace()
				}
				if err := say(fmt.Sprintf("%d-%d", who, i), dice); err != nil {
					return err
				}
			}
			return errors.New("the connections did not break")
		})
	}
	write(1, func(text string, _ *rand.Rand) error {
		_, err := n.router.Receive(ctx, router.Inbound{Inbox: inbox, SourceID: v.SourceID, Conversation: conversation, Draft: router.Draft{Content: text}})
		return err
	})
	for who, agent := range map[uint64]string{2: "ana", 3: "jefa"} {
		write(who, func(text string, dice *rand.Rand) error {
			_, err := n.router.Reply(ctx, n.by(agent), conversation, router.Draft{Content: text, Private: dice.IntN(3) == 0})
			return err
		})
	}
	require.NoError(t, writers.Wait())
}

// backwards reads a whole thread from its end, page by page.
func backwards(fetch func(query string) []message) []message {
	thread := fetch("")
	for {
		page := fetch(fmt.Sprintf("?before=%d", thread[0].ID))
		if len(page) == 0 {
			return thread
		}
		thread = append(page, thread...)
	}
}
