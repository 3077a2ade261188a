package router

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"relevo/router/fault"
	"relevo/router/texts"
)

const (
	maxGreeting        = 5000 // runes
	maxInboxText       = 255
	maxAutoAssignLimit = 10_000
	maxDebounceWindow  = time.Minute
	maxDebounce        = 5 * time.Minute
)

var colorPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// InboxDraft is what is said of an inbox; nil fields say nothing.
type InboxDraft struct {
	Name, Greeting, TimeZone, Locale, AfterResolved       *string
	BotFlow                                               *string // the name of a declared flow; "": no flow
	WebsiteURL, WidgetColor, WelcomeTitle, WelcomeTagline *string
	WidgetPosition, AllowedDomains                        *string // "": right; any. Commas stand between domains
	WebhookURL                                            *string // "": none
	GreetingEnabled, AutoAssign, TalkToPerson             *bool
	AutoAssignLimit                                       *int // 0: no limit
	SurveyEnabled                                         *bool
	MailFrom, MailReplyTo                                 *string        // as in a mail: "Name <address>"; "": the server's
	DebounceWindow, DebounceMaximum                       *time.Duration // see Debounce
	IdentityChecked                                       *bool          // true makes a secret for the identifiers of contacts where there is none
	Around                                                AroundDraft
	Survey                                                *SurveySettings // all but Enabled
}

// describe puts what d says into i, or says what is wrong with it.
func (r *Router) describe(i *Inbox, d InboxDraft) error {
	s := &i.Settings
	for to, from := range map[*string]*string{&i.Name: d.Name, &s.Greeting: d.Greeting, &s.TimeZone: d.TimeZone, &s.Locale: d.Locale,
		&s.AfterResolved: d.AfterResolved, &s.BotFlow: d.BotFlow, &s.Widget.WebsiteURL: d.WebsiteURL, &s.Widget.Color: d.WidgetColor,
		&s.Widget.WelcomeTitle: d.WelcomeTitle, &s.Widget.WelcomeTagline: d.WelcomeTagline, &s.WebhookURL: d.WebhookURL,
		&s.Widget.Position: d.WidgetPosition, &s.Mail.From: d.MailFrom, &s.Mail.ReplyTo: d.MailReplyTo} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	if d.GreetingEnabled != nil {
		s.GreetingOff = !*d.GreetingEnabled
	}
	for to, from := range map[*time.Duration]*time.Duration{&s.Debounce.Window: d.DebounceWindow, &s.Debounce.Maximum: d.DebounceMaximum} {
		if from != nil {
			*to = *from
		}
	}
	if d.IdentityChecked != nil {
		s.checkIdentity(*d.IdentityChecked)
	}
	if d.AutoAssign != nil {
		s.NoAutoAssign = !*d.AutoAssign
	}
	if d.TalkToPerson != nil {
		s.NoTalkToPerson = !*d.TalkToPerson
	}
	if d.AllowedDomains != nil {
		s.Widget.AllowedDomains = domainsIn(*d.AllowedDomains)
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
		return fault.Invalid.Field(fault.Limit("out_of_range", 0, maxAutoAssignLimit), "auto_assignment_config")
	case s.WebhookURL != "" && i.Channel != channelAPI:
		return fault.Invalid.Field("not_allowed", "webhook_url")
	case !isWebAddress(cmp.Or(s.Widget.WebsiteURL, "https://example.com")):
		return fault.Invalid.Field("not_a_url", "website_url")
	}
	for _, check := range []func() error{s.Widget.check, s.Debounce.check, s.Mail.check, s.EmailCollect.check, s.Survey.check} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func isLanguage(tag string) bool {
	for _, known := range texts.Languages {
		if tag == known {
			return true
		}
	}
	return false
}

// check refuses a wait that customers would take for silence.
func (d Debounce) check() error {
	switch {
	case d.Window < 0 || d.Window > maxDebounceWindow:
		return fault.Invalid.Field(fault.Limit("out_of_range", 0, maxDebounceWindow.Milliseconds()), "debounce_window_ms")
	case d.Maximum < d.Window || d.Maximum > maxDebounce:
		return fault.Invalid.Field(fault.Limit("out_of_range", d.Window.Milliseconds(), maxDebounce.Milliseconds()), "debounce_maximum_ms")
	}
	return nil
}
