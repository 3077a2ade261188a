//go:build unix

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	dialogflow "cloud.google.com/go/dialogflow/apiv2"
	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"relevo/bot/dialogflow/emulator"
)

const (
	botLatency = 20 * time.Millisecond // of the emulator, while the overhead is measured
	turnsEach  = time.Second / 20      // the pace of the turns
	nearLook   = 300 * time.Microsecond
	bareAsks   = 50
)

// overheadResult is how long turns took beside the bot's own latency.
type overheadResult struct {
	stored sample // from the customer's request on
	own    sample // from the moment when his word is stored and he is told so
}

// bareLatency is how long the bot takes to answer the official client without
// Relevo: its fixed latency, its matching, timers and the wire.
func (b *bench) bareLatency(ctx context.Context) (time.Duration, error) {
	client, err := dialogflow.NewSessionsClient(ctx, option.WithEndpoint(b.botAt), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	var took []time.Duration
	for n := range bareAsks {
		began := time.Now()
		_, err := client.DetectIntent(ctx, &dialogflowpb.DetectIntentRequest{
			Session: fmt.Sprintf("projects/bench/agent/sessions/bare-%d", n),
			QueryInput: &dialogflowpb.QueryInput{Input: &dialogflowpb.QueryInput_Text{
				Text: &dialogflowpb.TextInput{Text: question, LanguageCode: "en"}}}})
		if err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return percentile(took, 0.5), nil
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
	bare, err := b.bareLatency(ctx)
	if err != nil {
		return overheadResult{}, err
	}

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
			fromRequest = append(fromRequest, answered.Sub(began)-bare)
			fromStored = append(fromStored, answered.Sub(stored)-bare)
			return nil
		})
	}
	err = all.Wait()
	took := time.Since(start)
	r := overheadResult{newSample(fromRequest, took), newSample(fromStored, took)}
	if err == nil {
		b.say("  overhead of a turn, beside a bot that answers the bare client in %s: p50 %s, p99 %s; with the customer's own request: p50 %s, p99 %s (%d turns; others used %.0f %%)",
			ms(bare), ms(r.own.p50), ms(r.own.p99), ms(r.stored.p50), ms(r.stored.p99), r.own.count,
			share(s.cpu().since(before).others(), took))
	}
	return r, err
}

// awaitAnswer looks from a time on whether the bot's answer is stored, and
// returns when it was seen.
func (s *subject) awaitAnswer(ctx context.Context, id int64, from time.Time) (time.Time, error) {
	select {
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-time.After(time.Until(from)):
	}
	query := s.bind("SELECT COUNT(*) FROM messages WHERE conversation_id = ? AND sender_type = 'bot'")
	for {
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
		pause(nearLook)
	}
}
