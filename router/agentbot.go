package router

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const maxAgentBotText = 2048 // runes of a description, an address

// AgentBot is a bot outside, which speaks through the API with a token of its
// own. It sees the inboxes that it is attached to, and may do little there.
type AgentBot struct {
	ID          int64
	Name        string
	Description string
	OutgoingURL string         `gorm:"column:outgoing_url"` // where it is told what happens at its inboxes; see Webhook
	Secret      string         // signs what it is told; "" where it has no address
	Failing     WebhookTrouble `gorm:"embedded"`
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
	return agentBotNames(r.db.Read().WithContext(ctx), messages)
}

func agentBotNames(db *gorm.DB, messages []*Message) (map[int64]string, error) {
	var ids []int64
	for _, m := range messages {
		if m.SenderType == KindBot && m.SenderID != 0 {
			ids = append(ids, m.SenderID)
		}
	}
	bots, err := keyed(db, "SELECT * FROM agent_bots WHERE id IN ?", ids, func(b AgentBot) int64 { return b.ID })
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(bots))
	for id, b := range bots {
		names[id] = b.Name
	}
	return names, nil
}

// AgentBots lists all, by id.
func (r *Router) AgentBots(ctx context.Context) ([]*AgentBot, error) {
	bots := []*AgentBot{}
	if err := r.db.Read().WithContext(ctx).Raw(selectAgentBot + " ORDER BY b.id").Scan(&bots).Error; err != nil {
		return nil, fmt.Errorf("bots: %w", err)
	}
	return bots, nil
}

// AgentBot returns one bot.
func (r *Router) AgentBot(ctx context.Context, id int64) (*AgentBot, error) {
	return findAgentBot(r.db.Read().WithContext(ctx), id)
}

const selectAgentBot = `SELECT b.*, coalesce(w.secret, '') AS secret, w.failing_since, coalesce(w.last_error, '') AS last_error
	FROM agent_bots b LEFT JOIN webhooks w ON w.agent_bot_id = b.id`

func findAgentBot(db *gorm.DB, id int64) (*AgentBot, error) {
	var b AgentBot
	if err := db.Raw(selectAgentBot+" WHERE b.id = ?", id).Scan(&b).Error; err != nil {
		return nil, fmt.Errorf("bot %d: %w", id, err)
	}
	if b.ID == 0 {
		return nil, fault.NotFound
	}
	return &b, nil
}

// AddAgentBot stores a bot with its token (by its SHA-256, in hexadecimal). It
// is attached to no inbox yet.
func (r *Router) AddAgentBot(ctx context.Context, b AgentBot, tokenHash string) (*AgentBot, error) {
	b.CreatedAt = r.now()
	b.UpdatedAt = b.CreatedAt
	if err := b.check(); err != nil {
		return nil, err
	}
	if err := r.checkOptionalURL(ctx, "outgoing_url", &b.OutgoingURL); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		err := tx.Raw("INSERT INTO agent_bots (name, description, outgoing_url, created_at, updated_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
			b.Name, b.Description, b.OutgoingURL, b.CreatedAt, b.UpdatedAt).Scan(&b.ID).Error
		if err != nil {
			return err
		}
		if err := ownHook(tx, WebhookOfBot, b.ID, b.OutgoingURL, b.CreatedAt); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO bot_tokens (hash, agent_bot_id, created_at) VALUES (?, ?, ?)", tokenHash, b.ID, b.CreatedAt).Error
	})
	if err != nil {
		return nil, fmt.Errorf("add bot: %w", err)
	}
	return r.refreshedBot(ctx, b.ID)
}

// UpdateAgentBot changes what is not nil.
func (r *Router) UpdateAgentBot(ctx context.Context, id int64, name, description, outgoingURL *string) (*AgentBot, error) {
	if err := r.checkOptionalURL(ctx, "outgoing_url", outgoingURL); err != nil {
		return nil, err
	}
	var b *AgentBot
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if err := r.lockRow(tx, "agent_bots", id); err != nil {
			return err
		}
		if b, err = findAgentBot(tx, id); err != nil {
			return err
		}
		for to, from := range map[*string]*string{&b.Name: name, &b.Description: description, &b.OutgoingURL: outgoingURL} {
			if from != nil {
				*to = *from
			}
		}
		if err := b.check(); err != nil {
			return err
		}
		b.UpdatedAt = r.now()
		if err := ownHook(tx, WebhookOfBot, id, b.OutgoingURL, b.UpdatedAt); err != nil {
			return err
		}
		return tx.Exec("UPDATE agent_bots SET name = ?, description = ?, outgoing_url = ?, updated_at = ? WHERE id = ?",
			b.Name, b.Description, b.OutgoingURL, b.UpdatedAt, id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update bot: %w", err)
	}
	return r.refreshedBot(ctx, id)
}

// refreshedBot returns a bot as it is now, with its webhook.
func (r *Router) refreshedBot(ctx context.Context, id int64) (*AgentBot, error) {
	if err := r.refreshInboxes(ctx); err != nil {
		return nil, err
	}
	return r.AgentBot(ctx, id)
}

// ReplaceBotToken makes the token with the given hash the only one of a bot.
func (r *Router) ReplaceBotToken(ctx context.Context, id int64, hash string) (*AgentBot, error) {
	var b *AgentBot
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if b, err = findAgentBot(tx, id); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM bot_tokens WHERE agent_bot_id = ?", id).Error; err != nil {
			return err
		}
		return tx.Exec("INSERT INTO bot_tokens (hash, agent_bot_id, created_at) VALUES (?, ?, ?)", hash, id, r.now()).Error
	})
	if err != nil {
		return nil, fmt.Errorf("replace token of bot: %w", err)
	}
	return b, nil
}

// RemoveAgentBot takes a bot out, and off the inboxes that had it. What it said
// stays; what customers wait for from it is handed to people when the bot's
// time is up.
func (r *Router) RemoveAgentBot(ctx context.Context, id int64) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		if _, err := findAgentBot(tx, id); err != nil {
			return err
		}
		if err := tx.Exec("UPDATE inboxes SET agent_bot_id = NULL, updated_at = ? WHERE agent_bot_id = ?", r.now(), id).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM agent_bots WHERE id = ?", id).Error
	})
	if err != nil {
		return fmt.Errorf("remove bot: %w", err)
	}
	return r.refreshInboxes(ctx)
}

// check folds blanks and refuses what cannot be a bot.
func (b *AgentBot) check() error {
	b.Name, b.OutgoingURL = strings.TrimSpace(b.Name), strings.TrimSpace(b.OutgoingURL)
	for field, text := range map[string]string{"name": b.Name, "description": b.Description, "outgoing_url": b.OutgoingURL} {
		limit := maxAgentBotText
		if field == "name" {
			limit = maxAgentText
		}
		if detail := badText(text, limit); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	if b.Name == "" {
		return fault.Invalid.Field("blank", "name")
	}
	if b.OutgoingURL != "" && !isWebAddress(b.OutgoingURL) {
		return fault.Invalid.Field("not_a_url", "outgoing_url")
	}
	return nil
}

// isWebAddress reports whether s is an http or https address with a host.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
