package router

import (
	"context"
	"errors"
	"fmt"

	"relevo/fsm"
)

// Mute blocks the customer and resolves the conversation: what he writes from
// now on is stored, and nothing else comes of it. Muting a muted conversation
// changes nothing.
func (r *Router) Mute(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.changeWithContact(ctx, withItsContact(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.mute(by.Actor)
	})
}

// mute blocks the customer, whose row is locked, and resolves.
func (ch *change) mute(by Actor) error {
	changed, err := ch.block(true)
	if err != nil {
		return err
	}
	if ch.c.Status != fsm.Resolved {
		if _, err := ch.move(fsm.Resolve); err != nil {
			return err
		}
		if err := ch.note("resolved.blocked", nil, nil); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return ch.note("muted.agent", map[string]any{"agent": by.Name}, nil)
}

// Unmute lets the customer in again. The conversation stays as it is.
func (r *Router) Unmute(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.changeWithContact(ctx, withItsContact(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		changed, err := ch.block(false)
		if err != nil || !changed {
			return err
		}
		return ch.note("unmuted.agent", map[string]any{"agent": by.Actor.Name}, nil)
	})
}

// block writes whether the conversation's contact is blocked, and reports
// whether he was not so before.
func (ch *change) block(blocked bool) (changed bool, err error) {
	done := ch.tx.Exec("UPDATE contacts SET blocked = ?, updated_at = ? WHERE id = ? AND blocked <> ?", blocked, ch.now, ch.c.ContactID, blocked)
	if done.Error != nil {
		return false, fmt.Errorf("block contact %d: %w", ch.c.ContactID, done.Error)
	}
	if done.RowsAffected == 0 {
		return false, nil
	}
	return true, ch.tellBlocked(blocked)
}

// errContactMoved says that the conversation went to another contact while
// the first one was being locked.
var errContactMoved = errors.New("conversation has another contact now")

// withItsContact locks a conversation's contact before the conversation.
func withItsContact(id int64) locker {
	return func(ch *change) error {
		var contact int64
		if err := ch.tx.Raw("SELECT contact_id FROM conversations WHERE id = ?", id).Scan(&contact).Error; err != nil {
			return fmt.Errorf("contact of conversation %d: %w", id, err)
		}
		if err := withContact(id, contact)(ch); err != nil {
			return err
		}
		if ch.c.ContactID != contact {
			return errContactMoved
		}
		return nil
	}
}
