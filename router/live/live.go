package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus"

	"relevo/router"
)

// Options is what a Live needs. Agent is required; the rest has defaults.
type Options struct {
	// Agent returns an agent and what they may see now; an error refuses them.
	// It is asked at every connection and every Pulse of it.
	Agent func(ctx context.Context, id int64) (*router.Agent, router.Scope, error)
	// Alive notes a sign of life of an agent, at every connection and every
	// Pulse of it. Optional.
	Alive func(ctx context.Context, id int64)

	Secret []byte           // signs tokens, 32 bytes or more, the same on every node; default: random, for one node alone
	Redis  string           // redis://… through which nodes tell each other; "": this node is alone
	Now    func() time.Time // for tokens and presence; default time.Now
	Logger *slog.Logger

	Pulse   time.Duration // how often what an agent may see is read anew; default 25 s
	PerUser int           // sockets of one visitor or agent on this node; default 20
	PerIP   int           // sockets of one address on this node; default 500
	Queue   int           // happenings that wait to be told; default 8192
}

// Live tells sockets what happened. It is safe for concurrent use.
type Live struct {
	opts    Options
	log     *slog.Logger
	node    *centrifuge.Node
	metrics *prometheus.Registry
	closers []func()
	secret  []byte
	parser  *jwt.Parser
	sockets *gate

	lanes      [lanes]*lane
	complained atomic.Int64 // unix seconds of the last complaint

	stop     chan struct{}
	stopping sync.Once
	running  sync.WaitGroup
	draining atomic.Bool
}

// New returns a Live that runs until Close. It fails if Redis does not answer.
func New(o Options) (*Live, error) {
	o.Pulse = cmp.Or(o.Pulse, 25*time.Second)
	o.PerUser = cmp.Or(o.PerUser, 20)
	o.PerIP = cmp.Or(o.PerIP, 500)
	o.Queue = cmp.Or(o.Queue, 8192)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Agent == nil {
		return nil, errors.New("live: Options.Agent is missing")
	}
	secret, err := tokenSecret(o.Secret)
	if err != nil {
		return nil, err
	}
	l := &Live{opts: o, log: o.Logger, metrics: prometheus.NewRegistry(), secret: secret, parser: newParser(o.Now),
		sockets: newGate(o.PerIP), stop: make(chan struct{})}
	if l.node, err = centrifuge.New(l.config()); err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	if err := l.connectBroker(); err != nil {
		return nil, err
	}
	l.node.OnConnecting(l.admit)
	l.node.OnConnect(l.welcome)
	if err := l.node.Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("live: %w", err), l.shutDown(context.Background()))
	}
	for i := range l.lanes {
		l.lanes[i] = newLane(max(o.Queue/lanes, 1))
		l.running.Go(func() { l.run(context.Background(), l.lanes[i], l.stop) })
	}
	return l, nil
}

func (l *Live) config() centrifuge.Config {
	return centrifuge.Config{
		LogLevel:                     centrifuge.LogLevelError,
		LogHandler:                   l.logNode,
		ClientPresenceUpdateInterval: l.opts.Pulse,
		ClientStaleCloseDelay:        10 * time.Second, // for who opens a socket and sends no token
		ClientQueueMaxSize:           slowAfter,
		ClientChannelLimit:           100_000, // nobody but us subscribes
		UserConnectionLimit:          l.opts.PerUser,
		RecoveryMaxPublicationLimit:  keptEvents,
		HistoryMetaTTL:               time.Hour,
		UseSingleFlight:              true,
		Metrics:                      centrifuge.MetricsConfig{MetricsNamespace: "relevo_realtime", RegistererGatherer: l.metrics},
	}
}

// slowAfter is how many bytes may wait for a socket that does not read. Then it
// is cut, with the advice to come back, and fetches what it missed.
const slowAfter = 256 << 10

// Metrics returns what is counted of sockets and events.
func (l *Live) Metrics() prometheus.Gatherer { return l.metrics }

// Sockets returns how many sockets are open on this node.
func (l *Live) Sockets() int { return l.node.Hub().NumClients() }

// Drain sends every socket of this node away, with the advice to come back (to
// another node), and takes no new ones. What happens meanwhile is still told
// to the other nodes.
func (l *Live) Drain() {
	l.draining.Store(true)
	for _, c := range l.node.Hub().Connections() {
		c.Disconnect(centrifuge.DisconnectShutdown)
	}
}

// Close tells what was not told yet, sends away who is left, and ends
// everything that New began. It waits until ctx ends at most.
func (l *Live) Close(ctx context.Context) error {
	l.Drain()
	var err error
	l.stopping.Do(func() {
		close(l.stop)
		told := make(chan struct{})
		go func() { l.running.Wait(); close(told) }()
		select {
		case <-told:
		case <-ctx.Done():
		}
		err = l.shutDown(ctx)
	})
	return err
}

func (l *Live) shutDown(ctx context.Context) error {
	err := l.node.Shutdown(ctx)
	for _, end := range l.closers {
		end()
	}
	if err != nil {
		return fmt.Errorf("live: %w", err)
	}
	return nil
}

// logNode passes on what the node complains of. Its fields hold what clients
// sent, tokens too, so only the error is taken.
func (l *Live) logNode(e centrifuge.LogEntry) {
	l.log.Warn("realtime: "+e.Message, "error", e.Error)
}
