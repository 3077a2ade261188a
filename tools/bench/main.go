//go:build unix

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Servers that we start must not outlive us, and on Linux a child's parent is
// the thread that started it: so main keeps its thread, and starts them.
func init() { runtime.LockOSThread() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	b := bench{out: os.Stdout}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&b.binary, "relevo", "", "the relevo program; built when not given")
	flags.StringVar(&b.parent, "dir", "/var/tmp", "where to put databases: a real disk, or fsync means nothing")
	flags.IntVar(&b.rounds, "rounds", 3, "how often ruler and Relevo take turns")
	flags.DurationVar(&b.round, "round", 5*time.Second, "how long a round of either is")
	flags.IntVar(&b.turns, "turns", 400, "how many turns of the bot to time, 20 a second")
	parts := flags.String("parts", strings.Join(allParts, ","), "what to measure, of these")
	flags.StringVar(&b.only, "only", "", "postgres or sqlite; both when not given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.rounds < 1 || b.round < 100*time.Millisecond || b.turns < 1 {
		return errors.New("-rounds and -turns must be at least 1, -round at least 100ms")
	}
	b.parts = strings.Split(*parts, ",")
	for _, part := range b.parts {
		if !slices.Contains(allParts, part) {
			return fmt.Errorf("-parts: %q is none of %s", part, strings.Join(allParts, ", "))
		}
	}
	return b.run(ctx)
}
