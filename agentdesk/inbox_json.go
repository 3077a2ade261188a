package agentdesk

import (
	"cmp"
	"context"
	"strings"

	"relevo/router"
)

// inboxJSON is an inbox as agents see it. What belongs to another channel than
// the inbox's is null.
type inboxJSON struct {
	ID                         int64           `json:"id"`
	AvatarURL                  string          `json:"avatar_url"`
	ChannelID                  int64           `json:"channel_id"`
	Name                       string          `json:"name"`
	ChannelType                string          `json:"channel_type" enum:"Channel::WebWidget,Channel::Api"`
	GreetingEnabled            bool            `json:"greeting_enabled"`
	GreetingMessage            *string         `json:"greeting_message"`
	WorkingHoursEnabled        bool            `json:"working_hours_enabled"`
	EnableEmailCollect         bool            `json:"enable_email_collect"`
	CSATSurveyEnabled          bool            `json:"csat_survey_enabled"`
	CSATConfig                 surveyConfig    `json:"csat_config"`
	EnableAutoAssignment       bool            `json:"enable_auto_assignment"`
	AutoAssignmentConfig       map[string]int  `json:"auto_assignment_config" doc:"max_assignment_limit: open conversations of one agent"`
	OutOfOfficeMessage         *string         `json:"out_of_office_message"`
	WorkingHours               []router.DayRow `json:"working_hours"`
	Timezone                   string          `json:"timezone"`
	CallbackWebhookURL         *string         `json:"callback_webhook_url"`
	WebhookURL                 *string         `json:"webhook_url" doc:"of an API inbox: where its connector is told what happens"`
	Secret                     *string         `json:"secret" doc:"signs what webhook_url is told; for administrators"`
	AllowMessagesAfterResolved bool            `json:"allow_messages_after_resolved"`
	LockToSingleConversation   bool            `json:"lock_to_single_conversation"`
	SenderNameType             string          `json:"sender_name_type"`
	BusinessName               *string         `json:"business_name"`
	WidgetColor                *string         `json:"widget_color"`
	WebsiteURL                 *string         `json:"website_url"`
	HMACMandatory              bool            `json:"hmac_mandatory"`
	WelcomeTitle               *string         `json:"welcome_title"`
	WelcomeTagline             *string         `json:"welcome_tagline"`
	WebsiteToken               *string         `json:"website_token" doc:"the identifier of a web widget's inbox"`
	SelectedFeatureFlags       []string        `json:"selected_feature_flags"`
	InboxIdentifier            *string         `json:"inbox_identifier" doc:"the identifier of an API inbox"`
	Provider                   *string         `json:"provider"`
	PreChatFormEnabled         *bool           `json:"pre_chat_form_enabled"`
	PreChatFormOptions         *formJSON       `json:"pre_chat_form_options"`
	HMACToken                  *string         `json:"hmac_token" doc:"hashes the identifiers of contacts; for administrators, of an inbox that the API made"`

	// Relevo's own.
	Locale          string  `json:"locale" doc:"of activity lines and the bot's safe sentences"`
	AfterResolved   string  `json:"after_resolved" enum:"reopen,new" doc:"what a customer's word does then"`
	Origin          string  `json:"origin" enum:"file,api" doc:"file: declared in the configuration and read-only here"`
	File            *string `json:"file" doc:"that declares it"`
	BotFlow         *string `json:"bot_flow" doc:"the flow that answers"`
	MailFrom        *string `json:"mail_from" doc:"null: as the server has it"`
	MailReplyTo     *string `json:"mail_reply_to"`
	DebounceWindow  int64   `json:"debounce_window_ms" doc:"how long a bot waits for more words"`
	DebounceMaximum int64   `json:"debounce_maximum_ms"`
	TalkToPerson    bool    `json:"talk_to_person" doc:"customers may ask for a person by a button, and stop waiting for one"`

	WidgetPosition *string `json:"widget_position" enum:"left,right" doc:"of the button"`
	AllowedDomains *string `json:"allowed_domains" doc:"whose pages may show the widget, commas between them; empty: any"`
	FailingSince   *int64  `json:"failing_since" doc:"webhook_url has taken nothing since then, unix seconds; for administrators"`
	LastError      *string `json:"last_error" doc:"why the last delivery there was not taken; for administrators"`
	aroundJSON
}

const defaultWidgetColor = "#1f93ff"

func (d *Desk) presentInbox(ctx context.Context, i *router.Inbox) inboxJSON {
	s := i.Settings
	out := inboxJSON{
		ID: i.ID, ChannelID: i.ID, Name: i.Name, ChannelType: channelOf(i),
		GreetingEnabled: s.Greets(), GreetingMessage: orNull(s.Greeting),
		CSATSurveyEnabled: s.Survey.Enabled, CSATConfig: presentSurveyConfig(s.Survey),
		EnableAutoAssignment: !s.NoAutoAssign, AutoAssignmentConfig: map[string]int{},
		Timezone: s.TimeZone, AllowMessagesAfterResolved: true, SenderNameType: "friendly",
		HMACMandatory: s.HMACSecret != "", SelectedFeatureFlags: []string{},
		Locale: s.Locale, AfterResolved: cmp.Or(s.AfterResolved, router.AfterResolvedReopen), Origin: i.Origin, BotFlow: orNull(i.FlowName), TalkToPerson: !s.NoTalkToPerson,
	}
	out.MailFrom, out.MailReplyTo = orNull(s.Mail.From), orNull(s.Mail.ReplyTo)
	out.DebounceWindow, out.DebounceMaximum = s.Debounce.Window.Milliseconds(), s.Debounce.Maximum.Milliseconds()
	presentAround(&out, s)
	administers := callerFrom(ctx).administers()
	if administers {
		out.HMACToken = orNull(s.OwnHMACSecret)
	}
	out.LockToSingleConversation = out.AfterResolved == router.AfterResolvedReopen
	if s.AutoAssignLimit > 0 {
		out.AutoAssignmentConfig["max_assignment_limit"] = s.AutoAssignLimit
	}
	if i.Origin == "file" {
		out.File = orNull(d.file)
	}
	if i.Channel != "web_widget" {
		out.InboxIdentifier, out.WebhookURL = &i.Identifier, orNull(s.WebhookURL)
		if administers {
			out.Secret, out.FailingSince, out.LastError = orNull(i.WebhookSecret), orNever(i.Failing.FailingSince), orNull(i.Failing.LastError)
		}
		return out
	}
	out.PreChatFormEnabled, out.PreChatFormOptions = &s.PreChat.Enabled, presentForm(s.PreChat)
	color := cmp.Or(s.Widget.Color, defaultWidgetColor)
	out.WidgetColor, out.WebsiteURL, out.WebsiteToken = &color, &s.Widget.WebsiteURL, &i.Identifier
	position, domains := cmp.Or(s.Widget.Position, router.WidgetRight), strings.Join(s.Widget.AllowedDomains, ",")
	out.WidgetPosition, out.AllowedDomains = &position, &domains
	out.WelcomeTitle, out.WelcomeTagline = orNull(s.Widget.WelcomeTitle), orNull(s.Widget.WelcomeTagline)
	return out
}
