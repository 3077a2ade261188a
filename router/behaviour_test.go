package router_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

func TestAPersonsPublicWordTakesThePendingConversationOver(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		_, err := d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "¿La saludo?", Private: true})
		require.NoError(t, err)
		require.Equal(t, fsm.Pending, d.status(m.ConversationID), "a private note takes nothing over")

		_, err = d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "Hola, soy Ana"})
		require.NoError(t, err)
		c := d.row(m.ConversationID)
		require.Equal(t, fsm.Open, c.Status)
		require.Equal(t, d.anaID, *c.AssigneeID)
		d.attend()
		require.Empty(t, d.bot.turns, "the bot says no more")
		require.Equal(t, "system: Ana tomó la conversación al responder", d.thread(c.ID)[4])
	})
}

func TestAnAnswerThatComesAfterAPersonIsNotShown(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		d.bot.take = func(turn router.Turn) (router.Outcome, error) {
			_, err := d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "Yo me encargo"})
			require.NoError(t, err)
			return echo(turn)
		}
		d.attend()
		require.NotContains(t, d.thread(m.ConversationID), "bot: eco: Hola")
		var outcome string
		require.NoError(t, d.db.Read().Raw("SELECT outcome FROM bot_turns").Scan(&outcome).Error)
		require.Equal(t, "superseded", outcome)
	})
}

func TestWhoOpensGetsIt(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		c, err := d.Open(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, d.anaID, *c.AssigneeID)

		c, err = d.Open(t.Context(), d.jefa, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, d.anaID, *c.AssigneeID, "open stays with whoever has it")

		_, err = d.Assign(t.Context(), d.ana, m.ConversationID, nil)
		require.NoError(t, err)
		c, err = d.Open(t.Context(), d.jefa, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, d.jefaID, *c.AssigneeID)
	})
}

func TestGivenBackTheBotAnswersWhatNobodyDid(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		d.attend()
		_, err := d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "Dime"})
		require.NoError(t, err)
		d.says(d.tienda, v, "¿A qué hora abren?")
		c, err := d.MarkPending(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, 2, c.Episode)
		require.Nil(t, c.AssigneeID)
		d.attend()
		turn := d.bot.last()
		require.Equal(t, router.EntryGivenBack, turn.Entry)
		require.Len(t, turn.Words, 1)
		require.Equal(t, "¿A qué hora abren?", turn.Words[0].Text)

		// Nothing unanswered: the bot is told that it has the conversation back.
		_, err = d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "A las nueve"})
		require.NoError(t, err)
		_, err = d.MarkPending(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		d.attend()
		require.Equal(t, router.CauseResumed, d.bot.last().Cause)
		require.Nil(t, d.row(m.ConversationID).DueAt)
	})
}

func TestAResolvedConversationGoesBackToTheBot(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		_, err := d.Resolve(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		again := d.says(d.tienda, v, "Otra cosa")
		require.Equal(t, m.ConversationID, again.ConversationID)
		d.attend()
		require.Equal(t, router.EntryReopened, d.bot.last().Entry)
		require.Len(t, d.bot.last().Words, 1, "what was said before it was resolved is not asked again")
	})
}

func TestABlockedCustomerChangesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		_, err := d.Resolve(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.NoError(t, d.db.SQL().PingContext(t.Context()))
		_, err = d.db.SQL().ExecContext(t.Context(), "UPDATE contacts SET blocked = true")
		require.NoError(t, err)
		d.says(d.tienda, v, "¿Hola?")
		require.Equal(t, fsm.Resolved, d.status(m.ConversationID))

		other := d.says(d.tienda, d.visitor(d.tienda), "no estoy bloqueada")
		require.Equal(t, fsm.Pending, d.status(other.ConversationID))
	})
}

