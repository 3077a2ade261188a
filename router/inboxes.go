package router

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// inboxesFresh is how long a process goes on with the inboxes it knows, when
// another one may have changed them.
const inboxesFresh = 2 * time.Second

// inboxCache holds all inboxes with the webhooks; there are few, and every
// message needs them.
type inboxCache struct {
	known   atomic.Pointer[inboxSet]
	loading atomic.Bool
	begun   atomic.Int64 // how many readings have begun
	mu      sync.Mutex
	newest  int64                             // which of them known is of, or the last that is too old
	secrets atomic.Pointer[map[string]string] // identifier → HMAC secret; never stored
	flows   atomic.Pointer[map[string]string] // declared flows: name → hash
}

// keep makes set what is known, unless a later reading has done so.
func (c *inboxCache) keep(set *inboxSet, reading int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if reading > c.newest {
		c.newest = reading
		c.known.Store(set)
	}
}

// forget has the next caller read anew; what is being read now comes too late.
func (c *inboxCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.newest = c.begun.Add(1)
	c.known.Store(nil)
}

type inboxSet struct {
	byID         map[int64]*Inbox
	byIdentifier map[string]*Inbox
	all          []*Inbox
	hooks        []*Webhook // that are told something
	at           time.Time
}

// inboxSet returns what is known, loaded through db if it is not fresh. While
// one caller loads, the others go on with what they have.
func (r *Router) inboxSet(db *gorm.DB) (*inboxSet, error) {
	known := r.inboxes.known.Load()
	if known != nil && r.now().Sub(known.at) < inboxesFresh {
		return known, nil
	}
	if known != nil && !r.inboxes.loading.CompareAndSwap(false, true) {
		return known, nil
	}
	defer r.inboxes.loading.Store(false)
	return r.loadInboxes(db)
}

func (r *Router) loadInboxes(db *gorm.DB) (*inboxSet, error) {
	reading := r.inboxes.begun.Add(1)
	set, err := r.readInboxes(db)
	if err == nil {
		r.inboxes.keep(set, reading)
	}
	return set, err
}

// readInboxes reads what db says, without keeping it.
func (r *Router) readInboxes(db *gorm.DB) (*inboxSet, error) {
	var rows []struct {
		ID                                int64
		Identifier, Name, Channel, Origin string
		Settings                          string
		FlowHash                          *string
		FlowName                          string
		AgentBotID                        *int64
		CreatedAt, UpdatedAt              time.Time
	}
	if err := db.Raw("SELECT i.*, COALESCE(f.name, '') AS flow_name FROM inboxes i LEFT JOIN flows f ON f.hash = i.flow_hash ORDER BY i.id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("inboxes: %w", err)
	}
	set := &inboxSet{byID: map[int64]*Inbox{}, byIdentifier: map[string]*Inbox{}, at: r.now()}
	for _, row := range rows {
		i := &Inbox{ID: row.ID, Identifier: row.Identifier, Name: row.Name, Channel: row.Channel, Origin: row.Origin,
			FlowHash: row.FlowHash, FlowName: row.FlowName, AgentBotID: row.AgentBotID, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
		if err := json.Unmarshal([]byte(row.Settings), &i.Settings); err != nil {
			return nil, fmt.Errorf("settings of inbox %q: %w", row.Identifier, err)
		}
		if secrets := r.inboxes.secrets.Load(); secrets != nil {
			i.Settings.HMACSecret = (*secrets)[i.Identifier]
		}
		if i.Origin == "api" {
			i.Settings.HMACSecret = i.Settings.OwnHMACSecret
		}
		set.byID[i.ID], set.byIdentifier[i.Identifier] = i, i
		set.all = append(set.all, i)
	}
	return set, set.readWebhooks(db)
}

// loadInbox fills the inbox of a change, on the transaction's own connection:
// waiting for another one while holding this one could wait for ever.
func (ch *change) loadInbox() error {
	set, err := ch.r.inboxSet(ch.tx)
	if err != nil {
		return err
	}
	if ch.inbox = set.byID[ch.c.InboxID]; ch.inbox == nil { // made a moment ago, elsewhere
		if set, err = ch.r.loadInboxes(ch.tx); err != nil {
			return err
		}
		ch.inbox = set.byID[ch.c.InboxID]
	}
	if ch.inbox == nil {
		return fmt.Errorf("inbox %d of conversation %d is not there", ch.c.InboxID, ch.c.ID)
	}
	ch.hooks = set.hooks
	return nil
}

// InboxByIdentifier returns the inbox with a public identifier.
func (r *Router) InboxByIdentifier(ctx context.Context, identifier string) (*Inbox, error) {
	set, err := r.inboxSet(r.db.Read().WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if i := set.byIdentifier[identifier]; i != nil {
		return i, nil
	}
	return nil, fault.NotFound
}

// InboxByID returns an inbox by its id.
func (r *Router) InboxByID(ctx context.Context, id int64) (*Inbox, error) {
	set, err := r.inboxSet(r.db.Read().WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if i := set.byID[id]; i != nil {
		return i, nil
	}
	return nil, fault.NotFound
}

// Inboxes lists all inboxes by id.
func (r *Router) Inboxes(ctx context.Context) ([]*Inbox, error) {
	set, err := r.inboxSet(r.db.Read().WithContext(ctx))
	if err != nil {
		return nil, err
	}
	return set.all, nil
}
