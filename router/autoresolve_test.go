package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router"
)

// silentAfter gives both inboxes of a desk a limit of silence.
func (d *desk) silentAfter(locale string, a router.AutoResolve) {
	d.t.Helper()
	require.NoError(d.t, d.Wire(d.t.Context(), router.Wiring{Inboxes: []router.InboxWiring{
		{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Flow: &router.FlowText{Name: "eco", Source: []byte("name: eco\n")},
			Settings: router.InboxSettings{Locale: locale, TimeZone: "UTC", NoAutoAssign: true, AutoResolve: a}},
		{Identifier: "correo", Name: "Correo", Channel: "api", Settings: router.InboxSettings{Locale: locale, TimeZone: "UTC", NoAutoAssign: true, AutoResolve: a}},
	}}))
	var err error
	d.tienda, err = d.InboxByIdentifier(d.t.Context(), "tienda")
	require.NoError(d.t, err)
	d.correo, err = d.InboxByIdentifier(d.t.Context(), "correo")
	require.NoError(d.t, err)
}

func TestASilenceEndsAnOpenConversation(t *testing.T) {
	for locale, line := range map[string]string{"es": "La conversación se marcó como resuelta tras 3 días sin actividad",
		"en": "The conversation was marked as resolved after 3 days without activity"} {
		eachDatabase(t, func(t *testing.T, d *desk) {
			d.silentAfter(locale, router.AutoResolve{OpenAfter: 72 * time.Hour, Message: "Cerramos esta conversación.", Label: "Inactiva"})
			v := d.visitor(d.correo)
			c := d.says(d.correo, v, "Hola").ConversationID
			d.clock.Advance(1000 * time.Hour)
			d.attend()
			require.Equal(t, fsm.Open, d.status(c), "the customer waits for an answer")

			_, err := d.Reply(t.Context(), d.ana, c, router.Draft{Content: "¿Algo más?"})
			require.NoError(t, err)
			d.clock.Advance(72*time.Hour - time.Second)
			d.attend()
			require.Equal(t, fsm.Open, d.status(c))
			d.clock.Advance(time.Second)
			d.attend()
			require.Equal(t, fsm.Resolved, d.status(c))
			thread := d.thread(c)
			require.Equal(t, "system: Cerramos esta conversación.", thread[2])
			require.Contains(t, thread[3], "inactiva")
			require.Equal(t, []string{"system: " + line}, thread[4:])
			labels, err := d.Labels(t.Context(), d.ana, c)
			require.NoError(t, err)
			require.Equal(t, []string{"inactiva"}, labels)
			require.Nil(t, d.row(c).DueAt)

			d.says(d.correo, v, "Una cosa más")
			require.Equal(t, fsm.Open, d.status(c))
			require.Nil(t, d.row(c).ResolveAt, "he waits again")
		})
	}
}

func TestWhoWaitsIsLeftWaitingOnlyWhereItIsWishedFor(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.silentAfter("es", router.AutoResolve{OpenAfter: 90 * time.Minute, Waiting: true})
		c := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		d.clock.Advance(90 * time.Minute)
		d.attend()
		require.Equal(t, "system: La conversación se marcó como resuelta tras 90 minutos sin actividad", d.thread(c)[1])
	})
}

func TestAPendingConversationHasALimitOfItsOwn(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.silentAfter("es", router.AutoResolve{OpenAfter: 10 * time.Hour, PendingAfter: time.Hour})
		v := d.visitor(d.tienda)
		c := d.says(d.tienda, v, "Hola").ConversationID
		require.Nil(t, d.row(c).ResolveAt, "the bot owes an answer")
		d.attend()
		d.clock.Advance(30 * time.Minute)
		d.says(d.tienda, v, "¿Sí?")
		d.attend()
		d.clock.Advance(time.Hour - time.Second)
		d.attend()
		require.Equal(t, fsm.Pending, d.status(c))
		d.clock.Advance(time.Second)
		d.attend()
		require.Equal(t, fsm.Resolved, d.status(c))
		require.Equal(t, "system: La conversación se marcó como resuelta tras 1 hora sin actividad", d.thread(c)[4])
	})
}

// The deadline stands in the row: any process finds it, and one that has
// other settings by then does not act on the old ones.
func TestTheSilenceOutlivesTheProcess(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.silentAfter("es", router.AutoResolve{OpenAfter: time.Hour})
		ends := func() int64 {
			c := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
			_, err := d.Reply(t.Context(), d.ana, c, router.Draft{Content: "Listo"})
			require.NoError(t, err)
			return c
		}
		first, second := ends(), ends()
		d.clock.Advance(time.Hour)
		other := router.New(router.Options{DB: d.db, Now: d.clock.Now})
		require.NoError(t, other.Attend(t.Context(), first))
		require.Equal(t, fsm.Resolved, d.status(first))

		d.silentAfter("es", router.AutoResolve{OpenAfter: 3 * time.Hour})
		d.attend()
		require.Equal(t, fsm.Open, d.status(second))
		require.Equal(t, monday.Add(3*time.Hour), d.row(second).ResolveAt.UTC())
		d.silentAfter("es", router.AutoResolve{})
		d.clock.Advance(2 * time.Hour)
		d.attend()
		require.Equal(t, fsm.Open, d.status(second))
		require.Nil(t, d.row(second).DueAt)
	})
}

