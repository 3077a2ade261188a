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
	"time"

	"relevo/bot/dialogflow/emulator"
	"relevo/router/routertest/pgserver"
)

// bench is one run.
type bench struct {
	binary, parent, only string
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
	printTable(b.out, b.results)
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
	_, dsn, err := server.create(ctx, "relevo")
	if err != nil {
		return err
	}
	s, err := startSubject(ctx, b, settings{Driver: "postgres", DSN: dsn}, server.pid())
	if err != nil {
		return err
	}
	defer s.close()
	return b.measure(ctx, s, ruler.measure)
}

func (b *bench) onSQLite(ctx context.Context) (err error) {
	b.say("\nSQLite")
	ruler, err := newRulerSQLite(ctx, filepath.Join(b.dir, "ruler.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ruler.close()) }()
	s, err := startSubject(ctx, b, settings{Driver: "sqlite", Path: filepath.Join(b.dir, "relevo.db")}, 0)
	if err != nil {
		return err
	}
	defer s.close()
	return b.measure(ctx, s, ruler.measure)
}

// measure takes all measurements of one database.
func (b *bench) measure(ctx context.Context, s *subject, ruler func(context.Context, time.Duration) (sample, error)) error {
	r := result{database: s.name}
	var err error
	if r.inbound, err = b.inbound(ctx, s, ruler); err != nil {
		return fmt.Errorf("inbound messages: %w", err)
	}
	if r.answered, err = b.answered(ctx, s); err != nil {
		return fmt.Errorf("answered messages: %w", err)
	}
	if r.overhead, err = b.overhead(ctx, s); err != nil {
		return fmt.Errorf("overhead of the bot: %w", err)
	}
	b.results = append(b.results, r)
	return nil
}
