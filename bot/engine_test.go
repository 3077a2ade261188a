package bot

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/bot/flow"
	"relevo/router"
)

const wholeFlow = `
- say: "Hola, soy el asistente de {{ inbox.name }}."
- collect: email
  ask: "¿Tu correo?"
- dialogflow:
    agent: reservas
    welcome: WELCOME
    resume: RESUME
    handoff: { on: [live_agent_handoff, payload, {context: operator_request}], idle: 15m, fallbacks: 2, turns: 3 }
- handoff: { team: ventas, labels: [lead], priority: high, say: "Te paso con {{ data.email }}." }
`

func TestAConversationFromHelloToAPerson(t *testing.T) {
	k := newTalk(t, wholeFlow)
	o := k.says("Hola", "quiero una mesa")
	require.Equal(t, []string{"Hola, soy el asistente de La Tienda.", "¿Tu correo?"}, said(o))
	require.Equal(t, 15*time.Minute, o.IdleAfter)
	require.Empty(t, k.agent.asked)

	k.agent.answer = replies("¿Para cuántas personas?")
	o = k.says("ana@ejemplo.com")
	require.Equal(t, "ana@ejemplo.com", o.Contact.Email)
	require.Equal(t, []string{"Hola quiero una mesa"}, k.questions(), "the opener is what the agent is asked first")
	require.Equal(t, []string{"¿Para cuántas personas?"}, said(o))
	require.Equal(t, []router.Call{{Agent: "reservas", ResponseID: "r1", Attempts: 1, Latency: time.Millisecond}}, o.Calls)

	k.agent.answer = func(Query) (Result, error) {
		r := saying("Anotado.")
		r.End, r.Parameters = true, map[string]any{"personas": 4.0, "terraza": ""}
		return r, nil
	}
	o = k.says("cuatro")
	require.Equal(t, []string{"Anotado.", "Te paso con ana@ejemplo.com."}, said(o))
	require.Equal(t, &router.Handoff{Reason: router.ReasonFlowHandoff, Intent: "any", Team: "ventas", Labels: []string{"lead"},
		Priority: "high", Data: map[string]any{"email": "ana@ejemplo.com", "personas": 4.0}}, o.Handoff)
	require.Zero(t, o.IdleAfter)
}

func TestAFlowThatEndsHandsOff(t *testing.T) {
	o := newTalk(t, `- say: "Hola"`).says("hola")
	require.Equal(t, router.ReasonFlowFinished, reason(o))
	require.Equal(t, []string{"Hola", ack}, said(o))
}

func TestAFlowThatResolvesSaysSoAndEnds(t *testing.T) {
	k := newTalk(t, `- resolve: { say: "Hasta luego.", labels: [hecho] }`)
	o := k.says("gracias")
	require.Equal(t, []string{"Hasta luego."}, said(o))
	require.Equal(t, &router.Resolution{Labels: []string{"hecho"}}, o.Resolve)
	require.Nil(t, o.Handoff)
}

func TestWordsThatOvertookAResolutionAreAnsweredAnew(t *testing.T) {
	k := newTalk(t, "- say: Hola\n- dialogflow: {agent: reservas}\n- resolve: {say: Adiós}\n")
	k.agent.answer = answers(Result{End: true, Messages: []Message{{Text: "Listo"}}})
	require.NotNil(t, k.says("una cosa").Resolve)
	k.agent.answer = replies("Dime")
	o := k.says("espera, otra cosa")
	require.Equal(t, []string{"Dime"}, said(o), "the greeting is not repeated")
	require.Equal(t, []string{"una cosa", "espera, otra cosa"}, k.questions())
}

func TestTheWelcomeEventIsSentOnlyToACustomerWhoHasNotWritten(t *testing.T) {
	steps := "- dialogflow: {agent: reservas, welcome: WELCOME}"
	k := newTalk(t, steps)
	k.without(router.CauseResumed)
	require.Equal(t, []string{"WELCOME"}, k.questions())
	require.Empty(t, k.agent.asked[0].Text)
	k = newTalk(t, steps)
	k.says("hola")
	require.Equal(t, []string{"hola"}, k.questions())
}

func TestACustomerWhoWroteAlwaysHearsSomething(t *testing.T) {
	k := newTalk(t, "- collect: name\n- dialogflow: {agent: reservas}\n")
	k.turn.Cause = router.CauseResumed
	require.Equal(t, []string{"¿Cómo te llamas?"}, said(k.take()))
	require.Equal(t, []string{ready}, said(k.says("Ana")))
	require.Empty(t, k.agent.asked)
}

