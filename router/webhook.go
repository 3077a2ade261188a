package router

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/webhook"
)

const (
	maxWebhookURL  = 2048 // bytes
	maxWebhookName = 255  // runes
	maxWebhooks    = 100  // of the account
)

// WebhookKind says whose webhook it is.
type WebhookKind string

const (
	WebhookOfAccount WebhookKind = "account" // an administrator's: told of what it subscribes to
	WebhookOfChannel WebhookKind = "channel" // the connector of an inbox of channel "api"
	WebhookOfBot     WebhookKind = "bot"     // a bot outside, at the inboxes it is attached to
)

// Webhook is an address that is told what happens, by signed requests. Those
// of channels and bots follow from the inbox and the bot.
type Webhook struct {
	ID            int64
	Kind          WebhookKind
	InboxID       *int64 // account: only what happens at this inbox; channel: the inbox
	AgentBotID    *int64 // bot: whose it is
	URL           string `gorm:"column:url"`
	Name          string
	Subscriptions WebhookEvents // account
	Secret        string        // of the signatures; see package webhook
	FailingSince  *time.Time    // nothing was taken since then
	Failures      int           // tries that failed since
	LastError     string        // of what was not taken
	ToldAt        *time.Time    // when administrators were told that it fails
	DisabledAt    *time.Time    // since when it is told nothing
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// WebhookDraft is what is said of a webhook; nil fields say nothing.
type WebhookDraft struct {
	URL, Name     *string
	InboxID       *int64        // 0: all inboxes
	Subscriptions WebhookEvents // nil: nothing is said, or DefaultWebhookEvents of a new one
	Enabled       *bool         // true begins anew, whatever it failed at
}

// WebhookEvents are events that somebody is told of, stored as JSON.
type WebhookEvents []WebhookEvent

// Value stores e as JSON text.
func (e WebhookEvents) Value() (driver.Value, error) {
	if len(e) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal([]WebhookEvent(e))
	return string(b), err
}

// Scan reads what Value stored.
func (e *WebhookEvents) Scan(src any) error {
	b, err := jsonBytes(src)
	if err != nil || b == nil {
		*e = nil
		return err
	}
	return json.Unmarshal(b, (*[]WebhookEvent)(e))
}

// Webhooks lists the account's, by id. It is for administrators, as all
// operations on webhooks are: the caller makes sure of that.
func (r *Router) Webhooks(ctx context.Context) ([]*Webhook, error) {
	hooks := []*Webhook{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM webhooks WHERE kind = ? ORDER BY id", string(WebhookOfAccount)).Scan(&hooks).Error
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	return hooks, nil
}

// AddWebhook stores a webhook of the account, with a secret of its own. An
// address that is there is fault.Taken; one in a private network is refused.
func (r *Router) AddWebhook(ctx context.Context, d WebhookDraft) (*Webhook, error) {
	w := &Webhook{Kind: WebhookOfAccount, Secret: webhook.NewSecret(), Subscriptions: slices.Clone(DefaultWebhookEvents), CreatedAt: r.now()}
	w.UpdatedAt = w.CreatedAt
	if err := r.describeWebhook(ctx, w, d); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		var there int
		if err := tx.Raw("SELECT count(*) FROM webhooks WHERE kind = ?", string(WebhookOfAccount)).Scan(&there).Error; err != nil {
			return err
		}
		if there >= maxWebhooks {
			return fault.Invalid.Field(fault.Limit("too_many", maxWebhooks), "webhooks")
		}
		return insertWebhook(tx, w)
	})
	if err != nil {
		return nil, taken(err, "url", "add webhook")
	}
	return w, r.refreshInboxes(ctx)
}

