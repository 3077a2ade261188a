package router_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

func TestAMutedCustomerIsHeardNoMore(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.tienda)
		id := d.says(d.tienda, visitor, "compra barato").ConversationID
		_, err := d.Mute(t.Context(), d.ana, id)
		require.NoError(t, err)
		want := []string{"contact: compra barato", "system: ¡Bienvenida!", "system: La conversación se marcó como resuelta porque el contacto está bloqueado",
			"system: Ana silenció la conversación"}
		require.Equal(t, want, d.thread(id))
		_, err = d.Mute(t.Context(), d.jefa, id)
		require.NoError(t, err)
		require.Equal(t, want, d.thread(id), "muted twice")

		d.says(d.tienda, visitor, "¡compra!")
		d.attend()
		require.Equal(t, fsm.Resolved, d.status(id))
		require.Empty(t, d.bot.turns)

		_, err = d.Unmute(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.Equal(t, fsm.Resolved, d.status(id), "the status stays")
		_, err = d.Unmute(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.Equal(t, append(want, "contact: ¡compra!", "system: Ana quitó el silencio de la conversación"), d.thread(id))
		d.says(d.tienda, visitor, "perdón, ¿me ayudan?")
		require.Equal(t, fsm.Pending, d.status(id))
	})
}

func TestMutingWhileTheCustomerWritesEndsInOneOrder(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.correo)
		id := d.says(d.correo, visitor, "hi").ConversationID
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = d.Mute(t.Context(), d.ana, id)
				} else {
					_, err = d.Receive(t.Context(), router.Inbound{Inbox: d.correo, SourceID: visitor, Draft: router.Draft{Content: "more"}})
				}
				require.NoError(t, err)
			})
		}
		all.Wait()
		v, err := d.Conversation(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.True(t, v.Contact.Blocked)
		require.Equal(t, fsm.Resolved, v.Conversation.Status)
	})
}

func TestWhoMayNotSeeAConversationMutesNobody(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		_, err := d.Mute(t.Context(), router.By{Actor: d.ana.Actor}, id)
		require.ErrorIs(t, err, fault.Forbidden)
		_, err = d.Mute(t.Context(), d.ana, 999)
		require.ErrorIs(t, err, fault.NotFound)
		v, err := d.Conversation(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.False(t, v.Contact.Blocked)
	})
}

func TestPrioritiesLeaveTheirLines(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		low, urgent, wrong := "low", "urgent", "critical"
		version := d.row(id).Version
		for _, p := range []*string{&low, &low, &urgent, nil, nil} {
			_, err := d.SetPriority(t.Context(), d.ana, id, p)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"contact: hi", "system: Ana set the priority to low", "system: Ana changed the priority from low to urgent",
			"system: Ana removed the priority"}, d.thread(id))
		require.Equal(t, version+3, d.row(id).Version)
		_, err := d.SetPriority(t.Context(), d.ana, id, &wrong)
		require.Equal(t, fault.Invalid.Field("unknown_priority", "priority").Error(), errorText(err))
		stale := version
		_, err = d.SetPriority(t.Context(), router.By{Actor: d.ana.Actor, Scope: d.ana.Scope, IfVersion: &stale}, id, &low)
		require.ErrorIs(t, err, fault.Stale)
	})
}

func TestUnreadIsTheCustomersLastWord(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.correo)
		id := d.says(d.correo, visitor, "hi").ConversationID
		d.clock.Advance(time.Minute)
		last := d.says(d.correo, visitor, "anybody?")
		_, err := d.AgentSaw(t.Context(), d.ana, id)
		require.NoError(t, err)
		c, err := d.MarkUnread(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.Equal(t, 1, c.Unread)
		require.WithinDuration(t, last.CreatedAt.Add(-time.Second), *d.row(id).AgentLastSeenAt, time.Millisecond)

		empty, err := d.Start(t.Context(), d.correo, d.visitor(d.correo), nil)
		require.NoError(t, err)
		c, err = d.MarkUnread(t.Context(), d.ana, empty.ID)
		require.NoError(t, err)
		require.Zero(t, c.Unread, "nobody said anything")
	})
}

