package router

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// twinTries is how often a notification is made unread while news of the same
// kind keep coming in.
const twinTries = 5

// ReadNotification marks a notification of by as read.
func (r *Router) ReadNotification(ctx context.Context, by By, id int64) error {
	return r.oneNotification(ctx, by, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec("UPDATE notifications SET read_at = coalesce(read_at, ?) WHERE id = ? AND agent_id = ?", r.now(), id, by.Actor.ID)
	})
}

// UnreadNotification marks a notification of by as not read.
func (r *Router) UnreadNotification(ctx context.Context, by By, id int64) error {
	return r.oneNotification(ctx, by, id, func(tx *gorm.DB) *gorm.DB {
		if res := r.dropTwin(tx, by, id); res.Error != nil {
			return res
		}
		return tx.Exec("UPDATE notifications SET read_at = NULL WHERE id = ? AND agent_id = ?", id, by.Actor.ID)
	})
}

// SnoozeNotification puts a notification of by off until a time; then it is
// there again, unread.
func (r *Router) SnoozeNotification(ctx context.Context, by By, id int64, until time.Time) error {
	now := r.now()
	switch {
	case !until.After(now):
		return fault.Invalid.Field("in_the_past", "snoozed_until")
	case until.After(now.AddDate(maxSnoozeYears, 0, 0)):
		return fault.Invalid.Field(fault.Limit("too_far_ahead", maxSnoozeYears), "snoozed_until")
	}
	until = until.UTC()
	return r.oneNotification(ctx, by, id, func(tx *gorm.DB) *gorm.DB {
		if res := r.dropTwin(tx, by, id); res.Error != nil {
			return res
		}
		return tx.Exec("UPDATE notifications SET read_at = NULL, snoozed_until = ?, updated_at = ? WHERE id = ? AND agent_id = ?",
			until, until, id, by.Actor.ID)
	})
}

// DeleteNotification removes a notification of by.
func (r *Router) DeleteNotification(ctx context.Context, by By, id int64) error {
	return r.oneNotification(ctx, by, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec("DELETE FROM notifications WHERE id = ? AND agent_id = ?", id, by.Actor.ID)
	})
}

// ReadAllNotifications marks everything that by was told as read, of one
// conversation where its id is not 0.
func (r *Router) ReadAllNotifications(ctx context.Context, by By, conversation int64) error {
	return r.allNotifications(ctx, "UPDATE notifications SET read_at = ? WHERE agent_id = ? AND read_at IS NULL AND (? = 0 OR conversation_id = ?)",
		r.now(), by.Actor.ID, conversation, conversation)
}

// DeleteNotifications removes what by was told: all of it, or what they have
// read.
func (r *Router) DeleteNotifications(ctx context.Context, by By, onlyRead bool) error {
	return r.allNotifications(ctx, "DELETE FROM notifications WHERE agent_id = ? AND (NOT ? OR read_at IS NOT NULL)", by.Actor.ID, onlyRead)
}

func (r *Router) allNotifications(ctx context.Context, query string, args ...any) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Exec(query, args...).Error })
	if err != nil {
		return fmt.Errorf("change notifications: %w", err)
	}
	return nil
}

// dropTwin removes the unread notification that says the same of the same
// conversation as a read one that is to be unread again.
func (r *Router) dropTwin(tx *gorm.DB, by By, id int64) *gorm.DB {
	return tx.Exec(`DELETE FROM notifications WHERE agent_id = ? AND id <> ? AND read_at IS NULL AND EXISTS (SELECT 1 FROM notifications x
		WHERE x.id = ? AND x.agent_id = notifications.agent_id AND x.conversation_id = notifications.conversation_id AND x.kind = notifications.kind)`,
		by.Actor.ID, id, id)
}

func (r *Router) oneNotification(ctx context.Context, by By, id int64, do func(tx *gorm.DB) *gorm.DB) error {
	if _, err := r.OneNotification(ctx, by, id); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			res := do(tx)
			if res.Error == nil && res.RowsAffected == 0 {
				return fault.NotFound // gone meanwhile
			}
			return res.Error
		})
		switch {
		case err == nil:
			return nil
		case try < twinTries && errors.Is(err, gorm.ErrDuplicatedKey): // a twin was told between the look and the write
		default:
			return fmt.Errorf("change notification %d: %w", id, err)
		}
	}
}
