package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"relevo/config"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/files"
	"relevo/router/jobs"
	"relevo/router/live"
	"relevo/router/mailbox"
	"relevo/router/store"
	"relevo/router/webhook"
	"relevo/web"
)

func (a *app) serveCommand() *cobra.Command {
	var demo, reset bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve customers, bots and agents",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			load := a.loader()
			if demo {
				load = a.loadDemo
			}
			c, err := load()
			if err != nil {
				return err
			}
			if reset {
				if err := resetDemo(cmd.Context(), c, demo); err != nil {
					return err
				}
			}
			return a.serve(cmd.Context(), c, load, demo)
		},
	}
	c.Flags().BoolVar(&demo, "demo", false, "serve the demonstration on loopback, at port 8080 or $PORT")
	c.Flags().BoolVar(&reset, "reset", false, "with --demo: begin with an empty database")
	return c
}

// server is everything that one `relevo serve` runs.
type server struct {
	log    *slog.Logger
	db     *store.DB
	router *router.Router
	jobs   *jobs.Queue
	brain  *currentBrain
	http   *http.Server
	files  *files.Folder
	live   *live.Live

	addresses *api.Server
}

// lastWord is how long the sockets of a process that ends are told the rest.
const lastWord = 5 * time.Second

// close gives back what start took, sockets first.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastWord)
	defer cancel()
	return errors.Join(s.live.Close(ctx), s.brain.Load().close(), s.files.Close(), s.db.Close())
}

// serve runs until ctx ends: first no new requests, then the requests and the
// turns in hand are finished, within the configured time.
func (a *app) serve(ctx context.Context, c *config.Config, load func() (*config.Config, error), demo bool) error {
	if !slices.ContainsFunc(a.env, func(v string) bool { return strings.HasPrefix(v, "GOGC=") }) {
		// Most of what a message allocates is gone with it: collecting less
		// often costs some tens of megabytes and saves 7 % of the processor.
		debug.SetGCPercent(400)
	}
	log := newLogger(c.Log, a.problems)
	for _, w := range c.Warnings {
		log.WarnContext(ctx, "configuration", "warning", w.String())
	}
	s, clock, err := start(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() {
		if err := s.close(); err != nil {
			log.ErrorContext(ctx, "not closed cleanly", "error", err)
		}
	}()
	if demo {
		if err := seedDemo(ctx, s.router); err != nil {
			return err
		}
		web.MountDemo(s.addresses) // /
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", c.Server.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var background sync.WaitGroup
	background.Go(func() { s.router.Run(ctx) })
	background.Go(func() { clock.Run(ctx) })
	background.Go(func() { s.doJobs(ctx) })
	background.Go(func() { s.reloadOnSignal(ctx, load) })
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(listener) }()
	if demo {
		announceDemo(a.out, listener.Addr().String())
	}
	log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "database", c.Database.Driver, "version", version)

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping: finishing requests and turns in hand", "at_most", c.Server.ShutdownTimeout.D())
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Server.ShutdownTimeout.D())
	defer cancel()
	s.live.Drain() // sockets last for ever, so the server would wait for them
	err = s.http.Shutdown(late)
	finished := make(chan struct{})
	go func() { background.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-late.Done():
		log.WarnContext(ctx, "turns left unfinished: another process takes them over when their lease ends")
	}
	return err
}

