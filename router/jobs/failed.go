package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"

	"relevo/router/fault"
)

// Failed is a job that will not be tried again by itself. It is kept for 30 days.
type Failed struct {
	ID        int64
	Kind      string
	Args      json.RawMessage // the job
	Tries     int
	Error     string // of the last try
	CreatedAt time.Time
	FailedAt  time.Time
}

// PageSize is how many failed jobs are listed at once.
const PageSize = 50

// Failed lists what failed for good, the latest first, from before an id; 0 is
// from the end.
func (q *Queue) Failed(ctx context.Context, before int64) ([]Failed, error) {
	params := river.NewJobListParams().First(PageSize).OrderBy(river.JobListOrderByID, river.SortOrderDesc).
		States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled)
	if before > 0 {
		params = params.Where("id < @before", river.NamedArgs{"before": before})
	}
	var failed []Failed
	err := q.db.Tx(ctx, func(tx *gorm.DB) error {
		rows, err := q.client.list(tx, params)
		failed = make([]Failed, 0, len(rows))
		for _, row := range rows {
			failed = append(failed, ofRow(row))
		}
		return err
	})
	return failed, err
}

// Retry puts a job that failed back into the queue, to be done at once: one
// that failed for good, or one that waits for its next try. fault.NotFound says
// that there is none of this id.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	return q.db.Tx(ctx, func(tx *gorm.DB) error {
		row, err := q.client.get(tx, id)
		if errors.Is(err, river.ErrNotFound) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		switch row.State {
		case rivertype.JobStateDiscarded, rivertype.JobStateCancelled, rivertype.JobStateRetryable:
			return q.client.retry(tx, id)
		}
		return fault.NotFound
	})
}

func ofRow(row *rivertype.JobRow) Failed {
	f := Failed{ID: row.ID, Kind: row.Kind, Args: row.EncodedArgs, Tries: row.Attempt, CreatedAt: row.CreatedAt.UTC()}
	if row.FinalizedAt != nil {
		f.FailedAt = row.FinalizedAt.UTC()
	}
	if n := len(row.Errors); n > 0 {
		f.Error = strings.TrimPrefix(row.Errors[n-1].Error, "JobCancelError: ") // how River calls Hopeless
	}
	return f
}