func TestSnooze(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		ctx, id := t.Context(), m.ConversationID
		_, err := d.Open(ctx, d.ana, id)
		require.NoError(t, err)

		c, err := d.SnoozeUntil(ctx, d.ana, id, "tomorrow")
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC), c.SnoozedUntil.UTC())
		d.clock.Advance(24*time.Hour - time.Second)
		d.attend()
		require.Equal(t, fsm.Snoozed, d.status(id))
		d.clock.Advance(time.Second)
		d.attend()
		require.Equal(t, fsm.Open, d.status(id))
		require.Equal(t, d.anaID, *d.row(id).AssigneeID, "it comes back to whoever had it")

		_, err = d.SnoozeUntil(ctx, d.ana, id, "next_reply")
		require.NoError(t, err)
		require.Nil(t, d.row(id).DueAt)
		d.says(d.tienda, v, "Ya volví")
		require.Equal(t, fsm.Open, d.status(id))

		past := d.clock.Now().Add(-time.Minute)
		_, err = d.Snooze(ctx, d.ana, id, &past)
		require.ErrorIs(t, err, fault.Invalid)
		_, err = d.SnoozeUntil(ctx, d.ana, id, "someday")
		require.ErrorIs(t, err, fault.Invalid)
	})
}

// TestSnoozeTimes covers the turn of the clock (Madrid: 29 March 2026 loses an
// hour, 25 October wins one) and the Sunday before "next week".
func TestSnoozeTimes(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	for _, tt := range []struct{ now, word, want string }{
		{"2026-03-28 22:00", "tomorrow", "2026-03-29 09:00"},
		{"2026-10-24 22:00", "tomorrow", "2026-10-25 09:00"},
		{"2026-11-20 10:00", "next_week", "2026-11-23 09:00"}, // Friday
		{"2026-11-22 10:00", "next_week", "2026-11-23 09:00"}, // Sunday: tomorrow's Monday
		{"2026-11-23 08:00", "next_week", "2026-11-30 09:00"}, // Monday
		{"2026-12-31 23:59", "tomorrow", "2027-01-01 09:00"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", tt.now, madrid)
		require.NoError(t, err)
		got, err := router.SnoozeTime(tt.word, now.UTC(), madrid)
		require.NoError(t, err)
		require.Equal(t, tt.want, got.In(madrid).Format("2006-01-02 15:04"), "%s from %s", tt.word, tt.now)
	}
}

func TestAMessageSentTwiceIsStoredOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		send := func(text, echo string) (*router.Message, error) {
			return d.Receive(t.Context(), router.Inbound{Inbox: d.tienda, SourceID: v, Draft: router.Draft{Content: text, EchoID: echo}})
		}
		first, err := send("Hola", "a1")
		require.NoError(t, err)
		again, err := send("Hola", "a1")
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID)
		_, err = send("Adiós", "a1")
		require.ErrorIs(t, err, fault.EchoConflict)
		require.Len(t, d.thread(first.ConversationID), 2, "the word and the greeting")
	})
}

func TestTheBotWaitsForThePause(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		require.NoError(t, d.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "tienda", Name: "Tienda", Channel: "web_widget",
			Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC", Debounce: router.Debounce{Window: 2 * time.Second, Maximum: 5 * time.Second}},
			Flow:     &router.FlowText{Name: "eco", Source: []byte("name: eco\n")}}}}))
		v := d.visitor(d.tienda)
		d.says(d.tienda, v, "uno")
		for _, word := range []string{"dos", "tres", "cuatro"} {
			d.clock.Advance(1500 * time.Millisecond)
			d.attend()
			require.Empty(t, d.bot.turns)
			d.says(d.tienda, v, word)
		}
		d.clock.Advance(500 * time.Millisecond) // five seconds after the first
		d.attend()
		require.Len(t, d.bot.turns, 1)
		require.Len(t, d.bot.last().Words, 4)
	})
}

