package bot

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

const oneAgent = "- dialogflow: {agent: reservas, events: {attachment: FILE}, handoff: {on: [live_agent_handoff, payload, {action: humano}, {intent: Persona}, {context: operator_request}], fallbacks: 2, slots: 2, turns: 4}}\n"

func TestTheAgentIsAskedWithAllItNeeds(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.says("hola", " ", "¿abren hoy?")
	q := k.agent.asked[0]
	require.Equal(t, "hola ¿abren hoy?", q.Text)
	require.Len(t, q.Session, 36)
	require.Equal(t, "es", q.Language)
	require.Equal(t, "America/Mexico_City", q.TimeZone)
	require.Equal(t, map[string]any{"conversation": k.turn.Key, "inbox": "tienda", "locale": "es"}, q.Payload)
}

func TestTheLanguageIsTheStepsOrTheAgentsOrTheFlows(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas, language: es-MX}")
	k.says("hola")
	require.Equal(t, "es-MX", k.agent.asked[0].Language)
	k = newTalk(t, oneAgent)
	k.engine = New(Options{Detectors: map[string]Detector{"reservas": k.agent}, Languages: map[string]string{"reservas": "en"}})
	k.says("hola")
	require.Equal(t, "en", k.agent.asked[0].Language)
}

func TestSeveralMessagesAreSaidInOrderWithoutBlankOnes(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = answers(Result{Messages: []Message{{Text: "uno"}, {Text: "  "}, {Text: "¿cuál?", Choices: []string{"A", "B"}},
		{Payload: map[string]any{"content": "elige", "content_type": "input_select", "content_attributes": map[string]any{"items": []any{}}}},
		{Payload: map[string]any{"unknown": true}}, {Choices: []string{"C"}}}})
	o := k.says("hola")
	item := func(s string) any { return map[string]any{"title": s, "value": s} }
	require.Equal(t, []router.Utterance{
		{Content: "uno"},
		{Content: "¿cuál?", ContentType: "input_select", ContentAttributes: map[string]any{"items": []any{item("A"), item("B")}}},
		{Content: "elige", ContentType: "input_select", ContentAttributes: map[string]any{"items": []any{}}},
		{Content: "Elige una opción:", ContentType: "input_select", ContentAttributes: map[string]any{"items": []any{item("C")}}},
	}, o.Say)
}

func TestAgentsSignsHandOff(t *testing.T) {
	payload := func(p map[string]any) Result { return Result{Messages: []Message{{Payload: p}}} }
	cases := []struct {
		name    string
		answer  Result
		trigger string
	}{
		{"the intent is marked", Result{Handoff: true}, "live_agent_handoff"},
		{"marked and ended", Result{Handoff: true, End: true}, "live_agent_handoff"},
		{"a payload", payload(map[string]any{"action": "handoff"}), "payload"},
		{"a payload of ours", payload(map[string]any{"relevo": map[string]any{"action": "Handoff"}}), "payload"},
		{"an action", Result{Action: "humano"}, "action:humano"},
		{"an intent", Result{Intent: "Persona"}, "intent:Persona"},
		{"an output context", Result{Fallback: true, Contexts: []Context{{Name: "operator_request", Lifespan: 1}}}, "context:operator_request"},
		{"the first in a fixed order", Result{Action: "humano", Handoff: true, Intent: "Persona"}, "live_agent_handoff"},
		{"handoff and resolve", Result{Messages: []Message{{Payload: map[string]any{"action": "resolve"}}, {Payload: map[string]any{"action": "handoff"}}}}, "payload"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := newTalk(t, oneAgent)
			k.agent.answer = answers(c.answer)
			o := k.says("hola")
			require.Equal(t, router.ReasonBotHandoff, reason(o))
			require.Equal(t, c.trigger, o.Handoff.Trigger)
			require.Equal(t, c.answer.Intent, o.Handoff.Intent)
			require.Nil(t, o.Resolve)
			require.Equal(t, []string{ack}, said(o), "without words of the agent there is one acknowledgement")
		})
	}
}

