package router_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
)

// Labels of a bot that cannot be are left out, the others hang, and agents
// read that some are missing.
func TestLabelsOfABotThatDoNotFitAreTold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		labels := []string{"mayoreo", strings.Repeat("l", 101)}
		for i := range 51 {
			labels = append(labels, fmt.Sprintf("l%02d", i))
		}
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonBotHandoff, Labels: labels}}, nil
		}
		id := d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID
		d.attend()
		require.Equal(t, fsm.Open, d.status(id))
		hang, err := d.Labels(t.Context(), d.ana, id)
		require.NoError(t, err)
		require.Len(t, hang, 50)
		require.Contains(t, hang, "mayoreo")
		require.Contains(t, strings.Join(d.thread(id), "\n"),
			"Se descartaron etiquetas del bot que no caben: 3 (una etiqueta tiene como máximo 100 caracteres y una conversación 50 etiquetas)")
	})
}
