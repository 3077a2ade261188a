package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/routertest"
	"relevo/router/store"
)

type letter struct {
	To string `json:"to"`
}

func (letter) Kind() string { return "letter" }

// postman does letters, and keeps what it was handed.
type postman struct {
	mu   sync.Mutex
	did  []string
	tell func(ctx jobs.Context, l letter) error
}

func (p *postman) do(ctx jobs.Context, l letter) error {
	p.mu.Lock()
	p.did = append(p.did, l.To)
	p.mu.Unlock()
	if p.tell != nil {
		return p.tell(ctx, l)
	}
	return nil
}

func newQueue(t *testing.T, db *store.DB, policy jobs.Policy, p *postman) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(jobs.Options{DB: db})
	require.NoError(t, err)
	jobs.Handle(q, policy, p.do)
	return q
}

func TestAJobIsDoneOnceIfItsTransactionCommitsAndNeverOtherwise(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		p := &postman{}
		q := newQueue(t, db, jobs.Policy{}, p)
		changedMind := errors.New("changed my mind")
		for i := range 20 {
			err := db.Tx(t.Context(), func(tx *gorm.DB) error {
				name := string(rune('a' + i))
				if err := tx.Exec("INSERT INTO teams (name, created_at) VALUES (?, ?)", name, time.Now().UTC()).Error; err != nil {
					return err
				}
				if err := q.Insert(tx, jobs.Entry{Job: letter{To: name}}); err != nil {
					return err
				}
				// Statements go on after it in the same transaction.
				if err := tx.Exec("UPDATE teams SET description = 'x' WHERE name = ?", name).Error; err != nil {
					return err
				}
				if i%2 == 1 {
					return changedMind
				}
				return nil
			})
			if i%2 == 1 {
				require.ErrorIs(t, err, changedMind)
			} else {
				require.NoError(t, err)
			}
		}
		require.NoError(t, q.Drain(t.Context()))
		require.NoError(t, q.Drain(t.Context()), "again: nothing is left")
		var teams []string
		require.NoError(t, db.Read().Raw("SELECT name FROM teams ORDER BY name").Scan(&teams).Error)
		require.Len(t, teams, 10)
		require.ElementsMatch(t, teams, p.did)
	})
}

func TestAJobCannotBeStoredOutsideATransaction(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		q := newQueue(t, db, jobs.Policy{}, &postman{})
		require.ErrorIs(t, q.Insert(db.Read().WithContext(t.Context()), jobs.Entry{Job: letter{}}), store.ErrNoTx)
		var escaped *gorm.DB
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { escaped = tx; return nil }))
		require.Error(t, q.Insert(escaped, jobs.Entry{Job: letter{}}), "a transaction that has ended")
		var n int
		require.NoError(t, db.Read().Raw("SELECT count(*) FROM river_job").Scan(&n).Error)
		require.Zero(t, n)
	})
}

type parcel struct{}

func (parcel) Kind() string { return "parcel" }

func TestAJobThatNobodyDoesIsRefused(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		q := newQueue(t, db, jobs.Policy{}, &postman{})
		err := db.Tx(t.Context(), func(tx *gorm.DB) error { return q.Insert(tx, jobs.Entry{Job: parcel{}}) })
		require.ErrorContains(t, err, "nothing does jobs of kind parcel")
	})
}

func TestWhatFailedForGoodIsListedAndCanBeSentAgain(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		p := &postman{tell: func(_ jobs.Context, l letter) error {
			if l.To == "nobody" {
				return jobs.Hopeless(errors.New("no such address"))
			}
			return errors.New("the post office is closed")
		}}
		q := newQueue(t, db, jobs.Policy{Tries: 1}, p)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return q.Insert(tx, jobs.Entry{Job: letter{To: "nobody"}}, jobs.Entry{Job: letter{To: "ana"}})
		}))
		require.NoError(t, q.Drain(t.Context()))

		failed, err := q.Failed(t.Context(), 0)
		require.NoError(t, err)
		require.Len(t, failed, 2)
		require.JSONEq(t, `{"to":"ana"}`, string(failed[0].Args))
		require.Equal(t, "the post office is closed", failed[0].Error)
		require.Equal(t, "no such address", failed[1].Error)
		require.Equal(t, 1, failed[1].Tries)
		require.False(t, failed[0].FailedAt.IsZero())
		older, err := q.Failed(t.Context(), failed[0].ID)
		require.NoError(t, err)
		require.Equal(t, failed[1:], older)

		p.tell = nil // the post office opens
		require.NoError(t, q.Retry(t.Context(), failed[0].ID))
		require.ErrorIs(t, q.Retry(t.Context(), failed[0].ID), fault.NotFound, "it is in the queue again")
		require.ErrorIs(t, q.Retry(t.Context(), 4711), fault.NotFound)
		require.NoError(t, q.Drain(t.Context()))
		failed, err = q.Failed(t.Context(), 0)
		require.NoError(t, err)
		require.Len(t, failed, 1)
		require.Equal(t, "ana", p.did[len(p.did)-1])
	})
}