func TestSignsThatTheStepDoesNotListenForDoNothing(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas, handoff: {on: [{action: humano}]}}")
	r := saying("Sigo yo")
	r.Handoff, r.Intent, r.Action = true, "Persona", "otra"
	r.Messages = append(r.Messages, Message{Payload: map[string]any{"action": "handoff"}})
	r.Contexts = []Context{{Name: "operator_request", Lifespan: 3}}
	k.agent.answer = answers(r)
	o := k.says("hola")
	require.Empty(t, reason(o))
	require.Equal(t, []string{"Sigo yo"}, said(o))
}

func TestAContextThatEndsIsNoSign(t *testing.T) {
	k := newTalk(t, oneAgent)
	r := saying("Sigo yo")
	r.Contexts = []Context{{Name: "operator_request"}}
	k.agent.answer = answers(r)
	require.Empty(t, reason(k.says("hola")))
}

// The golden order of a turn that hands off: the agent's texts in their order,
// and no second acknowledgement, because they are one.
func TestTheAgentsOwnWordsOnASignAreTheAcknowledgement(t *testing.T) {
	k := newTalk(t, "- say: Bienvenida\n"+oneAgent)
	k.agent.answer = answers(Result{Intent: "Queja", Messages: []Message{{Text: "Lo siento mucho."},
		{Payload: map[string]any{"action": "handoff", "team": "quejas", "labels": []any{"urgente", 7, ""}, "priority": "URGENT",
			"attributes": map[string]any{"pedido": "42"}, "reason": "billing", "summary": "cobro doble", "content": "Te paso con quejas."}},
		{Text: "Un momento."}}})
	o := k.says("me cobraron dos veces")
	require.Equal(t, []string{"Bienvenida", "Lo siento mucho.", "Te paso con quejas.", "Un momento."}, said(o))
	require.Equal(t, &router.Handoff{Reason: router.ReasonBotHandoff, Trigger: "payload", Intent: "Queja", Team: "quejas",
		Labels: []string{"urgente"}, Priority: "urgent", Attributes: map[string]any{"pedido": "42"},
		Data: map[string]any{"reason": "billing", "summary": "cobro doble"}}, o.Handoff)
}

func TestTheSecondFallbacksOwnWordsAreSaidWhereItsContextHandsOff(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = answers(notUnderstanding("¿Cómo?"))
	require.Equal(t, []string{"¿Cómo?"}, said(k.says("a")))
	r := notUnderstanding("Te paso con alguien.")
	r.Contexts = []Context{{Name: "operator_request", Lifespan: 5}}
	k.agent.answer = answers(r)
	o := k.says("b")
	require.Equal(t, []string{"Te paso con alguien."}, said(o))
	require.Equal(t, "context:operator_request", o.Handoff.Trigger)
}

func TestOurFallbackLimitStandsInPlaceOfTheFallbackText(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = answers(notUnderstanding("¿Cómo?"))
	require.Equal(t, []string{"¿Cómo?"}, said(k.says("a")))
	o := k.says("b")
	require.Equal(t, router.ReasonFallbacks, reason(o))
	require.Equal(t, "fallbacks=2", o.Handoff.Trigger)
	require.Equal(t, []string{ack}, said(o))
}

func TestUnderstandingResetsTheFallbackCounter(t *testing.T) {
	k := newTalk(t, oneAgent)
	for i, r := range []Result{notUnderstanding("¿Cómo?"), saying("Ah"), notUnderstanding("¿Cómo?")} {
		k.agent.answer = answers(r)
		require.Empty(t, reason(k.says(fmt.Sprint(i))))
	}
}

func TestAFallbackWithoutWordsIsSaidByTheBot(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = answers(Result{Fallback: true})
	require.Equal(t, []string{"Perdona, no te entendí. ¿Me lo puedes decir con otras palabras?"}, said(k.says("a")))
	require.Equal(t, router.ReasonFallbacks, reason(k.says("b")))
}