func TestWhatIsUnsentIsItsAgentsOwn(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		ctx := t.Context()
		require.NoError(t, d.KeepUnsent(ctx, d.ana, id, "Dear"))
		require.NoError(t, d.KeepUnsent(ctx, d.ana, id, "Dear Lucía"))
		mine, err := d.Unsent(ctx, d.ana, id)
		require.NoError(t, err)
		require.Equal(t, "Dear Lucía", mine.Content)
		hers, err := d.Unsent(ctx, d.jefa, id)
		require.NoError(t, err)
		require.Nil(t, hers)
		require.NoError(t, d.KeepUnsent(ctx, d.ana, id, " \n"))
		mine, err = d.Unsent(ctx, d.ana, id)
		require.NoError(t, err)
		require.Nil(t, mine, "a blank text is none")
		require.Equal(t, []string{"contact: hi"}, d.thread(id))
		outside := router.By{Actor: d.ana.Actor}
		require.ErrorIs(t, d.KeepUnsent(ctx, outside, id, "x"), fault.Forbidden)
		_, err = d.Unsent(ctx, outside, id)
		require.ErrorIs(t, err, fault.Forbidden)
		require.Error(t, d.KeepUnsent(ctx, d.ana, id, "\x00"))
	})
}

func TestAFailedMessageIsSentAgain(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		ctx := t.Context()
		m, err := d.Reply(ctx, d.ana, id, router.Draft{Content: "hello", ContentAttributes: router.Attributes{"a": "b"}})
		require.NoError(t, err)
		m, err = d.SetMessageStatus(ctx, d.jefa, id, m.ID, "failed", "number unknown")
		require.NoError(t, err)
		require.Equal(t, router.Failed, m.Status)
		require.Equal(t, router.Attributes{"a": "b", "external_error": "number unknown"}, m.ContentAttributes)
		m, err = d.Retry(ctx, d.ana, id, m.ID)
		require.NoError(t, err)
		require.Equal(t, router.Sent, m.Status)
		require.Equal(t, router.Attributes{"a": "b"}, m.ContentAttributes)
		_, err = d.SetMessageStatus(ctx, d.jefa, id, m.ID, "read", "")
		require.NoError(t, err)
		m, err = d.SetMessageStatus(ctx, d.jefa, id, m.ID, "delivered", "")
		require.NoError(t, err)
		require.Equal(t, router.Read, m.Status, "what was read does not go back")
		m, err = d.SetMessageStatus(ctx, d.jefa, id, m.ID, "sent", "")
		require.NoError(t, err)
		require.Equal(t, router.Read, m.Status, "however late a report comes")
		_, err = d.Retry(ctx, d.ana, id, m.ID)
		require.Equal(t, fault.Invalid.Field("not_failed", "status").Error(), errorText(err), "it did not fail")
		note, err := d.Reply(ctx, d.ana, id, router.Draft{Content: "for us", Private: true})
		require.NoError(t, err)
		_, err = d.SetMessageStatus(ctx, d.jefa, id, note.ID, "failed", "")
		require.Equal(t, fault.Invalid.Field("not_allowed", "status").Error(), errorText(err), "a note goes nowhere")

		_, err = d.SetMessageStatus(ctx, d.jefa, id, m.ID, "lost", "")
		require.Equal(t, fault.Invalid.Field("unknown", "status").Error(), errorText(err))
		web := d.says(d.tienda, d.visitor(d.tienda), "hola")
		_, err = d.SetMessageStatus(ctx, d.jefa, web.ConversationID, web.ID, "failed", "")
		require.Equal(t, fault.Invalid.Field("not_allowed", "status").Error(), errorText(err), "of the widget's messages we know ourselves")
	})
}
