package agentdesk

import (
	"context"
	"time"

	"relevo/router"
	"relevo/router/api"
)

// webhookPath is the path of operations on a webhook.
type webhookPath struct {
	accountPath
	Webhook int64 `path:"webhook_id" json:"-"`
}

// webhookOptions is what can be said of a webhook.
type webhookOptions struct {
	Name          api.Optional[string]   `json:"name" maxLength:"255"`
	InboxID       api.Optional[int64]    `json:"inbox_id" minimum:"0" doc:"only what happens at this inbox; null: all, contacts too"`
	Subscriptions api.Optional[[]string] `json:"subscriptions" maxLength:"50" doc:"events; all but typing where a new webhook names none"`
	Enabled       api.Optional[bool]     `json:"enabled" doc:"true begins anew, whatever it failed at"`
}

type newWebhook struct {
	accountPath
	URL string `json:"url" required:"true" maxLength:"2048"`
	webhookOptions
}

type webhookChange struct {
	webhookPath
	URL api.Optional[string] `json:"url" maxLength:"2048"`
	webhookOptions
}

// webhookJSON is a webhook of the account. Times are unix seconds, null for
// never.
type webhookJSON struct {
	ID            int64                 `json:"id"`
	Name          string                `json:"name"`
	URL           string                `json:"url"`
	AccountID     int64                 `json:"account_id"`
	Subscriptions []router.WebhookEvent `json:"subscriptions"`
	Secret        string                `json:"secret" doc:"signs what is sent"`
	Inbox         *webhookInboxJSON     `json:"inbox,omitempty" doc:"the only inbox that it is told of"`

	// Relevo's own.
	Enabled      bool    `json:"enabled" doc:"false: disabled by hand, or after a day of nothing but failure"`
	FailingSince *int64  `json:"failing_since" doc:"nothing was taken since then"`
	LastError    *string `json:"last_error" doc:"why the last delivery was not taken"`
	DisabledAt   *int64  `json:"disabled_at"`
}

type webhookInboxJSON struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type webhookListJSON struct {
	Payload struct {
		Webhooks []webhookJSON `json:"webhooks"`
	} `json:"payload"`
}

type webhookShowJSON struct {
	Payload struct {
		Webhook webhookJSON `json:"webhook"`
	} `json:"payload"`
}

func (d *Desk) routeWebhooks(administrators *api.Group) {
	const one = "/webhooks/:webhook_id"
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/webhooks", Summary: "Addresses that are told what happens"}, d.listWebhooks)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/webhooks", Summary: "Tell an address what happens", Wrap: "webhook"}, d.createWebhook)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: one, Summary: "Change a webhook, enable it again", Wrap: "webhook"}, d.updateWebhook)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a webhook, with what it was not told yet"}, d.removeWebhook)
	api.Handle(administrators, api.Operation{Method: "POST", Path: one + "/reset_secret", Summary: "Exchange the secret that signs what a webhook is told"}, d.resetWebhookSecret)
}

func (d *Desk) listWebhooks(ctx context.Context, _ *accountPath) (webhookListJSON, error) {
	var out webhookListJSON
	out.Payload.Webhooks = []webhookJSON{}
	hooks, err := d.router.Webhooks(ctx)
	for _, w := range hooks {
		shown, err := d.presentWebhook(ctx, w)
		if err != nil {
			return out, err
		}
		out.Payload.Webhooks = append(out.Payload.Webhooks, shown)
	}
	return out, err
}

func (d *Desk) createWebhook(ctx context.Context, in *newWebhook) (webhookShowJSON, error) {
	draft := in.draft()
	draft.URL = &in.URL
	return d.shownWebhook(ctx)(d.router.AddWebhook(ctx, draft))
}

func (d *Desk) updateWebhook(ctx context.Context, in *webhookChange) (webhookShowJSON, error) {
	draft := in.draft()
	draft.URL = in.URL.Pointer()
	return d.shownWebhook(ctx)(d.router.UpdateWebhook(ctx, in.Webhook, draft))
}

func (d *Desk) removeWebhook(ctx context.Context, in *webhookPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveWebhook(ctx, in.Webhook)
}

func (d *Desk) resetWebhookSecret(ctx context.Context, in *webhookPath) (webhookShowJSON, error) {
	return d.shownWebhook(ctx)(d.router.ResetWebhookSecret(ctx, in.Webhook))
}

func (o webhookOptions) draft() router.WebhookDraft {
	draft := router.WebhookDraft{Name: o.Name.Pointer(), InboxID: o.InboxID.Pointer(), Enabled: o.Enabled.Pointer()}
	if o.Subscriptions.Set && !o.Subscriptions.Null {
		draft.Subscriptions = router.WebhookEvents{}
		for _, e := range o.Subscriptions.Value {
			draft.Subscriptions = append(draft.Subscriptions, router.WebhookEvent(e))
		}
	}
	return draft
}

func (d *Desk) shownWebhook(ctx context.Context) func(w *router.Webhook, err error) (webhookShowJSON, error) {
	return func(w *router.Webhook, err error) (out webhookShowJSON, _ error) {
		if err == nil {
			out.Payload.Webhook, err = d.presentWebhook(ctx, w)
		}
		return out, err
	}
}

func (d *Desk) presentWebhook(ctx context.Context, w *router.Webhook) (webhookJSON, error) {
	out := webhookJSON{ID: w.ID, Name: w.Name, URL: w.URL, AccountID: accountID, Subscriptions: w.Subscriptions, Secret: w.Secret,
		Enabled: w.DisabledAt == nil, LastError: orNull(w.LastError), FailingSince: orNever(w.FailingSince), DisabledAt: orNever(w.DisabledAt)}
	if w.InboxID != nil {
		i, err := d.router.InboxByID(ctx, *w.InboxID)
		if err != nil {
			return out, err
		}
		out.Inbox = &webhookInboxJSON{i.ID, i.Name}
	}
	return out, nil
}

// orNever is a time in unix seconds; null is never.
func orNever(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	seconds := t.Unix()
	return &seconds
}
