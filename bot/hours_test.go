package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

const byHours = `
  - say: "Te atiende una persona enseguida."
    when: inside_hours
  - say: "Estamos cerrados, deja tu mensaje."
    when: outside_hours
  - collect: text
    into: mensaje
    ask: "¿Qué necesitas?"
    when: outside_hours
  - when: outside_hours
    resolve: {}
  - handoff:
      team: ventas
`

func TestAFlowSaysSomethingElseWhenNobodyIsThere(t *testing.T) {
	open := newTalk(t, byHours)
	open.says("Hola")
	require.Equal(t, "Te atiende una persona enseguida.", open.last.Say[0].Content)
	require.Equal(t, "ventas", open.last.Handoff.Team)

	closed := newTalk(t, byHours)
	closed.turn.Inbox.Closed = true
	closed.says("Hola")
	require.Equal(t, []string{"Estamos cerrados, deja tu mensaje.", "¿Qué necesitas?"}, contents(closed.last))
	require.Nil(t, closed.last.Handoff)

	closed.turn.Inbox.Closed = false // it has opened meanwhile: what was asked is heard
	closed.says("Una talla M")
	require.NotContains(t, contents(closed.last), "Te atiende una persona enseguida.", "what comes before is not said any more")
	require.Nil(t, closed.last.Resolve)
	require.Equal(t, "ventas", closed.last.Handoff.Team)

	alone := newTalk(t, byHours)
	alone.turn.Inbox.Closed = true
	alone.says("Hola")
	alone.says("Una talla M")
	require.NotNil(t, alone.last.Resolve, "nobody is there to hand it to")
}

func contents(o router.Outcome) (texts []string) {
	for _, u := range o.Say {
		texts = append(texts, u.Content)
	}
	return texts
}
