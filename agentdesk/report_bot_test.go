package agentdesk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// What a bot had ends in one way of six, or has not ended: a customer who was
// helped is another than one who gave up.
func TestWhatBecameOfWhatTheBotHad(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		flow := router.FlowText{Name: "soporte", Source: []byte("name: soporte\n")}
		require.NoError(t, o.router.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Flow: &flow, Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC"}},
			{Identifier: "correo", Name: "Correo", Channel: "api",
				Settings: router.InboxSettings{Locale: "en", TimeZone: "UTC", AutoResolve: router.AutoResolve{PendingAfter: time.Hour}}}}}))
		_, bot := o.botOf(o.correo)
		asks := func() *customer { // the bot answers after 10 s
			c := o.customer(o.correo)
			c.says("Where is my order?")
			o.passes(10 * time.Second)
			o.must(bot, "POST", c.path()+"/messages", `{"content":"It is on its way."}`)
			return c
		}
		turns := func(token string, c *customer, status string) {
			o.must(token, "POST", c.path()+"/toggle_status", fmt.Sprintf(`{"status":%q}`, status))
		}
		figures := func(query string) map[string]any {
			return o.must("jefa", "GET", reports+"/reports/bot?"+query, "", "Accept-Language", "es").object()
		}
		came := func(all, contained, byCustomer, abandoned, closed, handedOff, takenOver, withBot float64) map[string]any {
			return map[string]any{"all": all, "contained": contained, "ended_by_customer": byCustomer, "abandoned": abandoned, "closed": closed,
				"handed_off": handedOff, "taken_over": takenOver, "with_bot": withBot}
		}

		first := asks()
		require.Equal(t, came(1, 0, 0, 0, 0, 0, 0, 1), figures("")["came"])
		o.passes(time.Hour)
		o.attend()
		require.Contains(t, o.lines(first.id), "system: The conversation was marked as resolved after 1 hour without activity")
		require.Equal(t, came(1, 0, 0, 1, 0, 0, 0, 0), figures("")["came"], "who gives up was not helped")

		turns(bot, asks(), "resolved")
		asks().resolves()
		turns("jefa", asks(), "resolved")
		turns(bot, asks(), "open")
		unheard := o.customer(o.correo)
		unheard.says("Anybody?")
		o.passes(2 * time.Minute)
		o.attend()
		o.must("jefa", "POST", asks().path()+"/messages", `{"content":"Let me see"}`)
		asks()

		now := figures("")
		require.Equal(t, came(8, 1, 1, 1, 1, 2, 1, 1), now["came"])
		require.Equal(t, []any{map[string]any{"reason": "bot_handoff", "reason_text": "el agente de Dialogflow pidió una persona", "count": 1.0},
			map[string]any{"reason": "bot_timeout", "reason_text": "el servicio del bot tardó demasiado en responder", "count": 1.0}}, now["handoffs_by_reason"])
		require.Equal(t, 14.0, now["containment_rate"], "one of the seven that are over")
		require.Equal(t, map[string]any{"all": 4.0, "contained": 1.0, "ended_by_customer": 1.0, "abandoned": 1.0, "closed": 1.0,
			"handed_off": 0.0, "taken_over": 0.0, "person": 0.0}, now["resolutions"])
		require.Equal(t, map[string]any{"conversation_count": 8.0, "message_count": 8.0, "resolution_rate": 14.0, "handoff_rate": 29.0}, // the router says one for the bot that is silent
			o.must("jefa", "GET", reports+"/reports/bot_metrics", "").object())
		require.Equal(t, 1.0, o.must("jefa", "GET", reports+"/reports/bot_summary", "").object()["bot_resolutions_count"])

		// They are those of their own time: what came in the first hour has been decided in the second.
		hour := fmt.Sprintf("since=%d&until=%d", noon.Unix(), noon.Add(time.Hour).Unix())
		require.Equal(t, came(1, 0, 0, 1, 0, 0, 0, 0), figures(hour)["came"])
		require.Equal(t, 0.0, figures(hour)["resolutions"].(map[string]any)["all"])

		// The one who gave up comes back, is given back to the bot after a person, and is helped.
		first.says("Still nothing")
		turns("jefa", first, "open")
		turns("jefa", first, "pending")
		turns(bot, first, "resolved")
		now = figures(fmt.Sprintf("until=%d", o.clock.Now().Unix()+1))
		require.Equal(t, came(10, 2, 1, 1, 1, 2, 2, 1), now["came"])
		require.Equal(t, 1.0, now["resolutions"].(map[string]any)["taken_over"], "the round began with a bot, and a person took it")
		first.says("Thanks")
		require.Equal(t, 0.0, figures("")["reopened_after_bot"], "that round was not the bot's alone")
		require.Equal(t, came(0, 0, 0, 0, 0, 0, 0, 0), figures(fmt.Sprintf("type=inbox&id=%d", o.tienda.ID))["came"])
	})
}