func TestANewEpisodeStartsTheFlowAgain(t *testing.T) {
	given := func(t *testing.T) *talk {
		k := newTalk(t, wholeFlow)
		k.says("hola")
		k.agent.answer = func(Query) (Result, error) {
			r := saying("¿Algo más?")
			r.Contexts = []Context{{Name: "order", Lifespan: 3, Parameters: map[string]any{"n": 1.0}}, {Name: "Operator_Request", Lifespan: 5}}
			r.Handoff = true
			return r, nil
		}
		require.Equal(t, router.ReasonBotHandoff, reason(k.says("ana@ejemplo.com")))
		k.agent.asked, k.agent.answer = nil, replies("Sigo aquí")
		return k
	}
	t.Run("said steps are not repeated and known answers not asked again", func(t *testing.T) {
		o := given(t).comesBack(router.EntryGivenBack).says("otra cosa")
		require.Equal(t, []string{"Sigo aquí"}, said(o))
	})
	t.Run("given back, the dialogue goes on without the contexts that hand off", func(t *testing.T) {
		k := given(t)
		before := k.memory().Dialogs["reservas:0"].Session
		k.comesBack(router.EntryGivenBack).says("otra cosa")
		require.Equal(t, []Context{{Name: "order", Lifespan: 3, Parameters: map[string]any{"n": 1.0}}}, k.agent.asked[0].Contexts)
		require.NotEqual(t, before, k.agent.asked[0].Session)
	})
	t.Run("given back without words, the resume event is sent", func(t *testing.T) {
		k := given(t).comesBack(router.EntryGivenBack)
		o := k.without(router.CauseResumed)
		require.Equal(t, []string{"RESUME"}, k.questions())
		require.Equal(t, 15*time.Minute, o.IdleAfter)
	})
	t.Run("given back with words, it is not", func(t *testing.T) {
		k := given(t).comesBack(router.EntryGivenBack)
		k.says("otra cosa")
		require.Equal(t, []string{"otra cosa"}, k.questions())
	})
	t.Run("reopened, the dialogue is fresh but what was collected stays", func(t *testing.T) {
		k := given(t).comesBack(router.EntryReopened)
		o := k.says("otra cosa")
		require.Empty(t, k.agent.asked[0].Contexts)
		require.Equal(t, []string{"Sigo aquí"}, said(o))
		require.Equal(t, "ana@ejemplo.com", k.memory().Data["email"])
	})
}

func TestGivenBackWithoutWordsOrResumeEventTheBotIsSilentAndNobodyIsLate(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: reservas, welcome: WELCOME, handoff: {idle: 5m}}")
	k.says("hola")
	k.agent.asked = nil
	o := k.comesBack(router.EntryGivenBack).without(router.CauseResumed)
	require.Empty(t, said(o))
	require.Nil(t, o.Handoff)
	require.Zero(t, o.IdleAfter)
	require.Empty(t, k.agent.asked)
	k.says("sigues ahí?")
	require.Equal(t, []string{"sigues ahí?"}, k.questions())
}

func TestCountersStartAnewInANewEpisode(t *testing.T) {
	k := newTalk(t, wholeFlow)
	k.turn.Contact.Email = "ana@ejemplo.com"
	k.agent.answer = answers(notUnderstanding("¿Cómo?"))
	k.says("a")
	require.Equal(t, router.ReasonFallbacks, reason(k.says("b")))
	k.comesBack(router.EntryGivenBack)
	require.Empty(t, reason(k.says("c")))
	require.Equal(t, router.ReasonFallbacks, reason(k.says("d")))
}

func TestSilenceHandsOff(t *testing.T) {
	k := newTalk(t, wholeFlow)
	k.says("hola")
	o := k.without(router.CauseIdle)
	require.Equal(t, router.ReasonIdle, reason(o))
	require.Equal(t, "15m0s", o.Handoff.Trigger)
	require.Equal(t, []string{"Como no he sabido más de ti, dejo tu consulta a una persona del equipo."}, said(o))
}

func TestABrokenFlowEndsWithAPerson(t *testing.T) {
	k := newTalk(t, `- say: Hola`)
	k.turn.Flow = router.FlowText{Hash: "x", Source: []byte("name: a\nsteps: [{goto: x}]")}
	o := k.says("hola")
	require.Equal(t, router.ReasonFlowError, reason(o))
	require.Equal(t, []string{trouble}, said(o))
}

