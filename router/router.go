package router

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"relevo/router/files"
	"relevo/router/jobs"
	"relevo/router/report"
	"relevo/router/store"
	"relevo/router/webhook"
)

// Options is what a Router needs. DB is required; the rest has defaults.
type Options struct {
	DB     *store.DB
	Bot    Bot              // nil: every turn hands off with ReasonFlowError
	Now    func() time.Time // the database's clock; see store.Clock
	Logger *slog.Logger

	Workers int           // turns in hand at the same time; default 64
	Sweep   time.Duration // how often due conversations are looked for; default 500 ms
	Lease   time.Duration // how long a turn may take before another process takes over; default 30 s
	Tries   int           // claims of the same words before they are handed off; default 3

	// MessagesPerMinute is how many messages a conversation may grow by before
	// the customer is asked to wait; 0 means no limit.
	MessagesPerMinute int

	Jobs *jobs.Queue // of mail, webhooks and the like; nil: a change that needs one fails

	Mail      MailOptions
	PublicURL string          // where browsers reach the program, for addresses in mails, webhooks and messages; "" if unknown
	Webhooks  *webhook.Sender // default: one that reaches public addresses only

	Files      files.Store // of attachments; nil: none are taken
	FileLimits FileLimits

	// Live is told of every committed change, after the commit, and of typing. It must not
	// block. It is a hint: what it misses, a reader finds in the rows.
	Live func(Happened)
}

// Router moves conversations between customers, bots and agents. It is safe
// for concurrent use, and any number of processes may share one database.
type Router struct {
	db   *store.DB
	bot  Bot
	now  func() time.Time
	log  *slog.Logger
	opts Options

	nudges    chan int64    // conversations that are due now, known to this process
	free      chan struct{} // an agent may take what waits
	beats     heartbeats
	writers   seen
	inboxes   inboxCache
	reports   *report.Reports
	sender    *webhook.Sender
	receivers *receivers
	flows     sync.Map // hash → FlowText; texts never change under their hash
}

// New returns a Router. Nothing runs before Run is called; until then, due
// conversations wait.
func New(o Options) *Router {
	o.Workers = cmp.Or(o.Workers, 64)
	o.Sweep = cmp.Or(o.Sweep, 500*time.Millisecond)
	o.Lease = cmp.Or(o.Lease, 30*time.Second)
	o.Tries = cmp.Or(o.Tries, 3)
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Live == nil {
		o.Live = func(Happened) {}
	}
	if o.Webhooks == nil {
		o.Webhooks = webhook.New(webhook.Options{Now: o.Now})
	}
	r := &Router{db: o.DB, bot: o.Bot, now: o.Now, log: o.Logger, opts: o, reports: report.New(o.DB, o.Now), sender: o.Webhooks,
		nudges: make(chan int64, 4096), free: make(chan struct{}, 1)}
	if o.Jobs != nil {
		r.handleJobs(o.Jobs)
	}
	return r
}

// Jobs returns the queue that was named in Options, nil if none was.
func (r *Router) Jobs() *jobs.Queue { return r.opts.Jobs }

// Now is the time by the database's clock.
func (r *Router) Now() time.Time { return r.now() }

// Ready reports whether the database answers.
func (r *Router) Ready(ctx context.Context) error {
	var one int
	return r.db.Read().WithContext(ctx).Raw("SELECT 1").Scan(&one).Error
}
