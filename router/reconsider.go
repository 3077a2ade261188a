package router

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/jobs"
)

// reconsiderBatch is how many conversations one job looks at.
const reconsiderBatch = 200

// reconsiderJob gives the conversations of an inbox the deadlines that its
// settings now mean.
type reconsiderJob struct {
	Inbox int64 `json:"inbox"`
	After int64 `json:"after"` // conversations up to this one are done
}

// Kind implements jobs.Job.
func (reconsiderJob) Kind() string { return "reconsider_deadlines" }

// reconsider makes conversations of an inbox follow its settings, where those
// that deadlines are reckoned from are other ones than before. It waits until
// every process knows the new settings: a change that a process makes with the
// old ones meanwhile is set right too.
func (r *Router) reconsider(tx *gorm.DB, inboxID int64, was, is AutoResolve) error {
	same := was.OpenAfter == is.OpenAfter && was.PendingAfter == is.PendingAfter && was.Waiting == is.Waiting
	if same || r.opts.Jobs == nil {
		return nil
	}
	return r.opts.Jobs.Insert(tx, jobs.Entry{Job: reconsiderJob{Inbox: inboxID}, At: r.now().Add(inboxesFresh + time.Second)})
}

// reconsiderSome looks at the next conversations, each in a change of its own
// that reckons its deadlines as every change does, and leaves the rest to
// another job.
func (r *Router) reconsiderSome(ctx context.Context, j reconsiderJob) error {
	if err := r.refreshInboxes(ctx); err != nil {
		return err
	}
	var ids []int64
	err := r.db.Read().WithContext(ctx).Raw("SELECT id FROM conversations WHERE inbox_id = ? AND id > ? AND status IN (?, ?) ORDER BY id LIMIT ?",
		j.Inbox, j.After, string(fsm.Open), string(fsm.Pending), reconsiderBatch).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("conversations of inbox %d: %w", j.Inbox, err)
	}
	for _, id := range ids {
		if _, err := r.change(ctx, byIDIfThere(id), func(*change) error { return nil }); err != nil {
			return err
		}
	}
	if len(ids) < reconsiderBatch {
		return nil
	}
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		return r.opts.Jobs.Insert(tx, jobs.Entry{Job: reconsiderJob{Inbox: j.Inbox, After: ids[len(ids)-1]}})
	})
}
