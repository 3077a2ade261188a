package router

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/page"
)

const (
	maxCampaignTitle   = 255
	maxCampaignMessage = 5000 // runes
	maxAfterSeconds    = 86_400
	maxCampaigns       = 500 // of an inbox
)

// CampaignDraft is what is said of a campaign; nil fields say nothing.
type CampaignDraft struct {
	InboxID             *int64
	Title, Message, URL *string
	AfterSeconds        *int
	HoursOnly, Enabled  *bool
	SenderID            *int64 // 0: the bot
}

// AddCampaign makes a campaign of a web widget's inbox.
func (r *Router) AddCampaign(ctx context.Context, d CampaignDraft) (*Campaign, error) {
	c := &Campaign{Origin: "api", Enabled: true, CreatedAt: r.now()}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		if d.InboxID != nil {
			c.InboxID = *d.InboxID
		}
		if err := r.describeCampaign(tx, c, d); err != nil {
			return err
		}
		var there int64
		if err := tx.Raw("SELECT count(*) FROM campaigns WHERE inbox_id = ? AND removed_at IS NULL", c.InboxID).Scan(&there).Error; err != nil {
			return err
		}
		if there >= maxCampaigns {
			return fault.Invalid.Field(fault.Limit("too_many", maxCampaigns), "inbox_id")
		}
		return tx.Raw(`INSERT INTO campaigns (inbox_id, origin, title, message, url, after_seconds, hours_only, sender_id, enabled, created_at, updated_at)
			VALUES (?, 'api', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, c.InboxID, c.Title, c.Message, c.URL, c.AfterSeconds, c.HoursOnly,
			c.SenderID, c.Enabled, c.CreatedAt, c.CreatedAt).Scan(&c.ID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("add campaign: %w", err)
	}
	return r.Campaign(ctx, c.ID)
}

// UpdateCampaign changes a campaign; one from the configuration file is
// fault.ReadOnly.
func (r *Router) UpdateCampaign(ctx context.Context, id int64, d CampaignDraft) (*Campaign, error) {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		c, err := r.lockCampaign(tx, id)
		if err != nil {
			return err
		}
		d.InboxID = nil // a campaign stays where it is
		if err := r.describeCampaign(tx, c, d); err != nil {
			return err
		}
		return tx.Exec("UPDATE campaigns SET title = ?, message = ?, url = ?, after_seconds = ?, hours_only = ?, sender_id = ?, enabled = ?, updated_at = ? WHERE id = ?",
			c.Title, c.Message, c.URL, c.AfterSeconds, c.HoursOnly, c.SenderID, c.Enabled, r.now(), id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update campaign: %w", err)
	}
	return r.Campaign(ctx, id)
}

// RemoveCampaign shows a campaign no more. Its conversations still name it.
func (r *Router) RemoveCampaign(ctx context.Context, id int64) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		if _, err := r.lockCampaign(tx, id); err != nil {
			return err
		}
		return tx.Exec("UPDATE campaigns SET removed_at = ? WHERE id = ?", r.now(), id).Error
	})
}

func (r *Router) lockCampaign(tx *gorm.DB, id int64) (*Campaign, error) {
	var c Campaign
	err := tx.Raw("SELECT * FROM campaigns WHERE id = ? AND removed_at IS NULL"+r.db.ForUpdate(false), id).Scan(&c).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("campaign %d: %w", id, err)
	case c.ID == 0:
		return nil, fault.NotFound
	case c.Origin == "file":
		return nil, fault.ReadOnly
	}
	return &c, nil
}

// describeCampaign puts what d says into c, or says what is wrong with it.
func (r *Router) describeCampaign(tx *gorm.DB, c *Campaign, d CampaignDraft) error {
	for to, from := range map[*string]*string{&c.Title: d.Title, &c.Message: d.Message, &c.URL: d.URL} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	for to, from := range map[*bool]*bool{&c.HoursOnly: d.HoursOnly, &c.Enabled: d.Enabled} {
		if from != nil {
			*to = *from
		}
	}
	if d.AfterSeconds != nil {
		c.AfterSeconds = *d.AfterSeconds
	}
	if d.SenderID != nil {
		c.SenderID = d.SenderID
		if *d.SenderID == 0 {
			c.SenderID = nil
		}
	}
	if err := c.check(); err != nil {
		return err
	}
	return r.checkSender(tx, c, d)
}

// check refuses what cannot be a campaign.
func (c *Campaign) check() error {
	for _, text := range []struct {
		field, value string
		most         int
	}{{"title", c.Title, maxCampaignTitle}, {"message", c.Message, maxCampaignMessage}} {
		if detail := badText(text.value, text.most); detail != "" {
			return fault.Invalid.Field(detail, text.field)
		}
		if text.value == "" {
			return fault.Invalid.Field("blank", text.field)
		}
	}
	switch err := page.Check(c.URL); {
	case errors.Is(err, page.ErrEverything):
		return fault.Invalid.Field("matches_everything", "url")
	case errors.Is(err, page.ErrTooManyStars):
		return fault.Invalid.Field("too_many_stars", "url")
	case errors.Is(err, page.ErrTooLong):
		return fault.Invalid.Field(fault.Limit("too_large", page.MaxPattern), "url")
	case err != nil:
		return fault.Invalid.Field("not_a_url", "url")
	case c.AfterSeconds < 0 || c.AfterSeconds > maxAfterSeconds:
		return fault.Invalid.Field(fault.Limit("out_of_range", 0, maxAfterSeconds), "time_on_page")
	}
	return nil
}

// checkSender refuses an inbox that has no visitors, and a sender who is new
// and would not see the answers.
func (r *Router) checkSender(tx *gorm.DB, c *Campaign, d CampaignDraft) error {
	set, err := r.readInboxes(tx)
	if err != nil {
		return err
	}
	inbox := set.byID[c.InboxID]
	switch {
	case inbox == nil:
		return fault.Invalid.Field("unknown_inbox", "inbox_id")
	case inbox.Channel != "web_widget":
		return fault.Invalid.Field("not_a_web_widget", "inbox_id")
	case d.SenderID == nil || c.SenderID == nil:
		return nil
	}
	var able int64
	err = tx.Raw(`SELECT a.id FROM agents a WHERE a.id = ? AND a.removed_at IS NULL AND (a.role = ?
		OR EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?))`, *c.SenderID, string(RoleAdministrator), c.InboxID).Scan(&able).Error
	if err != nil {
		return err
	}
	if able == 0 {
		return fault.Invalid.Field("not_a_member", "sender_id")
	}
	return nil
}

// wireCampaigns makes the declared campaigns of an inbox those that there are.
// They are known by their titles; one that is no longer declared is removed.
func wireCampaigns(tx *gorm.DB, inboxID int64, declared []Campaign, now time.Time) error {
	titles := []string{""}
	for _, c := range declared {
		if err := c.check(); err != nil {
			return fmt.Errorf("campaign %q: %w", c.Title, err)
		}
		titles = append(titles, c.Title)
		err := tx.Exec(`INSERT INTO campaigns (inbox_id, origin, title, message, url, after_seconds, hours_only, sender_email, enabled, created_at, updated_at)
			VALUES (?, 'file', ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (inbox_id, title) WHERE origin = 'file' DO UPDATE SET message = excluded.message, url = excluded.url,
				after_seconds = excluded.after_seconds, hours_only = excluded.hours_only, sender_email = excluded.sender_email,
				enabled = excluded.enabled, removed_at = NULL, updated_at = excluded.updated_at`,
			inboxID, c.Title, c.Message, c.URL, c.AfterSeconds, c.HoursOnly, foldEmail(c.SenderEmail), c.Enabled, now, now).Error
		if err != nil {
			return fmt.Errorf("campaign %q: %w", c.Title, err)
		}
	}
	err := tx.Exec("UPDATE campaigns SET removed_at = ? WHERE inbox_id = ? AND origin = 'file' AND removed_at IS NULL AND title NOT IN ?", now, inboxID, titles).Error
	if err != nil {
		return fmt.Errorf("campaigns that are gone: %w", err)
	}
	return nil
}

// warnOfSenders warns of campaigns of the file whose sender would not see the
// answers: it cannot say so itself, since agents are no part of it.
func (r *Router) warnOfSenders(ctx context.Context) error {
	var helpless []struct{ Inbox, Title string }
	err := r.db.Read().WithContext(ctx).Raw(`SELECT i.identifier AS inbox, c.title FROM campaigns c JOIN inboxes i ON i.id = c.inbox_id
		WHERE c.origin = 'file' AND c.enabled AND c.removed_at IS NULL AND c.sender_email <> '' AND NOT EXISTS (SELECT 1 FROM agents a
			WHERE a.email = c.sender_email AND a.removed_at IS NULL AND (a.role = ?
				OR EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = c.inbox_id)))
		ORDER BY c.id`, string(RoleAdministrator)).Scan(&helpless).Error
	if err != nil {
		return fmt.Errorf("senders of campaigns: %w", err)
	}
	for _, c := range helpless {
		r.log.WarnContext(ctx, "the sender of a campaign is no agent of its inbox: answers go to nobody in particular", "inbox", c.Inbox, "campaign", c.Title)
	}
	return nil
}
