package router

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"relevo/router/jobs"
	"relevo/router/mail"
	"relevo/router/store"
	"relevo/router/texts"
)

const (
	// noticeDelay is how long an agent has to read a notification before it is
	// mailed.
	noticeDelay = 2 * time.Minute
	// noticePause is how long a notification that stays unread is not mailed
	// again, whatever else happens meanwhile.
	noticePause = time.Hour
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
// kind so, and has not just been sent one of the same.
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
				AND (x.state IN ('waiting', 'sending') OR x.created_at > ?)) RETURNING id`,
			[]any{ch.c.ID, ch.c.InboxID, row.ID, ch.now, ch.now, row.ID, ch.now.Add(-noticePause)}, &id)
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

// noticeLetter writes what an agent is told, or says errNotWanted where they
// have read it, may not see the conversation any more, or want no such mails.
func (r *Router) noticeLetter(ctx context.Context, m *outgoing, c *Conversation, inbox *Inbox) (mail.Letter, error) {
	db := r.db.Read().WithContext(ctx)
	var n struct {
		Notification
		Name, Email string
		EmailFlags  store.JSON
	}
	err := db.Raw(`SELECT n.*, a.name, a.email, a.email_flags FROM notifications n JOIN agents a ON a.id = n.agent_id
		WHERE n.id = ? AND n.read_at IS NULL AND (n.snoozed_until IS NULL OR n.snoozed_until <= ?) AND `+insider,
		m.NotificationID, r.now(), c.InboxID).Scan(&n).Error
	if err != nil {
		return mail.Letter{}, fmt.Errorf("notification %d: %w", m.NotificationID, err)
	}
	var wanted []NotificationKind
	if err := n.EmailFlags.Decode(&wanted); err != nil {
		return mail.Letter{}, err
	}
	seen := c.AssigneeID != nil && *c.AssigneeID == n.AgentID && c.AssigneeLastSeenAt != nil && !c.AssigneeLastSeenAt.Before(n.UpdatedAt)
	if n.ID == 0 || seen || !slices.Contains(wanted, n.Kind) || !mail.CheckAddress(n.Email) {
		return mail.Letter{}, errNotWanted
	}
	locale := inbox.Settings.Locale
	notice := mail.Notice{Language: locale, Reader: n.Name,
		Subject: texts.Say(locale, "notification."+string(n.Kind), map[string]any{"id": c.ID, "inbox": inbox.Name})}
	if r.opts.PublicURL != "" {
		notice.URL = fmt.Sprintf("%s/app/accounts/1/conversations/%d", r.opts.PublicURL, c.ID)
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

// quote puts the message that a notification is about into its mail.
func (r *Router) quote(ctx context.Context, notice *mail.Notice, id *int64, locale string) error {
	if id == nil {
		return nil
	}
	var m Message
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM messages WHERE id = ?", *id).Scan(&m).Error; err != nil {
		return fmt.Errorf("message %d: %w", *id, err)
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