func TestTheThirdTryHandsOff(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		dead := router.New(router.Options{DB: d.db, Now: d.clock.Now, Bot: dying{}})
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		for range 2 {
			var process sync.WaitGroup
			process.Go(func() { _, _ = dead.Sweep(t.Context()) })
			process.Wait()
			require.Equal(t, fsm.Pending, d.status(m.ConversationID))
			d.attend()
			require.Empty(t, d.bot.turns, "somebody has a lease")
			d.clock.Advance(31 * time.Second)
		}
		d.attend()
		require.Empty(t, d.bot.turns)
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		brief, err := d.Handoff(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, router.ReasonBotLost, brief.Reason)
	})
}

func TestABotThatFailsHandsOff(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		for _, take := range []func(router.Turn) (router.Outcome, error){
			func(router.Turn) (router.Outcome, error) { return router.Outcome{}, errors.New("no") },
			func(router.Turn) (router.Outcome, error) { panic("oh") },
		} {
			d.bot.take = take
			m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
			d.attend()
			require.Equal(t, fsm.Open, d.status(m.ConversationID))
			require.Equal(t, "bot: Tengo un problema para responderte ahora mismo. Te paso con una persona del equipo.", d.thread(m.ConversationID)[2])
		}
	})
}

func TestASilentCustomerIsHandedOff(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.bot.take = func(turn router.Turn) (router.Outcome, error) {
			if turn.Cause == router.CauseIdle {
				return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonIdle}}, nil
			}
			o, err := echo(turn)
			o.IdleAfter = 15 * time.Minute
			return o, err
		}
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		d.attend()
		d.clock.Advance(15*time.Minute - time.Second)
		d.attend()
		require.Equal(t, fsm.Pending, d.status(m.ConversationID))
		d.clock.Advance(time.Second)
		d.attend()
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
	})
}

func TestAClickedChoiceIsAWord(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.bot.take = func(turn router.Turn) (router.Outcome, error) {
			if turn.Words[0].Clicked {
				return echo(turn)
			}
			return router.Outcome{Say: []router.Utterance{{Content: "¿Cuál?", ContentType: "input_select",
				ContentAttributes: map[string]any{"items": []any{map[string]any{"title": "Norte", "value": "n"}}}}}}, nil
		}
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		d.attend()
		messages, err := d.VisitorMessages(t.Context(), d.tienda, v, m.ConversationID, router.MessagePage{})
		require.NoError(t, err)
		choice := messages[2]
		in := router.Inbound{Inbox: d.tienda, SourceID: v, Conversation: m.ConversationID}
		values := []any{map[string]any{"title": "Norte", "value": "n"}}
		for range 2 {
			_, err = d.Submit(t.Context(), in, choice.ID, values)
			require.NoError(t, err)
		}
		_, err = d.Submit(t.Context(), in, choice.ID, []any{map[string]any{"title": "Sur", "value": "s"}})
		require.ErrorIs(t, err, fault.Answered)
		d.attend()
		require.Equal(t, []string{"bot: ¿Cuál?", "contact: Norte", "bot: eco: n"}, d.thread(m.ConversationID)[2:])
	})
}

func TestAssigningAPendingConversationTakesItFromTheBot(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		a, err := d.Assign(t.Context(), d.jefa, m.ConversationID, &d.anaID)
		require.NoError(t, err)
		require.Equal(t, "Ana", a.Name)
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		unknown := int64(999)
		_, err = d.Assign(t.Context(), d.jefa, m.ConversationID, &unknown)
		require.ErrorIs(t, err, fault.Invalid)
	})
}

func TestLabelsAreReplacedAsAWhole(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		ctx, id := t.Context(), m.ConversationID
		_, err := d.SetLabels(ctx, d.ana, id, []string{"Envíos", " urgente ", "urgente"})
		require.NoError(t, err)
		before := d.row(id).Version
		labels, err := d.SetLabels(ctx, d.ana, id, []string{"pagos", "urgente"})
		require.NoError(t, err)
		require.Equal(t, []string{"pagos", "urgente"}, labels)
		require.Equal(t, before+1, d.row(id).Version)
		require.Equal(t, []string{"system: Ana añadió la etiqueta pagos", "system: Ana quitó la etiqueta envíos"}, d.thread(id)[3:])
	})
}

func TestAnAgentsClickOnAnOldVersionIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		seen := d.row(m.ConversationID).Version
		d.says(d.tienda, v, "y otra cosa") // a talkative customer spoils no click
		by := d.ana
		by.IfVersion = &seen
		_, err := d.Open(t.Context(), by, m.ConversationID)
		require.NoError(t, err)
		_, err = d.Resolve(t.Context(), by, m.ConversationID)
		require.ErrorIs(t, err, fault.Stale)
	})
}

func TestOutsideTheirInboxesAgentsSeeNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		by := d.ana
		by.Scope = router.Scope{Inboxes: []int64{d.correo.ID}}
		_, err := d.Conversation(t.Context(), by, m.ConversationID)
		require.ErrorIs(t, err, fault.Forbidden)
		_, err = d.Open(t.Context(), by, m.ConversationID)
		require.ErrorIs(t, err, fault.Forbidden)
		list, counts, err := d.Conversations(t.Context(), by, router.Filter{})
		require.NoError(t, err)
		require.Empty(t, list)
		require.Zero(t, counts.All)
	})
}

func TestVisitorsSeeNeitherNotesNorLines(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		_, err := d.Reply(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "entre nosotras", Private: true})
		require.NoError(t, err)
		_, err = d.Open(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		seen, err := d.VisitorMessages(t.Context(), d.tienda, v, m.ConversationID, router.MessagePage{})
		require.NoError(t, err)
		require.Len(t, seen, 2)
		_, err = d.VisitorMessages(t.Context(), d.tienda, d.visitor(d.tienda), m.ConversationID, router.MessagePage{})
		require.ErrorIs(t, err, fault.NotFound)
	})
}

func TestTheListIsFilteredAndCounted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		for range 3 {
			d.says(d.correo, d.visitor(d.correo), "Hi")
			d.clock.Advance(time.Second)
		}
		pending := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		list, counts, err := d.Conversations(t.Context(), d.ana, router.Filter{Statuses: []fsm.Status{fsm.Open}, Assignee: "unassigned"})
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, router.Counts{Unassigned: 3, All: 3}, counts)
		require.Equal(t, "Lucía", list[0].Contact.Name)
		require.Equal(t, "Hi", list[0].LastMessage.Content)
		list, _, err = d.Conversations(t.Context(), d.ana, router.Filter{Statuses: []fsm.Status{fsm.Pending}})
		require.NoError(t, err)
		require.Equal(t, pending.ConversationID, list[0].Conversation.ID)
	})
}

func TestAFloodIsAskedToWait(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.Router = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, MessagesPerMinute: 5})
		v := d.visitor(d.tienda)
		send := func() error {
			_, err := d.Receive(t.Context(), router.Inbound{Inbox: d.tienda, SourceID: v, Draft: router.Draft{Content: "a"}})
			return err
		}
		for range 4 { // and the greeting
			require.NoError(t, send())
		}
		require.ErrorIs(t, send(), fault.TooMany)
		d.clock.Advance(time.Minute)
		require.NoError(t, send())
	})
}

func TestAfterAFailureTheBotGivenBackAnswers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonBotTimeout}}, nil
		}
		m := d.says(d.tienda, d.visitor(d.tienda), "¿A qué hora abren?")
		d.attend()
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		d.bot.take = echo
		_, err := d.MarkPending(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		d.attend()
		require.Contains(t, d.thread(m.ConversationID), "bot: eco: ¿A qué hora abren?")
	})
}

