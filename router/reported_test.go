package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/report"
)

// A bot that resolves because it is done has helped; one that resolves because
// the customer fell silent does not know.
func TestABotThatResolvesASilenceHasNotContainedIt(t *testing.T) {
	for locale, lines := range map[string][2]string{
		"es": {"system: El bot marcó la conversación como resuelta", "system: El bot marcó la conversación como resuelta porque el cliente dejó de responder"},
		"en": {"system: The bot marked the conversation as resolved", "system: The bot marked the conversation as resolved because the customer stopped answering"},
	} {
		eachDatabase(t, func(t *testing.T, d *desk) {
			d.silentAfter(locale, router.AutoResolve{})
			d.bot.take = func(turn router.Turn) (router.Outcome, error) {
				if turn.Cause == router.CauseIdle || turn.Words[0].Text == "Adiós" {
					return router.Outcome{Resolve: &router.Resolution{}}, nil
				}
				return router.Outcome{Say: []router.Utterance{{Content: "¿Algo más?"}}, IdleAfter: 15 * time.Minute}, nil
			}
			ends := func(word string) (line string, class report.Class) {
				c := d.says(d.tienda, d.visitor(d.tienda), word).ConversationID
				d.attend()
				d.clock.Advance(15 * time.Minute)
				d.attend()
				require.Equal(t, fsm.Resolved, d.status(c))
				events, err := d.Reports().OfConversation(t.Context(), c)
				require.NoError(t, err)
				last := events[len(events)-1]
				require.Equal(t, []string{string(report.Resolved), "bot"}, []string{string(last.Kind), last.Reason})
				require.Equal(t, last.Class, events[len(events)-2].Class, "the round is of the class of its stay")
				thread := d.thread(c)
				return thread[len(thread)-1], last.Class
			}
			line, class := ends("Adiós")
			require.Equal(t, []string{lines[0], string(report.Contained)}, []string{line, string(class)})
			line, class = ends("Hola")
			require.Equal(t, []string{lines[1], string(report.Abandoned)}, []string{line, string(class)})
		})
	}
}
