package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/store"
)

type kinds = []router.NotificationKind

func asksForPerson(router.Turn) (router.Outcome, error) {
	return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonAsked, Team: "ventas"}}, nil
}

// Somebody is always told of a handoff.
func TestAHandoffIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(f *floor)
		want   map[string]kinds
	}{
		"to whoever gets it":                 {func(f *floor) { f.ventas("Ana"); f.come("Ana") }, map[string]kinds{"Ana": {router.NotifyAssignment}}},
		"to the team, where nobody is there": {func(f *floor) { f.ventas("Beto", "Leo") }, map[string]kinds{"Beto": {router.NotifyCreation}}},
		"to the inbox, where the team is empty": {func(*floor) {}, map[string]kinds{"Ana": {router.NotifyCreation},
			"Beto": {router.NotifyCreation}, "Carla": {router.NotifyCreation}}},
		"to the inbox, where the team has no place in it": {func(f *floor) { f.ventas("Leo") }, map[string]kinds{"Ana": {router.NotifyCreation},
			"Beto": {router.NotifyCreation}, "Carla": {router.NotifyCreation}}},
		"to administrators, where the inbox is empty": {func(f *floor) { f.sql("DELETE FROM inbox_members") },
			map[string]kinds{"Jefa": {router.NotifyCreation}}},
		"beside the team, to who wants to know": {func(f *floor) {
			f.ventas("Beto")
			err := f.SetNotificationSettings(f.t.Context(), f.id("Carla"), router.NotificationSettings{Push: kinds{router.NotifyCreation}})
			require.NoError(f.t, err)
		}, map[string]kinds{"Beto": {router.NotifyCreation}, "Carla": {router.NotifyCreation}}},
		"to nobody, of a blocked customer": {func(f *floor) { f.sql("UPDATE contacts SET blocked = ?", true) }, map[string]kinds{}},
	} {
		t.Run(name, func(t *testing.T) {
			eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
				f.bot.take = asksForPerson
				f.says(f.tienda, f.visitor(f.tienda), "persona")
				tt.before(f)
				for agent := range f.by {
					require.Empty(t, f.told(agent), "nothing while the bot has it")
				}
				f.attend()
				f.tells(tt.want)
			})
		})
	}
}

// tells holds what each agent was told since; those not named, nothing.
func (f *floor) tells(want map[string]kinds) {
	f.t.Helper()
	for agent := range f.by {
		expected := want[agent]
		if expected == nil {
			expected = kinds{}
		}
		require.Equal(f.t, expected, f.told(agent), agent)
	}
}