func TestAJobThatFailedIsTriedAgainLater(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		var tries []int
		p := &postman{tell: func(ctx jobs.Context, _ letter) error {
			tries = append(tries, ctx.Try)
			if ctx.Last {
				return nil
			}
			return errors.New("not yet")
		}}
		q := newQueue(t, db, jobs.Policy{Tries: 2}, p)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return q.Insert(tx, jobs.Entry{Job: letter{}}) }))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []int{1}, tries)
		failed, err := q.Failed(t.Context(), 0)
		require.NoError(t, err)
		require.Empty(t, failed, "it is not lost, and not given up")

		var id int64
		require.NoError(t, db.Read().Raw("SELECT id FROM river_job").Scan(&id).Error)
		require.NoError(t, q.Retry(t.Context(), id), "sooner than it would by itself")
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []int{1, 2}, tries)
	})
}

func TestAJobWhoseTimeHasNotComeWaits(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		p := &postman{}
		clock := routertest.NewClock(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		q, err := jobs.New(jobs.Options{DB: db, Now: clock.Now})
		require.NoError(t, err)
		jobs.Handle(q, jobs.Policy{}, p.do)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return q.Insert(tx, jobs.Entry{Job: letter{To: "late"}, At: clock.Now().Add(time.Hour)},
				jobs.Entry{Job: letter{To: "now"}, At: clock.Now().Add(-time.Hour)})
		}))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []string{"now"}, p.did)
	})
}

func TestRunEndsWithItsContextAndLeavesNothingBehind(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		began := make(chan struct{})
		finished := false
		p := &postman{tell: func(jobs.Context, letter) error { close(began); finished = true; return nil }}
		q := newQueue(t, db, jobs.Policy{}, p)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return q.Insert(tx, jobs.Entry{Job: letter{}}) }))
		<-began
		cancel()
		require.NoError(t, <-ended)
		require.True(t, finished)
	})
}

// What one kind waits for is no matter of another queue's.
func TestWhatHangsInOneQueueKeepsNoOtherWaiting(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		hangs, began, delivered := make(chan struct{}), make(chan struct{}, 2), make(chan struct{})
		q, err := jobs.New(jobs.Options{DB: db, Workers: 2})
		require.NoError(t, err)
		jobs.Handle(q, jobs.Policy{Queue: "letters"}, func(jobs.Context, letter) error { began <- struct{}{}; <-hangs; return nil })
		jobs.Handle(q, jobs.Policy{Queue: "parcels"}, func(jobs.Context, parcel) error { close(delivered); return nil })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return q.Insert(tx, jobs.Entry{Job: letter{}}, jobs.Entry{Job: letter{}}, jobs.Entry{Job: letter{}})
		}))
		<-began
		<-began
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return q.Insert(tx, jobs.Entry{Job: parcel{}}) }))
		<-delivered
		close(hangs)
		stop()
		require.NoError(t, <-ended)
	})
}

func TestAJobThatIsPostponedUsesUpNoTry(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		var tries []int
		p := &postman{tell: func(ctx jobs.Context, _ letter) error {
			if tries = append(tries, ctx.Try); len(tries) < 4 {
				return jobs.Postpone(time.Millisecond)
			}
			return nil
		}}
		q := newQueue(t, db, jobs.Policy{Tries: 1}, p)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return q.Insert(tx, jobs.Entry{Job: letter{}}) }))
		require.NoError(t, q.Drain(t.Context()))
		require.Equal(t, []int{1, 1, 1, 1}, tries)
		failed, err := q.Failed(t.Context(), 0)
		require.NoError(t, err)
		require.Empty(t, failed)
	})
}