// A person who snoozes, and a customer who is silent with a bot that asks for
// a person when he is, come before the silence.
func TestWhatWasPromisedComesFirst(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.silentAfter("es", router.AutoResolve{OpenAfter: time.Hour, PendingAfter: time.Hour})
		c := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		_, err := d.Reply(t.Context(), d.ana, c, router.Draft{Content: "Mañana te digo"})
		require.NoError(t, err)
		until := monday.Add(24 * time.Hour)
		_, err = d.Snooze(t.Context(), d.ana, c, &until)
		require.NoError(t, err)

		d.bot.take = func(turn router.Turn) (router.Outcome, error) {
			if turn.Cause == router.CauseIdle {
				return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonIdle}}, nil
			}
			return router.Outcome{Say: []router.Utterance{{Content: "¿Talla?"}}, IdleAfter: 15 * time.Minute}, nil
		}
		p := d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID
		d.attend()
		d.clock.Advance(5 * time.Hour)
		d.attend()
		require.Equal(t, fsm.Snoozed, d.status(c))
		require.Equal(t, fsm.Open, d.status(p), "the bot had promised a person")
	})
}

// reconsiders lets the time pass after which conversations follow a changed
// limit, and reports whether any do.
func (d *telling) reconsiders() bool {
	d.t.Helper()
	var waiting int64
	require.NoError(d.t, d.db.Tx(d.t.Context(), func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE kind = 'reconsider_deadlines' AND state IN ('scheduled', 'available')")
		waiting = res.RowsAffected
		return res.Error
	}))
	d.drain()
	return waiting > 0
}

// A limit that is changed counts for the conversations that are there, with
// nobody saying a word in them: longer, shorter, none, and again.
func TestAChangedLimitReachesEveryConversation(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		d.silentAfter("es", router.AutoResolve{OpenAfter: 10 * time.Hour, PendingAfter: 5 * time.Hour})
		d.reconsiders()
		open := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		_, err := d.Reply(t.Context(), d.ana, open, router.Draft{Content: "Listo"})
		require.NoError(t, err)
		waits := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		pending := d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID
		d.attend()
		version, seq := d.row(open).Version, d.row(open).Seq
		due := func(id int64, after time.Duration) {
			t.Helper()
			row := d.row(id)
			require.NotNil(t, row.DueAt)
			require.Equal(t, monday.Add(after), row.ResolveAt.UTC())
			require.Equal(t, monday.Add(after), row.DueAt.UTC())
		}
		due(open, 10*time.Hour)
		due(pending, 5*time.Hour)

		d.silentAfter("es", router.AutoResolve{OpenAfter: 2 * time.Hour, PendingAfter: 3 * time.Hour})
		due(open, 10*time.Hour)
		require.True(t, d.reconsiders())
		due(open, 2*time.Hour)
		due(pending, 3*time.Hour)
		require.Nil(t, d.row(waits).ResolveAt, "who waits is left waiting")
		require.Equal(t, []int64{version, seq}, []int64{d.row(open).Version, d.row(open).Seq}, "nothing happened in it")

		d.silentAfter("es", router.AutoResolve{})
		d.reconsiders()
		require.Nil(t, d.row(open).DueAt)
		require.Nil(t, d.row(pending).ResolveAt)

		d.silentAfter("es", router.AutoResolve{OpenAfter: time.Minute, Waiting: true})
		d.reconsiders()
		d.clock.Advance(time.Minute)
		d.attend()
		require.Equal(t, []fsm.Status{fsm.Resolved, fsm.Resolved, fsm.Pending}, []fsm.Status{d.status(open), d.status(waits), d.status(pending)})

		d.silentAfter("es", router.AutoResolve{OpenAfter: time.Minute, Waiting: true, Message: "Adiós"})
		require.False(t, d.reconsiders(), "what deadlines do not follow from reconsiders nothing")
	})
}

// An administrator's change over the API is no other, and many conversations
// are reached by several jobs.
func TestALimitOfTheAPIReachesManyConversations(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		name, limit := "SMS", time.Hour
		inbox, err := d.AddInbox(t.Context(), "api", router.InboxDraft{Name: &name, Around: router.AroundDraft{IgnoreWaiting: new(bool)}})
		require.NoError(t, err)
		const many = 401 // two whole batches and one more
		for range many {
			d.says(inbox, d.visitor(inbox), "Hola")
		}
		_, err = d.UpdateInbox(t.Context(), inbox.ID, router.InboxDraft{Around: router.AroundDraft{OpenAfter: &limit}})
		require.NoError(t, err)
		for d.reconsiders() {
		}
		var due int
		require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM conversations WHERE due_at = resolve_at AND inbox_id = ?", inbox.ID).Scan(&due).Error)
		require.Equal(t, many, due)
	})
}
