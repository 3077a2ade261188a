package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/hours"
	"relevo/router/routertest"
	"relevo/router/store"
)

const closedText = "Ahora estamos cerrados. Te respondemos mañana a las 9."

// nightDesk is a desk whose inboxes close at five in the afternoon of Mexico
// City, and it is ten at night there.
func nightDesk(t *testing.T, db *store.DB) *desk {
	d := newDesk(t, db)
	for _, in := range []struct {
		identifier string
		flow       *router.FlowText
	}{{"tienda", &router.FlowText{Name: "eco", Source: []byte("name: eco\n")}}, {"gente", nil}} {
		require.NoError(t, d.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: in.identifier, Name: "T", Channel: "web_widget", Flow: in.flow,
			Settings: router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", Greeting: "¡Bienvenida!", NoAutoAssign: true,
				Hours: router.OpeningHours{Enabled: true, Hours: hours.Office(), Message: closedText}}}}}))
	}
	var err error
	d.tienda, err = d.InboxByIdentifier(t.Context(), "tienda")
	require.NoError(t, err)
	d.correo, err = d.InboxByIdentifier(t.Context(), "gente")
	require.NoError(t, err)
	d.clock.Set(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC))
	return d
}

func eachNight(t *testing.T, test func(t *testing.T, d *desk)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, nightDesk(t, db)) })
}

func TestWhoWritesAtNightIsToldOnce(t *testing.T) {
	eachNight(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.correo)
		c := d.says(d.correo, v, "Hola").ConversationID
		require.Equal(t, []string{"contact: Hola", "system: " + closedText}, d.thread(c), "in place of the greeting")
		d.says(d.correo, v, "¿Hay alguien?")
		require.Len(t, d.thread(c), 3)

		_, err := d.Reply(t.Context(), d.ana, c, router.Draft{Content: "Yo sigo aquí"})
		require.NoError(t, err)
		d.says(d.correo, v, "¡Qué bien!")
		require.Len(t, d.thread(c), 5, "somebody is there all the same")
		d.clock.Advance(5 * time.Minute)
		d.says(d.correo, v, "¿Sigues?")
		require.Equal(t, []string{"contact: ¿Sigues?", "system: " + closedText}, d.thread(c)[5:], "a person has answered since")
		d.says(d.correo, v, "Bueno")
		require.Len(t, d.thread(c), 8)

		d.clock.Set(time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)) // ten in the morning
		d.says(d.correo, v, "Buenos días")
		require.Len(t, d.thread(c), 9)
		d.clock.Set(time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC))
		d.says(d.correo, v, "Otra noche")
		require.Equal(t, "system: "+closedText, d.thread(c)[10], "the place was open in between")
	})
}

func TestABotIsNotInterruptedAtNight(t *testing.T) {
	eachNight(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		c := d.says(d.tienda, v, "Hola").ConversationID
		d.attend()
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!", "bot: eco: Hola"}, d.thread(c))
		require.True(t, d.bot.last().Inbox.Closed)
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Say: []router.Utterance{{Content: "Te paso con una persona."}}, Handoff: &router.Handoff{Reason: router.ReasonAsked}}, nil
		}
		d.says(d.tienda, v, "persona")
		d.attend()
		require.Equal(t, []string{"bot: Te paso con una persona.",
			"system: El bot pasó la conversación a una persona: el cliente pidió hablar con una persona", "system: " + closedText}, d.thread(c)[4:])
		d.says(d.tienda, v, "¿Y bien?")
		require.Len(t, d.thread(c), 8)
	})
}

func TestABotThatHasSaidSoIsNotRepeated(t *testing.T) {
	eachNight(t, func(t *testing.T, d *desk) {
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Say: []router.Utterance{{Content: "Estamos cerrados, te escribimos."}},
				Handoff: &router.Handoff{Reason: router.ReasonFlowHandoff, ToldClosed: true}}, nil
		}
		v := d.visitor(d.tienda)
		c := d.says(d.tienda, v, "Hola").ConversationID
		d.attend()
		d.says(d.tienda, v, "Gracias")
		require.NotContains(t, d.thread(c), "system: "+closedText)
	})
}

func TestWhatAnAgentDoesTellsNobodyThatTheyAreClosed(t *testing.T) {
	eachNight(t, func(t *testing.T, d *desk) {
		c := d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID
		_, err := d.Reply(t.Context(), d.ana, c, router.Draft{Content: "Dime"})
		require.NoError(t, err)
		require.Equal(t, fsm.Open, d.status(c))
		require.NotContains(t, d.thread(c), "system: "+closedText)
	})
}

func TestByDayNobodyIsTold(t *testing.T) {
	eachNight(t, func(t *testing.T, d *desk) {
		d.clock.Set(monday)
		c := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!"}, d.thread(c))
	})
}
