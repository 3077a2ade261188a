package channel

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/api"
)

// campaignsQuery asks for what visitors are shown.
type campaignsQuery struct {
	inboxPath
	URL string `query:"url" maxLength:"8000" json:"url" doc:"only what is meant for that page"`
}

// campaignPath is the path of a campaign and the visitor who is shown it.
type campaignPath struct {
	contactPath
	Campaign int64 `path:"campaign_id" minimum:"1" json:"-"`
}

type campaignAnswer struct {
	campaignPath
	IdempotencyKey string               `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Content        api.Optional[string] `json:"content" maxLength:"150000" doc:"the visitor's answer; nothing: the visitor was shown it"`
	EchoID         string               `json:"echo_id" maxLength:"255" doc:"sent again with the same id, an answer is stored once"`
}

// campaignJSON is a campaign as visitors see it.
type campaignJSON struct {
	ID        int64               `json:"id"`
	Message   string              `json:"message"`
	Rules     campaignRulesJSON   `json:"trigger_rules"`
	HoursOnly bool                `json:"trigger_only_during_business_hours"`
	Sender    *campaignSenderJSON `json:"sender" doc:"null: the bot, or a person who is not there any more"`
}

type campaignRulesJSON struct {
	URL        string `json:"url" doc:"of the page, as browsers write it; * stands for anything"`
	TimeOnPage int    `json:"time_on_page" doc:"seconds"`
}

type campaignSenderJSON struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
}

// campaignShownJSON says what comes of an event.
type campaignShownJSON struct {
	ID           int64             `json:"id"`
	Show         bool              `json:"show" doc:"show it: the visitor has not seen it yet, here or in another tab, does not talk already, and it is shown at this hour"`
	Conversation *conversationJSON `json:"conversation" doc:"that the answer is in"`
}

func (ch *Channel) campaignRoutes(everybody, g *api.Group) {
	api.Handle(everybody, api.Operation{Method: "GET", Path: "/campaigns", Summary: "What visitors are shown who have not written"}, ch.listCampaigns)
	api.Handle(g, api.Operation{Name: "triggerCampaign", Method: "POST", Path: "/contacts/:contact_identifier/campaigns/:campaign_id", Wrap: "message",
		Summary:     "A visitor was shown a campaign, or answers it",
		Description: "The answer starts a conversation with the campaign's message, the bot's or the sender's. Where the visitor talks already, it is a word there. Nobody's answer is lost because the campaign ended meanwhile."}, ch.triggerCampaign)
}

func (ch *Channel) listCampaigns(ctx context.Context, in *campaignsQuery) ([]campaignJSON, error) {
	active, err := ch.router.ActiveCampaigns(ctx, inboxOf(ctx), in.URL)
	return presentCampaigns(active), err
}

func presentCampaigns(active []*router.Campaign) []campaignJSON {
	out := make([]campaignJSON, 0, len(active))
	for _, c := range active {
		shown := campaignJSON{ID: c.ID, Message: c.Message, Rules: campaignRulesJSON{c.Pages(), c.AfterSeconds}, HoursOnly: c.HoursOnly}
		if c.Sender != nil {
			shown.Sender = &campaignSenderJSON{ID: c.Sender.ID, Name: c.Sender.AvailableName()}
		}
		out = append(out, shown)
	}
	return out
}

func (ch *Channel) triggerCampaign(ctx context.Context, in *campaignAnswer) (campaignShownJSON, error) {
	out := campaignShownJSON{ID: in.Campaign}
	if !in.Content.Set {
		var err error
		out.Show, err = ch.router.SawCampaign(ctx, inboxOf(ctx), in.Contact, in.Campaign)
		return out, err
	}
	m, err := ch.router.AnswerCampaign(ctx, inboxOf(ctx), in.Contact, in.Campaign,
		router.Draft{Content: in.Content.Value, EchoID: cmp.Or(in.EchoID, in.IdempotencyKey)})
	if err != nil {
		return out, err
	}
	c, err := ch.show(ctx, in.Contact, m.ConversationID)
	out.Conversation = &c
	return out, err
}