func TestWhoIsToldOfWhat(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx := t.Context()
		require.NoError(t, f.SetNotificationSettings(ctx, f.id("Carla"), router.NotificationSettings{Email: kinds{router.NotifyCreation}}))
		v := f.visitor(f.correo)
		id := f.says(f.correo, v, "Hola").ConversationID
		f.tells(map[string]kinds{"Carla": {router.NotifyCreation}}) // who wants to know of new ones
		f.heard()

		f.says(f.correo, v, "¿Hay alguien?")
		f.tells(nil) // nobody has it yet

		f.reply("Ana", id, "Hola, soy Ana")
		f.assign("Ana", id, "Ana")
		f.tells(nil) // nobody is told of what they did themselves
		f.assign("Ana", id, "Beto")
		f.tells(map[string]kinds{"Beto": {router.NotifyAssignment}})
		require.Equal(t, []string{"Ana", "Beto"}, f.following(id), "who had it follows")
		f.heard()

		f.says(f.correo, v, "Gracias")
		f.tells(map[string]kinds{"Beto": {router.NotifyAssignedMessage}, "Ana": {router.NotifyFollowedMessage}})
		f.says(f.correo, v, "de verdad")
		f.tells(map[string]kinds{"Beto": {router.NotifyAssignedMessage}, "Ana": {router.NotifyFollowedMessage}}) // once, until they look
		f.heard()
		f.says(f.correo, v, "¿Sigues?")
		f.tells(map[string]kinds{"Beto": {router.NotifyAssignedMessage}, "Ana": {router.NotifyFollowedMessage}})
		f.heard()

		f.reply("Beto", id, "Aquí sigo")
		f.tells(map[string]kinds{"Ana": {router.NotifyFollowedMessage}})
		f.reply("Ana", id, "Yo también")
		f.tells(map[string]kinds{"Ana": {router.NotifyFollowedMessage}, "Beto": {router.NotifyAssignedMessage}})
		f.heard()
		f.note("Carla", id, "nada que decir")
		f.tells(nil) // a note tells whom it mentions
		f.note("Carla", id, "¿no, "+f.user("Beto")+"?")
		f.tells(map[string]kinds{"Beto": {router.NotifyMention}})
		f.heard()

		_, err := f.Resolve(ctx, f.by["Carla"], id)
		require.NoError(t, err)
		f.tells(nil)
		f.says(f.correo, v, "Una cosa más")
		f.tells(map[string]kinds{"Beto": {router.NotifyAssignedMessage}, "Ana": {router.NotifyFollowedMessage}})
		f.heard()
		f.sql("UPDATE contacts SET blocked = ?", true)
		f.says(f.correo, v, "¿Hola?")
		f.reply("Carla", id, "Adiós")
		f.tells(nil) // a blocked customer's conversation
		f.note("Carla", id, f.user("Beto"))
		f.tells(map[string]kinds{"Beto": {router.NotifyMention}})
	})
}

// A connector brings the customer's words with an agent's token: they are the
// customer's, and that agent is told as any other.
func TestAConnectorsAgentIsToldOfTheCustomersWord(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		f.assign("Ana", id, "Ana")
		_, err := f.ReceiveFor(t.Context(), f.by["Ana"], id, router.Draft{Content: "desde otro canal"})
		require.NoError(t, err)
		f.tells(map[string]kinds{"Ana": {router.NotifyAssignedMessage}})
	})
}

func TestTheEndOfASnoozeIsAReminder(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx, v := t.Context(), f.visitor(f.correo)
		id := f.says(f.correo, v, "Hola").ConversationID
		f.assign("Ana", id, "Ana")
		sleep := func() {
			until := f.clock.Now().Add(time.Minute)
			_, err := f.Snooze(ctx, f.by["Ana"], id, &until)
			require.NoError(t, err)
		}
		sleep()
		f.clock.Advance(time.Minute)
		f.attend()
		f.tells(map[string]kinds{"Ana": {router.NotifyReminder}})
		f.heard()

		sleep()
		f.says(f.correo, v, "ya volví")
		f.tells(map[string]kinds{"Ana": {router.NotifyAssignedMessage}}) // the customer was earlier
		f.heard()

		_, err := f.Assign(ctx, f.by["Ana"], id, nil)
		require.NoError(t, err)
		sleep()
		f.clock.Advance(time.Minute)
		f.attend()
		f.tells(map[string]kinds{"Ana": {router.NotifyReminder}}) // nobody has it; she follows it
	})
}

func TestWhoLeftAnInboxReadsNoMoreOfIt(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		f.assign("Jefa", id, "Beto")
		require.Len(t, f.told("Beto"), 1)
		f.sql("DELETE FROM inbox_members WHERE agent_id = ?", f.id("Beto"))
		_, scope, err := f.AgentByToken(t.Context(), "hash-Beto")
		require.NoError(t, err)
		beto := router.By{Actor: f.by["Beto"].Actor, Scope: scope}
		f.reply("Jefa", id, "¿Beto?")
		list, counts, err := f.Notifications(t.Context(), beto, router.NotificationFilter{Read: true})
		require.NoError(t, err)
		require.Empty(t, list)
		require.Zero(t, counts)
		var rows int
		require.NoError(t, f.db.Read().Raw("SELECT count(*) FROM notifications WHERE agent_id = ?", f.id("Beto")).Scan(&rows).Error)
		require.Equal(t, 1, rows, "nothing more is told, either")
	})
}

