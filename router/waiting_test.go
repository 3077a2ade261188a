package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

func TestACustomerAsksForAPersonAndGoesBackToTheBot(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		visitor := d.visitor(d.tienda)
		id := d.says(d.tienda, visitor, "¿Abren hoy?").ConversationID
		v, err := d.TalkToPerson(ctx, d.tienda, visitor, id)
		require.NoError(t, err)
		require.Equal(t, router.HeldByQueue, v.Conversation.Holder())
		require.True(t, d.tienda.OffersCancel(&v.Conversation))
		brief, err := d.Handoff(ctx, d.ana, id)
		require.NoError(t, err)
		require.Equal(t, router.ReasonAsked, brief.Reason)
		require.Contains(t, d.thread(id), "system: Lucía pidió hablar con una persona")
		d.attend()
		require.Empty(t, d.bot.turns, "the bot is not asked what a person was asked for")

		again, err := d.TalkToPerson(ctx, d.tienda, visitor, id)
		require.NoError(t, err)
		require.Equal(t, v.Conversation.Version, again.Conversation.Version, "asking twice changes nothing")

		v, err = d.CancelWaiting(ctx, d.tienda, visitor, id)
		require.NoError(t, err)
		require.Equal(t, router.HeldByBot, v.Conversation.Holder())
		require.Contains(t, d.thread(id), "system: Lucía dejó de esperar a una persona; la conversación volvió al bot")
		d.attend()
		require.Len(t, d.bot.turns, 1)
		require.Equal(t, "¿Abren hoy?", d.bot.turns[0].Words[0].Text, "what nobody has answered is owed again")
	})
}

func TestNobodyLeavesAPersonWhoHasAnswered(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		waits := func() (string, int64) {
			visitor := d.visitor(d.tienda)
			id := d.says(d.tienda, visitor, "hola").ConversationID
			_, err := d.TalkToPerson(ctx, d.tienda, visitor, id)
			require.NoError(t, err)
			return visitor, id
		}
		refused := func(visitor string, id int64, want error) {
			t.Helper()
			_, err := d.CancelWaiting(ctx, d.tienda, visitor, id)
			require.ErrorIs(t, err, want)
			require.NotEqual(t, fsm.Pending, d.status(id))
		}
		visitor, id := waits()
		_, err := d.Reply(ctx, d.ana, id, router.Draft{Content: "Soy Ana"})
		require.NoError(t, err)
		refused(visitor, id, fault.PersonHasIt)
		d.says(d.tienda, visitor, "gracias")
		refused(visitor, id, fault.PersonHasIt)

		visitor, id = waits()
		_, err = d.Assign(ctx, d.jefa, id, &d.ana.Actor.ID)
		require.NoError(t, err)
		refused(visitor, id, fault.PersonHasIt)
		_, err = d.Resolve(ctx, d.ana, id)
		require.NoError(t, err)
		refused(visitor, id, fault.NotAllowed)
		_, err = d.TalkToPerson(ctx, d.tienda, visitor, id)
		require.ErrorIs(t, err, fault.NotAllowed)

		visitor, id = waits()
		_, err = d.Reply(ctx, d.ana, id, router.Draft{Content: "mira esto", Private: true})
		require.NoError(t, err)
		_, err = d.CancelWaiting(ctx, d.tienda, visitor, id)
		require.NoError(t, err, "a note is no answer")

		stranger := d.visitor(d.tienda)
		for _, do := range []func() error{
			func() error { _, err := d.TalkToPerson(ctx, d.tienda, stranger, id); return err },
			func() error { _, err := d.CancelWaiting(ctx, d.tienda, stranger, id); return err },
		} {
			require.ErrorIs(t, do(), fault.NotFound)
		}
	})
}

func TestABlockedCustomerCallsNobody(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.tienda)
		id := d.says(d.tienda, visitor, "hola").ConversationID
		_, err := d.db.SQL().ExecContext(t.Context(), "UPDATE contacts SET blocked = $1", true)
		require.NoError(t, err)
		_, err = d.TalkToPerson(t.Context(), d.tienda, visitor, id)
		require.NoError(t, err)
		require.Equal(t, fsm.Pending, d.status(id))
	})
}

func TestHowManyWaitBeforeOne(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var ids []int64
		for range 4 {
			d.clock.Advance(time.Second)
			ids = append(ids, d.says(d.correo, d.visitor(d.correo), "hola").ConversationID)
		}
		before := func() (got []int) {
			for _, id := range ids {
				c := d.row(id)
				n, err := d.WaitingBefore(ctx, &c)
				require.NoError(t, err)
				got = append(got, n)
			}
			return got
		}
		require.Equal(t, []int{0, 1, 2, 3}, before())
		_, err := d.Assign(ctx, d.jefa, ids[1], &d.ana.Actor.ID)
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 1, 2}, before(), "whom somebody has waits no more")
		_, err = d.Reply(ctx, d.ana, ids[0], router.Draft{Content: "Hola"})
		require.NoError(t, err)
		require.Equal(t, 0, before()[2], "nor does who was answered")
		_, err = d.Resolve(ctx, d.ana, ids[2])
		require.NoError(t, err)
		require.Equal(t, 0, before()[3])

		plan := d.plan(`SELECT count(*) FROM (SELECT 1 FROM conversations WHERE status = 'open' AND assignee_id IS NULL
			AND waiting_since IS NOT NULL AND inbox_id = 1 AND (opened_at, id) < ('2026-01-01 00:00:00+00:00', 5) LIMIT 99) AS older`)
		require.Contains(t, plan, "conversations_waiting")
	})
}

func TestWhereItIsNotOfferedNobodyAsksForAPerson(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoTalkToPerson: true}, func(t *testing.T, f *floor) {
		visitor := f.visitor(f.tienda)
		id := f.says(f.tienda, visitor, "hola").ConversationID
		_, err := f.TalkToPerson(t.Context(), f.tienda, visitor, id)
		require.ErrorIs(t, err, fault.NotOffered)
		_, err = f.CancelWaiting(t.Context(), f.tienda, visitor, id)
		require.ErrorIs(t, err, fault.NotOffered)
		row := f.row(id)
		require.False(t, f.tienda.OffersPerson(&row))
		require.Equal(t, fsm.Pending, row.Status)
	})
}
