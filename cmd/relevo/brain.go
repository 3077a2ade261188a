package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"relevo/bot"
	"relevo/bot/dialogflow"
	"relevo/config"
	"relevo/router"
)

// brain is the bot engine with the agents that it may ask, as one
// configuration describes them.
type brain struct {
	*bot.Engine
	closers []func() error
}

// newBrain connects the agents of a configuration. Emulated ones are served in
// this process.
func newBrain(ctx context.Context, c *config.Config, log *slog.Logger) (*brain, error) {
	b := &brain{}
	detectors, languages := map[string]bot.Detector{}, map[string]string{}
	for i := range c.Bots {
		d, err := b.detector(ctx, &c.Bots[i], log)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bot %q: %w", c.Bots[i].Name, err), b.close())
		}
		detectors[c.Bots[i].Name], languages[c.Bots[i].Name] = d, c.Bots[i].Language
	}
	b.Engine = bot.New(bot.Options{Detectors: detectors, Languages: languages, Logger: log})
	return b, nil
}

func (b *brain) detector(ctx context.Context, c *config.Bot, log *slog.Logger) (bot.Detector, error) {
	o := dialogflow.Options{Project: c.Project, Location: c.Location, Environment: c.Environment, Language: c.Language,
		CredentialsJSON: []byte(c.Credentials.Reveal()), Endpoint: c.Endpoint, Timeout: c.Timeout.D(),
		// The provider counts by the minute, so a minute's worth may come at once.
		RatePerMinute: c.RatePerMinute, Burst: c.RatePerMinute, Logger: log.With("bot", c.Name)}
	if c.Emulator != "" {
		address, stop, err := emulateLocally(ctx, c.Emulator)
		if err != nil {
			return nil, err
		}
		b.closers = append(b.closers, func() error { stop(); return nil })
		o.Endpoint = address
		if o.Project == "" {
			o.Project = "emulator"
		}
	}
	es, err := dialogflow.NewES(ctx, o)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, es.Close)
	b.warm(es, c.Name, log)
	return es, nil
}

// warm opens the connection in the background, so that the first customer does
// not wait for it. An agent that is away now may come back: until then its
// questions fail, and the conversations go to people.
func (b *brain) warm(es *dialogflow.ES, name string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), warmUp)
	var warming sync.WaitGroup
	warming.Go(func() {
		defer cancel()
		if err := es.Warm(ctx); err != nil && !errors.Is(err, context.Canceled) {
			log.Warn("bot cannot be reached yet", "bot", name, "error", err)
		}
	})
	b.closers = append(b.closers, func() error { cancel(); warming.Wait(); return nil })
}

// warmUp is how long a bot is waited for before the log says that it is away.
const warmUp = 5 * time.Second

// close gives the connections back, the last one first.
func (b *brain) close() error {
	var errs []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		errs = append(errs, b.closers[i]())
	}
	return errors.Join(errs...)
}

// currentBrain is the bot of a running server, exchanged by a reload.
type currentBrain struct{ atomic.Pointer[brain] }

// Take asks the brain of the moment.
func (c *currentBrain) Take(ctx context.Context, t router.Turn) (router.Outcome, error) {
	return c.Load().Take(ctx, t)
}