func TestTheSameSlotIsAskedOnlySoOften(t *testing.T) {
	k := newTalk(t, strings.Replace(oneAgent, "turns: 4", "turns: 40", 1))
	asking := func(p map[string]any) func(Query) (Result, error) {
		return answers(Result{Intent: "Reservar", SlotsOpen: true, Parameters: p, Messages: []Message{{Text: "¿Cuándo?"}}})
	}
	k.agent.answer = asking(map[string]any{"fecha": "", "hora": ""})
	k.says("reservar")
	k.says("no sé")
	k.agent.answer = asking(map[string]any{"fecha": "hoy", "hora": ""})
	require.Empty(t, reason(k.says("hoy")), "another slot is counted anew")
	require.Empty(t, reason(k.says("hmm")))
	o := k.says("hmm")
	require.Equal(t, router.ReasonFallbacks, reason(o))
	require.Equal(t, "slots=2", o.Handoff.Trigger)
	require.Equal(t, []string{ack}, said(o))
	require.Equal(t, map[string]any{"fecha": "hoy"}, o.Handoff.Data)
}

func TestTheTurnLimitHandsOffWithoutAnotherQuestion(t *testing.T) {
	k := newTalk(t, oneAgent)
	for range 4 {
		require.Empty(t, reason(k.says("y otra")))
	}
	o := k.says("y otra")
	require.Equal(t, router.ReasonTurns, reason(o))
	require.Equal(t, []string{ack}, said(o))
	require.Len(t, k.agent.asked, 4)
}

func TestAnEndEndsTheStepNotTheConversation(t *testing.T) {
	k := newTalk(t, oneAgent+"- say: Sigo\n- dialogflow: {agent: reservas, welcome: OTRA}\n")
	k.agent.answer = func(q Query) (Result, error) {
		r := saying("Hecho" + q.Event)
		r.End = q.Text != ""
		return r, nil
	}
	o := k.says("hola")
	require.Equal(t, []string{"Hecho", "Sigo", "HechoOTRA"}, said(o))
	require.Nil(t, o.Handoff)
	require.NotEqual(t, k.agent.asked[0].Session, k.agent.asked[1].Session)

	k = newTalk(t, oneAgent)
	r := saying("Adiós")
	r.End = true
	k.agent.answer = answers(r)
	o = k.says("nada más")
	require.Equal(t, router.ReasonFlowFinished, reason(o))
	require.Equal(t, []string{"Adiós", ack}, said(o))
	require.Nil(t, o.Resolve)
}

func TestAPayloadResolves(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = answers(Result{End: true, Messages: []Message{{Text: "Adiós"},
		{Payload: map[string]any{"relevo": map[string]any{"action": "resolve", "labels": []any{"hecho"}, "attributes": map[string]any{"a": 1.0}}}}}})
	o := k.says("gracias")
	require.Equal(t, &router.Resolution{Labels: []string{"hecho"}, Attributes: map[string]any{"a": 1.0}}, o.Resolve)
	require.Nil(t, o.Handoff)
	require.Equal(t, []string{"Adiós"}, said(o))
}

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("ñ", 257)
	step := "- dialogflow: {agent: reservas, handoff: {fallbacks: 2}, long_text: %s}"
	t.Run("256 characters are not long", func(t *testing.T) {
		k := newTalk(t, fmt.Sprintf(step, "handoff"))
		require.Empty(t, reason(k.says(long[2:])))
		require.Equal(t, long[2:], k.agent.asked[0].Text)
	})
	t.Run("handoff", func(t *testing.T) {
		k := newTalk(t, fmt.Sprintf(step, "handoff"))
		o := k.says(long)
		require.Equal(t, router.ReasonLongText, reason(o))
		require.Equal(t, []string{ack}, said(o))
		require.Empty(t, k.agent.asked)
	})
	t.Run("truncate", func(t *testing.T) {
		k := newTalk(t, fmt.Sprintf(step, "truncate"))
		k.says(long)
		require.Equal(t, long[2:], k.agent.asked[0].Text)
	})
	t.Run("fallback", func(t *testing.T) {
		k := newTalk(t, fmt.Sprintf(step, "fallback"))
		require.Equal(t, []string{"Ese mensaje es muy largo para mí. ¿Me lo puedes resumir en una o dos frases?"}, said(k.says(long)))
		require.Equal(t, router.ReasonFallbacks, reason(k.says(long)))
		require.Empty(t, k.agent.asked)
	})
	t.Run("messages that are long only together are asked one after the other", func(t *testing.T) {
		k := newTalk(t, fmt.Sprintf(step, "handoff"))
		half := strings.Repeat("ñ", 127)
		require.Empty(t, reason(k.says(half, half, "y otra cosa", half)))
		require.Equal(t, []string{half + " " + half, "y otra cosa " + half}, []string{k.agent.asked[0].Text, k.agent.asked[1].Text})
		require.Equal(t, router.ReasonLongText, reason(newTalk(t, fmt.Sprintf(step, "handoff")).says("corta", long)), "one of them is long by itself")
		whole := long[2:]
		require.Equal(t, router.ReasonLongText, reason(newTalk(t, fmt.Sprintf(step, "handoff")).says(whole, whole, whole, whole)), "more than a turn may ask")
	})
	t.Run("a long opener is still long when its turn comes", func(t *testing.T) {
		k := newTalk(t, "- collect: name\n"+fmt.Sprintf(step, "handoff"))
		k.says(strings.Repeat("a", 100_000))
		require.Equal(t, router.ReasonLongText, reason(k.says("Ana")))
		require.Less(t, len(k.turn.Memory), 3000)
	})
}

