package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func TestTheAcknowledgementIsTheNearestThatTheFlowHas(t *testing.T) {
	const agent, saying, to = "- dialogflow: {agent: reservas, handoff: {fallbacks: 1}}\n",
		"- dialogflow: {agent: reservas, handoff: {fallbacks: 1, say: del paso}}\n", "- handoff: {say: del final}\n"
	cases := []struct{ name, steps, words string }{
		{"the step's own", saying + to, "del paso"},
		{"the next handoff step's", agent + to, "del final"},
		{"the built-in", agent, ack},
	}
	for _, c := range cases {
		k := newTalk(t, c.steps)
		k.agent.answer = answers(notUnderstanding("¿Cómo?"))
		require.Equal(t, []string{c.words}, said(k.says("hola")), c.name)
	}
	k := newTalk(t, saying+to)
	k.agent.answer = answers(Result{End: true})
	require.Equal(t, []string{"del final"}, said(k.says("hola")), "at the handoff step, its own")
	k = newTalk(t, saying)
	k.agent.answer = answers(Result{End: true})
	require.Equal(t, []string{"del paso"}, said(k.says("hola")), "at the end, the last step's")
}

func TestAHandoffGoesWhereTheFlowsNextHandoffStepSays(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas}\n- handoff: {team: ventas, labels: [a, b], priority: low}\n")
	k.agent.answer = answers(Result{Messages: []Message{{Payload: map[string]any{"action": "handoff", "labels": []any{"c", "a"}, "priority": "high"}}}})
	h := k.says("hola").Handoff
	require.Equal(t, "ventas", h.Team)
	require.Equal(t, "high", h.Priority, "the agent knows better")
	require.Equal(t, []string{"c", "a", "b"}, h.Labels)
}

func TestTheRulesAreThoseOfTheStepInHandOrTheNext(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas, handoff: {words: [uno], idle: 1m}}\n- collect: name\n"+
		"- dialogflow: {agent: reservas, resume: R, handoff: {words: [dos], idle: 2m}}\n- collect: phone\n")
	k.agent.answer = answers(Result{End: true})
	require.Equal(t, "2m0s", k.says("hola").IdleAfter.String(), "collecting before the second")
	require.Empty(t, reason(k.says("Uno")), "a name, not a word of that step")
	require.Equal(t, "2m0s", k.last.IdleAfter.String())
	k.agent.answer = replies("vale")
	require.Empty(t, reason(k.says("uno")))
	k.agent.answer = answers(Result{End: true})
	require.Equal(t, "2m0s", k.says("fin").IdleAfter.String(), "after the last, its own")
	require.Equal(t, router.ReasonAsked, reason(k.says("dos")))
}

func TestTheResumeEventIsForTheFirstAgentOfTheEpisode(t *testing.T) {
	step := "- dialogflow: {agent: reservas, welcome: W, resume: R}\n"
	k := newTalk(t, step+step)
	k.says("hola")
	k.agent.asked, k.agent.answer = nil, func(q Query) (Result, error) {
		return Result{End: q.Event == "R", Messages: []Message{{Text: "x"}}}, nil
	}
	k.comesBack(router.EntryGivenBack).without(router.CauseResumed)
	require.Equal(t, []string{"R", "W"}, k.questions())
}

func TestAtNightAHandoffSaysThatNobodyIsThere(t *testing.T) {
	const steps = "- collect: email\n  attempts: 1\n  otherwise: continue\n" +
		"- handoff: {say: Te paso con una persona., when_closed: \"Estamos cerrados, te escribimos a {{ contact.email }}.\"}\n"
	k := newTalk(t, steps)
	k.turn.Contact.Email = "ana@ejemplo.com"
	require.Equal(t, []string{"Te paso con una persona."}, said(k.says("hola")))
	require.False(t, k.last.Handoff.ToldClosed)

	k = newTalk(t, steps)
	k.turn.Contact.Email, k.turn.Inbox.Closed = "ana@ejemplo.com", true
	require.Equal(t, []string{"Estamos cerrados, te escribimos a ana@ejemplo.com."}, said(k.says("hola")), "in place of the acknowledgement")
	require.True(t, k.last.Handoff.ToldClosed, "the inbox need not say so again")

	k = newTalk(t, "- handoff: {say: Te paso con una persona.}\n")
	k.turn.Inbox.Closed = true
	require.Equal(t, []string{"Te paso con una persona."}, said(k.says("hola")))
	require.False(t, k.last.Handoff.ToldClosed)
}
