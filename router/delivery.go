package router

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"relevo/router/fault"
)

const maxExternalError = 1000 // runes

// messageStatuses are the words for MessageStatus, in its order.
var messageStatuses = []string{"sent", "delivered", "read", "failed"}

// Retry marks a message whose delivery failed as to be sent again. One that
// did not fail is fault.Invalid.
func (r *Router) Retry(ctx context.Context, by By, id, messageID int64) (*Message, error) {
	return r.alter(ctx, by, id, messageID, func(ch *change, m *Message) (bool, error) {
		if m.Status != Failed {
			return false, fault.Invalid.Field("not_failed", "status")
		}
		m.Status, m.ContentAttributes = Sent, m.ContentAttributes.with(Attributes{"external_error": nil})
		return true, nil
	})
}

// SetMessageStatus notes how far a message came, as the connector of an API
// inbox reports it, and for a failed one why. Reports may come late: a message
// never goes back from read to delivered, nor from either to sent. One that
// failed and arrived after all did. Of other inboxes the router itself knows.
func (r *Router) SetMessageStatus(ctx context.Context, by By, id, messageID int64, status, externalError string) (*Message, error) {
	to := slices.Index(messageStatuses, status)
	switch {
	case to < 0:
		return nil, fault.Invalid.Field("unknown", "status")
	case utf8.RuneCountInString(externalError) > maxExternalError:
		return nil, fault.Invalid.Field(fault.Limit("too_long", maxExternalError), "external_error")
	}
	return r.alter(ctx, by, id, messageID, func(ch *change, m *Message) (bool, error) {
		if ch.inbox.Channel != channelAPI || m.Private { // a note goes nowhere
			return false, fault.Invalid.Field("not_allowed", "status")
		}
		if m.Status != Failed && MessageStatus(to) < m.Status {
			return false, nil
		}
		m.Status = MessageStatus(to)
		why := Attributes{"external_error": nil}
		if m.Status == Failed && externalError != "" {
			why["external_error"] = externalError
		}
		m.ContentAttributes = m.ContentAttributes.with(why)
		return true, nil
	})
}

// alter changes the status and the attributes of a message that stands in a
// conversation, where do says that they are different now.
func (r *Router) alter(ctx context.Context, by By, id, messageID int64, do func(ch *change, m *Message) (bool, error)) (*Message, error) {
	var m *Message
	_, err := r.change(ctx, byID(id), func(ch *change) (err error) {
		if err := ch.permit(by); err != nil {
			return err
		}
		if m, err = ch.message(messageID); err != nil {
			return err
		}
		different, err := do(ch, m)
		if err != nil || !different {
			return err
		}
		m.UpdatedAt = ch.now
		err = ch.tx.Exec("UPDATE messages SET status = ?, content_attributes = ?, updated_at = ? WHERE id = ?",
			int(m.Status), m.ContentAttributes, m.UpdatedAt, m.ID).Error
		if err != nil {
			return fmt.Errorf("change message %d: %w", m.ID, err)
		}
		ch.altered = append(ch.altered, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// message reads a message of the conversation, with its files; an activity
// line is none.
func (ch *change) message(id int64) (*Message, error) {
	var m Message
	err := ch.tx.Raw("SELECT * FROM messages WHERE id = ? AND conversation_id = ? AND message_type <> ?", id, ch.c.ID, int(Activity)).Scan(&m).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("message %d: %w", id, err)
	case m.ID == 0:
		return nil, fault.NotFound
	}
	return &m, attach(ch.tx, []*Message{&m})
}