func TestAFileWithoutWords(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.sendsFile()
	require.Equal(t, []string{"FILE"}, k.questions())

	k = newTalk(t, "- collect: name\n- dialogflow: {agent: reservas}")
	k.sendsFile()
	o := k.says("Ana")
	require.Equal(t, router.ReasonAttachment, reason(o))
	require.Equal(t, []string{ack}, said(o))
	require.Empty(t, k.agent.asked)
}

func TestEveryFailureOfTheAgentEndsWithAPersonAndASafeSentence(t *testing.T) {
	failed := func(r router.Reason) func(Query) (Result, error) {
		return func(Query) (Result, error) {
			return Result{}, fmt.Errorf("wrapped: %w", &DetectError{Reason: r, Attempts: 2, Latency: 9, Err: errors.New("x")})
		}
	}
	cases := []struct {
		name   string
		answer func(Query) (Result, error)
		reason router.Reason
		call   router.Call
	}{
		{"quota", failed(router.ReasonBotQuota), router.ReasonBotQuota, router.Call{Agent: "reservas", Attempts: 2, Latency: 9, Error: router.ReasonBotQuota}},
		{"timeout", failed(router.ReasonBotTimeout), router.ReasonBotTimeout, router.Call{Agent: "reservas", Attempts: 2, Latency: 9, Error: router.ReasonBotTimeout}},
		{"something unheard of", func(Query) (Result, error) { return Result{}, errors.New("x") }, router.ReasonBotError, router.Call{Agent: "reservas", Error: router.ReasonBotError}},
		{"an empty answer", answers(Result{Intent: "any", Attempts: 1}), router.ReasonBotEmpty, router.Call{Agent: "reservas", Attempts: 1}},
		{"blank words", answers(Result{Messages: []Message{{Text: " \n"}}}), router.ReasonBotEmpty, router.Call{Agent: "reservas"}},
		{"only an unknown payload", answers(Result{Messages: []Message{{Payload: map[string]any{"x": 1.0}}}}), router.ReasonBotEmpty, router.Call{Agent: "reservas"}},
		{"a failed webhook", answers(Result{Intent: "any", Webhook: errors.New("x")}), router.ReasonBotWebhook, router.Call{Agent: "reservas"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := newTalk(t, "- say: Hola\n"+oneAgent+"- handoff: {team: ventas, say: Listo}\n")
			k.agent.answer = c.answer
			o := k.says("hola")
			require.Equal(t, c.reason, reason(o))
			require.Equal(t, []string{"Hola", trouble}, said(o))
			require.Equal(t, "ventas", o.Handoff.Team, "a failure goes to the same people")
			require.Equal(t, []router.Call{c.call}, o.Calls)
		})
	}
}

func TestAFailedWebhookWithWordsIsAnAnswer(t *testing.T) {
	k := newTalk(t, oneAgent)
	r := saying("Lo miro luego")
	r.Webhook = errors.New("x")
	k.agent.answer = answers(r)
	o := k.says("hola")
	require.Empty(t, reason(o))
	require.Equal(t, []string{"Lo miro luego"}, said(o))
}