func insertWebhook(tx *gorm.DB, w *Webhook) error {
	return tx.Raw(`INSERT INTO webhooks (kind, inbox_id, agent_bot_id, url, name, subscriptions, secret, disabled_at, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, string(w.Kind), w.InboxID, w.AgentBotID, w.URL, w.Name, w.Subscriptions, w.Secret,
		w.DisabledAt, w.CreatedAt, w.UpdatedAt).Scan(&w.ID).Error
}

// UpdateWebhook changes a webhook of the account.
func (r *Router) UpdateWebhook(ctx context.Context, id int64, d WebhookDraft) (*Webhook, error) {
	if d.URL != nil { // looked up before the transaction: a name server may take its time
		if err := r.checkHookURL(ctx, "url", strings.TrimSpace(*d.URL)); err != nil {
			return nil, err
		}
	}
	var w Webhook
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		w = Webhook{}
		err := tx.Raw("SELECT * FROM webhooks WHERE id = ? AND kind = ?"+r.db.ForUpdate(false), id, string(WebhookOfAccount)).Scan(&w).Error
		switch {
		case err != nil:
			return err
		case w.ID == 0:
			return fault.NotFound
		}
		disabled := w.DisabledAt != nil
		if err := w.describe(d, r.now()); err != nil {
			return err
		}
		if disabled && w.DisabledAt == nil && r.opts.Jobs != nil {
			if err := r.opts.Jobs.Insert(tx, jobs.Entry{Job: webhookCatchUp{w.ID}}); err != nil {
				return err
			}
		}
		return tx.Exec(`UPDATE webhooks SET url = ?, name = ?, inbox_id = ?, subscriptions = ?, failing_since = ?, failures = ?, last_error = ?, told_at = ?,
			disabled_at = ?, updated_at = ? WHERE id = ?`, w.URL, w.Name, w.InboxID, w.Subscriptions, w.FailingSince, w.Failures, w.LastError, w.ToldAt,
			w.DisabledAt, w.UpdatedAt, id).Error
	})
	if err != nil {
		return nil, taken(noInbox(err), "url", "update webhook")
	}
	return &w, r.refreshInboxes(ctx)
}

// RemoveWebhook takes a webhook of the account away, with what it was not told
// yet.
func (r *Router) RemoveWebhook(ctx context.Context, id int64) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		res := tx.Exec("DELETE FROM webhooks WHERE id = ? AND kind = ?", id, string(WebhookOfAccount))
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.NotFound
		}
		return res.Error
	})
	if err != nil {
		return fmt.Errorf("remove webhook: %w", err)
	}
	return r.refreshInboxes(ctx)
}

// describeWebhook puts d into w, and refuses an address that may not be used.
func (r *Router) describeWebhook(ctx context.Context, w *Webhook, d WebhookDraft) error {
	if err := w.describe(d, w.UpdatedAt); err != nil {
		return err
	}
	if w.InboxID != nil {
		if _, err := r.InboxByID(ctx, *w.InboxID); errors.Is(err, fault.NotFound) {
			return fault.Invalid.Field("unknown", "inbox_id")
		} else if err != nil {
			return err
		}
	}
	return r.checkHookURL(ctx, "url", w.URL)
}

// noInbox says that an inbox which was named is not there.
func noInbox(err error) error {
	if errors.Is(err, gorm.ErrForeignKeyViolated) {
		return fault.Invalid.Field("unknown", "inbox_id")
	}
	return err
}

// describe puts what d says into w. Another address, and being enabled, begin
// anew.
// Title is what people know it by: its name, else where it goes.
func (w *Webhook) Title() string {
	if u, err := url.Parse(w.URL); w.Name == "" && err == nil {
		return u.Host
	}
	return w.Name
}

func (w *Webhook) describe(d WebhookDraft, now time.Time) error {
	anew := d.Enabled != nil && *d.Enabled
	if d.URL != nil && strings.TrimSpace(*d.URL) != w.URL {
		w.URL, anew = strings.TrimSpace(*d.URL), anew || d.Enabled == nil && w.ToldAt != nil
	}
	if d.Name != nil {
		w.Name = strings.TrimSpace(*d.Name)
	}
	if d.InboxID != nil {
		if w.InboxID = d.InboxID; *d.InboxID == 0 {
			w.InboxID = nil
		}
	}
	if d.Subscriptions != nil {
		w.Subscriptions = slices.Compact(slices.Sorted(slices.Values(d.Subscriptions)))
	}
	switch {
	case anew:
		w.FailingSince, w.Failures, w.LastError, w.ToldAt, w.DisabledAt = nil, 0, "", nil, nil
	case d.Enabled != nil && w.DisabledAt == nil:
		w.DisabledAt = &now
	}
	w.UpdatedAt = now
	if detail := badText(w.Name, maxWebhookName); detail != "" {
		return fault.Invalid.Field(detail, "name")
	}
	if len(w.Subscriptions) == 0 {
		return fault.Invalid.Field("required", "subscriptions")
	}
	for _, e := range w.Subscriptions {
		if !slices.Contains(AccountWebhookEvents, e) {
			return fault.Invalid.Field("unknown", "subscriptions")
		}
	}
	return nil
}

// checkOptionalURL is checkHookURL for an address that may be none.
func (r *Router) checkOptionalURL(ctx context.Context, field string, address *string) error {
	if address == nil || strings.TrimSpace(*address) == "" {
		return nil
	}
	return r.checkHookURL(ctx, field, strings.TrimSpace(*address))
}

// checkHookURL refuses an address that cannot be told anything.
func (r *Router) checkHookURL(ctx context.Context, field, address string) error {
	switch {
	case address == "":
		return fault.Invalid.Field("blank", field)
	case len(address) > maxWebhookURL:
		return fault.Invalid.Field(fault.Limit("too_large", maxWebhookURL), field)
	case badText(address, maxWebhookURL) != "":
		return fault.Invalid.Field(badText(address, maxWebhookURL), field)
	}
	err := r.sender.Check(ctx, address)
	switch {
	case errors.Is(err, webhook.ErrPrivate):
		return fault.Invalid.Field("private_address", field)
	case err != nil:
		return fault.Invalid.Field("not_a_url", field)
	}
	return nil
}
