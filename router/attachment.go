package router

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/files"
)

// attachmentsPage is how many files a page of a conversation's has.
const attachmentsPage = 100

// Attachment is a file of a message.
type Attachment struct {
	ID             int64
	MessageID      int64
	ConversationID int64
	FileType       string // "image", "audio", "video" or "file"
	ContentType    string // as its bytes say, never as its sender does
	FileName       string
	FileSize       int64
	StorageKey     string // whoever knows it may read the file
	CreatedAt      time.Time

	sum string // SHA-256, while it is being stored
}

// Path returns the address of the file on this server.
func (a *Attachment) Path() string {
	return "/attachments/" + a.StorageKey + "/" + url.PathEscape(a.FileName)
}

// shownInPlace are the contents that browsers show without running anything.
// Sounds and films are, too.
var shownInPlace = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"}

// InPlace reports whether the file may be shown where it stands; any other is
// only for saving.
func (a *Attachment) InPlace() bool {
	return a.FileType == "audio" || a.FileType == "video" || slices.Contains(shownInPlace, a.ContentType)
}

// storeAttachments adds the rows of a message's files.
func (ch *change) storeAttachments(m *Message) error {
	for _, a := range m.Attachments {
		a.MessageID, a.ConversationID, a.CreatedAt = m.ID, m.ConversationID, m.CreatedAt
		err := ch.tx.Raw(`INSERT INTO attachments (message_id, conversation_id, file_type, content_type, file_name, file_size, storage_key, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, a.MessageID, a.ConversationID, a.FileType, a.ContentType, a.FileName,
			a.FileSize, a.StorageKey, a.CreatedAt).Scan(&a.ID).Error
		if err != nil {
			return fmt.Errorf("add attachment to message %d: %w", m.ID, err)
		}
		if err := ch.claimFile(a); err != nil {
			return err
		}
	}
	return nil
}

// attach gives messages their files.
func attach(db *gorm.DB, messages []*Message) error {
	byID := make(map[int64]*Message, len(messages))
	ids := make([]int64, 0, len(messages))
	for _, m := range messages {
		if m.MessageType != Activity {
			byID[m.ID] = m
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []*Attachment
	if err := db.Raw("SELECT * FROM attachments WHERE message_id IN ? ORDER BY id", ids).Scan(&found).Error; err != nil {
		return fmt.Errorf("attachments of messages: %w", err)
	}
	for _, a := range found {
		m := byID[a.MessageID]
		m.Attachments = append(m.Attachments, a)
	}
	return nil
}

func attachmentsOf(db *gorm.DB, conversation int64) ([]*Attachment, error) {
	var found []*Attachment
	if err := db.Raw("SELECT * FROM attachments WHERE conversation_id = ?", conversation).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("attachments of conversation %d: %w", conversation, err)
	}
	return found, nil
}

// Attachments lists the messages of a conversation that have files, the newest
// first, 100 files a page, and says how many files there are.
func (r *Router) Attachments(ctx context.Context, by By, id int64, page int) ([]*Message, int, error) {
	if page < 1 {
		page = 1
	}
	if page > maxPage {
		return nil, 0, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, 0, err
	}
	db := r.db.Read().WithContext(ctx)
	var total int
	if err := db.Raw("SELECT count(*) FROM attachments WHERE conversation_id = ?", id).Scan(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count attachments: %w", err)
	}
	var found []*Attachment
	err := db.Raw("SELECT * FROM attachments WHERE conversation_id = ? ORDER BY id DESC LIMIT ? OFFSET ?",
		id, attachmentsPage, (page-1)*attachmentsPage).Scan(&found).Error
	if err != nil {
		return nil, 0, fmt.Errorf("attachments of conversation %d: %w", id, err)
	}
	var ids []int64
	for _, a := range found {
		ids = append(ids, a.MessageID)
	}
	messages, err := keyed(db, "SELECT * FROM messages WHERE id IN ?", ids, func(m Message) int64 { return m.ID })
	if err != nil {
		return nil, 0, err
	}
	var out []*Message
	for _, a := range found {
		m := messages[a.MessageID]
		if m.Attachments = append(m.Attachments, a); len(m.Attachments) == 1 {
			out = append(out, m)
		}
	}
	return out, total, nil
}

// OpenAttachment returns a file that a message has, by its key, which is the
// right to read it. The caller closes it.
func (r *Router) OpenAttachment(ctx context.Context, key string) (*Attachment, io.ReadSeekCloser, error) {
	if r.opts.Files == nil || !files.IsKey(key) {
		return nil, nil, fault.NotFound
	}
	var a Attachment
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM attachments WHERE storage_key = ?", key).Scan(&a).Error; err != nil {
		return nil, nil, fmt.Errorf("attachment: %w", err)
	}
	if a.ID == 0 {
		return nil, nil, fault.NotFound
	}
	content, err := r.opts.Files.Open(ctx, key)
	if err != nil {
		r.log.ErrorContext(ctx, "file of an attachment not read", "attachment", a.ID, "conversation", a.ConversationID, "error", err)
		if errors.Is(err, files.ErrNotFound) {
			err = fault.NotFound.Wrap(err)
		}
		return nil, nil, err
	}
	return &a, content, nil
}

// dropFiles removes files that no message has. One that stays is unreachable
// and will be swept, so it is only told of.
func (r *Router) dropFiles(ctx context.Context, orphans []*Attachment) {
	for _, a := range orphans {
		if err := r.opts.Files.Delete(context.WithoutCancel(ctx), a.StorageKey); err != nil {
			r.log.ErrorContext(ctx, "file not removed", "conversation", a.ConversationID, "attachment", a.ID, "error", err)
		}
	}
}
