package agentdesk

import (
	"context"
	"encoding/json"
	"time"

	"relevo/router/api"
	"relevo/router/jobs"
)

// failedJobJSON is something that was to be done later and failed for good.
type failedJobJSON struct {
	ID        int64          `json:"id"`
	Kind      string         `json:"kind"`  // such as "transcript" or "webhook"
	Args      map[string]any `json:"args"`  // what was to be done
	Tries     int            `json:"tries"` // how often it was tried
	Error     string         `json:"error"` // of the last try
	CreatedAt time.Time      `json:"created_at"`
	FailedAt  time.Time      `json:"failed_at"`
}

type failedJobsJSON struct {
	Payload []failedJobJSON `json:"payload"`
}

// failedJobsQuery is a page of failed jobs.
type failedJobsQuery struct {
	Before int64 `query:"before"` // an id: only those that came before it
}

type jobPath struct {
	ID int64 `path:"id"`
}

func (d *Desk) routeJobs(administrators *api.Group) {
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/failed_jobs", Summary: "Mails, webhooks and the like that failed for good, the latest first"}, d.listFailedJobs)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/failed_jobs/:id/retry", Summary: "Try once more what failed"}, d.retryJob)
}

func (d *Desk) listFailedJobs(ctx context.Context, in *failedJobsQuery) (failedJobsJSON, error) {
	out := failedJobsJSON{Payload: []failedJobJSON{}}
	failed, err := d.router.Jobs().Failed(ctx, in.Before)
	if err != nil {
		return out, err
	}
	for _, f := range failed {
		row, err := failedJob(f)
		if err != nil {
			return out, err
		}
		out.Payload = append(out.Payload, row)
	}
	return out, nil
}

func (d *Desk) retryJob(ctx context.Context, in *jobPath) (api.Empty, error) {
	return api.Empty{}, d.router.Jobs().Retry(ctx, in.ID)
}

func failedJob(f jobs.Failed) (failedJobJSON, error) {
	out := failedJobJSON{ID: f.ID, Kind: f.Kind, Tries: f.Tries, Error: f.Error, CreatedAt: f.CreatedAt, FailedAt: f.FailedAt}
	return out, json.Unmarshal(f.Args, &out.Args)
}
