package router

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// receiversAtOnce is how many receivers may have as many deliveries in hand
	// as they may before those of other receivers wait.
	receiversAtOnce = 4
	// receiverWait is how long a delivery waits in a worker's hands for its
	// receiver: most receivers are quicker.
	receiverWait = 100 * time.Millisecond
	// A delivery that cannot wait so looks again after half its age, so that it
	// is late by half as long again as its receiver kept it waiting.
	minPostponed = 250 * time.Millisecond
	maxPostponed = 15 * time.Minute
)

// receivers limits the deliveries that this process has in hand for each
// webhook: one that hangs costs none of the others anything.
type receivers struct {
	most int64 // for one that takes what it is told; one that did not take the last has one in hand
	mu   sync.Mutex
	of   map[int64]*receiver // by the webhook's id
}

type receiver struct {
	inHand *semaphore.Weighted
	fails  bool // under receivers.mu
}

func newReceivers(most int) *receivers {
	return &receivers{most: int64(most), of: map[int64]*receiver{}}
}

// take has one more delivery in hand for a webhook, if there may be one. done
// says that it is over, and whether it was taken.
func (all *receivers) take(ctx context.Context, webhook int64) (done func(taken bool), free bool) {
	all.mu.Lock()
	one := all.of[webhook]
	if one == nil {
		one = &receiver{inHand: semaphore.NewWeighted(all.most)}
		all.of[webhook] = one
	}
	weight := int64(1)
	if one.fails {
		weight = all.most
	}
	all.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, receiverWait)
	defer cancel()
	free = one.inHand.Acquire(ctx, weight) == nil
	return func(taken bool) {
		all.mu.Lock()
		one.fails = !taken
		all.mu.Unlock()
		one.inHand.Release(weight)
	}, free
}

// untilFree is how long a delivery of that age waits for its receiver.
func untilFree(age time.Duration) time.Duration {
	wait := min(max(age/2, minPostponed), maxPostponed)
	return wait + rand.N(wait/5)
}
