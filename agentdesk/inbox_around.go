package agentdesk

import (
	"encoding/json"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
	"relevo/router/hours"
)

// aroundOptions is what can be said of what happens around the conversations
// of an inbox of the API.
type aroundOptions struct {
	EmailCollect  api.Optional[bool]     `json:"enable_email_collect"`
	EmailAsk      api.Optional[string]   `json:"email_collect_ask" maxLength:"500" doc:"before the box for the e-mail; null: a sentence of the inbox's language"`
	EmailBox      api.Optional[string]   `json:"email_collect_box" maxLength:"500" doc:"in the box"`
	EmailThanks   api.Optional[string]   `json:"email_collect_thanks" maxLength:"500" doc:"after it was filled"`
	Holidays      api.Optional[[]string] `json:"holidays" maxLength:"10" doc:"days such as 2026-12-25 on which nobody answers: all of them"`
	HoursEnabled  api.Optional[bool]     `json:"working_hours_enabled"`
	ClosedMessage api.Optional[string]   `json:"out_of_office_message" maxLength:"2000"`
	WorkingHours  any                    `json:"working_hours" doc:"the days that change: day_of_week (0 is Sunday) with closed_all_day, open_all_day, open_hour, open_minutes, close_hour, close_minutes, or spans such as 09:00-14:00"`
	OpenAfter     api.Optional[int64]    `json:"auto_resolve_after" minimum:"0" maximum:"1438560" doc:"minutes of silence in an open conversation; 0 or null: never"`
	PendingAfter  api.Optional[int64]    `json:"auto_resolve_pending_after" minimum:"0" maximum:"1438560" doc:"minutes of silence in one that a bot holds; 0 or null: never"`
	IgnoreWaiting api.Optional[bool]     `json:"auto_resolve_ignore_waiting" doc:"leave customers alone who wait for an answer"`
	ResolveText   api.Optional[string]   `json:"auto_resolve_message" maxLength:"2000"`
	Label         api.Optional[string]   `json:"auto_resolve_label" maxLength:"100"`
}

// dayIn is a day's hours as they are sent.
type dayIn struct {
	DayOfWeek    *int     `json:"day_of_week"`
	ClosedAllDay bool     `json:"closed_all_day"`
	OpenAllDay   bool     `json:"open_all_day"`
	OpenHour     *int     `json:"open_hour"`
	OpenMinutes  *int     `json:"open_minutes"`
	CloseHour    *int     `json:"close_hour"`
	CloseMinutes *int     `json:"close_minutes"`
	Spans        []string `json:"spans"`
}

func (o aroundOptions) around() (router.AroundDraft, error) {
	d := router.AroundDraft{EmailCollect: o.EmailCollect.Pointer(), HoursEnabled: o.HoursEnabled.Pointer(), ClosedMessage: o.ClosedMessage.Pointer(),
		EmailAsk: o.EmailAsk.Pointer(), EmailBox: o.EmailBox.Pointer(), EmailThanks: o.EmailThanks.Pointer(),
		OpenAfter: inUnits(o.OpenAfter, time.Minute), PendingAfter: inUnits(o.PendingAfter, time.Minute), IgnoreWaiting: o.IgnoreWaiting.Pointer(),
		ResolveText: o.ResolveText.Pointer(), Label: o.Label.Pointer()}
	var err error
	if d.Holidays, err = o.holidays(); err != nil || o.WorkingHours == nil {
		return d, err
	}
	var days []dayIn
	text, err := json.Marshal(o.WorkingHours)
	if err == nil {
		err = json.Unmarshal(text, &days)
	}
	if err != nil || len(days) > 7 {
		return d, fault.Invalid.Field("not_hours", "working_hours").Wrap(err)
	}
	for _, in := range days {
		if in.DayOfWeek == nil {
			return d, fault.Invalid.Field("not_hours", "working_hours")
		}
		d.Days = append(d.Days, router.DayDraft{DayOfWeek: *in.DayOfWeek, ClosedAllDay: in.ClosedAllDay, OpenAllDay: in.OpenAllDay,
			OpenHour: in.OpenHour, OpenMinutes: in.OpenMinutes, CloseHour: in.CloseHour, CloseMinutes: in.CloseMinutes, Spans: in.Spans})
	}
	return d, nil
}

// holidays reads days; nil where none were sent.
func (o aroundOptions) holidays() ([]hours.Date, error) {
	if !o.Holidays.Set {
		return nil, nil
	}
	days := []hours.Date{}
	for _, text := range o.Holidays.Value {
		day, err := hours.ParseDate(text)
		if err != nil {
			return nil, fault.Invalid.Field("not_a_date", "holidays").Wrap(err)
		}
		days = append(days, day)
	}
	if len(days) > hours.MaxHolidays {
		return nil, fault.Invalid.Field(fault.Limit("too_many", hours.MaxHolidays), "holidays")
	}
	return days, nil
}

// inUnits is a time that was sent as a number; nil where none was.
func inUnits(o api.Optional[int64], unit time.Duration) *time.Duration {
	if !o.Set {
		return nil
	}
	d := time.Duration(o.Value) * unit
	return &d
}

// aroundJSON is what happens when nobody writes any more, and what the inbox
// says beside that. A sentence that is null is one of the inbox's language.
type aroundJSON struct {
	EmailAsk           *string  `json:"email_collect_ask"`
	EmailBox           *string  `json:"email_collect_box"`
	EmailThanks        *string  `json:"email_collect_thanks"`
	Holidays           []string `json:"holidays" doc:"days on which nobody answers"`
	AutoResolveAfter   *int64   `json:"auto_resolve_after" doc:"minutes; null: never"`
	AutoResolvePending *int64   `json:"auto_resolve_pending_after" doc:"minutes; null: never"`
	IgnoreWaiting      bool     `json:"auto_resolve_ignore_waiting"`
	ResolveText        *string  `json:"auto_resolve_message"`
	Label              *string  `json:"auto_resolve_label"`
}

// presentAround adds what happens around the conversations of an inbox.
func presentAround(out *inboxJSON, s router.InboxSettings) {
	out.EnableEmailCollect = s.EmailCollect.Enabled
	out.WorkingHoursEnabled, out.WorkingHours, out.OutOfOfficeMessage = s.Hours.Enabled, s.Hours.Rows(), orNull(s.Hours.Message)
	holidays := []string{}
	for _, day := range s.Hours.Holidays {
		holidays = append(holidays, day.String())
	}
	out.aroundJSON = aroundJSON{orNull(s.EmailCollect.Ask), orNull(s.EmailCollect.Box), orNull(s.EmailCollect.Thanks), holidays,
		inMinutes(s.AutoResolve.OpenAfter), inMinutes(s.AutoResolve.PendingAfter), !s.AutoResolve.Waiting,
		orNull(s.AutoResolve.Message), orNull(s.AutoResolve.Label)}
}

func inMinutes(d time.Duration) *int64 {
	if d == 0 {
		return nil
	}
	n := int64(d / time.Minute)
	return &n
}
