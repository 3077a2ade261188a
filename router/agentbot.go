package router

import (
	"context"
	"fmt"
	"time"

	"relevo/router/fault"
)

// AgentBot is a bot outside, which speaks through the API with a token of its
// own. It sees the inboxes that it is attached to, and may do little there.
type AgentBot struct {
	ID          int64
	Name        string
	Description string
	OutgoingURL string `gorm:"column:outgoing_url"` // where it wants to be told of messages
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ActorForBot returns b as an actor.
func ActorForBot(b *AgentBot) Actor { return Actor{Kind: KindBot, ID: b.ID, Name: b.Name} }

// AgentBotByToken returns the bot that an access token (by its SHA-256, in
// hexadecimal) belongs to, and the inboxes it is attached to. An unknown token
// is fault.Unauthenticated.
func (r *Router) AgentBotByToken(ctx context.Context, hash string) (*AgentBot, Scope, error) {
	db := r.db.Read().WithContext(ctx)
	var b AgentBot
	if err := db.Raw("SELECT b.* FROM bot_tokens t JOIN agent_bots b ON b.id = t.agent_bot_id WHERE t.hash = ?", hash).Scan(&b).Error; err != nil {
		return nil, Scope{}, fmt.Errorf("bot by token: %w", err)
	}
	if b.ID == 0 {
		return nil, Scope{}, fault.Unauthenticated
	}
	var scope Scope
	if err := db.Raw("SELECT id FROM inboxes WHERE agent_bot_id = ? ORDER BY id", b.ID).Scan(&scope.Inboxes).Error; err != nil {
		return nil, Scope{}, fmt.Errorf("inboxes of bot %d: %w", b.ID, err)
	}
	return &b, scope, nil
}

// AgentBotNames returns the names of the bots that sent messages, by id. A bot
// that is gone has none.
func (r *Router) AgentBotNames(ctx context.Context, messages []*Message) (map[int64]string, error) {
	var ids []int64
	for _, m := range messages {
		if m.SenderType == KindBot && m.SenderID != 0 {
			ids = append(ids, m.SenderID)
		}
	}
	bots, err := keyed(r.db.Read().WithContext(ctx), "SELECT * FROM agent_bots WHERE id IN ?", ids, func(b AgentBot) int64 { return b.ID })
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(bots))
	for id, b := range bots {
		names[id] = b.Name
	}
	return names, nil
}
