package router

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/page"
)

// Campaign is a message that visitors of some pages are shown before they
// write. Their answer starts a conversation with it.
type Campaign struct {
	ID           int64
	InboxID      int64
	Origin       string // "file" (relevo.yaml) or "api"
	Title        string // for agents
	Message      string
	URL          string `gorm:"column:url"` // a pattern of package page
	AfterSeconds int    // on the page
	HoursOnly    bool   // only while people answer
	SenderID     *int64 // an agent; nil where SenderEmail names one, and where the bot sends
	SenderEmail  string
	Enabled      bool
	RemovedAt    *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time

	AgentID *int64 `gorm:"column:agent_id;->"` // who SenderID or SenderEmail is; nil for the bot and those who are gone
	Sender  *Agent `gorm:"-"`
}

// Pages is the pattern of the pages that show it, as browsers write addresses.
func (c *Campaign) Pages() string { return page.Normal(c.URL) }

// ended reports whether visitors are shown it no more.
func (c *Campaign) ended() bool { return !c.Enabled || c.RemovedAt != nil }

// timely reports whether it may be shown at that time.
func (c *Campaign) timely(inbox *Inbox, at time.Time) bool {
	return !c.HoursOnly || inbox.Settings.OpenAt(at)
}

// ByPerson reports whether a person sends it, and not the bot.
func (c *Campaign) ByPerson() bool { return c.SenderID != nil || c.SenderEmail != "" }

const selectCampaign = `SELECT c.*, (SELECT a.id FROM agents a WHERE a.removed_at IS NULL
	AND (a.id = c.sender_id OR c.sender_id IS NULL AND a.email = c.sender_email AND c.sender_email <> '')) AS agent_id FROM campaigns c`

// Campaigns lists all that there are, by inbox.
func (r *Router) Campaigns(ctx context.Context) ([]*Campaign, error) {
	return campaigns(r.db.Read().WithContext(ctx), "c.removed_at IS NULL ORDER BY c.inbox_id, c.id")
}

// Campaign returns one that is not removed.
func (r *Router) Campaign(ctx context.Context, id int64) (*Campaign, error) {
	found, err := campaigns(r.db.Read().WithContext(ctx), "c.id = ? AND c.removed_at IS NULL", id)
	if err != nil || len(found) == 0 {
		return nil, orNotFound(err)
	}
	return found[0], nil
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.NotFound
}

// ActiveCampaigns lists what visitors of an inbox are shown now. Of an address
// other than "", only what is meant for that page.
func (r *Router) ActiveCampaigns(ctx context.Context, inbox *Inbox, address string) ([]*Campaign, error) {
	found, err := campaigns(r.db.Read().WithContext(ctx), "c.inbox_id = ? AND c.enabled AND c.removed_at IS NULL ORDER BY c.id", inbox.ID)
	active := []*Campaign{}
	for _, c := range found {
		if c.timely(inbox, r.now()) && (address == "" || page.Matches(c.URL, address)) {
			active = append(active, c)
		}
	}
	return active, err
}

func campaigns(db *gorm.DB, where string, args ...any) ([]*Campaign, error) {
	found := []*Campaign{}
	if err := db.Raw(selectCampaign+" WHERE "+where, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("campaigns: %w", err)
	}
	var ids []int64
	for _, c := range found {
		if c.AgentID != nil {
			ids = append(ids, *c.AgentID)
		}
	}
	agents, err := keyed(db, "SELECT * FROM agents WHERE id IN ?", distinct(ids), func(a Agent) int64 { return a.ID })
	for _, c := range found {
		if c.AgentID != nil {
			c.Sender = agents[*c.AgentID]
		}
	}
	return found, err
}

// SawCampaign notes that a visitor is shown a campaign. Only the first time it
// is to be shown: not again in another tab, not to who talks already, and
// outside business hours not yet, if it is for those.
func (r *Router) SawCampaign(ctx context.Context, inbox *Inbox, sourceID string, id int64) (first bool, err error) {
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		ch := &change{r: r, tx: tx, now: r.now()}
		v, err := ch.lockVisitor(inbox, sourceID)
		if err != nil {
			return err
		}
		c, err := ch.campaignOf(inbox, id)
		switch {
		case err != nil:
			return err
		case c.ended():
			return fault.NotFound
		case !c.timely(inbox, ch.now):
			return nil
		}
		talks, err := ch.runningOf(v)
		if err != nil {
			return err
		}
		seen := tx.Exec(`INSERT INTO campaign_visitors (campaign_id, contact_inbox_id, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, v.ID, ch.now)
		first = seen.RowsAffected == 1 && talks == 0 && !v.Contact.Blocked
		return seen.Error
	})
	return first, err
}

// campaignOf returns a campaign that visitors of the inbox are shown, or were.
func (ch *change) campaignOf(inbox *Inbox, id int64) (*Campaign, error) {
	found, err := campaigns(ch.tx, "c.id = ? AND c.inbox_id = ?", id, inbox.ID)
	if err != nil || len(found) == 0 {
		return nil, orNotFound(err)
	}
	return found[0], nil
}

// runningOf returns the visitor's conversation that is not resolved, 0 for none.
func (ch *change) runningOf(v *Visitor) (id int64, err error) {
	err = ch.tx.Raw("SELECT id FROM conversations WHERE contact_inbox_id = ? AND status <> ? ORDER BY id DESC LIMIT 1", v.ID, string(fsm.Resolved)).Scan(&id).Error
	if err != nil {
		return 0, fmt.Errorf("running conversation of visitor %d: %w", v.ID, err)
	}
	return id, nil
}
