package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// What the table "Flujo de conversación" of the help page promises: every
// action of an agent, the status that it leads to, and the line that it leaves
// in the conversation, in the language of the inbox.
func TestTheActionsOfTheHelpPage(t *testing.T) {
	for locale, lines := range map[string]struct {
		open, pending, resolve, reopen, nextReply, replied, tomorrow, nextWeek, woken string
	}{
		"es": {
			open:      "jefa abrió la conversación",
			pending:   "jefa devolvió la conversación al bot",
			resolve:   "jefa marcó la conversación como resuelta",
			reopen:    "jefa reabrió la conversación",
			nextReply: "jefa pospuso la conversación hasta la próxima respuesta del cliente",
			replied:   "La conversación se abrió porque Lucía respondió",
			tomorrow:  "jefa pospuso la conversación hasta el 24/11/2026 09:00 CST",
			nextWeek:  "jefa pospuso la conversación hasta el 30/11/2026 09:00 CST",
			woken:     "La conversación se abrió porque terminó el tiempo de espera",
		},
		"en": {
			open:      "jefa opened the conversation",
			pending:   "jefa gave the conversation back to the bot",
			resolve:   "jefa marked the conversation as resolved",
			reopen:    "jefa reopened the conversation",
			nextReply: "jefa snoozed the conversation until the customer's next reply",
			replied:   "The conversation was opened because Lucía replied",
			tomorrow:  "jefa snoozed the conversation until Nov 24, 2026, 9:00 AM CST",
			nextWeek:  "jefa snoozed the conversation until Nov 30, 2026, 9:00 AM CST",
			woken:     "The conversation was opened because its snooze ended",
		},
	} {
		t.Run(locale, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				require.NoError(t, h.router.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "ayuda", Name: "Ayuda", Channel: "web_widget",
					Settings: router.InboxSettings{Locale: locale, TimeZone: "America/Mexico_City"}, Flow: &router.FlowText{Name: "ayuda", Source: []byte("name: ayuda\n")}}}}))
				public, agents := h.conversation(h.visitor("ayuda"), "Hola")
				id := agents[strings.LastIndex(agents, "/")+1:]

				// is checks the status, the last line, and that the list of
				// each status has the conversation if it is its own.
				is := func(status, line string) map[string]any {
					t.Helper()
					thread := h.must("GET", agents+"/messages", "token-jefa", "")["payload"].([]any)
					last := thread[len(thread)-1].(map[string]any)
					require.Equal(t, []any{line, 2.0}, []any{last["content"], last["message_type"]})
					for _, list := range []string{"pending", "open", "snoozed", "resolved", "all"} {
						shown := h.must("GET", desk+"?status="+list, "token-jefa", "")["data"].(map[string]any)["payload"].([]any)
						if list != status && list != "all" {
							require.Empty(t, shown, list)
							continue
						}
						require.Len(t, shown, 1, list)
						require.Equal(t, id, fmt.Sprint(shown[0].(map[string]any)["id"]))
						require.Equal(t, status, shown[0].(map[string]any)["status"])
					}
					require.NotContains(t, h.ask("GET", public+"/messages", "", "").body, line, "customers do not see it")
					return h.must("GET", agents, "token-jefa", "")
				}
				change := func(body string) { t.Helper(); h.must("POST", agents+"/toggle_status", "token-jefa", body) }
				assignee := func(c map[string]any) any {
					a, _ := c["meta"].(map[string]any)["assignee"].(map[string]any)
					return a["name"]
				}

				change(`{"status":"open"}`)
				require.Equal(t, "jefa", assignee(is("open", lines.open)), "who opens it has it")

				change(`{"status":"pending"}`)
				require.Nil(t, assignee(is("pending", lines.pending)), "the bot's are nobody's")

				change(`{"status":"resolved"}`)
				is("resolved", lines.resolve)

				change(`{"status":"open"}`)
				require.Equal(t, "jefa", assignee(is("open", lines.reopen)))

				change(`{"status":"snoozed","snooze":"next_reply"}`)
				require.Nil(t, is("snoozed", lines.nextReply)["snoozed_until"])
				h.must("POST", public+"/messages", "", `{"content":"¿Hay noticias?"}`)
				is("open", lines.replied)

				change(`{"status":"snoozed","snooze":"tomorrow"}`)
				require.Equal(t, "2026-11-24T15:00:00.000Z", is("snoozed", lines.tomorrow)["snoozed_until"])
				h.clock.Advance(24*time.Hour - time.Second)
				h.attend()
				is("snoozed", lines.tomorrow)
				h.clock.Advance(time.Second)
				h.attend()
				is("open", lines.woken)

				change(`{"status":"snoozed","snooze":"next_week"}`)
				require.Equal(t, "2026-11-30T15:00:00.000Z", is("snoozed", lines.nextWeek)["snoozed_until"])
				h.clock.Advance(6 * 24 * time.Hour)
				h.attend()
				require.Equal(t, "jefa", assignee(is("open", lines.woken)), "who had it has it")
			})
		})
	}
}
