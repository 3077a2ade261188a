package router

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/jobs"
	"relevo/router/store"
	"relevo/router/webhook"
)

// Jobs that deliver. Each names a row of webhook_deliveries.
type (
	webhookJob struct {
		Delivery string `json:"delivery"`
	}
	// connectorWebhookJob is for an inbox of channel "api", whose agents want to
	// know what did not reach the customer.
	connectorWebhookJob struct {
		Delivery string `json:"delivery"`
	}
	// botWebhookJob is for a bot outside, whose customer waits.
	botWebhookJob struct {
		Delivery string `json:"delivery"`
	}
	// passingWebhookJob is for what is worth nothing a moment later.
	passingWebhookJob struct {
		Delivery string `json:"delivery"`
	}
)

// Kind implements jobs.Job.
func (webhookJob) Kind() string { return "webhook" }

// Kind implements jobs.Job.
func (connectorWebhookJob) Kind() string { return "connector_webhook" }

// Kind implements jobs.Job.
func (botWebhookJob) Kind() string { return "bot_webhook" }

// Kind implements jobs.Job.
func (passingWebhookJob) Kind() string { return "passing_webhook" }

const (
	// webhookTries take some 25 hours: longer than failsFor.
	webhookTries = 18
	// connectorTries take some two hours.
	connectorTries = 10
	// botTries take some 45 seconds: less than a customer waits for a bot
	// outside that was told and is silent; see patience.
	botTries = 3
	// deliveryTimeout is longer than any time that a Sender takes.
	deliveryTimeout = 90 * time.Second
	// keepDelivery is how long what was not taken is kept, to be sent again: as
	// long as its failed job.
	keepDelivery = 30 * 24 * time.Hour
)

func jobFor(id string, kind WebhookKind, e WebhookEvent) jobs.Job {
	switch {
	case e == EventTypingOn || e == EventTypingOff:
		return passingWebhookJob{id}
	case kind == WebhookOfBot:
		return botWebhookJob{id}
	case kind == WebhookOfChannel:
		return connectorWebhookJob{id}
	}
	return webhookJob{id}
}

// handleWebhooks makes q deliver. Whom customers wait for has queues of their
// own, and each receiver as many deliveries in hand as receivers allows.
func (r *Router) handleWebhooks(q *jobs.Queue) {
	r.receivers = newReceivers(q.Workers())
	policy := func(queue string, tries int) jobs.Policy {
		return jobs.Policy{Timeout: deliveryTimeout, Tries: tries, Queue: queue, Workers: receiversAtOnce * q.Workers()}
	}
	jobs.Handle(q, policy("webhooks", webhookTries), func(ctx jobs.Context, j webhookJob) error {
		return r.deliverWebhook(ctx, j.Delivery)
	})
	jobs.Handle(q, policy("connectors", connectorTries), func(ctx jobs.Context, j connectorWebhookJob) error {
		return r.deliverWebhook(ctx, j.Delivery)
	})
	jobs.Handle(q, policy("bots", botTries), func(ctx jobs.Context, j botWebhookJob) error {
		return r.deliverWebhook(ctx, j.Delivery)
	})
	jobs.Handle(q, policy("webhooks", webhookTries), r.catchUpWebhook)
	jobs.Handle(q, policy("webhooks", 1), func(ctx jobs.Context, j passingWebhookJob) error {
		if err := r.deliverWebhook(ctx, j.Delivery); err != nil {
			return r.dropDelivery(ctx, j.Delivery)
		}
		return nil
	})
}

// parcel is a delivery with the webhook that it goes to.
type parcel struct {
	Delivery     delivery `gorm:"embedded"`
	Kind         WebhookKind
	URL          string `gorm:"column:url"`
	Name, Secret string
	AgentBotID   *int64
	FailingSince *time.Time
	Failures     int
	ToldAt       *time.Time
	DisabledAt   *time.Time
}

var errWebhookDisabled = errors.New("the webhook is disabled")

// deliverWebhook delivers once. A row that is gone was taken before, by a
// process that died before it could say so, or nobody wants it any more.
func (r *Router) deliverWebhook(ctx jobs.Context, id string) error {
	var p parcel
	found, err := store.Take(r.db.Read().WithContext(ctx), &p, `SELECT d.*, w.kind, w.url, w.name, w.secret, w.agent_bot_id, w.failing_since, w.failures, w.told_at, w.disabled_at
		FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = ?`, id)
	switch {
	case err != nil:
		return fmt.Errorf("delivery %s: %w", id, err)
	case !found:
		return nil
	case p.DisabledAt != nil:
		return jobs.Hopeless(errWebhookDisabled)
	}
	done, free := r.receivers.take(ctx, p.Delivery.WebhookID)
	if !free {
		return jobs.Postpone(untilFree(ctx.Age))
	}
	sent := r.sender.Send(ctx, webhook.Delivery{ID: p.Delivery.ID, URL: p.URL, Secret: p.Secret, Body: []byte(p.Delivery.Payload)})
	done(sent == nil)
	switch {
	case sent == nil:
		return r.webhookTook(ctx, &p)
	case ctx.Err() != nil:
		return sent // this process must stop; the receiver is not to blame
	}
	hopeless := errors.Is(sent, webhook.ErrPrivate) || errors.Is(sent, webhook.ErrAddress)
	if err := r.webhookFailed(ctx, &p, sent, hopeless || ctx.Last); err != nil {
		return err
	}
	sent = fmt.Errorf("%s was not taken: %w", p.Delivery.Event, sent)
	if hopeless {
		return jobs.Hopeless(sent)
	}
	return sent
}

// webhookTook forgets what was taken, and that the webhook failed.
func (r *Router) webhookTook(ctx context.Context, p *parcel) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		if p.FailingSince != nil {
			err := tx.Exec("UPDATE webhooks SET failing_since = NULL, failures = 0, last_error = '', told_at = NULL WHERE id = ? AND failing_since IS NOT NULL", p.Delivery.WebhookID).Error
			if err != nil {
				return fmt.Errorf("webhook %d works again: %w", p.Delivery.WebhookID, err)
			}
		}
		if err := tx.Exec("DELETE FROM webhook_deliveries WHERE id = ?", p.Delivery.ID).Error; err != nil {
			return fmt.Errorf("forget delivery %s: %w", p.Delivery.ID, err)
		}
		return nil
	})
}

// dropDelivery forgets what is worth nothing any more.
func (r *Router) dropDelivery(ctx context.Context, id string) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Exec("DELETE FROM webhook_deliveries WHERE id = ?", id).Error })
}
