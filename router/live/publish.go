package live

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/centrifugal/centrifuge"

	"relevo/router"
)

const (
	lanes = 8 // pushes at once: with Redis each waits for an answer

	// keptEvents of a channel are kept for keptFor, for those who come back.
	// Who was away longer is told so, and fetches.
	keptEvents = 300
	keptFor    = 2 * time.Minute

	// retryLate is how long a lane waits when the broker refuses.
	retryLate = time.Second
)

// Tell passes on what happened. It never waits: it is the router's
// Options.Live.
func (l *Live) Tell(h router.Happened) {
	key := h.Conversation
	if key == 0 {
		key = h.Contact
	}
	l.lanes[uint64(key)%lanes].put(happeningOf(h))
}

// run publishes what a lane holds until stop, and then what is left. While the
// broker refuses, everything is kept in short and tried again every second.
func (l *Live) run(ctx context.Context, ln *lane, stop <-chan struct{}) {
	wake := ln.wake // nil while the broker refuses
	again := time.NewTimer(retryLate)
	defer again.Stop()
	for {
		well := true
		select {
		case h := <-ln.queue:
			if wake == nil {
				ln.putLate(h)
				continue
			}
			if well = l.publish(ctx, ln, h); well && len(ln.queue) > 0 {
				continue
			}
		case <-wake:
		case <-again.C:
			wake = ln.wake
		case <-stop:
			l.finish(ctx, ln)
			return
		}
		if !well || !l.publishLate(ctx, ln) {
			wake = nil
			again.Reset(retryLate)
		}
	}
}

// finish publishes what is left, as long as the broker takes it.
func (l *Live) finish(ctx context.Context, ln *lane) {
	for len(ln.queue) > 0 && ctx.Err() == nil {
		if !l.publish(ctx, ln, <-ln.queue) {
			return
		}
	}
	l.publishLate(ctx, ln)
}

// publishLate publishes in short what could not be told in time. It reports
// whether all of it could be told now.
func (l *Live) publishLate(ctx context.Context, ln *lane) bool {
	late, dropped := ln.takeLate()
	if dropped > 0 {
		l.log.WarnContext(ctx, "live events dropped, readers find the gap", "events", dropped)
	}
	for i, h := range late {
		if !l.publish(ctx, ln, h) {
			for _, untried := range late[i+1:] {
				ln.putLate(untried)
			}
			return false
		}
	}
	return true
}

// publish tells everybody of h. What the broker refuses is kept in short, to be
// told later.
func (l *Live) publish(ctx context.Context, ln *lane, h happening) bool {
	for _, p := range h.pushes() {
		if err := l.send(p); err != nil {
			l.complain(ctx, err)
			ln.putLate(h)
			return false
		}
	}
	for _, agent := range h.Members {
		l.reconsider(ctx, agent)
	}
	for _, agent := range h.Present {
		l.tellPresence(ctx, agent)
	}
	return true
}

func (l *Live) send(p push) error {
	data, err := json.Marshal(p.event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	var options []centrifuge.PublishOption
	if !p.passing {
		options = append(options, centrifuge.WithHistory(keptEvents, keptFor))
	}
	if _, err = l.node.Publish(p.channel, data, options...); err != nil {
		return fmt.Errorf("publish event: %w", err)
	}
	return nil
}

// complain logs a broker's refusal, at most once a minute: while it is away,
// every event is one.
func (l *Live) complain(ctx context.Context, err error) {
	now := time.Now().Unix()
	last := l.complained.Load()
	if now-last >= 60 && l.complained.CompareAndSwap(last, now) {
		l.log.WarnContext(ctx, "live events cannot be published, they are told in short later", "error", err)
	}
}

// tellPresence tells the desk how others see an agent now.
func (l *Live) tellPresence(ctx context.Context, id int64) {
	a, _, err := l.opts.Agent(ctx, id)
	if err != nil {
		l.log.WarnContext(ctx, "presence of an agent cannot be told", "agent", id, "error", err)
		return
	}
	l.sendPresence(ctx, id, a.Presence(l.opts.Now()))
}

func (l *Live) sendPresence(ctx context.Context, id int64, availability string) {
	e := Event{"presence.update", Data{Account: accountID, Users: map[string]string{strconv.FormatInt(id, 10): availability}}}
	if err := l.send(push{toDesk, e, true}); err != nil {
		l.complain(ctx, err)
	}
}