func TestAResolvedConversationStaysSoWhereTheInboxBeginsNewOnes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		require.NoError(t, d.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "tienda", Name: "Tienda", Channel: "web_widget",
			Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC", AfterResolved: router.AfterResolvedNew}}}}))
		inbox, err := d.InboxByIdentifier(t.Context(), "tienda")
		require.NoError(t, err)
		v := d.visitor(inbox)
		first := d.says(inbox, v, "Hola").ConversationID
		_, err = d.Resolve(t.Context(), d.ana, first)
		require.NoError(t, err)
		into := router.Inbound{Inbox: inbox, SourceID: v, Conversation: first, Draft: router.Draft{Content: "Otra cosa", EchoID: "b"}}
		second, err := d.Receive(t.Context(), into)
		require.NoError(t, err)
		require.NotEqual(t, first, second.ConversationID)
		again, err := d.Receive(t.Context(), into)
		require.NoError(t, err)
		require.Equal(t, second.ID, again.ID)
		require.Equal(t, fsm.Resolved, d.status(first))
	})
}

func TestAConversationStartedTwiceIsOne(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		ids := make(chan int64, 8)
		var all sync.WaitGroup
		for range cap(ids) {
			all.Go(func() {
				c, err := d.Start(t.Context(), d.tienda, v, nil)
				require.NoError(t, err)
				ids <- c.ID
			})
		}
		all.Wait()
		first := <-ids
		for range cap(ids) - 1 {
			require.Equal(t, first, <-ids)
		}
	})
}

func TestANameCannotSpeakForOthers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		name := " Lu\u202ecía\nAna resolvió  "
		v, err := d.CreateVisitor(t.Context(), d.tienda, "", router.ContactDraft{Name: &name})
		require.NoError(t, err)
		require.Equal(t, "Lucía Ana resolvió", v.Contact.Name)
	})
}

func TestSourceIDsStandInAddressesAndCannotBeGuessed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		for _, id := range []string{"a/b", "..", "  ", "1", "lucía"} {
			_, err := d.CreateVisitor(t.Context(), d.tienda, id, router.ContactDraft{})
			require.ErrorIs(t, err, fault.Invalid, id)
		}
		_, err := d.CreateVisitor(t.Context(), d.correo, "+525512345678", router.ContactDraft{})
		require.NoError(t, err, "connectors call customers what their channel calls them")
	})
}

func TestTheSameTokenAtTwoInboxesIsTwoVisitors(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		const same = "the-same-token-at-two-inboxes"
		for _, inbox := range []*router.Inbox{d.tienda, d.correo} {
			_, err := d.CreateVisitor(t.Context(), inbox, same, router.ContactDraft{})
			require.NoError(t, err)
		}
		m := d.says(d.tienda, same, "Hola")
		_, err := d.VisitorConversation(t.Context(), d.correo, same, m.ConversationID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = d.VisitorMessages(t.Context(), d.correo, same, m.ConversationID, router.MessagePage{})
		require.ErrorIs(t, err, fault.NotFound)
	})
}

func TestAnAnswerThatCannotBeStoredReachesAPersonAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Say: []router.Utterance{{Content: "hola", ContentAttributes: map[string]any{"f": func() {}}}}}, nil
		}
		m := d.says(d.tienda, d.visitor(d.tienda), "Hola")
		d.attend()
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		brief, err := d.Handoff(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, router.ReasonBotError, brief.Reason)
	})
}

// TestAStoppedRouterBeginsNothing: turns in hand are finished, those that wait
// are left to another process.
func TestAStoppedRouterBeginsNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		begun, goOn := make(chan struct{}, 100), make(chan struct{})
		d.bot.take = func(turn router.Turn) (router.Outcome, error) {
			begun <- struct{}{}
			<-goOn
			return echo(turn)
		}
		d.Router = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Workers: 2, Sweep: time.Millisecond})
		for range 8 {
			d.says(d.tienda, d.visitor(d.tienda), "Hola")
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { d.Run(ctx) })
		<-begun
		<-begun
		stop()
		close(goOn)
		running.Wait()
		require.Empty(t, begun)
		var answered int
		require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM bot_turns WHERE outcome = 'answered'").Scan(&answered).Error)
		require.Equal(t, 2, answered)
	})
}
