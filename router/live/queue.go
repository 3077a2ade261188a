package live

import "sync"

// latecomers is how many conversations a lane remembers that it could not tell
// of in time. What lies beyond is dropped; readers see the gap.
const latecomers = 10_000

// lane is a bounded queue of happenings. Those of one conversation go through
// one lane, in order. Where it is full, it keeps for each conversation only how
// far it is, so that a burst is told in short rather than not at all.
type lane struct {
	queue chan happening
	wake  chan struct{} // there are late ones

	mu      sync.Mutex
	late    map[int64]happening
	dropped int64
}

func newLane(size int) *lane {
	return &lane{queue: make(chan happening, size), wake: make(chan struct{}, 1), late: map[int64]happening{}}
}

// put never waits.
func (l *lane) put(h happening) {
	select {
	case l.queue <- h:
	default:
		l.putLate(h)
	}
}

// putLate keeps h in short.
func (l *lane) putLate(h happening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.late[h.Conversation]
	switch {
	case h.Conversation == 0 || !ok && len(l.late) >= latecomers:
		l.dropped++
		return
	case !ok:
		known = h
	}
	l.late[h.Conversation] = merge(known, h)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// takeLate returns what was put late, and how many were dropped since it was
// last asked.
func (l *lane) takeLate() (late []happening, dropped int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dropped, l.dropped = l.dropped, 0
	if len(l.late) == 0 {
		return nil, dropped
	}
	for _, h := range l.late {
		late = append(late, h)
	}
	clear(l.late)
	return late, dropped
}
