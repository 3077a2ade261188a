package channel

import (
	"context"

	"relevo/router"
)

// inboxPath is the path of operations on an inbox.
type inboxPath struct {
	Inbox string `path:"inbox_identifier" json:"-"`
}

// inboxOfVisitor asks for an inbox as one visitor is to see it.
type inboxOfVisitor struct {
	inboxPath
	Contact string `query:"contact_identifier" maxLength:"255" json:"-" doc:"the visitor's token: fields whose answer is known are left out of the form"`
}

// inboxJSON is the inbox as customers see it.
type inboxJSON struct {
	Identifier                string          `json:"identifier"`
	IdentityValidationEnabled bool            `json:"identity_validation_enabled"`
	Name                      string          `json:"name"`
	TimeZone                  string          `json:"timezone"`
	WorkingHours              []router.DayRow `json:"working_hours"`
	WorkingHoursEnabled       bool            `json:"working_hours_enabled"`
	CSATSurveyEnabled         bool            `json:"csat_survey_enabled"`
	GreetingEnabled           bool            `json:"greeting_enabled"`

	// Relevo's own.
	OpenNow        bool        `json:"open_now" doc:"whether people answer now"`
	OpensAt        *int64      `json:"opens_at" doc:"when people answer again, unix seconds; null: now, or not within a year"`
	EmailCollect   bool        `json:"enable_email_collect"`
	PreChatEnabled bool        `json:"pre_chat_form_enabled"`
	PreChat        preChatJSON `json:"pre_chat_form_options"`
}

func (ch *Channel) showInbox(ctx context.Context, in *inboxOfVisitor) (inboxJSON, error) {
	i := inboxOf(ctx)
	form, err := ch.router.PreChatForm(ctx, i, in.Contact)
	if err != nil {
		return inboxJSON{}, err
	}
	now := ch.router.Now()
	out := inboxJSON{
		Identifier:                i.Identifier,
		IdentityValidationEnabled: i.Settings.HMACSecret != "",
		Name:                      i.Name,
		TimeZone:                  i.Settings.TimeZone,
		CSATSurveyEnabled:         i.Settings.Survey.Enabled,
		WorkingHours:              i.Settings.Hours.Rows(),
		WorkingHoursEnabled:       i.Settings.Hours.Enabled,
		GreetingEnabled:           i.Settings.Greets(),
		OpenNow:                   i.Settings.OpenAt(now),
		EmailCollect:              i.AsksEmail(),
		PreChatEnabled:            form.Enabled,
		PreChat:                   presentForm(i, form),
	}
	if opens, ever := i.Settings.OpensAt(now); ever && !out.OpenNow {
		at := opens.Unix()
		out.OpensAt = &at
	}
	return out, nil
}
