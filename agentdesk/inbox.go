package agentdesk

import (
	"context"
	"errors"
	"math"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// inboxPath is the path of operations on an inbox.
type inboxPath struct {
	accountPath
	Inbox int64 `path:"id" json:"-"`
}

// inboxOptions is what can be said of an inbox of the API.
type inboxOptions struct {
	Greeting        api.Optional[string] `json:"greeting_message" maxLength:"5000"`
	GreetingEnabled api.Optional[bool]   `json:"greeting_enabled"`
	AutoAssign      api.Optional[bool]   `json:"enable_auto_assignment"`
	AutoAssignment  map[string]any       `json:"auto_assignment_config" doc:"max_assignment_limit: open conversations of one agent"`
	Timezone        api.Optional[string] `json:"timezone" maxLength:"64"`
	Locale          api.Optional[string] `json:"locale" maxLength:"10"`
	AfterResolved   string               `json:"after_resolved" enum:"reopen,new"`
	LockToSingle    api.Optional[bool]   `json:"lock_to_single_conversation" doc:"true is after_resolved: reopen"`
	SurveyEnabled   api.Optional[bool]   `json:"csat_survey_enabled"`
	Survey          map[string]any       `json:"csat_config" doc:"message, display_type (emoji or star), survey_rules: operator (contains or does_not_contain) and values (labels); only_with_person, not_on_auto_resolve"`
	BotFlow         api.Optional[string] `json:"bot_flow" maxLength:"255" doc:"a flow of the configuration; null: none"`
	MailFrom        api.Optional[string] `json:"mail_from" maxLength:"255" doc:"who mails are from, as in a mail: Name <address>; null: as the server has it"`
	MailReplyTo     api.Optional[string] `json:"mail_reply_to" maxLength:"255" doc:"where answers to mails go"`
	DebounceWindow  api.Optional[int64]  `json:"debounce_window_ms" minimum:"0" maximum:"60000" doc:"how long a bot waits for more words; 0 answers at once"`
	DebounceMaximum api.Optional[int64]  `json:"debounce_maximum_ms" minimum:"0" maximum:"300000" doc:"how long it waits at most; not less than debounce_window_ms"`
	TalkToPerson    api.Optional[bool]   `json:"talk_to_person" doc:"customers may ask for a person by a button, and stop waiting for one"`
	aroundOptions
	Channel map[string]any `json:"channel" doc:"type (web_widget or api), website_url, widget_color, widget_position (left or right), welcome_title, welcome_tagline, allowed_domains (with commas between them), pre_chat_form_enabled, pre_chat_form_options; webhook_url of api; hmac_mandatory: identifiers of contacts count with their hash"`
}

type newInbox struct {
	accountPath
	Name string `json:"name" required:"true" maxLength:"255"`
	inboxOptions
}

type inboxChange struct {
	inboxPath
	Name api.Optional[string] `json:"name" maxLength:"255"`
	inboxOptions
}

type inboxListJSON struct {
	Payload []inboxJSON `json:"payload"`
}

func (d *Desk) routeInboxes(agents, administrators *api.Group) {
	api.Handle(agents, api.Operation{Method: "GET", Path: "/inboxes", Summary: "The inboxes that one may see"}, d.listInboxes)
	api.Handle(agents, api.Operation{Method: "GET", Path: "/inboxes/:id", Summary: "One inbox"}, d.showInbox)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/inboxes", Summary: "Make an inbox: web widget or API channel", Wrap: "inbox"}, d.createInbox)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: "/inboxes/:id", Summary: "Change an inbox that the API made", Wrap: "inbox"}, d.updateInbox)
	api.Handle(agents, api.Operation{Method: "GET", Path: "/inboxes/:id/agent_bot", Summary: "The bot outside that an inbox has"}, d.showInboxBot)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/inboxes/:id/set_agent_bot", Summary: "Attach a bot outside to an inbox, or none"}, d.setInboxBot)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/inboxes/:id/reset_secret", Summary: "Exchange the secret that signs what an inbox's connector is told"}, d.resetChannelSecret)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/inboxes/:id/reset_hmac_token", Summary: "Exchange the secret that identifiers of contacts are hashed with"}, d.resetIdentitySecret)
}

func (d *Desk) listInboxes(ctx context.Context, _ *accountPath) (inboxListJSON, error) {
	all, err := d.router.Inboxes(ctx)
	if err != nil {
		return inboxListJSON{}, err
	}
	out := inboxListJSON{Payload: []inboxJSON{}}
	for _, i := range all {
		if callerFrom(ctx).scope.Allows(i.ID) {
			out.Payload = append(out.Payload, d.presentInbox(ctx, i))
		}
	}
	return out, nil
}