func TestNotificationsAreReadPutOffAndRemoved(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx, beto := t.Context(), f.by["Beto"]
		for range 17 {
			f.clock.Advance(time.Second)
			f.assign("Jefa", f.opens(), "Beto")
		}
		list := func(filter router.NotificationFilter) []router.NotificationView {
			got, _, err := f.Notifications(ctx, beto, filter)
			require.NoError(t, err)
			return got
		}
		require.Len(t, list(router.NotificationFilter{}), 15)
		require.Len(t, list(router.NotificationFilter{Page: 2}), 2)
		latest := list(router.NotificationFilter{})[0]
		require.Equal(t, int64(17), latest.ConversationID)
		require.Equal(t, int64(1), list(router.NotificationFilter{OldestFirst: true})[0].ConversationID)

		unread := func() int {
			n, err := f.UnreadNotifications(ctx, beto)
			require.NoError(t, err)
			return n
		}
		require.NoError(t, f.ReadNotification(ctx, beto, latest.ID))
		require.Equal(t, 16, unread())
		require.NotEqual(t, latest.ID, list(router.NotificationFilter{})[0].ID)
		require.Equal(t, latest.ID, list(router.NotificationFilter{Read: true})[0].ID)

		// It happens again while the first is read; unread again, they are one.
		_, err := f.Assign(ctx, f.jefa, 17, nil)
		require.NoError(t, err)
		f.assign("Jefa", 17, "Beto")
		require.Equal(t, 17, unread())
		require.NoError(t, f.UnreadNotification(ctx, beto, latest.ID))
		require.Equal(t, 17, unread())

		require.NoError(t, f.SnoozeNotification(ctx, beto, latest.ID, f.clock.Now().Add(time.Hour)))
		require.Equal(t, 16, unread())
		require.Equal(t, latest.ID, list(router.NotificationFilter{Snoozed: true})[0].ID)
		f.clock.Advance(time.Hour)
		require.Equal(t, latest.ID, list(router.NotificationFilter{})[0].ID, "it comes back on top")
		require.Equal(t, 17, unread())
		require.ErrorIs(t, f.SnoozeNotification(ctx, beto, latest.ID, f.clock.Now()), fault.Invalid)
		require.ErrorIs(t, f.SnoozeNotification(ctx, beto, latest.ID, f.clock.Now().AddDate(6, 0, 0)), fault.Invalid)

		for _, do := range []func(router.By) error{
			func(by router.By) error { return f.ReadNotification(ctx, by, latest.ID) },
			func(by router.By) error { return f.UnreadNotification(ctx, by, latest.ID) },
			func(by router.By) error {
				return f.SnoozeNotification(ctx, by, latest.ID, f.clock.Now().Add(time.Hour))
			},
			func(by router.By) error { return f.DeleteNotification(ctx, by, latest.ID) },
		} {
			require.ErrorIs(t, do(f.jefa), fault.NotFound, "it is Beto's")
		}
		require.NoError(t, f.DeleteNotification(ctx, beto, latest.ID))
		require.ErrorIs(t, f.ReadNotification(ctx, beto, latest.ID), fault.NotFound)
		require.NoError(t, f.ReadAllNotifications(ctx, beto, 3))
		require.Equal(t, 15, unread())
		require.NoError(t, f.DeleteNotifications(ctx, beto, true))
		require.Len(t, list(router.NotificationFilter{Read: true, Page: 2}), 0)
		require.Equal(t, 15, unread())
		require.NoError(t, f.DeleteNotifications(ctx, beto, false))
		require.Zero(t, unread())
	})
}

func TestNotificationSettings(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		ctx := t.Context()
		s, err := f.NotificationSettings(ctx, f.id("Ana"))
		require.NoError(t, err)
		require.Equal(t, router.NotificationSettings{Email: kinds{router.NotifyAssignment}, Push: kinds{router.NotifyAssignment}}, s)
		require.NoError(t, f.SetNotificationSettings(ctx, f.id("Ana"), router.NotificationSettings{Email: kinds{}}))
		s, err = f.NotificationSettings(ctx, f.id("Ana"))
		require.NoError(t, err)
		require.Equal(t, router.NotificationSettings{Email: kinds{}, Push: kinds{router.NotifyAssignment}}, s)
		require.ErrorIs(t, f.SetNotificationSettings(ctx, f.id("Ana"), router.NotificationSettings{Push: kinds{"x"}}), fault.Invalid)
	})
}

