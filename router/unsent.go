package router

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// Unsent is what an agent has written in a conversation and not sent. It is
// the agent's own: nobody else sees it.
type Unsent struct {
	Content   string
	UpdatedAt time.Time
}

// Unsent returns what by left unsent in a conversation, nil if nothing.
func (r *Router) Unsent(ctx context.Context, by By, id int64) (*Unsent, error) {
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, err
	}
	var u Unsent
	err := r.db.Read().WithContext(ctx).Raw("SELECT content, updated_at FROM drafts WHERE conversation_id = ? AND agent_id = ?",
		id, by.Actor.ID).Scan(&u).Error
	if err != nil {
		return nil, fmt.Errorf("unsent in conversation %d: %w", id, err)
	}
	if u.Content == "" {
		return nil, nil
	}
	return &u, nil
}

// KeepUnsent stores what by has written so far, in place of what was kept
// before. A blank text keeps nothing.
func (r *Router) KeepUnsent(ctx context.Context, by By, id int64, content string) error {
	switch {
	case by.Actor.Kind != KindAgent:
		return fault.Forbidden
	case utf8.RuneCountInString(content) > maxContent:
		return fault.Invalid.Field(fault.Limit("too_long", maxContent), "message")
	case strings.ContainsRune(content, 0) || !utf8.ValidString(content):
		return fault.Invalid.Field("bad_character", "message")
	}
	if _, err := r.seen(ctx, by, id); err != nil {
		return err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		if strings.TrimSpace(content) == "" {
			return tx.Exec("DELETE FROM drafts WHERE conversation_id = ? AND agent_id = ?", id, by.Actor.ID).Error
		}
		return tx.Exec(`INSERT INTO drafts (conversation_id, agent_id, content, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (conversation_id, agent_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at`,
			id, by.Actor.ID, content, r.now()).Error
	})
	if err != nil {
		return fmt.Errorf("keep unsent in conversation %d: %w", id, err)
	}
	return nil
}