// inboxSeen returns an inbox if the caller may see it.
func (d *Desk) inboxSeen(ctx context.Context, id int64) (*router.Inbox, error) {
	i, err := d.router.InboxByID(ctx, id)
	if err == nil && !callerFrom(ctx).scope.Allows(id) {
		return nil, fault.Forbidden
	}
	return i, err
}

func (d *Desk) showInbox(ctx context.Context, in *inboxPath) (inboxJSON, error) {
	i, err := d.inboxSeen(ctx, in.Inbox)
	if err != nil {
		return inboxJSON{}, err
	}
	return d.presentInbox(ctx, i), nil
}

func (d *Desk) createInbox(ctx context.Context, in *newInbox) (inboxJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return inboxJSON{}, err
	}
	draft.Name = &in.Name
	kind, _ := in.Channel["type"].(string)
	if kind == "" {
		return inboxJSON{}, fault.Invalid.Field("required", "channel")
	}
	i, err := d.router.AddInbox(ctx, kind, draft)
	if err != nil {
		return inboxJSON{}, err
	}
	return d.presentInbox(ctx, i), nil
}

func (d *Desk) updateInbox(ctx context.Context, in *inboxChange) (inboxJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return inboxJSON{}, err
	}
	draft.Name = in.Name.Pointer()
	return d.shownInbox(ctx)(d.router.UpdateInbox(ctx, in.Inbox, draft))
}

// shownInbox shows an inbox that was changed, or names the file that alone
// can.
func (d *Desk) shownInbox(ctx context.Context) func(i *router.Inbox, err error) (inboxJSON, error) {
	return func(i *router.Inbox, err error) (inboxJSON, error) {
		if errors.Is(err, fault.ReadOnly) {
			err = fault.ReadOnly.With("where", d.file)
		}
		if err != nil {
			return inboxJSON{}, err
		}
		return d.presentInbox(ctx, i), nil
	}
}

func (d *Desk) resetChannelSecret(ctx context.Context, in *inboxPath) (inboxJSON, error) {
	return d.shownInbox(ctx)(d.router.ResetChannelSecret(ctx, in.Inbox))
}

func (d *Desk) resetIdentitySecret(ctx context.Context, in *inboxPath) (inboxJSON, error) {
	return d.shownInbox(ctx)(d.router.ResetIdentitySecret(ctx, in.Inbox))
}

// draft reads the options; what a channel may be told is looked for in it.
func (o inboxOptions) draft() (router.InboxDraft, error) {
	draft := router.InboxDraft{MailFrom: o.MailFrom.Pointer(), MailReplyTo: o.MailReplyTo.Pointer(),
		DebounceWindow: inUnits(o.DebounceWindow, time.Millisecond), DebounceMaximum: inUnits(o.DebounceMaximum, time.Millisecond),
		Greeting: o.Greeting.Pointer(), GreetingEnabled: o.GreetingEnabled.Pointer(), AutoAssign: o.AutoAssign.Pointer(),
		TimeZone: o.Timezone.Pointer(), Locale: o.Locale.Pointer(), BotFlow: o.BotFlow.Pointer()}
	if o.LockToSingle.Set {
		after := router.AfterResolvedNew
		if o.LockToSingle.Value {
			after = router.AfterResolvedReopen
		}
		draft.AfterResolved = &after
	}
	if o.AfterResolved != "" {
		draft.AfterResolved = &o.AfterResolved
	}
	if o.AutoAssignment != nil {
		limit, ok := wholeNumber(o.AutoAssignment["max_assignment_limit"])
		if !ok {
			return draft, fault.Invalid.Field("not_an_integer", "auto_assignment_config")
		}
		draft.AutoAssignLimit = &limit
	}
	var err error
	if draft.Around, err = o.around(); err != nil {
		return draft, err
	}
	draft.SurveyEnabled, draft.TalkToPerson = o.SurveyEnabled.Pointer(), o.TalkToPerson.Pointer()
	if draft.Survey, err = readSurveyConfig(o.Survey); err != nil {
		return draft, err
	}
	return draft, o.channel(&draft)
}

// wholeNumber reads a number of a JSON object; none is 0.
func wholeNumber(v any) (int, bool) {
	switch n := v.(type) {
	case nil:
		return 0, true
	case float64:
		return int(n), n == math.Trunc(n) && math.Abs(n) < 1<<31
	case int64:
		return int(n), n > -1<<31 && n < 1<<31
	}
	return 0, false
}
