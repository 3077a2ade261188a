package router

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/texts"
)

// defaultDebounce is what relevo.yaml has where it says nothing.
var defaultDebounce = Debounce{Window: 1500 * time.Millisecond, Maximum: 6 * time.Second}

// AddInbox makes an inbox of origin "api" whose channel is "web_widget" or
// "api". Nobody is a member yet.
func (r *Router) AddInbox(ctx context.Context, channel string, d InboxDraft) (*Inbox, error) {
	if channel != "web_widget" && channel != "api" {
		return nil, fault.Invalid.Field("unknown", "channel")
	}
	i := &Inbox{Identifier: strings.ToLower(rand.Text()), Channel: channel, Origin: "api", CreatedAt: r.now(),
		Settings: InboxSettings{Locale: texts.Languages[0], TimeZone: "UTC", AfterResolved: AfterResolvedReopen, Debounce: defaultDebounce, GreetingOff: true}}
	if err := r.describe(i, d); err != nil {
		return nil, err
	}
	if err := r.checkOptionalURL(ctx, "webhook_url", d.WebhookURL); err != nil {
		return nil, err
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		err := tx.Raw(`INSERT INTO inboxes (identifier, name, channel, origin, settings, flow_hash, created_at, updated_at)
			VALUES (?, ?, ?, 'api', ?, ?, ?, ?) RETURNING id`,
			i.Identifier, i.Name, i.Channel, string(settings), i.FlowHash, i.CreatedAt, i.CreatedAt).Scan(&i.ID).Error
		if err != nil {
			return err
		}
		return ownHook(tx, WebhookOfChannel, i.ID, i.Settings.WebhookURL, i.CreatedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("add inbox: %w", err)
	}
	return r.refreshed(ctx, i.ID)
}

// UpdateInbox changes an inbox of origin "api"; one from the configuration file
// is fault.ReadOnly.
func (r *Router) UpdateInbox(ctx context.Context, id int64, d InboxDraft) (*Inbox, error) {
	if err := r.checkOptionalURL(ctx, "webhook_url", d.WebhookURL); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		i, err := r.lockInbox(tx, id)
		if err != nil {
			return err
		}
		if i.Origin == "file" {
			return fault.ReadOnly
		}
		was := i.Settings.AutoResolve
		if err := r.describe(i, d); err != nil {
			return err
		}
		settings, err := json.Marshal(i.Settings)
		if err != nil {
			return err
		}
		if err := r.reconsider(tx, id, was, i.Settings.AutoResolve); err != nil {
			return err
		}
		if err := ownHook(tx, WebhookOfChannel, id, i.Settings.WebhookURL, r.now()); err != nil {
			return err
		}
		return tx.Exec("UPDATE inboxes SET name = ?, settings = ?, flow_hash = ?, updated_at = ? WHERE id = ?",
			i.Name, string(settings), i.FlowHash, r.now(), id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update inbox: %w", err)
	}
	if d.AutoAssign != nil || d.AutoAssignLimit != nil {
		r.tryWaiting()
	}
	return r.refreshed(ctx, id)
}

// SetAgentBot attaches a bot outside to an inbox, or none where botID is nil.
// An inbox has one bot: where there is a flow, the bot is refused.
func (r *Router) SetAgentBot(ctx context.Context, id int64, botID *int64) (*Inbox, error) {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		i, err := r.lockInbox(tx, id)
		if err != nil {
			return err
		}
		if botID != nil {
			if i.FlowHash != nil {
				return fault.Invalid.Field("has_a_bot", "agent_bot")
			}
			var known int64
			if err := tx.Raw("SELECT id FROM agent_bots WHERE id = ?", *botID).Scan(&known).Error; err != nil {
				return err
			}
			if known == 0 {
				return fault.Invalid.Field("unknown", "agent_bot")
			}
		}
		return tx.Exec("UPDATE inboxes SET agent_bot_id = ?, updated_at = ? WHERE id = ?", botID, r.now(), id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("set bot of inbox: %w", err)
	}
	return r.refreshed(ctx, id)
}

// lockInbox reads an inbox under its row's lock.
func (r *Router) lockInbox(tx *gorm.DB, id int64) (*Inbox, error) {
	var locked int64
	if err := tx.Raw("SELECT id FROM inboxes WHERE id = ?"+r.db.ForUpdate(false), id).Scan(&locked).Error; err != nil {
		return nil, fmt.Errorf("lock inbox %d: %w", id, err)
	}
	set, err := r.readInboxes(tx)
	if err != nil {
		return nil, err
	}
	i := set.byID[id]
	if i == nil {
		return nil, fault.NotFound
	}
	return i, nil
}

// refreshInboxes makes this process see at once what it has changed.
func (r *Router) refreshInboxes(ctx context.Context) error {
	_, err := r.loadInboxes(r.db.Read().WithContext(ctx))
	return err
}

func (r *Router) refreshed(ctx context.Context, id int64) (*Inbox, error) {
	if err := r.refreshInboxes(ctx); err != nil {
		return nil, err
	}
	return r.InboxByID(ctx, id)
}
