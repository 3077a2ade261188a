package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// Drain does every job that could be done now, and returns. A job that fails
// and is to be tried later, and one whose time has not come, are left. Run does
// the same without an end.
func (q *Queue) Drain(ctx context.Context) error {
	e, err := q.start(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	done, unsubscribe := e.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed, river.EventKindJobCancelled, river.EventKindJobSnoozed)
	defer unsubscribe()
	look := time.NewTicker(100 * time.Millisecond) // for what another process does
	defer look.Stop()
	for {
		var left int
		err := q.db.Read().WithContext(ctx).
			Raw("SELECT count(*) FROM river_job WHERE state IN ('available', 'running')").Scan(&left).Error
		if err != nil || left == 0 {
			if stopped := e.stop(); err == nil {
				err = stopped
			}
			return err
		}
		select {
		case <-done:
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("%d jobs are left: %w", left, ctx.Err())
		}
	}
}
