package router

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relevo/router/fault"
	"relevo/router/texts"
)

// deletedMark is the attribute of a message that was deleted. Nobody can send
// it: see Draft.message.
const deletedMark = "deleted"

// Deleted reports whether m is only the place where a message stood.
func (m *Message) Deleted() bool {
	deleted, _ := m.ContentAttributes[deletedMark].(bool)
	return deleted
}

// Shown is what m says to a reader of that language: its content, or that it
// was deleted.
func (m *Message) Shown(locale string) string {
	if m.Deleted() {
		return texts.Say(locale, "message.deleted", nil)
	}
	return m.Content
}

// Original is what stood in a message before it was deleted.
type Original struct {
	MessageID         int64
	Content           string
	ContentType       string
	ContentAttributes Attributes // of its files, names and sizes under "attachments"
	DeletedBy         int64      // the agent
	DeletedAt         time.Time
}

// DeleteMessage takes a message out of the thread, whoever wrote it. Its place
// stays, its words are kept for administrators (Original), its files are gone.
// Customers still see that a word of their own was deleted; of anybody else's
// they see nothing. A bot that has not been asked the word yet never is.
// Deleting again returns the message as it is.
func (r *Router) DeleteMessage(ctx context.Context, by By, id, messageID int64) (*Message, error) {
	if by.Actor.Kind != KindAgent {
		return nil, fault.Forbidden
	}
	var m *Message
	var orphans []*Attachment
	_, err := r.change(ctx, byID(id), func(ch *change) (err error) {
		orphans = nil
		if err := ch.permit(by); err != nil {
			return err
		}
		if m, err = ch.message(messageID); err != nil || m.Deleted() {
			return err
		}
		orphans = m.Attachments
		if err := ch.bury(m, by.Actor); err != nil {
			return err
		}
		if err := ch.forget(m); err != nil {
			return err
		}
		return ch.note("message.deleted", map[string]any{"agent": by.Actor.Name}, nil)
	})
	if err != nil {
		return nil, err
	}
	r.dropFiles(ctx, orphans)
	return m, nil
}

// bury keeps the original and leaves a tombstone in its place.
func (ch *change) bury(m *Message, by Actor) error {
	err := ch.tx.Exec(`INSERT INTO deleted_messages (message_id, content, content_type, content_attributes, deleted_by, deleted_at)
		VALUES (?, ?, ?, ?, ?, ?)`, m.ID, m.Content, m.ContentType, m.ContentAttributes.with(inventory(m.Attachments)), by.ID, ch.now).Error
	if err != nil {
		return fmt.Errorf("keep message %d: %w", m.ID, err)
	}
	m.Content, m.ContentType, m.ContentAttributes, m.UpdatedAt = "", "text", Attributes{deletedMark: true}, ch.now
	if err := ch.abandonFiles(m.Attachments); err != nil {
		return err
	}
	m.Attachments = nil
	err = errors.Join(
		ch.tx.Exec("DELETE FROM attachments WHERE message_id = ?", m.ID).Error,
		ch.tx.Exec("UPDATE messages SET content = ?, content_type = ?, content_attributes = ?, updated_at = ? WHERE id = ?",
			m.Content, m.ContentType, m.ContentAttributes, m.UpdatedAt, m.ID).Error)
	if err != nil {
		return fmt.Errorf("delete message %d: %w", m.ID, err)
	}
	ch.altered = append(ch.altered, m)
	return nil
}

// inventory says what files a message had.
func inventory(files []*Attachment) Attributes {
	if len(files) == 0 {
		return nil
	}
	list := make([]any, 0, len(files))
	for _, f := range files {
		list = append(list, map[string]any{"file_name": f.FileName, "file_type": f.FileType, "file_size": f.FileSize})
	}
	return Attributes{"attachments": list}
}

// forget frees the bot of words that are all deleted.
func (ch *change) forget(m *Message) error {
	c := ch.c
	if m.MessageType != Incoming || m.Seq <= c.BotSeq {
		return nil
	}
	var owed bool
	err := ch.tx.Raw("SELECT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = ? AND m.seq > ? AND m.message_type = ?"+undeleted+")",
		c.ID, c.BotSeq, int(Incoming)).Scan(&owed).Error
	if err != nil {
		return fmt.Errorf("words of conversation %d: %w", c.ID, err)
	}
	if !owed {
		c.BotSeq, c.ReplyDueAt, c.ReplyLatestAt = c.CustomerSeq, nil, nil
	}
	return nil
}

// undeleted narrows a query of messages m to those that still stand.
const undeleted = " AND NOT EXISTS (SELECT 1 FROM deleted_messages d WHERE d.message_id = m.id)"

// Original returns what a deleted message said. It is for administrators: the
// caller makes sure of that.
func (r *Router) Original(ctx context.Context, by By, id, messageID int64) (*Original, error) {
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, err
	}
	var o Original
	err := r.db.Read().WithContext(ctx).Raw(`SELECT d.* FROM deleted_messages d JOIN messages m ON m.id = d.message_id
		WHERE m.id = ? AND m.conversation_id = ?`, messageID, id).Scan(&o).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("original of message %d: %w", messageID, err)
	case o.MessageID == 0:
		return nil, fault.NotFound
	}
	return &o, nil
}

// DeleteConversation removes a conversation with everything in it, for good.
// It is for administrators: the caller makes sure of that.
func (r *Router) DeleteConversation(ctx context.Context, by By, id int64) error {
	var orphans []*Attachment
	_, err := r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		var err error
		if orphans, err = attachmentsOf(ch.tx, id); err != nil {
			return err
		}
		if err := ch.abandonFiles(orphans); err != nil {
			return err
		}
		ch.gone = true
		if err := ch.tx.Exec("DELETE FROM conversations WHERE id = ?", id).Error; err != nil {
			return fmt.Errorf("delete conversation %d: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.dropFiles(ctx, orphans)
	return nil
}
