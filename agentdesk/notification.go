package agentdesk

import (
	"context"
	"slices"
	"strconv"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// notificationRoutes adds what an agent does with what they were told.
func (d *Desk) notificationRoutes(s *api.Server) {
	g := s.Group(account+"/notifications", api.ForAgents, d.authenticate)
	const one = "/:notification_id"
	api.Handle(g, api.Operation{Method: "GET", Path: "", Summary: "What the agent was told, the latest first"}, d.listNotifications)
	api.Handle(g, api.Operation{Method: "GET", Path: "/unread_count", Summary: "How much of it is not read"}, d.countNotifications)
	api.Handle(g, api.Operation{Method: "POST", Path: "/read_all", Summary: "Mark everything as read, or what is of one conversation"}, d.readNotifications)
	api.Handle(g, api.Operation{Method: "POST", Path: "/destroy_all", Summary: "Remove everything, or what is read"}, d.deleteNotifications)
	for _, method := range []string{"PATCH", "PUT"} {
		api.Handle(g, api.Operation{Method: method, Path: one, Summary: "Mark a notification as read"}, d.readNotification)
	}
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/unread", Summary: "Mark a notification as not read"}, d.unreadNotification)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/snooze", Summary: "Put a notification off"}, d.snoozeNotification)
	api.Handle(g, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a notification"}, d.deleteNotification)

	settings := s.Group(account+"/notification_settings", api.ForAgents, d.authenticate)
	api.Handle(settings, api.Operation{Method: "GET", Path: "", Summary: "What the agent wants by mail and on devices"}, d.showNotificationSettings)
	for _, method := range []string{"PATCH", "PUT"} {
		api.Handle(settings, api.Operation{Method: method, Path: "", Summary: "Change what the agent wants by mail and on devices",
			Wrap: "notification_settings"}, d.updateNotificationSettings)
	}
}

type notificationFilter struct {
	accountPath
	Page      int      `query:"page" minimum:"1" maximum:"10000" json:"page"`
	Includes  []string `query:"includes" maxLength:"20" json:"includes" doc:"read, snoozed"`
	SortOrder string   `query:"sort_order" enum:"asc,desc" json:"sort_order"`
}

type notificationPath struct {
	accountPath
	Notification int64 `path:"notification_id" json:"-"`
}

func (d *Desk) listNotifications(ctx context.Context, in *notificationFilter) (notificationListJSON, error) {
	f := router.NotificationFilter{Read: slices.Contains(in.Includes, "read"), Snoozed: slices.Contains(in.Includes, "snoozed"),
		OldestFirst: in.SortOrder == "asc", Page: max(in.Page, 1)}
	told, counts, err := d.router.Notifications(ctx, by(ctx, api.IfMatch{}), f)
	if err != nil {
		return notificationListJSON{}, err
	}
	var out notificationListJSON
	meta := &out.Data.Meta
	meta.UnreadCount, meta.Count, meta.CurrentPage = counts.Unread, counts.All, f.Page
	out.Data.Payload, err = d.presentNotifications(ctx, told)
	return out, err
}

// countNotifications answers a bare number, as the dialect has it.
func (d *Desk) countNotifications(ctx context.Context, _ *accountPath) (int, error) {
	return d.router.UnreadNotifications(ctx, by(ctx, api.IfMatch{}))
}

func (d *Desk) readNotification(ctx context.Context, in *notificationPath) (notificationJSON, error) {
	err := d.router.ReadNotification(ctx, by(ctx, api.IfMatch{}), in.Notification)
	return d.showNotification(ctx, in.Notification, err)
}

func (d *Desk) unreadNotification(ctx context.Context, in *notificationPath) (notificationJSON, error) {
	err := d.router.UnreadNotification(ctx, by(ctx, api.IfMatch{}), in.Notification)
	return d.showNotification(ctx, in.Notification, err)
}

// notificationSnooze says until when, in unix seconds.
type notificationSnooze struct {
	notificationPath
	SnoozedUntil int64 `json:"snoozed_until" required:"true" minimum:"1" maximum:"253402300799" doc:"unix seconds"`
}

func (d *Desk) snoozeNotification(ctx context.Context, in *notificationSnooze) (notificationJSON, error) {
	err := d.router.SnoozeNotification(ctx, by(ctx, api.IfMatch{}), in.Notification, time.Unix(in.SnoozedUntil, 0))
	return d.showNotification(ctx, in.Notification, err)
}

func (d *Desk) deleteNotification(ctx context.Context, in *notificationPath) (api.Empty, error) {
	return api.Empty{}, d.router.DeleteNotification(ctx, by(ctx, api.IfMatch{}), in.Notification)
}

// showNotification answers a notification after a change of it.
func (d *Desk) showNotification(ctx context.Context, id int64, err error) (notificationJSON, error) {
	if err != nil {
		return notificationJSON{}, err
	}
	n, err := d.router.OneNotification(ctx, by(ctx, api.IfMatch{}), id)
	if err != nil {
		return notificationJSON{}, err
	}
	shown, err := d.presentNotifications(ctx, []router.NotificationView{*n})
	if err != nil {
		return notificationJSON{}, err
	}
	return shown[0], nil
}

// primaryActor names the conversation whose notifications are meant; without
// one, all are.
type primaryActor struct {
	accountPath
	Type string `json:"primary_actor_type" enum:"Conversation"`
	ID   int64  `json:"primary_actor_id" minimum:"1"`
}

func (d *Desk) readNotifications(ctx context.Context, in *primaryActor) (api.Empty, error) {
	if in.Type != "" && in.ID == 0 {
		return api.Empty{}, fault.Invalid.Field("required", "primary_actor_id")
	}
	return api.Empty{}, d.router.ReadAllNotifications(ctx, by(ctx, api.IfMatch{}), in.ID)
}

type notificationSweep struct {
	accountPath
	Type string `json:"type" enum:"all,read"`
}

func (d *Desk) deleteNotifications(ctx context.Context, in *notificationSweep) (api.Empty, error) {
	return api.Empty{}, d.router.DeleteNotifications(ctx, by(ctx, api.IfMatch{}), in.Type == "read")
}

// idsOf reads a list of ids, each once.
func idsOf(list []string, field string) ([]int64, error) {
	ids := make([]int64, 0, len(list))
	for _, s := range list {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return nil, fault.Invalid.Field("not_an_integer", field)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
