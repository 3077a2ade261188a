package router

import (
	"fmt"

	"gorm.io/gorm"

	"relevo/router/jobs"
)

// catchUpAtOnce is how many deliveries one transaction puts back into the
// queue.
const catchUpAtOnce = 500

// webhookCatchUp is the job of telling a webhook that was enabled again what
// it missed.
type webhookCatchUp struct {
	Webhook int64 `json:"webhook_id"`
}

// Kind implements jobs.Job.
func (webhookCatchUp) Kind() string { return "webhook_catch_up" }

// catchUpWebhook has everything delivered that its webhook has not taken. What
// is on its way all the same is found gone by whichever comes second; and the
// same id tells the receiver.
func (r *Router) catchUpWebhook(ctx jobs.Context, j webhookCatchUp) error {
	last := ""
	for {
		var missed []struct {
			ID    string
			Event WebhookEvent
			Kind  WebhookKind
		}
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			missed = nil
			err := tx.Raw(`SELECT d.id, d.event, w.kind FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
				WHERE w.id = ? AND w.disabled_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ?`, j.Webhook, last, catchUpAtOnce).Scan(&missed).Error
			if err != nil || len(missed) == 0 {
				return err
			}
			entries := make([]jobs.Entry, len(missed))
			for i, d := range missed {
				entries[i] = jobs.Entry{Job: jobFor(d.ID, d.Kind, d.Event)}
			}
			return r.opts.Jobs.Insert(tx, entries...)
		})
		if err != nil {
			return fmt.Errorf("what webhook %d missed: %w", j.Webhook, err)
		}
		if len(missed) < catchUpAtOnce {
			return nil
		}
		last = missed[len(missed)-1].ID
	}
}
