package channel

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// eventsPerMinute is how many events one address may tell in a minute: each
// may be told to others.
const eventsPerMinute = 30

// widgetEvent is what the widget tells of its visitor.
type widgetEvent struct {
	inboxPath
	Name     string            `json:"name" required:"true" enum:"webwidget.triggered" doc:"webwidget.triggered: the visitor opened the widget"`
	SourceID string            `json:"source_id" maxLength:"255" doc:"the visitor's token"`
	Info     router.Attributes `json:"event_info" doc:"of the page, such as referer and browser_language"`
}

func (ch *Channel) eventRoutes(everybody *api.Group) {
	api.Handle(everybody, api.Operation{Name: "tellEvent", Method: "POST", Path: "/events", Summary: "Tell webhooks that a visitor opened the widget",
		Description: "Whoever has not written yet is nobody's contact; the webhooks are told so."}, ch.tellEvent)
}

func (ch *Channel) tellEvent(ctx context.Context, in *widgetEvent) (api.Empty, error) {
	if err := ch.events.Take(api.ClientIP(ctx)); err != nil {
		return api.Empty{}, err
	}
	return api.Empty{}, ch.router.WidgetOpened(ctx, inboxOf(ctx), in.SourceID, in.Info)
}
