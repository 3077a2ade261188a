package router

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
)

// NotificationSettings are the kinds that an agent wants beside the list: by
// mail, and pushed to a device. Who has asked for NotifyCreation either way is
// told of every new conversation.
type NotificationSettings struct {
	Email, Push []NotificationKind
}

// NotificationSettings returns what an agent has chosen.
func (r *Router) NotificationSettings(ctx context.Context, agentID int64) (NotificationSettings, error) {
	var out NotificationSettings
	var email, push store.JSON
	row := r.db.Read().WithContext(ctx).Raw("SELECT email_flags, push_flags FROM agents WHERE id = ?", agentID).Row()
	if err := row.Scan(&email, &push); err != nil {
		return out, fmt.Errorf("notification settings of agent %d: %w", agentID, err)
	}
	if err := email.Decode(&out.Email); err != nil {
		return out, err
	}
	return out, push.Decode(&out.Push)
}

// SetNotificationSettings stores what an agent has chosen; a nil list stays as
// it is. A kind that does not exist is fault.Invalid.
func (r *Router) SetNotificationSettings(ctx context.Context, agentID int64, s NotificationSettings) error {
	for column, kinds := range map[string][]NotificationKind{"email_flags": s.Email, "push_flags": s.Push} {
		if slices.ContainsFunc(kinds, func(k NotificationKind) bool { return !slices.Contains(NotificationKinds, k) }) {
			return fault.Invalid.Field("unknown", "selected_"+column)
		}
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		for column, kinds := range map[string][]NotificationKind{"email_flags": s.Email, "push_flags": s.Push} {
			if kinds == nil {
				continue
			}
			slices.Sort(kinds)
			flags, err := store.ToJSON(slices.Compact(kinds))
			if err != nil {
				return err
			}
			if err := tx.Exec("UPDATE agents SET "+column+" = ? WHERE id = ?", flags, agentID).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save notification settings of agent %d: %w", agentID, err)
	}
	return nil
}