func TestParticipants(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		ctx, id := t.Context(), f.opens()
		ids := func(names ...string) (out []int64) {
			for _, name := range names {
				out = append(out, f.id(name))
			}
			return out
		}
		require.NoError(t, f.AddParticipants(ctx, f.by["Ana"], id, ids("Ana", "Jefa")))
		require.NoError(t, f.AddParticipants(ctx, f.by["Ana"], id, ids("Ana")))
		require.Equal(t, []string{"Ana", "Jefa"}, f.following(id))
		require.NoError(t, f.SetParticipants(ctx, f.by["Ana"], id, ids("Beto", "Ana")))
		require.Equal(t, []string{"Ana", "Beto"}, f.following(id))
		require.ErrorIs(t, f.AddParticipants(ctx, f.by["Ana"], id, ids("Carla", "Leo")), fault.Invalid)
		require.ErrorIs(t, f.AddParticipants(ctx, f.by["Leo"], id, ids("Ana")), fault.Forbidden)
		require.Equal(t, []string{"Ana", "Beto"}, f.following(id))
		require.Equal(t, 2, f.row(id).Followers)
		f.assign("Jefa", id, "Ana")
		require.Equal(t, 1, f.row(id).Followers, "beside the assignee")
		require.NoError(t, f.RemoveParticipants(ctx, f.by["Ana"], id, ids("Beto", "Carla")))
		require.Equal(t, []string{"Ana"}, f.following(id))
		require.Zero(t, f.row(id).Followers)
	})
}

// News that come in while a notification is being made unread again are the
// one that is kept.
func TestANotificationIsUnreadAgainWhileNewsComeIn(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		if f.db.Dialect() == store.SQLite {
			t.Skip("there one writes after the other")
		}
		ctx, beto := t.Context(), f.by["Beto"]
		id := f.opens()
		for name, again := range map[string]func(id int64) error{
			"unread":  func(id int64) error { return f.UnreadNotification(ctx, beto, id) },
			"put off": func(id int64) error { return f.SnoozeNotification(ctx, beto, id, f.clock.Now().Add(time.Hour)) },
		} {
			require.NoError(t, f.DeleteNotifications(ctx, beto, false))
			_, err := f.Assign(ctx, f.jefa, id, nil)
			require.NoError(t, err)
			f.assign("Jefa", id, "Beto")
			list, _, err := f.Notifications(ctx, beto, router.NotificationFilter{})
			require.NoError(t, err)
			require.NoError(t, f.ReadNotification(ctx, beto, list[0].ID))

			news, err := f.db.SQL().BeginTx(ctx, nil)
			require.NoError(t, err)
			_, err = news.Exec(`INSERT INTO notifications (agent_id, kind, conversation_id, created_at, updated_at)
				SELECT agent_id, kind, conversation_id, updated_at, updated_at FROM notifications WHERE id = $1`, list[0].ID)
			require.NoError(t, err)
			done := make(chan error, 1)
			go func() { done <- again(list[0].ID) }()
			require.Eventually(t, func() bool {
				var waits int
				require.NoError(t, f.db.Read().Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waits).Error)
				return waits > 0
			}, 10*time.Second, 5*time.Millisecond, "it waits for the news")
			require.NoError(t, news.Commit())
			require.NoError(t, <-done, name)
			var unread []int64
			require.NoError(t, f.db.Read().Raw("SELECT id FROM notifications WHERE agent_id = ? AND read_at IS NULL", beto.Actor.ID).Scan(&unread).Error)
			require.Equal(t, []int64{list[0].ID}, unread, name)
		}
	})
}
