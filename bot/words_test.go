package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func TestWhoAsksForAPersonGetsOneWithoutAnyQuestionToTheAgent(t *testing.T) {
	cases := []struct {
		text string
		word string // "" means no
	}{
		{"quiero hablar con un agente", "un agente"}, {"AGENTE!!", "agente"}, {"que me atienda una persona", "atienda una persona"},
		{"soy agente inmobiliario, ¿hacen envíos?", ""}, {"necesito ayuda humana", "humana"}, {"¿me pasas con un humano?", "humano"},
		{"atencion humana por favor", "humana"}, {"persona", "persona"}, {"Una persona.", "una persona"},
		{"quiero hablar con una persona", "hablar con una persona"},
		{"una mesa para una persona", ""}, {"para dos personas", ""}, {"agentes de viajes", ""}, {"recursos humanos", ""},
		{"personalizar", ""}, {"hola", ""}, {"", ""}, {"...", ""},
	}
	for _, c := range cases {
		k := newTalk(t, "- say: Hola\n- dialogflow: {agent: reservas, events: {attachment: F}}")
		o := k.says(c.text)
		if c.word == "" {
			require.NotEqual(t, router.ReasonAsked, reason(o), c.text)
			continue
		}
		require.Equal(t, router.ReasonAsked, reason(o), c.text)
		require.Equal(t, c.word, o.Handoff.Trigger, c.text)
		require.Equal(t, []string{ack}, said(o))
		require.Empty(t, k.agent.asked)
	}
}

func TestTheStepsOwnWordsReplaceTheBuiltIn(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas, handoff: {words: ['Atención al cliente', '=ayuda'], say: 'Va {{ inbox.name }}.'}}")
	require.Empty(t, reason(k.says("un agente")))
	require.Empty(t, reason(k.says("necesito ayuda")))
	o := k.says("páseme con atencion al CLIENTE, gracias")
	require.Equal(t, router.ReasonAsked, reason(o))
	require.Equal(t, []string{"Va La Tienda."}, said(o))
	k.comesBack(router.EntryReopened)
	require.Equal(t, router.ReasonAsked, reason(k.says("hola", "¡Ayuda!")), "one message that is nothing else")
}

func TestWordsCountWhileCollecting(t *testing.T) {
	k := newTalk(t, "- collect: email\n- dialogflow: {agent: reservas, handoff: {words: [asesor]}}\n")
	k.says("hola")
	require.Equal(t, router.ReasonAsked, reason(k.says("mejor un asesor")))
	k = newTalk(t, "- collect: email\n")
	k.says("hola")
	require.Equal(t, router.ReasonAsked, reason(k.says("con un humano")), "the built-in list where no step has one")
}

func TestAPhraseIsFoundAcrossMessages(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas}")
	require.Equal(t, router.ReasonAsked, reason(k.says("quiero hablar", "con una persona")))
}
