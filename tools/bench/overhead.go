//go:build unix

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"relevo/bot/dialogflow/emulator"
)

const (
	botLatency = 20 * time.Millisecond // of the emulator, while the overhead is measured
	turnsEach  = time.Second / 20      // the pace of the turns
	nearLook   = 250 * time.Microsecond
)

// overheadResult is how long turns took beside the bot's own latency.
type overheadResult struct {
	stored sample // from the customer's request on
	own    sample // from the moment when his word is stored and he is told so
}

// overhead times turns that come at a calm pace, each in a conversation of its
// own, with a bot that always thinks equally long.
func (b *bench) overhead(ctx context.Context, s *subject) (overheadResult, error) {
	places, err := s.begin(ctx, b.turns)
	if err != nil {
		return overheadResult{}, err
	}
	b.bot.Faults().Clear()
	b.bot.Faults().Inject(emulator.Fault{Latency: botLatency})
	defer b.bot.Faults().Clear()

	before := s.cpu()
	start := time.Now()
	pace := time.NewTicker(turnsEach)
	defer pace.Stop()
	var mu sync.Mutex
	var fromRequest, fromStored []time.Duration
	all, ctx := errgroup.WithContext(ctx)
	free := make(chan *client, clients)
	for range clients {
		c, err := dial(ctx, s.address)
		if err != nil {
			return overheadResult{}, err
		}
		defer c.conn.Close()
		free <- c
	}
	for n, p := range places {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return overheadResult{}, all.Wait()
		}
		all.Go(func() error {
			c := <-free
			began := time.Now()
			err := c.write(p, question, int64(n))
			stored := time.Now()
			free <- c
			if err != nil {
				return err
			}
			answered, err := s.awaitAnswer(ctx, p.id, began.Add(botLatency))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			fromRequest = append(fromRequest, answered.Sub(began)-botLatency)
			fromStored = append(fromStored, answered.Sub(stored)-botLatency)
			return nil
		})
	}
	err = all.Wait()
	took := time.Since(start)
	r := overheadResult{newSample(fromRequest, took), newSample(fromStored, took)}
	if err == nil {
		b.say("  overhead of a turn beside a bot of %s: p50 %s, p99 %s; with the customer's own request: p50 %s, p99 %s (%d turns; others used %.0f %%)",
			botLatency, ms(r.own.p50), ms(r.own.p99), ms(r.stored.p50), ms(r.stored.p99), r.own.count,
			share(s.cpu().since(before).others(), took))
	}
	return r, err
}

// awaitAnswer looks from a time on whether the bot's answer is stored, and
// returns when it was seen.
func (s *subject) awaitAnswer(ctx context.Context, id int64, from time.Time) (time.Time, error) {
	timer := time.NewTimer(time.Until(from))
	defer timer.Stop()
	query := s.bind("SELECT COUNT(*) FROM messages WHERE conversation_id = ? AND sender_type = 'bot'")
	for {
		select {
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-timer.C:
		}
		var n int
		if err := s.db.QueryRowContext(ctx, query, id).Scan(&n); err != nil {
			return time.Time{}, err
		}
		now := time.Now()
		if n > 0 {
			return now, nil
		}
		if now.Sub(from) > answerLimit {
			return now, fmt.Errorf("conversation %d got no answer for %s", id, answerLimit)
		}
		timer.Reset(nearLook)
	}
}
