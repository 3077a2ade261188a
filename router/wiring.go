package router

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Wiring is what a business declares in its own repository: teams, flows and
// inboxes.
type Wiring struct {
	Teams   []Team
	Inboxes []InboxWiring
}

// InboxWiring is one declared inbox. Flow is nil where there is no bot.
type InboxWiring struct {
	Identifier, Name, Channel string
	Settings                  InboxSettings
	Flow                      *FlowText // Hash may be empty: it is computed
}

// FlowHash names a flow's text: equal texts have equal hashes.
func FlowHash(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:])
}

// Wire stores w in one transaction: new inboxes and teams are made, known ones
// brought up to date, flows stored under their hash. Nothing is removed: what
// is no longer declared keeps its conversations. Conversations in the bot's
// hands go on with the flow that their episode began with.
func (r *Router) Wire(ctx context.Context, w Wiring) error {
	now := r.now()
	secrets := map[string]string{}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		for _, t := range w.Teams {
			err := tx.Exec(`INSERT INTO teams (name, description, created_at) VALUES (?, ?, ?)
				ON CONFLICT (name) DO UPDATE SET description = excluded.description`, t.Name, t.Description, now).Error
			if err != nil {
				return fmt.Errorf("team %q: %w", t.Name, err)
			}
		}
		for _, i := range w.Inboxes {
			secrets[i.Identifier] = i.Settings.HMACSecret
			if err := wireInbox(tx, i, now); err != nil {
				return fmt.Errorf("inbox %q: %w", i.Identifier, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store wiring: %w", err)
	}
	r.inboxes.secrets.Store(&secrets)
	_, err = r.loadInboxes(r.db.Read().WithContext(ctx))
	return err
}

func wireInbox(tx *gorm.DB, i InboxWiring, now time.Time) error {
	var hash *string
	if i.Flow != nil {
		h := FlowHash(i.Flow.Source)
		hash = &h
		err := tx.Exec("INSERT INTO flows (hash, name, source, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
			h, i.Flow.Name, string(i.Flow.Source), now).Error
		if err != nil {
			return fmt.Errorf("flow %q: %w", i.Flow.Name, err)
		}
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO inboxes (identifier, name, channel, origin, settings, flow_hash, created_at, updated_at)
		VALUES (?, ?, ?, 'file', ?, ?, ?, ?)
		ON CONFLICT (identifier) DO UPDATE SET name = excluded.name, channel = excluded.channel, origin = 'file',
			settings = excluded.settings, flow_hash = excluded.flow_hash, updated_at = excluded.updated_at`,
		i.Identifier, i.Name, i.Channel, string(settings), hash, now, now).Error
}

// flow returns a flow's text by its hash; none for an empty hash.
func (r *Router) flow(ctx context.Context, hash string) (FlowText, error) {
	if hash == "" {
		return FlowText{}, nil
	}
	if known, ok := r.flows.Load(hash); ok {
		return known.(FlowText), nil
	}
	var row struct{ Name, Source string }
	err := r.db.Read().WithContext(ctx).Raw("SELECT name, source FROM flows WHERE hash = ?", hash).Scan(&row).Error
	if err != nil {
		return FlowText{}, fmt.Errorf("flow %s: %w", hash, err)
	}
	f := FlowText{Hash: hash, Name: row.Name, Source: []byte(row.Source)}
	r.flows.Store(hash, f)
	return f, nil
}
