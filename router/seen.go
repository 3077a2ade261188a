package router

import (
	"context"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// seenEvery is how far a customer's last activity may lag behind their last
	// word, so that a lively talk writes their row once a minute.
	seenEvery = time.Minute
	// storeSeenEvery is how long it stays in memory.
	storeSeenEvery = time.Second
	// maxSeen is how many customers one statement marks.
	maxSeen = 1000
)

// seen is whose customers' last activity is to be stored. It orders a list and
// decides nothing, so it is not written with each word but for many at once,
// outside the change: a word holds its conversation, and the lock order has
// the contact before it. A process that is killed forgets a second of it.
type seen struct {
	mu        sync.Mutex
	customers map[int64]struct{}
	last      time.Time
}

func (s *seen) add(contactID int64, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customers == nil {
		s.customers = map[int64]struct{}{}
	}
	s.customers[contactID] = struct{}{}
	if at.After(s.last) {
		s.last = at
	}
}

// take returns who was added since it was last called, and when the last was.
func (s *seen) take() ([]int64, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]int64, 0, len(s.customers))
	for id := range s.customers {
		ids = append(ids, id)
	}
	s.customers = nil
	slices.Sort(ids)
	return ids, s.last
}

// seeCustomer notes, for after the commit, that a customer wrote, unless that
// was noted lately.
func (ch *change) seeCustomer(who listener) {
	if who.contact != nil && who.contact.LastActivityAt != nil && ch.now.Sub(*who.contact.LastActivityAt) < seenEvery {
		return
	}
	ch.seen = who.ContactID
}

// keepSeen stores customers' last activity from time to time, until ctx ends,
// and what is left then.
func (r *Router) keepSeen(ctx context.Context) {
	tick := time.NewTicker(storeSeenEvery)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		if err := r.storeSeen(context.WithoutCancel(ctx)); err != nil {
			r.log.ErrorContext(ctx, "last activity of customers not stored", "error", err)
		}
	}
}

// storeSeen stores the last activity of those who wrote since. It waits for
// nobody: who holds a contact's row is merging, blocking or renaming it, and
// the customer's next word comes again.
func (r *Router) storeSeen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	ids, at := r.writers.take()
	for some := range slices.Chunk(ids, maxSeen) {
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE contacts SET last_activity_at = ? WHERE id IN
				(SELECT id FROM contacts WHERE id IN ? AND (last_activity_at IS NULL OR last_activity_at < ?)`+r.db.ForUpdate(true)+`)`,
				at, some, at).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}
