package agentdesk

import (
	"context"
	"errors"
	"math"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// campaignPath is the path of operations on a campaign.
type campaignPath struct {
	accountPath
	Campaign int64 `path:"id" json:"-"`
}

// campaignFields are what can be said of a campaign.
type campaignFields struct {
	Sender    api.Optional[int64] `json:"sender_id" minimum:"0" doc:"an agent; null or 0: the bot"`
	Enabled   api.Optional[bool]  `json:"enabled"`
	Rules     map[string]any      `json:"trigger_rules" doc:"url (* stands for anything) and time_on_page (seconds)"`
	HoursOnly api.Optional[bool]  `json:"trigger_only_during_business_hours"`
}

type newCampaign struct {
	accountPath
	InboxID int64  `json:"inbox_id" required:"true" minimum:"1" doc:"of a web widget"`
	Title   string `json:"title" required:"true" maxLength:"255"`
	Message string `json:"message" required:"true" maxLength:"5000"`
	campaignFields
}

type campaignChange struct {
	campaignPath
	Title   api.Optional[string] `json:"title" maxLength:"255"`
	Message api.Optional[string] `json:"message" maxLength:"5000"`
	campaignFields
}

// campaignJSON is a campaign as administrators see it. Times are unix seconds.
type campaignJSON struct {
	ID             int64             `json:"id"`
	Title          string            `json:"title"`
	Description    *string           `json:"description" doc:"always null"`
	AccountID      int64             `json:"account_id"`
	Inbox          campaignInboxJSON `json:"inbox"`
	Sender         *agentJSON        `json:"sender" doc:"null: the bot, or a person who is no agent (sender_missing)"`
	Message        string            `json:"message"`
	CampaignStatus string            `json:"campaign_status" enum:"active"`
	Enabled        bool              `json:"enabled"`
	CampaignType   string            `json:"campaign_type" enum:"ongoing"`
	TriggerRules   struct {
		URL        string `json:"url"`
		TimeOnPage int    `json:"time_on_page"`
	} `json:"trigger_rules"`
	HoursOnly bool  `json:"trigger_only_during_business_hours"`
	CreatedAt int64 `json:"created_at"`
	UpdatedAt int64 `json:"updated_at"`

	// Relevo's own.
	SenderMissing bool    `json:"sender_missing" doc:"a person sends it, and no agent has that e-mail address or is there any more: answers go to nobody in particular"`
	Origin        string  `json:"origin" enum:"file,api" doc:"file: declared in the configuration and read-only here"`
	File          *string `json:"file" doc:"that declares it"`
}

type campaignInboxJSON struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	ChannelType string `json:"channel_type"`
}

func (d *Desk) routeCampaigns(administrators *api.Group) {
	const one = "/campaigns/:id"
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/campaigns", Summary: "Messages to visitors who have not written"}, d.listCampaigns)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/campaigns", Summary: "Add a campaign to a web widget", Wrap: "campaign"}, d.createCampaign)
	api.Handle(administrators, api.Operation{Method: "GET", Path: one, Summary: "One campaign"}, d.showCampaign)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: one, Summary: "Change a campaign that the API made", Wrap: "campaign"}, d.updateCampaign)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Show a campaign no more; its conversations still name it"}, d.removeCampaign)
}

func (d *Desk) listCampaigns(ctx context.Context, _ *accountPath) ([]campaignJSON, error) {
	all, err := d.router.Campaigns(ctx)
	out := make([]campaignJSON, 0, len(all))
	for _, c := range all {
		shown, err := d.presentCampaign(ctx, c, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, err
}

func (d *Desk) showCampaign(ctx context.Context, in *campaignPath) (campaignJSON, error) {
	c, err := d.router.Campaign(ctx, in.Campaign)
	return d.presentCampaign(ctx, c, err)
}

func (d *Desk) createCampaign(ctx context.Context, in *newCampaign) (campaignJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return campaignJSON{}, err
	}
	draft.InboxID, draft.Title, draft.Message = &in.InboxID, &in.Title, &in.Message
	c, err := d.router.AddCampaign(ctx, draft)
	return d.presentCampaign(ctx, c, err)
}

func (d *Desk) updateCampaign(ctx context.Context, in *campaignChange) (campaignJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return campaignJSON{}, err
	}
	draft.Title, draft.Message = in.Title.Pointer(), in.Message.Pointer()
	c, err := d.router.UpdateCampaign(ctx, in.Campaign, draft)
	return d.presentCampaign(ctx, c, d.whereDeclared(err))
}

func (d *Desk) removeCampaign(ctx context.Context, in *campaignPath) (api.Empty, error) {
	return api.Empty{}, d.whereDeclared(d.router.RemoveCampaign(ctx, in.Campaign))
}

// whereDeclared names the file of what is read-only here.
func (d *Desk) whereDeclared(err error) error {
	if errors.Is(err, fault.ReadOnly) {
		return fault.ReadOnly.With("where", d.file)
	}
	return err
}

func (f campaignFields) draft() (router.CampaignDraft, error) {
	draft := router.CampaignDraft{HoursOnly: f.HoursOnly.Pointer(), Enabled: f.Enabled.Pointer(), SenderID: f.Sender.Pointer()}
	if url, sent := f.Rules["url"]; sent {
		text, ok := url.(string)
		if !ok {
			return draft, fault.Invalid.Field("not_a_string", "url")
		}
		draft.URL = &text
	}
	if after, sent := f.Rules["time_on_page"]; sent {
		seconds, wrong := wholeSeconds(after)
		if wrong != "" {
			return draft, fault.Invalid.Field(wrong, "time_on_page")
		}
		draft.AfterSeconds = &seconds
	}
	return draft, nil
}

// wholeSeconds reads a number of seconds, and says what is wrong with it.
func wholeSeconds(v any) (seconds int, wrong string) {
	if seconds, ok := wholeNumber(v); ok {
		return seconds, ""
	}
	if n, ok := v.(float64); ok && n == math.Trunc(n) {
		return int(max(-1, min(n, math.MaxInt32))), "" // the router refuses it, and names its limit
	}
	return 0, "not_an_integer"
}

func (d *Desk) presentCampaign(ctx context.Context, c *router.Campaign, err error) (campaignJSON, error) {
	if err != nil {
		return campaignJSON{}, err
	}
	inbox, err := d.router.InboxByID(ctx, c.InboxID)
	if err != nil {
		return campaignJSON{}, err
	}
	out := campaignJSON{ID: c.ID, Title: c.Title, AccountID: accountID, Message: c.Message, CampaignStatus: "active", Enabled: c.Enabled,
		CampaignType: "ongoing", HoursOnly: c.HoursOnly, CreatedAt: c.CreatedAt.Unix(), UpdatedAt: c.UpdatedAt.Unix(), Origin: c.Origin,
		Inbox: campaignInboxJSON{inbox.ID, inbox.Name, channelOf(inbox)}}
	out.TriggerRules.URL, out.TriggerRules.TimeOnPage = c.URL, c.AfterSeconds
	out.SenderMissing = c.ByPerson() && c.Sender == nil
	if c.Sender != nil {
		out.Sender = presentAgent(c.Sender, d.clock())
	}
	if c.Origin == "file" {
		out.File = orNull(d.file)
	}
	return out, nil
}

// campaignOfJSON is the campaign that a conversation answers.
type campaignOfJSON struct {
	ID      int64  `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
}
