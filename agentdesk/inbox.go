package agentdesk

import (
	"context"
	"errors"
	"math"

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
	aroundOptions
	Channel map[string]any `json:"channel" doc:"type (web_widget or api), website_url, widget_color, welcome_title, welcome_tagline; webhook_url of api"`
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
	i, err := d.router.UpdateInbox(ctx, in.Inbox, draft)
	if errors.Is(err, fault.ReadOnly) {
		err = fault.ReadOnly.With("where", d.file)
	}
	if err != nil {
		return inboxJSON{}, err
	}
	return d.presentInbox(ctx, i), nil
}

// draft reads the options; what a channel may be told is looked for in it.
func (o inboxOptions) draft() (router.InboxDraft, error) {
	draft := router.InboxDraft{Greeting: o.Greeting.Pointer(), GreetingEnabled: o.GreetingEnabled.Pointer(), AutoAssign: o.AutoAssign.Pointer(),
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
	draft.SurveyEnabled = o.SurveyEnabled.Pointer()
	if draft.Survey, err = readSurveyConfig(o.Survey); err != nil {
		return draft, err
	}
	for key, to := range map[string]**string{"website_url": &draft.WebsiteURL, "widget_color": &draft.WidgetColor,
		"welcome_title": &draft.WelcomeTitle, "welcome_tagline": &draft.WelcomeTagline, "webhook_url": &draft.WebhookURL} {
		value, sent := o.Channel[key]
		if !sent {
			continue
		}
		text, ok := value.(string)
		if !ok && value != nil {
			return draft, fault.Invalid.Field("not_a_string", key)
		}
		*to = &text
	}
	return draft, nil
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

// inboxBot names the bot outside that an inbox is to have; null or "" is none.
type inboxBot struct {
	inboxPath
	Bot api.Optional[int64] `json:"agent_bot" required:"true" minimum:"0" doc:"null or 0: none"`
}

// inboxBotJSON is the bot outside of an inbox; an empty object where there is
// none, as the dialect has it.
type inboxBotJSON struct {
	AgentBot api.Either[agentBotJSON, struct{}] `json:"agent_bot" doc:"an empty object: none"`
}

func (d *Desk) showInboxBot(ctx context.Context, in *inboxPath) (inboxBotJSON, error) {
	i, err := d.inboxSeen(ctx, in.Inbox)
	if err != nil {
		return inboxBotJSON{}, err
	}
	if i.AgentBotID == nil {
		return inboxBotJSON{api.Either[agentBotJSON, struct{}]{B: &struct{}{}}}, nil
	}
	b, err := d.router.AgentBot(ctx, *i.AgentBotID)
	if err != nil {
		return inboxBotJSON{}, err
	}
	return inboxBotJSON{api.Either[agentBotJSON, struct{}]{A: d.presentAgentBot(ctx, b)}}, nil
}

func (d *Desk) setInboxBot(ctx context.Context, in *inboxBot) (api.Empty, error) {
	_, err := d.router.SetAgentBot(ctx, in.Inbox, orNobody(in.Bot))
	d.known.forgetAll() // the bots' scopes
	return api.Empty{}, err
}
