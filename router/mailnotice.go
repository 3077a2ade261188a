package router

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"relevo/fsm"
	"relevo/router/jobs"
	"relevo/router/mail"
	"relevo/router/store"
)

const (
	// noticeDelay is how long an agent has to read a notification before it is
	// mailed.
	noticeDelay = 2 * time.Minute
	// noticePause is how long a notification that stays unread is not mailed
	// again, whatever else happens meanwhile.
	noticePause = time.Hour
	// noticesPerHour is how many mails of one kind an agent is sent within an
	// hour: visitors nobody knows open as many conversations as they like.
	noticesPerHour = 20
	// noticeText is how many characters of a message a mail shows.
	noticeText = 2000
)

// noticeMail is the job of mailing a notification.
type noticeMail struct {
	Mail         int64 `json:"mail"`
	Conversation int64 `json:"conversation_id"`
	Agent        int64 `json:"agent_id"`
}

// Kind implements jobs.Job.
func (noticeMail) Kind() string { return "notification" }

// told is a notification that was stored, with what its agent wants by mail.
type told struct {
	ID, AgentID int64
	EmailFlags  store.JSON
}

// mailNotices stores a mail for each agent who wants notifications of that
// kind so, and has not just been sent one of the same, nor too many.
func (ch *change) mailNotices(kind NotificationKind, rows []told) error {
	if !ch.r.SendsMail() {
		return nil
	}
	for _, row := range rows {
		var wanted []NotificationKind
		if err := row.EmailFlags.Decode(&wanted); err != nil {
			return err
		}
		if !slices.Contains(wanted, kind) {
			continue
		}
		var id int64
		err := store.Row(ch.tx, `INSERT INTO mails (kind, conversation_id, inbox_id, notification_id, created_at, updated_at)
			SELECT 'notification', ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM mails x WHERE x.kind = 'notification' AND x.notification_id = ?
				AND (x.state IN ('waiting', 'sending') OR x.created_at > ? AND x.state <> 'skipped'))
			AND (SELECT count(*) FROM mails x JOIN notifications n ON n.id = x.notification_id WHERE x.kind = 'notification' AND x.created_at > ?
				AND x.state <> 'skipped' AND n.agent_id = ? AND n.kind = ?) < ? RETURNING id`,
			[]any{ch.c.ID, ch.c.InboxID, row.ID, ch.now, ch.now, row.ID, ch.now.Add(-noticePause),
				ch.now.Add(-time.Hour), row.AgentID, string(kind), noticesPerHour}, &id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return fmt.Errorf("store mail of notification %d: %w", row.ID, err)
		}
		ch.later = append(ch.later, jobs.Entry{Job: noticeMail{Mail: id, Conversation: ch.c.ID, Agent: row.AgentID}, At: ch.now.Add(noticeDelay)})
	}
	return nil
}

// dropNotices drops what an agent was about to be mailed of the conversation,
// which they have in front of them now.
func (ch *change) dropNotices(agentID int64) error {
	if !ch.r.SendsMail() {
		return nil
	}
	err := ch.tx.Exec(`UPDATE mails SET state = 'skipped', updated_at = ? WHERE kind = 'notification' AND state = 'waiting' AND conversation_id = ?
		AND notification_id IN (SELECT id FROM notifications WHERE conversation_id = ? AND agent_id = ?)`, ch.now, ch.c.ID, ch.c.ID, agentID).Error
	if err != nil {
		return fmt.Errorf("drop mails of conversation %d for agent %d: %w", ch.c.ID, agentID, err)
	}
	return nil
}

// mailedNotice is a notification that is to be mailed, with what became of it.
type mailedNotice struct {
	Notification
	Name, Email string
	EmailFlags  store.JSON
	Answered    bool // a person has written to the customer since
	Wrote       bool // so has the agent, or a note
}