func TestAnAgentThatIsNotThereEndsWithAPerson(t *testing.T) {
	k := newTalk(t, "- dialogflow: {agent: otra}")
	o := k.says("hola")
	require.Equal(t, router.ReasonFlowError, reason(o))
	require.Equal(t, "agent:otra", o.Handoff.Trigger)
	require.Equal(t, []string{trouble}, said(o))
	require.Empty(t, o.Calls)
}

func TestATurnTakesOnlySoManySteps(t *testing.T) {
	k := newTalk(t, "- say: a\n- say: b\n- say: c\n- say: d\n")
	k.engine = New(Options{MaxSteps: 3})
	o := k.says("hola")
	require.Equal(t, router.ReasonFlowError, reason(o))
	require.Equal(t, []string{"a", "b", "c", trouble}, said(o))
}

func TestATurnAsksOnlySoManyAgents(t *testing.T) {
	step := "- dialogflow: {agent: reservas, welcome: W}\n"
	k := newTalk(t, strings.Repeat(step, 5))
	k.agent.answer = answers(Result{End: true})
	o := k.says("hola")
	require.Len(t, k.agent.asked, maxCalls)
	require.Equal(t, router.ReasonFlowError, reason(o))
}

func TestTheFlowsOwnTextsStandForTheBuiltIn(t *testing.T) {
	f, problems := flow.Parse([]byte("name: a\ntexts: {ack: 'Va una persona, {{ contact.name }}.', trouble: Ups}\nsteps:\n- dialogflow: {agent: reservas}\n"), 1)
	require.Empty(t, problems)
	k := newTalk(t, `- say: x`)
	k.turn.Flow = router.FlowText{Hash: flow.Hash(f.Source()), Source: f.Source()}
	k.turn.Contact.Name = "Ana"
	require.Equal(t, []string{"Va una persona, Ana."}, said(k.says("un agente")))
	k.turn.Memory = nil
	k.agent.answer = answers(Result{})
	require.Equal(t, []string{"Ups"}, said(k.says("hola")))
}

func TestAnEnglishFlowSpeaksEnglish(t *testing.T) {
	f, problems := flow.Parse([]byte("name: a\nlanguage: en\nsteps: [{collect: name}]"), 1)
	require.Empty(t, problems)
	k := newTalk(t, `- say: x`)
	k.turn.Flow = router.FlowText{Hash: flow.Hash(f.Source()), Source: f.Source()}
	require.Equal(t, []string{"What is your name?"}, said(k.says("hi")))
	require.Equal(t, router.ReasonAsked, reason(k.says("can I talk to someone?")))
}

func TestAMemoryThatCannotBeReadIsAnErrorNotAGuess(t *testing.T) {
	k := newTalk(t, `- say: Hola`)
	for name, stored := range map[string]string{"broken": `{"format":1,`, "newer": `{"format":2}`} {
		k.turn.Memory = []byte(stored)
		_, err := k.engine.Take(context.Background(), k.turn)
		require.Error(t, err, name)
	}
	for _, empty := range []string{"", "null", "{}"} {
		k.turn.Memory = []byte(empty)
		_, err := k.engine.Take(context.Background(), k.turn)
		require.NoError(t, err, empty)
	}
}

func TestTheLogNeverHoldsWords(t *testing.T) {
	var log bytes.Buffer
	k := newTalk(t, wholeFlow)
	k.engine = New(Options{Detectors: map[string]Detector{"reservas": k.agent},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	k.says("secreto uno")
	k.agent.answer = answers(Result{Handoff: true, Messages: []Message{{Text: "secreto dos"}, {Payload: map[string]any{"x": "secreto tres"}}}})
	k.says("secreto@ejemplo.com")
	k.comesBack(router.EntryGivenBack).turn.Memory = nil
	k.agent.answer = func(Query) (Result, error) {
		return Result{}, &DetectError{Reason: router.ReasonBotQuota, Err: context.DeadlineExceeded}
	}
	k.says("secreto@ejemplo.com secreto cuatro")
	require.Contains(t, log.String(), "bot_quota")
	require.Contains(t, log.String(), "payload ignored")
	require.NotContains(t, log.String(), "secreto")
}

func TestTheSameTurnIsAnsweredTheSame(t *testing.T) {
	k := newTalk(t, wholeFlow)
	k.says("hola")
	a, err := k.engine.Take(context.Background(), k.turn)
	require.NoError(t, err)
	b, err := k.engine.Take(context.Background(), k.turn)
	require.NoError(t, err)
	require.Equal(t, a, b)
}
