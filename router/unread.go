package router

import (
	"context"
	"fmt"
	"time"
)

// MarkUnread makes the customer's last word new to the agents again. Where the
// customer said nothing it changes nothing.
func (r *Router) MarkUnread(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		if ch.c.CustomerSeq == 0 {
			return nil
		}
		var last Message
		err := ch.tx.Raw("SELECT created_at FROM messages WHERE conversation_id = ? AND seq = ?", id, ch.c.CustomerSeq).Scan(&last).Error
		if err != nil {
			return fmt.Errorf("last word of conversation %d: %w", id, err)
		}
		before := last.CreatedAt.Add(-time.Second)
		ch.c.AgentLastSeenAt, ch.c.AssigneeLastSeenAt = &before, &before
		ch.c.Unread, ch.unread = max(ch.c.Unread, 1), true
		return nil
	})
}
