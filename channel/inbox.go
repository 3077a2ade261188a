package channel

import "context"

// inboxPath is the path of operations on an inbox.
type inboxPath struct {
	Inbox string `path:"inbox_identifier" json:"-"`
}

// inboxJSON is the inbox as customers see it.
type inboxJSON struct {
	Identifier                string `json:"identifier"`
	IdentityValidationEnabled bool   `json:"identity_validation_enabled"`
	Name                      string `json:"name"`
	TimeZone                  string `json:"timezone"`
	WorkingHours              []any  `json:"working_hours"`
	WorkingHoursEnabled       bool   `json:"working_hours_enabled"`
	CSATSurveyEnabled         bool   `json:"csat_survey_enabled"`
	GreetingEnabled           bool   `json:"greeting_enabled"`
}

func (ch *Channel) showInbox(ctx context.Context, _ *inboxPath) (inboxJSON, error) {
	i := inboxOf(ctx)
	return inboxJSON{
		Identifier:                i.Identifier,
		IdentityValidationEnabled: i.Settings.HMACSecret != "",
		Name:                      i.Name,
		TimeZone:                  i.Settings.TimeZone,
		WorkingHours:              []any{},
		CSATSurveyEnabled:         i.Settings.Survey.Enabled,
		GreetingEnabled:           i.Settings.Greets(),
	}, nil
}
