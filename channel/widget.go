package channel

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/api"
)

// widgetJSON is what the widget has to know before anybody talks: the inbox as
// every client sees it, and its looks and limits beside it.
type widgetJSON struct {
	inboxJSON
	Locale         string         `json:"locale" enum:"es,en"`
	Color          string         `json:"widget_color" doc:"#rrggbb; empty for the widget's own"`
	Position       string         `json:"widget_position" enum:"left,right" doc:"of the button"`
	WelcomeTitle   string         `json:"welcome_title"`
	WelcomeTagline string         `json:"welcome_tagline"`
	Limits         fileLimitsJSON `json:"limits"`
	Campaigns      []campaignJSON `json:"campaigns" doc:"what visitors are shown who have not written"`
}

// fileLimitsJSON is how many files a message may carry and how large, in bytes.
type fileLimitsJSON struct {
	Files     int   `json:"files"`
	FileSize  int64 `json:"file_size"`
	TotalSize int64 `json:"total_size"`
}

func (ch *Channel) widgetRoutes(everybody *api.Group) {
	api.Handle(everybody, api.Operation{Method: "GET", Path: "/widget", Summary: "What the widget shows before anybody talks"}, ch.showWidget)
}

func (ch *Channel) showWidget(ctx context.Context, in *inboxOfVisitor) (widgetJSON, error) {
	inbox, err := ch.showInbox(ctx, in)
	if err != nil {
		return widgetJSON{}, err
	}
	active, err := ch.router.ActiveCampaigns(ctx, inboxOf(ctx), "")
	if err != nil {
		return widgetJSON{}, err
	}
	s, limits := inboxOf(ctx).Settings, ch.router.FileLimits()
	return widgetJSON{inboxJSON: inbox, Locale: s.Locale, Color: s.Widget.Color, Position: cmp.Or(s.Widget.Position, router.WidgetRight), WelcomeTitle: s.Widget.WelcomeTitle, WelcomeTagline: s.Widget.WelcomeTagline,
		Limits: fileLimitsJSON{limits.Files, limits.EachSize, limits.AllSize}, Campaigns: presentCampaigns(active)}, nil
}
