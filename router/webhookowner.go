package router

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/webhook"
)

// WebhookTrouble is what goes wrong with telling a connector or a bot outside.
type WebhookTrouble struct {
	FailingSince *time.Time // nothing was taken since then
	LastError    string     // of what was not taken
}

// ownHook makes the webhook of a channel or a bot follow its owner's address:
// "" is none. Another address begins anew; the secret stays.
func ownHook(tx *gorm.DB, kind WebhookKind, owner int64, url string, now time.Time) error {
	column := "inbox_id"
	if kind == WebhookOfBot {
		column = "agent_bot_id"
	}
	if url == "" {
		if err := tx.Exec("DELETE FROM webhooks WHERE kind = ? AND "+column+" = ?", string(kind), owner).Error; err != nil {
			return fmt.Errorf("webhook of %s %d: %w", kind, owner, err)
		}
		return nil
	}
	err := tx.Exec(`INSERT INTO webhooks (kind, `+column+`, url, secret, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (`+column+`) WHERE kind = '`+string(kind)+`' DO UPDATE SET url = excluded.url, updated_at = excluded.updated_at,
			failing_since = NULL, failures = 0, last_error = '', told_at = NULL WHERE webhooks.url <> excluded.url`,
		string(kind), owner, url, webhook.NewSecret(), now, now).Error
	if err != nil {
		return fmt.Errorf("webhook of %s %d: %w", kind, owner, err)
	}
	return nil
}

// ownBotHooks gives a webhook to bots that have an address and none, as those
// that were there before there were webhooks.
func ownBotHooks(tx *gorm.DB, now time.Time) error {
	var bots []AgentBot
	err := tx.Raw(`SELECT * FROM agent_bots b WHERE b.outgoing_url <> ''
		AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.agent_bot_id = b.id)`).Scan(&bots).Error
	if err != nil {
		return fmt.Errorf("bots without a webhook: %w", err)
	}
	for _, b := range bots {
		if err := ownHook(tx, WebhookOfBot, b.ID, b.OutgoingURL, now); err != nil {
			return err
		}
	}
	return nil
}

// readWebhooks reads all webhooks that are told something, and gives inboxes
// the secrets and troubles of theirs.
func (set *inboxSet) readWebhooks(db *gorm.DB) error {
	if err := db.Raw("SELECT * FROM webhooks ORDER BY id").Scan(&set.hooks).Error; err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	heard := set.hooks[:0]
	for _, w := range set.hooks {
		if w.Kind == WebhookOfChannel && set.byID[*w.InboxID] != nil {
			i := set.byID[*w.InboxID]
			i.WebhookSecret, i.Failing = w.Secret, WebhookTrouble{w.FailingSince, w.LastError}
		}
		if w.DisabledAt == nil {
			heard = append(heard, w)
		}
	}
	set.hooks = heard
	return nil
}
