//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	sockets      = 1000
	events       = 200
	betweenThem  = 20 * time.Millisecond
	eventLimit   = 10 * time.Second
	firstSockets = 50 // what they need is not theirs alone
)

// socketResult is what open sockets cost.
type socketResult struct {
	each       float64 // KB of memory that the server has more for one idle socket
	lastHeard  sample  // from the customer's request until the last socket has heard of his message
	afterReply sample  // the same, from the answer to his request on
}

// sockets opens a thousand sockets of an administrator, then customers write,
// one after the other, and all the sockets are told.
func (b *bench) sockets(ctx context.Context, s *subject) (r socketResult, err error) {
	token, err := s.administrator(ctx)
	if err != nil {
		return r, err
	}
	customer, err := dial(ctx, s.address)
	if err != nil {
		return r, err
	}
	defer customer.conn.Close()
	customer.token = token
	var pass struct{ Token string }
	if err := customer.post("/api/v1/accounts/1/realtime_token", []byte("{}"), &pass); err != nil {
		return r, err
	}
	room := &audience{}
	defer room.close()
	if err := room.open(ctx, s.address, pass.Token, firstSockets); err != nil {
		return r, err
	}
	before := memory(s.pid())
	if err := room.open(ctx, s.address, pass.Token, sockets-firstSockets); err != nil {
		return r, err
	}
	r.each = float64(memory(s.pid())-before) / 1024 / (sockets - firstSockets)

	listening, stop := context.WithCancel(ctx)
	defer stop()
	heard := room.listen(listening)
	var fromRequest, fromAnswer []time.Duration
	for n := range events {
		room.expect()
		began := time.Now()
		if err := customer.write(s.places[n%len(s.places)], words, int64(n)); err != nil {
			return r, err
		}
		answered := time.Now()
		select {
		case at := <-heard:
			fromRequest, fromAnswer = append(fromRequest, at.Sub(began)), append(fromAnswer, max(0, at.Sub(answered)))
		case <-time.After(eventLimit):
			return r, fmt.Errorf("an event did not reach %d sockets within %s", sockets, eventLimit)
		case <-ctx.Done():
			return r, ctx.Err()
		}
		pause(betweenThem)
	}
	r.lastHeard, r.afterReply = newSample(fromRequest, time.Second), newSample(fromAnswer, time.Second)
	b.say("  %d sockets: %.1f KB each; a message reaches the last of them %s after its request began (p99 %s), %s after its answer (p99 %s)", sockets, r.each,
		ms(r.lastHeard.p50), ms(r.lastHeard.p99), ms(r.afterReply.p50), ms(r.afterReply.p99))
	return r, nil
}

// audience is many sockets that hear the same.
type audience struct {
	all []*socket

	mu    sync.Mutex
	left  int // who has not heard yet
	heard chan time.Time
}

func (a *audience) open(ctx context.Context, address, token string, n int) error {
	opened := make([]*socket, n)
	var all errgroup.Group
	all.SetLimit(clients)
	for i := range opened {
		all.Go(func() (err error) { opened[i], err = openSocket(ctx, address, token); return err })
	}
	err := all.Wait()
	for _, s := range opened {
		if s != nil {
			a.all = append(a.all, s)
		}
	}
	return err
}

// expect is called before each message.
func (a *audience) expect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = len(a.all)
}

// listen reads all sockets and tells each time when the last has heard of a
// message.
func (a *audience) listen(ctx context.Context) <-chan time.Time {
	a.heard = make(chan time.Time, 1)
	for _, s := range a.all {
		go func() {
			for {
				text, err := s.receive()
				if err != nil || ctx.Err() != nil {
					return
				}
				for range strings.Count(text, `"message.created"`) {
					a.got()
				}
			}
		}()
	}
	return a.heard
}

func (a *audience) got() {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left--; a.left == 0 {
		a.heard <- now
	}
}

func (a *audience) close() {
	for _, s := range a.all {
		_ = s.conn.Close()
	}
}

// memory is what a process has in memory, in bytes; 0 where there is no /proc.
func memory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	_, _ = fmt.Sscan(string(text), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// connectCommand is what a client of centrifuge says first.
func connectCommand(token string) string {
	text, _ := json.Marshal(map[string]any{"id": 1, "connect": map[string]string{"token": token}}) // texts and numbers only
	return string(text)
}
