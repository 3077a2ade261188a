package router

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	// wakeEvery is how often snoozed notifications are looked for whose time
	// has come.
	wakeEvery = time.Minute
	// tidyEvery is how often what nobody needs any more is removed.
	tidyEvery = time.Hour
	// How long notifications are kept: read ones since they were read, others
	// since the last that they tell of.
	readNotificationsFor   = 30 * 24 * time.Hour
	unreadNotificationsFor = 180 * 24 * time.Hour
)

// keepHouse wakes and tidies from time to time, until ctx ends. Every process
// does: what one has done is nothing to do for the next.
func (r *Router) keepHouse(ctx context.Context) {
	wake, tidy := time.NewTicker(wakeEvery), time.NewTicker(tidyEvery)
	defer wake.Stop()
	defer tidy.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-wake.C:
			err = r.wakeNotifications(ctx)
		case <-tidy.C:
			err = r.tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "upkeep failed, it is tried again", "error", err)
		}
	}
}

// wakeNotifications tells agents of their snoozed notifications whose time has
// come. Whoever takes the mark off tells, so that of many processes one does.
func (r *Router) wakeNotifications(ctx context.Context) error {
	const due = "snoozed_until IS NOT NULL AND snoozed_until <= ?"
	now := r.now()
	var waits bool
	err := r.db.Read().WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM notifications WHERE "+due+")", now).Scan(&waits).Error
	if err != nil || !waits {
		return err
	}
	var back []Notification
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		back = nil
		return tx.Raw("UPDATE notifications SET snoozed_until = NULL WHERE "+due+" RETURNING *", now).Scan(&back).Error
	})
	if err != nil {
		return fmt.Errorf("wake notifications: %w", err)
	}
	for _, n := range back {
		if n.ReadAt == nil {
			r.opts.Live(Happened{Conversation: n.ConversationID, Notices: []Notice{{ID: n.ID, Agent: n.AgentID}}})
		}
	}
	return nil
}

// tidy removes what nobody needs any more: old notifications, sessions that
// have ended, keys that are forgotten, what webhooks
// never took, mails, files that no message has.
func (r *Router) tidy(ctx context.Context) error {
	now := r.now()
	for _, old := range []struct {
		query string
		until time.Time
	}{
		{"DELETE FROM notifications WHERE read_at IS NOT NULL AND read_at < ?", now.Add(-readNotificationsFor)},
		{"DELETE FROM notifications WHERE read_at IS NULL AND updated_at < ?", now.Add(-unreadNotificationsFor)},
		{"DELETE FROM sessions WHERE expires_at <= ?", now},
		{"DELETE FROM idempotency_keys WHERE created_at < ?", now.Add(-onceFor)},
		{"DELETE FROM webhook_deliveries WHERE created_at < ?", now.Add(-keepDelivery)},
		{"DELETE FROM mails WHERE created_at < ?", now.Add(-keepMails)},
	} {
		err := r.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Exec(old.query, old.until).Error })
		if err != nil {
			return fmt.Errorf("remove what is old: %w", err)
		}
	}
	return r.sweepFiles(ctx)
}
