package router

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/texts"
)

const (
	maxGreeting        = 5000 // runes
	maxInboxText       = 255
	maxAutoAssignLimit = 10_000
)

// defaultDebounce is what relevo.yaml has where it says nothing.
var defaultDebounce = Debounce{Window: 1500 * time.Millisecond, Maximum: 6 * time.Second}

var colorPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// InboxDraft is what is said of an inbox; nil fields say nothing.
type InboxDraft struct {
	Name, Greeting, TimeZone, Locale, AfterResolved       *string
	BotFlow                                               *string // the name of a declared flow; "": no flow
	WebsiteURL, WidgetColor, WelcomeTitle, WelcomeTagline *string
	WebhookURL                                            *string // "": none
	GreetingEnabled, AutoAssign                           *bool
	AutoAssignLimit                                       *int // 0: no limit
	SurveyEnabled                                         *bool
	Around                                                AroundDraft
	Survey                                                *SurveySettings // all but Enabled
}

// AddInbox makes an inbox of origin "api" whose channel is "web_widget" or
// "api". Nobody is a member yet.
func (r *Router) AddInbox(ctx context.Context, channel string, d InboxDraft) (*Inbox, error) {
	if channel != "web_widget" && channel != "api" {
		return nil, fault.Invalid.Field("unknown", "channel")
	}
	i := &Inbox{Identifier: strings.ToLower(rand.Text()), Channel: channel, Origin: "api", CreatedAt: r.now(),
		Settings: InboxSettings{Locale: texts.Languages[0], TimeZone: "UTC", AfterResolved: AfterResolvedReopen, Debounce: defaultDebounce, GreetingOff: true}}
	if err := r.describe(i, d); err != nil {
		return nil, err
	}
	if err := r.checkOptionalURL(ctx, "webhook_url", d.WebhookURL); err != nil {
		return nil, err
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		err := tx.Raw(`INSERT INTO inboxes (identifier, name, channel, origin, settings, flow_hash, created_at, updated_at)
			VALUES (?, ?, ?, 'api', ?, ?, ?, ?) RETURNING id`,
			i.Identifier, i.Name, i.Channel, string(settings), i.FlowHash, i.CreatedAt, i.CreatedAt).Scan(&i.ID).Error
		if err != nil {
			return err
		}
		return ownHook(tx, WebhookOfChannel, i.ID, i.Settings.WebhookURL, i.CreatedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("add inbox: %w", err)
	}
	return r.refreshed(ctx, i.ID)
}

// UpdateInbox changes an inbox of origin "api"; one from the configuration file
// is fault.ReadOnly.
func (r *Router) UpdateInbox(ctx context.Context, id int64, d InboxDraft) (*Inbox, error) {
	if err := r.checkOptionalURL(ctx, "webhook_url", d.WebhookURL); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		i, err := r.lockInbox(tx, id)
		if err != nil {
			return err
		}
		if i.Origin == "file" {
			return fault.ReadOnly
		}
		if err := r.describe(i, d); err != nil {
			return err
		}
		settings, err := json.Marshal(i.Settings)
		if err != nil {
			return err
		}
		if err := ownHook(tx, WebhookOfChannel, id, i.Settings.WebhookURL, r.now()); err != nil {
			return err
		}
		return tx.Exec("UPDATE inboxes SET name = ?, settings = ?, flow_hash = ?, updated_at = ? WHERE id = ?",
			i.Name, string(settings), i.FlowHash, r.now(), id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update inbox: %w", err)
	}
	if d.AutoAssign != nil || d.AutoAssignLimit != nil {
		r.tryWaiting()
	}
	return r.refreshed(ctx, id)
}

// SetAgentBot attaches a bot outside to an inbox, or none where botID is nil.
// An inbox has one bot: where there is a flow, the bot is refused.
func (r *Router) SetAgentBot(ctx context.Context, id int64, botID *int64) (*Inbox, error) {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		i, err := r.lockInbox(tx, id)
		if err != nil {
			return err
		}
		if botID != nil {
			if i.FlowHash != nil {
				return fault.Invalid.Field("has_a_bot", "agent_bot")
			}
			var known int64
			if err := tx.Raw("SELECT id FROM agent_bots WHERE id = ?", *botID).Scan(&known).Error; err != nil {
				return err
			}
			if known == 0 {
				return fault.Invalid.Field("unknown", "agent_bot")
			}
		}
		return tx.Exec("UPDATE inboxes SET agent_bot_id = ?, updated_at = ? WHERE id = ?", botID, r.now(), id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("set bot of inbox: %w", err)
	}
	return r.refreshed(ctx, id)
}

// lockInbox reads an inbox under its row's lock.
func (r *Router) lockInbox(tx *gorm.DB, id int64) (*Inbox, error) {
	var locked int64
	if err := tx.Raw("SELECT id FROM inboxes WHERE id = ?"+r.db.ForUpdate(false), id).Scan(&locked).Error; err != nil {
		return nil, fmt.Errorf("lock inbox %d: %w", id, err)
	}
	set, err := r.readInboxes(tx)
	if err != nil {
		return nil, err
	}
	i := set.byID[id]
	if i == nil {
		return nil, fault.NotFound
	}
	return i, nil
}

// describe puts what d says into i, or says what is wrong with it.
func (r *Router) describe(i *Inbox, d InboxDraft) error {
	s := &i.Settings
	for to, from := range map[*string]*string{&i.Name: d.Name, &s.Greeting: d.Greeting, &s.TimeZone: d.TimeZone, &s.Locale: d.Locale,
		&s.AfterResolved: d.AfterResolved, &s.BotFlow: d.BotFlow, &s.Widget.WebsiteURL: d.WebsiteURL, &s.Widget.Color: d.WidgetColor,
		&s.Widget.WelcomeTitle: d.WelcomeTitle, &s.Widget.WelcomeTagline: d.WelcomeTagline, &s.WebhookURL: d.WebhookURL} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	if d.GreetingEnabled != nil {
		s.GreetingOff = !*d.GreetingEnabled
	}
	if d.AutoAssign != nil {
		s.NoAutoAssign = !*d.AutoAssign
	}
	if d.AutoAssignLimit != nil {
		s.AutoAssignLimit = *d.AutoAssignLimit
	}
	if d.Survey != nil {
		enabled := s.Survey.Enabled
		s.Survey = *d.Survey
		s.Survey.Enabled = enabled
	}
	if d.SurveyEnabled != nil {
		s.Survey.Enabled = *d.SurveyEnabled
	}
	if err := s.around(d.Around); err != nil {
		return err
	}
	if err := i.check(); err != nil {
		return err
	}
	return r.nameFlow(i, d)
}

// nameFlow gives the inbox the flow that d names.
func (r *Router) nameFlow(i *Inbox, d InboxDraft) error {
	switch {
	case d.BotFlow == nil:
		return nil
	case i.Settings.BotFlow == "":
		i.FlowHash = nil
		return nil
	case i.AgentBotID != nil:
		return fault.Invalid.Field("has_a_bot", "bot_flow")
	}
	hash, declared := r.declaredFlow(i.Settings.BotFlow)
	if !declared {
		return fault.Invalid.Field("unknown", "bot_flow")
	}
	i.FlowHash = &hash
	return nil
}

// check refuses what cannot be an inbox.
func (i *Inbox) check() error {
	s := &i.Settings
	for field, text := range map[string]string{"name": i.Name, "time_zone": s.TimeZone, "bot_flow": s.BotFlow,
		"website_url": s.Widget.WebsiteURL, "welcome_title": s.Widget.WelcomeTitle, "welcome_tagline": s.Widget.WelcomeTagline} {
		if detail := badText(text, maxInboxText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	if detail := badText(s.Greeting, maxGreeting); detail != "" {
		return fault.Invalid.Field(detail, "greeting_message")
	}
	_, err := time.LoadLocation(s.TimeZone)
	switch {
	case i.Name == "":
		return fault.Invalid.Field("blank", "name")
	case err != nil || s.TimeZone == "" || s.TimeZone == "Local":
		return fault.Invalid.Field("not_a_time_zone", "timezone")
	case !isLanguage(s.Locale):
		return fault.Invalid.Field("unknown_language", "locale")
	case s.AfterResolved != AfterResolvedReopen && s.AfterResolved != AfterResolvedNew:
		return fault.Invalid.Field("unknown", "after_resolved")
	case s.AutoAssignLimit < 0 || s.AutoAssignLimit > maxAutoAssignLimit:
		return fault.Invalid.Field("out_of_range", "auto_assignment_config")
	case s.Widget.Color != "" && !colorPattern.MatchString(s.Widget.Color):
		return fault.Invalid.Field("not_a_color", "widget_color")
	case s.WebhookURL != "" && i.Channel != channelAPI:
		return fault.Invalid.Field("not_allowed", "webhook_url")
	case !isWebAddress(cmp.Or(s.Widget.WebsiteURL, "https://example.com")):
		return fault.Invalid.Field("not_a_url", "website_url")
	}
	return s.Survey.check()
}

func isLanguage(tag string) bool {
	for _, known := range texts.Languages {
		if tag == known {
			return true
		}
	}
	return false
}

// refreshInboxes makes this process see at once what it has changed.
func (r *Router) refreshInboxes(ctx context.Context) error {
	_, err := r.loadInboxes(r.db.Read().WithContext(ctx))
	return err
}

func (r *Router) refreshed(ctx context.Context, id int64) (*Inbox, error) {
	if err := r.refreshInboxes(ctx); err != nil {
		return nil, err
	}
	return r.InboxByID(ctx, id)
}