// start opens and wires everything, up to the point where requests could come.
func start(ctx context.Context, c *config.Config, log *slog.Logger) (*server, *store.Clock, error) {
	db, err := openDatabase(ctx, c.Database, log)
	if err != nil {
		return nil, nil, err
	}
	fail := func(err error) (*server, *store.Clock, error) { return nil, nil, errors.Join(err, db.Close()) }
	if err := db.Lock(); err != nil {
		return fail(err)
	}
	applied, err := migrate(ctx, db)
	if err != nil {
		return fail(err)
	}
	if applied > 0 {
		log.InfoContext(ctx, "database migrated", "migrations", applied)
	}
	if db.Dialect() == store.SQLite {
		log.InfoContext(ctx, "SQLite means one process; for more, use PostgreSQL")
	}
	clock, err := store.NewClock(ctx, db)
	if err != nil {
		return fail(err)
	}
	first, err := newBrain(ctx, c, log)
	if err != nil {
		return fail(err)
	}
	folder, err := files.NewFolder(c.Storage.Path)
	if err != nil {
		return fail(errors.Join(err, first.close()))
	}
	s := &server{log: log, db: db, brain: &currentBrain{}, files: folder}
	s.brain.Store(first)
	if s.live, err = newLive(c.Realtime, s, clock.Now); err != nil {
		return fail(errors.Join(err, first.close(), folder.Close()))
	}
	if s.jobs, err = jobs.New(jobs.Options{DB: db, Now: clock.Now, Logger: log, Workers: c.Worker.Jobs}); err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	post, err := mailOptions(c.Mail, db)
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	s.router = router.New(router.Options{DB: db, Bot: s.brain, Now: clock.Now, Logger: log, Workers: c.Worker.Concurrency,
		Sweep: c.Worker.Sweep.D(), Lease: c.Worker.Lease.D(), Tries: c.Worker.Tries, MessagesPerMinute: c.Limits.MessagesPerMinute,
		Jobs: s.jobs, Mail: post, PublicURL: c.Server.PublicURL,
		Webhooks: webhook.New(webhook.Options{AllowPrivate: c.Webhooks.Ranges(), Timeout: c.Webhooks.Timeout.D()}), Live: s.live.Tell, Files: folder,
		FileLimits: router.FileLimits{Files: c.Storage.MaxFiles, EachSize: c.Storage.MaxFile.Bytes(), AllSize: c.Storage.MaxTotal.Bytes()}})
	if err := s.router.Wire(ctx, wiring(c)); err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	s.addresses, err = newServer(c, s.router, s.live, clock.Now, log)
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	if caught, ok := post.Sender.(*mailbox.Mailbox); ok {
		caught.Mount(s.addresses, log) // /mailbox, which answers this machine only
	}
	s.http = &http.Server{Handler: s.addresses.Handler(), ReadHeaderTimeout: c.Server.ReadHeaderTimeout.D(),
		ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	return s, clock, nil
}

// doJobs works on the queue until ctx ends. A queue that cannot be started, as
// when the database is away, is started again: what is in it waits.
func (s *server) doJobs(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.jobs.Run(ctx); err != nil {
			s.log.ErrorContext(ctx, "jobs are not done", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(jobsPause):
		}
	}
}

// jobsPause is how long to wait before the queue is started again.
const jobsPause = 5 * time.Second

// reloadOnSignal takes up a changed configuration on SIGHUP: inboxes, teams,
// bots and flows. What cannot be used is said in the log, and the old one goes
// on. Listener, database and limits need a restart.
func (s *server) reloadOnSignal(ctx context.Context, load func() (*config.Config, error)) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if err := s.reload(ctx, load); err != nil {
				s.log.ErrorContext(ctx, "reload refused, the old configuration goes on", "error", err)
				continue
			}
			s.log.InfoContext(ctx, "configuration reloaded")
		}
	}
}

func (s *server) reload(ctx context.Context, load func() (*config.Config, error)) error {
	c, err := load()
	if err != nil {
		return err
	}
	if len(c.Inboxes) == 0 {
		return errors.New("the configuration has no inbox any more: a file that is empty or gone is not taken up")
	}
	next, err := newBrain(ctx, c, s.log)
	if err != nil {
		return err
	}
	old := s.brain.Swap(next) // before the wiring: new flows may name new agents
	if err := s.router.Wire(ctx, wiring(c)); err != nil {
		s.brain.Store(old)
		return errors.Join(err, next.close())
	}
	// Turns that the old agents are being asked still end within a lease.
	time.AfterFunc(c.Worker.Lease.D(), func() { _ = old.close() })
	return nil
}
