//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"relevo/bot/dialogflow/emulator"
	"relevo/router/routertest/pgserver"
)

// bench is one run.
type bench struct {
	binary, parent, only string
	parts                []string // of allParts
	rounds, turns        int
	round                time.Duration
	out                  io.Writer

	dir     string // for this run's files
	bot     *emulator.Server
	botAt   string // its address
	results []result
}

// run measures both databases, in turn, and prints the table.
func (b *bench) run(ctx context.Context) (err error) {
	if b.wants(weightPart) {
		if err := b.weigh(ctx); err != nil {
			return err
		}
	}
	if len(b.parts) == 1 && b.wants(weightPart) {
		return nil
	}
	if b.dir, err = os.MkdirTemp(b.parent, "relevo-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := os.Chmod(b.dir, 0o711); err != nil { // PostgreSQL's account passes through
		return err
	}
	if b.binary, err = b.program(ctx); err != nil {
		return err
	}
	stop, err := b.emulate()
	if err != nil {
		return err
	}
	defer stop()

	b.say("%s", machine(b.dir))
	if b.only != "sqlite" {
		err := b.onPostgres(ctx)
		if errors.Is(err, pgserver.ErrMissing) && os.Getenv(requireVariable) != "1" {
			b.say("NOT MEASURED ON POSTGRESQL: %v", err)
		} else if err != nil {
			return err
		}
	}
	if b.only != "postgres" {
		if err := b.onSQLite(ctx); err != nil {
			return err
		}
	}
	printTable(b.out, b.parts, b.results)
	return nil
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }

// program returns the program to measure.
func (b *bench) program(ctx context.Context) (string, error) {
	if b.binary != "" {
		return filepath.Abs(b.binary)
	}
	b.say("Building relevo.")
	to := filepath.Join(b.dir, "relevo")
	return to, build(ctx, to)
}

// emulate serves the demonstration agent to the measured servers.
func (b *bench) emulate() (stop func(), err error) {
	agent, err := emulator.Demo()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b.bot = emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"": agent}})
	b.botAt = listener.Addr().String()
	go func() { _ = b.bot.Serve(listener) }() // ends with Stop
	return b.bot.Stop, nil
}

// allParts are what can be measured.
var allParts = []string{weightPart, "inbound", "replies", "bot", "sockets", "lists"}

// weightPart is measured without a database.
const weightPart = "weight"

func (b *bench) wants(part string) bool { return slices.Contains(b.parts, part) }

// database is one of the two that are measured.
type database struct {
	name  string
	ruler func(context.Context, time.Duration) (sample, error) // raw transactions
	start func(ctx context.Context, name string) (*subject, error)
}

func (b *bench) onPostgres(ctx context.Context) (err error) {
	server, err := startPostgres(ctx, b.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	b.say("\nPostgreSQL %s", server.version(ctx))
	ruler, err := newRulerPostgres(ctx, server, b.dir)
	if err != nil {
		return err
	}
	return b.measure(ctx, database{"PostgreSQL", ruler.measure, func(ctx context.Context, name string) (*subject, error) {
		_, dsn, err := server.create(ctx, name)
		if err != nil {
			return nil, err
		}
		return startSubject(ctx, b, settings{Driver: "postgres", DSN: dsn}, server.pid())
	}})
}

func (b *bench) onSQLite(ctx context.Context) (err error) {
	b.say("\nSQLite")
	ruler, err := newRulerSQLite(ctx, filepath.Join(b.dir, "ruler.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ruler.close()) }()
	return b.measure(ctx, database{"SQLite", ruler.measure, func(ctx context.Context, name string) (*subject, error) {
		return startSubject(ctx, b, settings{Driver: "sqlite", Path: filepath.Join(b.dir, name+".db")}, 0)
	}})
}

// measure takes all measurements of one database: those of messages on one
// server, sockets and lists on servers that have done nothing else.
func (b *bench) measure(ctx context.Context, d database) (err error) {
	r := result{database: d.name}
	onServer := func(name string, parts []string, do func(*subject) error) {
		if err != nil || !slices.ContainsFunc(parts, b.wants) {
			return
		}
		var s *subject
		if s, err = d.start(ctx, name); err == nil {
			err = do(s)
			s.close()
		}
	}
	onServer("relevo", []string{"inbound", "replies", "bot"}, func(s *subject) error { return b.messages(ctx, s, d, &r) })
	onServer("sockets", []string{"sockets"}, func(s *subject) (err error) { r.sockets, err = b.sockets(ctx, s); return err })
	onServer("lists", []string{"lists"}, func(s *subject) (err error) { r.lists, err = b.lists(ctx, s); return err })
	b.results = append(b.results, r)
	return err
}

// messages measures what people and the bot write.
func (b *bench) messages(ctx context.Context, s *subject, d database, r *result) (err error) {
	if b.wants("inbound") {
		if r.inbound, err = b.inbound(ctx, s, d.ruler); err != nil {
			return fmt.Errorf("inbound messages: %w", err)
		}
	}
	if b.wants("replies") {
		if r.replies, err = b.replies(ctx, s); err != nil {
			return fmt.Errorf("answers of agents: %w", err)
		}
	}
	if !b.wants("bot") {
		return nil
	}
	if r.answered, err = b.answered(ctx, s); err != nil {
		return fmt.Errorf("answered messages: %w", err)
	}
	if r.overhead, err = b.overhead(ctx, s); err != nil {
		return fmt.Errorf("overhead of the bot: %w", err)
	}
	return nil
}
