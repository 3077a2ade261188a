package router

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/texts"
)

const notificationPage = 15

// NotificationFilter says which notifications of an agent are meant. Its zero
// value is the unread ones that are not snoozed, the latest first.
type NotificationFilter struct {
	Read        bool // the read ones, too
	Snoozed     bool // those that wait for their time, too
	OldestFirst bool
	Page        int // from 1, 15 each
}

// NotificationView is a notification with what a reader wants beside it.
type NotificationView struct {
	Notification
	View    View     // the conversation
	Message *Message // the message that it is about, if any
	Actor   *Agent   // the agent who caused it, if one did
	Webhook string   // what the one that fails is called, if it is about one
}

// Title says what happened, in a language.
func (v *NotificationView) Title(locale string) string {
	inbox := ""
	if v.View.Inbox != nil {
		inbox = v.View.Inbox.Name
	}
	return texts.Say(locale, "notification."+string(v.Kind), map[string]any{"id": v.ConversationID, "inbox": inbox, "webhook": v.Webhook})
}

// NotificationCounts are exact up to 1,000 and stop there.
type NotificationCounts struct {
	Unread int // of all that are not snoozed
	All    int // under the filter
}

// Notifications lists what by was told of conversations that they may see
// still.
func (r *Router) Notifications(ctx context.Context, by By, f NotificationFilter) ([]NotificationView, NotificationCounts, error) {
	f.Page = max(f.Page, 1)
	if f.Page > maxPage {
		return nil, NotificationCounts{}, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	var counts NotificationCounts
	var err error
	if counts.Unread, err = r.countNotifications(ctx, by, NotificationFilter{}); err != nil {
		return nil, counts, err
	}
	if counts.All, err = r.countNotifications(ctx, by, f); err != nil {
		return nil, counts, err
	}
	order := " ORDER BY n.updated_at DESC, n.id DESC"
	if f.OldestFirst {
		order = " ORDER BY n.updated_at, n.id"
	}
	where, args := r.myNotifications(by, f)
	var rows []Notification
	db := r.db.Read().WithContext(ctx)
	err = db.Raw("SELECT n.*"+where+order+" LIMIT ? OFFSET ?", append(args, notificationPage, (f.Page-1)*notificationPage)...).Scan(&rows).Error
	if err != nil {
		return nil, counts, fmt.Errorf("list notifications: %w", err)
	}
	views, err := r.notificationViews(db, rows)
	return views, counts, err
}

// UnreadNotifications counts what by has not read, up to 1,000.
func (r *Router) UnreadNotifications(ctx context.Context, by By) (int, error) {
	return r.countNotifications(ctx, by, NotificationFilter{})
}

// OneNotification returns a notification of by.
func (r *Router) OneNotification(ctx context.Context, by By, id int64) (*NotificationView, error) {
	db := r.db.Read().WithContext(ctx)
	where, args := r.myNotifications(by, NotificationFilter{Read: true, Snoozed: true})
	var rows []Notification
	if err := db.Raw("SELECT n.*"+where+" AND n.id = ?", append(args, id)...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("notification %d: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, fault.NotFound
	}
	views, err := r.notificationViews(db, rows)
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// myNotifications is the end of a query for those of by under a filter. Who
// has left an inbox reads no more of it.
func (r *Router) myNotifications(by By, f NotificationFilter) (string, []any) {
	where, args := []string{"n.agent_id = ?"}, []any{by.Actor.ID}
	if !by.Scope.All {
		where, args = append(where, "c.inbox_id IN ?"), append(args, append([]int64{0}, by.Scope.Inboxes...))
	}
	if !f.Read {
		where = append(where, "n.read_at IS NULL")
	}
	if !f.Snoozed {
		where, args = append(where, "(n.snoozed_until IS NULL OR n.snoozed_until <= ?)"), append(args, r.now())
	}
	return " FROM notifications n JOIN conversations c ON c.id = n.conversation_id WHERE " + strings.Join(where, " AND "), args
}

func (r *Router) countNotifications(ctx context.Context, by By, f NotificationFilter) (int, error) {
	where, args := r.myNotifications(by, f)
	var n int
	err := r.db.Read().WithContext(ctx).Raw("SELECT count(*) FROM (SELECT 1"+where+" LIMIT ?) AS capped", append(args, countsTo)...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count notifications: %w", err)
	}
	return n, nil
}

// notificationViews adds conversation, message and actor, one query a kind.
func (r *Router) notificationViews(db *gorm.DB, rows []Notification) ([]NotificationView, error) {
	out := []NotificationView{}
	if len(rows) == 0 {
		return out, nil
	}
	var conversations, messages, agents, hooks []int64
	for _, n := range rows {
		conversations = append(conversations, n.ConversationID)
		if n.MessageID != nil {
			messages = append(messages, *n.MessageID)
		}
		switch n.ActorType {
		case KindAgent:
			agents = append(agents, n.ActorID)
		case KindWebhook:
			hooks = append(hooks, n.ActorID)
		}
	}
	var talks []Conversation
	if err := db.Raw("SELECT * FROM conversations WHERE id IN ?", conversations).Scan(&talks).Error; err != nil {
		return nil, fmt.Errorf("conversations of notifications: %w", err)
	}
	views, err := r.views(db, talks)
	if err != nil {
		return nil, err
	}
	said, err := keyed(db, "SELECT * FROM messages WHERE id IN ?", messages, func(m Message) int64 { return m.ID })
	if err != nil {
		return nil, err
	}
	actors, err := keyed(db, "SELECT * FROM agents WHERE id IN ?", agents, func(a Agent) int64 { return a.ID })
	if err != nil {
		return nil, err
	}
	failing, err := keyed(db, "SELECT * FROM webhooks WHERE id IN ?", hooks, func(w Webhook) int64 { return w.ID })
	if err != nil {
		return nil, err
	}
	for _, n := range rows {
		at := slices.IndexFunc(views, func(v View) bool { return v.Conversation.ID == n.ConversationID })
		if at < 0 { // removed between two queries
			continue
		}
		v := NotificationView{Notification: n, View: views[at]}
		if n.MessageID != nil {
			v.Message = said[*n.MessageID]
		}
		if n.ActorType == KindAgent {
			v.Actor = actors[n.ActorID]
		}
		if w := failing[n.ActorID]; n.ActorType == KindWebhook && w != nil {
			v.Webhook = w.Title()
		}
		out = append(out, v)
	}
	return out, nil
}
