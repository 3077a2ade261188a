//go:build unix

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// question is understood by the demonstration agent.
	question = "what are your opening hours?"

	botConversations = 1000 // far more than are waited for at a time
	waiting          = 64   // customers who wait for the bot at the same time
	look             = 5 * time.Millisecond
	answerLimit      = 10 * time.Second
)

// answered measures words that the bot has answered, per second: customers
// write until so many wait, and as soon as one has his answer the next writes.
// What counts is the answer in the database, not the customer's request.
func (b *bench) answered(ctx context.Context, s *subject) (sample, error) {
	places, err := s.begin(ctx, botConversations)
	if err != nil {
		return sample{}, err
	}
	b.bot.Faults().Clear()
	before, start := s.cpu(), time.Now()
	q := &queue{subject: s, places: places, slots: make(chan struct{}, waiting), since: map[int64]time.Time{}}
	got, err := q.measure(ctx, b.round)
	if err != nil {
		return got, err
	}
	used := s.cpu().since(before)
	b.say("  answered by the bot: %.0f/s with %d customers waiting (p50 %s, p99 %s); CPU per message: relevo %s, database %s, client, emulator %s; others used %.0f %%",
		got.perSecond, waiting, ms(got.p50), ms(got.p99), each(used.relevo, got.count), each(used.database, got.count),
		each(used.client, got.count), share(used.others(), time.Since(start)))
	return got, nil
}

// queue is the customers who wait for the bot.
type queue struct {
	*subject
	places []place
	slots  chan struct{}

	mu    sync.Mutex
	since map[int64]time.Time // conversation → when its customer wrote
	took  []time.Duration
}

func (q *queue) measure(ctx context.Context, d time.Duration) (sample, error) {
	all, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	next := make(chan int)
	all.Go(func() error {
		defer close(next)
		for n := 0; time.Since(start) < d; n++ {
			select {
			case q.slots <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case next <- n:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	writers, writing := errgroup.WithContext(ctx)
	for range clients {
		writers.Go(func() error { return q.write(writing, next) })
	}
	written := make(chan struct{})
	all.Go(func() error { defer close(written); return writers.Wait() })
	all.Go(func() error { return q.watch(ctx, written) })
	err := all.Wait()
	return newSample(q.took, time.Since(start)), err
}

// write sends the messages whose turn it is.
func (q *queue) write(ctx context.Context, next <-chan int) error {
	c, err := dial(ctx, q.address)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	for n := range next {
		p := q.places[n%len(q.places)]
		began := time.Now()
		if err := c.write(p, question, int64(n)); err != nil {
			return err
		}
		q.mu.Lock()
		q.since[p.id] = began
		q.mu.Unlock()
	}
	return nil
}

// watch lets the next customer write for each one who has his answer, until
// all have.
func (q *queue) watch(ctx context.Context, written <-chan struct{}) error {
	again := time.NewTicker(look)
	defer again.Stop()
	ended := false
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-written:
			ended, written = true, nil
		case <-again.C:
		}
		n, left, err := q.collect(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			last = time.Now()
		}
		if left == 0 && ended {
			return nil
		}
		if left > 0 && time.Since(last) > answerLimit {
			return fmt.Errorf("%d customers got no answer for %s", left, answerLimit)
		}
	}
}

// collect notes who has been answered and returns how many, and how many wait.
func (q *queue) collect(ctx context.Context) (answered, left int, err error) {
	q.mu.Lock()
	ids := make([]int64, 0, len(q.since))
	for id := range q.since {
		ids = append(ids, id)
	}
	q.mu.Unlock()
	done, err := q.answeredOf(ctx, ids)
	if err != nil {
		return 0, 0, err
	}
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range done {
		q.took = append(q.took, now.Sub(q.since[id]))
		delete(q.since, id)
		<-q.slots
	}
	return len(done), len(q.since), nil
}

// answeredOf returns which conversations the bot owes nothing. A conversation
// that the bot gave up is an error: that is no answer.
func (s *subject) answeredOf(ctx context.Context, ids []int64) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, "SELECT id, status FROM conversations WHERE customer_seq <= bot_seq AND id IN ("+list(ids)+")")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var done []int64
	for rows.Next() {
		var id int64
		var status string
		if err := rows.Scan(&id, &status); err != nil {
			return nil, err
		}
		if status != "pending" {
			return nil, fmt.Errorf("conversation %d is %s: the bot did not answer", id, status)
		}
		done = append(done, id)
	}
	return done, rows.Err()
}
