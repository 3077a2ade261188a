package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// notificationJSON is something that the agent was told. The primary actor is
// the conversation; the secondary one is the message that it is about, or the
// agent who caused it.
type notificationJSON struct {
	ID               int64                   `json:"id"`
	NotificationType router.NotificationKind `json:"notification_type"`
	PushMessageTitle string                  `json:"push_message_title" doc:"in the reader's language"`
	PrimaryActorType string                  `json:"primary_actor_type" enum:"Conversation"`
	PrimaryActorID   int64                   `json:"primary_actor_id"`
	PrimaryActor     conversationJSON        `json:"primary_actor"`
	ReadAt           *string                 `json:"read_at" format:"date-time"`
	SecondaryActor   aboutOrBy               `json:"secondary_actor" doc:"the message that it is about, else the agent who caused it"`
	User             *agentJSON              `json:"user"`
	CreatedAt        int64                   `json:"created_at"`
	LastActivityAt   int64                   `json:"last_activity_at"`
	SnoozedUntil     *string                 `json:"snoozed_until" format:"date-time"`
	Meta             struct{}                `json:"meta"`
}

// aboutOrBy is the message that a notification is about, or the agent who
// caused it.
type aboutOrBy = api.Either[messageJSON, agentJSON]

// notificationListJSON is a page of them. Counts are exact up to 1,000.
type notificationListJSON struct {
	Data struct {
		Meta struct {
			UnreadCount int `json:"unread_count"`
			Count       int `json:"count"`
			CurrentPage int `json:"current_page"`
		} `json:"meta"`
		Payload []notificationJSON `json:"payload"`
	} `json:"data"`
}

// presentNotifications shows what the caller was told.
func (d *Desk) presentNotifications(ctx context.Context, told []router.NotificationView) ([]notificationJSON, error) {
	views := make([]router.View, len(told))
	var said []*router.Message
	for i := range told {
		views[i] = told[i].View
		if told[i].Message != nil {
			said = append(said, told[i].Message)
		}
	}
	conversations, err := d.presentConversations(ctx, views)
	if err != nil {
		return nil, err
	}
	who, err := d.sendersOf(ctx, said)
	if err != nil {
		return nil, err
	}
	out := make([]notificationJSON, 0, len(told))
	for i := range told {
		out = append(out, d.presentNotification(ctx, &told[i], conversations[i], who))
	}
	return out, nil
}

func (d *Desk) presentNotification(ctx context.Context, n *router.NotificationView, c conversationJSON, who senders) notificationJSON {
	out := notificationJSON{
		ID:               n.ID,
		NotificationType: n.Kind,
		PushMessageTitle: n.Title(api.Language(ctx)),
		PrimaryActorType: "Conversation",
		PrimaryActorID:   n.ConversationID,
		PrimaryActor:     c,
		ReadAt:           iso(n.ReadAt),
		User:             presentAgent(callerFrom(ctx).agent, d.clock()),
		CreatedAt:        n.CreatedAt.Unix(),
		LastActivityAt:   n.UpdatedAt.Unix(),
		SnoozedUntil:     iso(n.SnoozedUntil),
	}
	switch {
	case n.Message != nil:
		shown := presentMessage(n.Message, localeOf(n.View.Inbox), who)
		out.SecondaryActor.A = &shown
	case n.Actor != nil:
		out.SecondaryActor.B = presentAgent(n.Actor, d.clock())
	}
	return out
}
