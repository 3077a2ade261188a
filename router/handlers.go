package router

import (
	"time"

	"relevo/router/jobs"
)

// mailTimeout limits one try of a mail; handing it over has a limit of its own
// below this one.
const mailTimeout = 2 * time.Minute

// handleJobs names what does the router's own jobs.
func (r *Router) handleJobs(q *jobs.Queue) {
	mails := jobs.Policy{Timeout: mailTimeout, Queue: "mails"}
	jobs.Handle(q, mails, func(ctx jobs.Context, j transcriptMail) error { return r.sendMail(ctx, j.Mail) })
	jobs.Handle(q, mails, func(ctx jobs.Context, j noticeMail) error { return r.sendMail(ctx, j.Mail) })
	jobs.Handle(q, jobs.Policy{}, func(ctx jobs.Context, j reconsiderJob) error { return r.reconsiderSome(ctx, j) })
	r.handleWebhooks(q)
}