// stillSo reports whether what the notification says is so, and the agent has
// not dealt with it.
func (n *mailedNotice) stillSo(c *Conversation) bool {
	theirs := c.AssigneeID != nil && *c.AssigneeID == n.AgentID && c.Status != fsm.Resolved
	switch n.Kind {
	case NotifyWebhook:
		return true
	case NotifyCreation:
		return c.Status == fsm.Open && c.AssigneeID == nil && !n.Answered && !n.Wrote
	case NotifyAssignment, NotifyAssignedMessage:
		return theirs && !n.Wrote
	case NotifyFollowedMessage:
		return c.Status != fsm.Resolved && !n.Wrote
	case NotifyReminder:
		return c.Status == fsm.Open && !n.Wrote
	}
	return !n.Wrote
}

// noticeLetter writes what an agent is told, or says errNotWanted where they
// have read it, it is no longer so, they may not see the conversation any
// more, or want no such mails.
func (r *Router) noticeLetter(ctx context.Context, m *outgoing, c *Conversation, inbox *Inbox) (mail.Letter, error) {
	db := r.db.Read().WithContext(ctx)
	var n mailedNotice
	const since = "EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = n.conversation_id AND m.created_at >= n.updated_at AND m.id <> coalesce(n.message_id, 0) AND m.sender_type = ? AND "
	err := db.Raw(`SELECT n.*, a.name, a.email, a.email_flags, `+since+`NOT m.private) AS answered, `+since+`m.sender_id = a.id) AS wrote
		FROM notifications n JOIN agents a ON a.id = n.agent_id
		WHERE n.id = ? AND n.read_at IS NULL AND (n.snoozed_until IS NULL OR n.snoozed_until <= ?) AND `+insider,
		string(KindAgent), string(KindAgent), m.NotificationID, r.now(), c.InboxID).Scan(&n).Error
	if err != nil {
		return mail.Letter{}, fmt.Errorf("notification %d: %w", m.NotificationID, err)
	}
	var wanted []NotificationKind
	if err := n.EmailFlags.Decode(&wanted); err != nil {
		return mail.Letter{}, err
	}
	if n.ID == 0 || !n.stillSo(c) || !slices.Contains(wanted, n.Kind) || !mail.CheckAddress(n.Email) {
		return mail.Letter{}, errNotWanted
	}
	locale := inbox.Settings.Locale
	views, err := r.notificationViews(db, []Notification{n.Notification})
	if err != nil || len(views) == 0 {
		return mail.Letter{}, cmp.Or(err, errNotWanted)
	}
	notice := mail.Notice{Language: locale, Reader: n.Name, Subject: views[0].Title(locale)}
	if address := r.opts.Mail.ConversationURL; address != "" {
		notice.URL = strings.ReplaceAll(address, "{id}", strconv.FormatInt(c.ID, 10))
	}
	if err := r.quote(ctx, &notice, n.MessageID, locale); err != nil {
		return mail.Letter{}, err
	}
	from := r.opts.Mail.From
	from.Name = cmp.Or(from.Name, inbox.Name)
	l := mail.Letter{Date: n.UpdatedAt, Language: locale, List: "notifications." + mail.Domain(from.Address)}
	l.To.Address = n.Email
	r.address(&l, m, c, from)
	l.Content, err = notice.Mail()
	return l, err
}

// quote puts the message that a notification is about into its mail; of one
// that was deleted there is nothing to tell.
func (r *Router) quote(ctx context.Context, notice *mail.Notice, id *int64, locale string) error {
	if id == nil {
		return nil
	}
	var m Message
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM messages WHERE id = ?", *id).Scan(&m).Error; err != nil {
		return fmt.Errorf("message %d: %w", *id, err)
	}
	if m.Deleted() {
		return errNotWanted
	}
	agents, contacts, err := r.Senders(ctx, []*Message{&m})
	if err != nil {
		return err
	}
	if a := agents[m.SenderID]; m.SenderType == KindAgent && a != nil {
		notice.Who = a.Name
	}
	if p := contacts[m.SenderID]; m.SenderType == KindContact && p != nil {
		notice.Who = p.Name
	}
	notice.Text = m.Shown(locale)
	if runes := []rune(notice.Text); len(runes) > noticeText {
		notice.Text = string(runes[:noticeText]) + "…"
	}
	return nil
}
