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
	Flows   []FlowText // for inboxes of origin "api", which name them; Hash may be empty
}

// InboxWiring is one declared inbox. Flow is nil where there is no bot.
type InboxWiring struct {
	Identifier, Name, Channel string
	Settings                  InboxSettings
	Flow                      *FlowText // Hash may be empty: it is computed
	Campaigns                 []Campaign
}

// FlowHash names a flow's text: equal texts have equal hashes.
func FlowHash(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:])
}

// Wire stores w in one transaction: new inboxes and teams are made, known ones
// brought up to date, flows stored under their hash, and inboxes of origin "api"
// that name a flow given its new text. Nothing is removed: what
// is no longer declared keeps its conversations. Conversations in the bot's
// hands go on with the flow that their episode began with.
func (r *Router) Wire(ctx context.Context, w Wiring) error {
	now := r.now()
	secrets, flows := map[string]string{}, map[string]string{}
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
			if err := r.wireInbox(tx, i, now); err != nil {
				return fmt.Errorf("inbox %q: %w", i.Identifier, err)
			}
			if i.Flow != nil {
				flows[i.Flow.Name] = FlowHash(i.Flow.Source)
			}
		}
		for _, f := range w.Flows {
			if err := storeFlow(tx, f, now); err != nil {
				return err
			}
			flows[f.Name] = FlowHash(f.Source)
		}
		if err := ownBotHooks(tx, now); err != nil {
			return err
		}
		return r.renewFlows(tx, flows, now)
	})
	if err != nil {
		return fmt.Errorf("store wiring: %w", err)
	}
	r.inboxes.secrets.Store(&secrets)
	r.inboxes.flows.Store(&flows)
	if err := r.warnOfSenders(ctx); err != nil {
		return err
	}
	_, err = r.loadInboxes(r.db.Read().WithContext(ctx))
	return err
}

func (r *Router) wireInbox(tx *gorm.DB, i InboxWiring, now time.Time) error {
	var hash *string
	if i.Flow != nil {
		h := FlowHash(i.Flow.Source)
		hash = &h
		if err := storeFlow(tx, *i.Flow, now); err != nil {
			return err
		}
	}
	if err := i.Settings.Survey.check(); err != nil {
		return err
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return err
	}
	was, err := settingsOf(tx, i.Identifier)
	if err != nil {
		return err
	}
	var id int64
	err = tx.Raw(`INSERT INTO inboxes (identifier, name, channel, origin, settings, flow_hash, created_at, updated_at)
		VALUES (?, ?, ?, 'file', ?, ?, ?, ?)
		ON CONFLICT (identifier) DO UPDATE SET name = excluded.name, channel = excluded.channel, origin = 'file',
			settings = excluded.settings, flow_hash = excluded.flow_hash, updated_at = excluded.updated_at
		RETURNING id`, i.Identifier, i.Name, i.Channel, string(settings), hash, now, now).Scan(&id).Error
	if err != nil {
		return err
	}
	if err := r.reconsider(tx, id, was.AutoResolve, i.Settings.AutoResolve); err != nil {
		return err
	}
	if err := wireCampaigns(tx, id, i.Campaigns, now); err != nil {
		return err
	}
	return ownHook(tx, WebhookOfChannel, id, i.Settings.WebhookURL, now)
}

// settingsOf reads the settings that an inbox has; those of one that is not
// there say nothing.
func settingsOf(tx *gorm.DB, identifier string) (s InboxSettings, err error) {
	var stored string
	if err := tx.Raw("SELECT settings FROM inboxes WHERE identifier = ?", identifier).Scan(&stored).Error; err != nil || stored == "" {
		return s, err
	}
	return s, json.Unmarshal([]byte(stored), &s)
}

func storeFlow(tx *gorm.DB, f FlowText, now time.Time) error {
	err := tx.Exec("INSERT INTO flows (hash, name, source, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
		FlowHash(f.Source), f.Name, string(f.Source), now).Error
	if err != nil {
		return fmt.Errorf("flow %q: %w", f.Name, err)
	}
	return nil
}

// renewFlows gives inboxes of origin "api" the text that the flow they name has
// now. One that is no longer declared goes on with the text it had.
func (r *Router) renewFlows(tx *gorm.DB, flows map[string]string, now time.Time) error {
	set, err := r.readInboxes(tx)
	if err != nil {
		return err
	}
	for _, i := range set.all {
		hash, declared := flows[i.Settings.BotFlow]
		if i.Origin != "api" || !declared || i.FlowHash != nil && *i.FlowHash == hash {
			continue
		}
		if err := tx.Exec("UPDATE inboxes SET flow_hash = ?, updated_at = ? WHERE id = ?", hash, now, i.ID).Error; err != nil {
			return fmt.Errorf("flow of inbox %d: %w", i.ID, err)
		}
	}
	return nil
}

// declaredFlow returns the hash of a flow that the configuration declares.
func (r *Router) declaredFlow(name string) (hash string, ok bool) {
	if flows := r.inboxes.flows.Load(); flows != nil {
		hash, ok = (*flows)[name]
	}
	return hash, ok
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
