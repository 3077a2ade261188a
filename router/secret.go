package router

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/webhook"
)

// newIdentitySecret makes a secret that the identifiers of contacts are hashed
// with.
func newIdentitySecret() string { return strings.ToLower(rand.Text() + rand.Text()) }

// checkIdentity makes the identifiers of contacts count with their hash, under a
// secret that is made where there is none; or makes them not count at all.
func (s *InboxSettings) checkIdentity(checked bool) {
	switch {
	case !checked:
		s.OwnHMACSecret = ""
	case s.OwnHMACSecret == "":
		s.OwnHMACSecret = newIdentitySecret()
	}
}

// ResetIdentitySecret gives an inbox of origin "api" another secret for the
// identifiers of its contacts: hashes under the old one are refused. That of a
// declared inbox stands in the environment (fault.ReadOnly).
func (r *Router) ResetIdentitySecret(ctx context.Context, inboxID int64) (*Inbox, error) {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		i, err := r.lockInbox(tx, inboxID)
		if err != nil {
			return err
		}
		if i.Origin == "file" {
			return fault.ReadOnly
		}
		i.Settings.OwnHMACSecret = newIdentitySecret()
		settings, err := json.Marshal(i.Settings)
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE inboxes SET settings = ?, updated_at = ? WHERE id = ?", string(settings), r.now(), inboxID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("reset secret of identifiers: %w", err)
	}
	return r.refreshed(ctx, inboxID)
}

// ResetChannelSecret gives the connector of an inbox another secret: what is
// sent from now on, also again, is signed with that. An inbox without a
// connector is fault.NotFound. The secret is nobody's declaration, so an inbox
// of the configuration may be given another too.
func (r *Router) ResetChannelSecret(ctx context.Context, inboxID int64) (*Inbox, error) {
	if err := r.resetHook(ctx, WebhookOfChannel, "inbox_id", inboxID); err != nil {
		return nil, err
	}
	return r.refreshed(ctx, inboxID)
}

// ResetBotSecret is ResetChannelSecret for a bot outside.
func (r *Router) ResetBotSecret(ctx context.Context, botID int64) (*AgentBot, error) {
	if err := r.resetHook(ctx, WebhookOfBot, "agent_bot_id", botID); err != nil {
		return nil, err
	}
	return r.refreshedBot(ctx, botID)
}

// ResetWebhookSecret is ResetChannelSecret for a webhook of the account.
func (r *Router) ResetWebhookSecret(ctx context.Context, id int64) (*Webhook, error) {
	if err := r.resetHook(ctx, WebhookOfAccount, "id", id); err != nil {
		return nil, err
	}
	var w Webhook
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM webhooks WHERE id = ?", id).Scan(&w).Error; err != nil {
		return nil, fmt.Errorf("webhook %d: %w", id, err)
	}
	if w.ID == 0 { // removed a moment ago
		return nil, fault.NotFound
	}
	return &w, r.refreshInboxes(ctx)
}

func (r *Router) resetHook(ctx context.Context, kind WebhookKind, column string, id int64) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE webhooks SET secret = ?, updated_at = ? WHERE kind = ? AND "+column+" = ?", webhook.NewSecret(), r.now(), string(kind), id)
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.NotFound
		}
		return res.Error
	})
	if err != nil {
		return fmt.Errorf("reset secret of %s %d: %w", kind, id, err)
	}
	return nil
}
