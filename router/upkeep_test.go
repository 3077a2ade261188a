package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// A notification that was put off is told again when its time comes, once,
// however many processes there are; one that was read meanwhile is not.
func TestASnoozedNotificationThatComesBackIsTold(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx, beto := t.Context(), f.by["Beto"]
		var told []router.Happened
		r := router.New(router.Options{DB: f.db, Now: f.clock.Now, Live: func(h router.Happened) { told = append(told, h) }})
		one, other := f.opens(), f.opens()
		f.assign("Jefa", one, "Beto")
		f.assign("Jefa", other, "Beto")
		list, _, err := f.Notifications(ctx, beto, router.NotificationFilter{OldestFirst: true})
		require.NoError(t, err)
		require.Len(t, list, 2)
		for _, n := range list {
			require.NoError(t, f.SnoozeNotification(ctx, beto, n.ID, f.clock.Now().Add(time.Hour)))
		}
		f.clock.Advance(time.Hour - time.Second)
		require.NoError(t, r.WakeNotifications(ctx))
		require.Empty(t, told)
		require.NoError(t, f.ReadNotification(ctx, beto, list[1].ID))
		f.clock.Advance(time.Second)
		for range 2 {
			require.NoError(t, r.WakeNotifications(ctx))
		}
		require.Equal(t, []router.Happened{{Conversation: one, Notices: []router.Notice{{ID: list[0].ID, Agent: beto.Actor.ID}}}}, told)
		again, _, err := f.Notifications(ctx, beto, router.NotificationFilter{})
		require.NoError(t, err)
		require.Len(t, again, 1)
		require.Equal(t, list[0].ID, again[0].ID)
	})
}

// What nobody needs any more is removed at its time and not before.
func TestWhatIsOldIsRemoved(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx, beto := t.Context(), f.by["Beto"]
		rows := func(table string) (n int) {
			require.NoError(t, f.db.Read().Raw("SELECT count(*) FROM "+table).Row().Scan(&n))
			return n
		}
		const day = 24 * time.Hour
		for _, c := range []struct {
			table string
			make  func()
			lasts time.Duration
		}{
			{"notifications", func() { f.assign("Jefa", f.opens(), "Beto"); f.heard() }, 30 * day},
			{"notifications", func() { f.assign("Jefa", f.opens(), "Beto") }, 180 * day},
			{"sessions", func() {
				_, err := f.StartSession(ctx, beto.Actor.ID, "hash")
				require.NoError(t, err)
			}, 30*day - time.Second},
			{"idempotency_keys", func() {
				by := f.jefa
				by.Once = router.Once{Key: "k", Hash: "h"}
				_, _, err := f.CreateContact(ctx, by, router.ContactDraft{}, nil, nil, "")
				require.NoError(t, err)
			}, day},
			{"mails", func() {
				f.sql("INSERT INTO mails (kind, conversation_id, inbox_id, created_at, updated_at) VALUES ('transcript', ?, ?, ?, ?)",
					f.opens(), f.correo.ID, f.clock.Now(), f.clock.Now())
			}, 60 * day},
			{"webhook_deliveries", func() {
				url := "https://93.184.216.34/"
				w, err := f.AddWebhook(ctx, router.WebhookDraft{URL: &url})
				require.NoError(t, err)
				f.sql("INSERT INTO webhook_deliveries (id, webhook_id, event, payload, created_at) VALUES ('d', ?, 'contact_created', '{}', ?)", w.ID, f.clock.Now())
			}, 30 * day},
		} {
			require.Zero(t, rows(c.table))
			c.make()
			f.clock.Advance(c.lasts)
			require.NoError(t, f.Tidy(ctx))
			require.Equal(t, 1, rows(c.table), "%s after %s", c.table, c.lasts)
			f.clock.Advance(time.Second)
			require.NoError(t, f.Tidy(ctx))
			require.Zero(t, rows(c.table), "%s after %s", c.table, c.lasts)
		}
	})
}
