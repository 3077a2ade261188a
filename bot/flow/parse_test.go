package flow

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const example = `name: soporte
language: es
steps:
  - say: "¡Hola! Soy el asistente de {{ inbox.name }}."
  - collect: email              # skipped when known
    ask: "¿A qué correo te escribimos si se corta la conversación?"
    invalid: "Ese correo no parece válido."
    attempts: 2
    otherwise: handoff
  - id: pedido
    collect: text
    into: pedido
    cancel: [no, paso]
  - dialogflow:
      agent: reservas
      welcome: WELCOME
      events: { attachment: FILE }
      long_text: truncate
      handoff:
        on: [live_agent_handoff, payload, { action: agente.humano }, { intent: "Hablar con una persona" }, { context: operator_request }]
        fallbacks: 2
        turns: 30
        idle: 15m
        words: [agente, humano, persona]
  - handoff:
      team: ventas
      labels: [lead]
      priority: high
      say: "Te paso con una persona. Tu pedido: {{ data.pedido }}"
`

func parse(t *testing.T, source string) *Flow {
	t.Helper()
	f, problems := Parse([]byte(source), 1)
	require.Empty(t, problems)
	return f
}

func TestAFlowIsReadAsItIsWritten(t *testing.T) {
	f := parse(t, example)
	require.Equal(t, "soporte", f.Name)
	require.Len(t, f.Steps, 5)
	require.Equal(t, &Say{Text: "¡Hola! Soy el asistente de {{ inbox.name }}."}, f.Steps[0].Do)

	email := f.Steps[1].Do.(*Collect)
	require.Equal(t, CollectEmail, email.What)
	require.Equal(t, 2, email.Attempts)
	require.Equal(t, OtherwiseHandoff, email.Otherwise)
	require.Contains(t, email.Cancel, "prefiero no", "the built-in words of the language")

	require.Equal(t, "pedido", f.Steps[2].ID)
	require.Equal(t, []string{"no", "paso"}, f.Steps[2].Do.(*Collect).Cancel)
	require.Equal(t, 3, f.Steps[2].Do.(*Collect).Attempts, "the default")

	d := f.Steps[3].Do.(*Dialogflow)
	require.Equal(t, Limits{
		On: []Signal{{Kind: "live_agent_handoff"}, {Kind: "payload"}, {"action", "agente.humano"},
			{"intent", "Hablar con una persona"}, {"context", "operator_request"}},
		Fallbacks: 2, Slots: 4, Turns: 30, Idle: Duration(15 * time.Minute), Words: []string{"agente", "humano", "persona"},
	}, d.Handoff)
	require.Equal(t, LongTruncate, d.LongText)
	require.Equal(t, "FILE", d.Events.Attachment)
	require.Equal(t, []string{"reservas"}, f.Agents())

	require.Equal(t, &Handoff{Team: "ventas", Labels: []string{"lead"}, Priority: "high",
		Say: "Te paso con una persona. Tu pedido: {{ data.pedido }}"}, f.Steps[4].Do)
	require.Equal(t, 25, f.Steps[4].Line)
}

func TestWhatIsLeftOutHasADefault(t *testing.T) {
	f := parse(t, "name: a\nsteps:\n- dialogflow: {agent: x}\n- handoff:\n- resolve: {}\n")
	require.Equal(t, "es", f.Language)
	d := f.Steps[0].Do.(*Dialogflow)
	require.Equal(t, LongHandoff, d.LongText)
	require.Equal(t, 3, d.Handoff.Fallbacks)
	require.Equal(t, DefaultWords("es"), d.Handoff.Words)
	require.Equal(t, []Signal{{Kind: SignalLiveAgent}, {Kind: SignalPayload}}, d.Handoff.On)
	require.Equal(t, &Handoff{}, f.Steps[1].Do)

	empty := parse(t, "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {words: [], on: []}}\n").Steps[0].Do.(*Dialogflow)
	require.Empty(t, empty.Handoff.Words, "an empty list is an answer too")
	require.Empty(t, empty.Handoff.On)
}

func TestProblemsNameKeyLineAndNearestKey(t *testing.T) {
	cases := []struct {
		name, source string
		line         int
		key, text    string
	}{
		{"not YAML", "name: [", 1, "", "is not YAML"},
		{"not a mapping", "- a", 1, "", "a flow is a mapping"},
		{"empty", "", 1, "", "one YAML document"},
		{"two documents", "name: a\n---\nname: b\n", 1, "", "one YAML document"},
		{"unknown key", "name: a\nstep: []\nsteps: [{say: hola}]", 2, "step", `did you mean "steps"?`},
		{"no name", "steps: [{say: hola}]", 1, "name", "is missing"},
		{"no steps", "name: a", 1, "steps", "is missing"},
		{"empty steps", "name: a\nsteps: []", 2, "steps", "at least 1"},
		{"bad name", "name: a b\nsteps: [{say: hola}]", 1, "name", "form"},
		{"unknown step", "name: a\nsteps:\n- colect: email", 3, "steps[0].colect", `did you mean "collect"?`},
		{"step of a later version", "name: a\nsteps:\n- goto: x", 3, "steps[0].goto", "known are say, collect"},
		{"two things at once", "name: a\nsteps:\n- say: hola\n  collect: email", 4, "steps[0]", "both say and collect"},
		{"a text as a step", "name: a\nsteps:\n- hola", 3, "steps[0]", "needs a key"},
		{"nothing but an id", "name: a\nsteps:\n- id: x", 3, "steps[0]", "does nothing"},
		{"unknown setting", "name: a\nsteps:\n- collect: email\n  atempts: 2", 4, "steps[0].atempts", `did you mean "attempts"?`},
		{"setting beside its step", "name: a\nsteps:\n- handoff: {}\n  team: x", 4, "steps[0].team", "indent it"},
		{"no agent", "name: a\nsteps:\n- dialogflow: {welcome: X}", 3, "steps[0].dialogflow.agent", "is missing"},
		{"settings as text", "name: a\nsteps:\n- dialogflow: reservas", 3, "steps[0].dialogflow", "as keys under it"},
		{"sentiment is not known yet", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {sentiment: {below: 1}}}", 3, "steps[0].dialogflow.handoff.sentiment", "not a known key"},
		{"unknown thing to collect", "name: a\nsteps:\n- collect: mail", 3, "steps[0].collect", `did you mean "email"?`},
		{"too many attempts", "name: a\nsteps:\n- collect: email\n  attempts: 11", 4, "steps[0].attempts", "at most 10"},
		{"no attempts", "name: a\nsteps:\n- collect: email\n  attempts: 0", 4, "steps[0].attempts", "at least 1"},
		{"attempts in words", "name: a\nsteps:\n- collect: email\n  attempts: tres", 4, "steps[0].attempts", "whole number"},
		{"huge attempts", "name: a\nsteps:\n- collect: email\n  attempts: 99999999999999999999", 4, "steps[0].attempts", "whole number"},
		{"text without a place to keep it", "name: a\nsteps:\n- collect: text", 3, "steps[0].into", "is missing"},
		{"a place for an email", "name: a\nsteps:\n- collect: email\n  into: x", 4, "steps[0].into", "goes only with"},
		{"a reserved place", "name: a\nsteps:\n- collect: text\n  into: email", 4, "steps[0].into", "uses itself"},
		{"unknown otherwise", "name: a\nsteps:\n- collect: email\n  otherwise: stop", 4, "steps[0].otherwise", "known are continue, handoff"},
		{"idle without a unit", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {idle: 15}}", 3, "steps[0].dialogflow.handoff.idle", "length of time"},
		{"idle too short", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {idle: 5s}}", 3, "steps[0].dialogflow.handoff.idle", "between 1m"},
		{"unknown signal", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {on: [payloads]}}", 3, "steps[0].dialogflow.handoff.on[0]", `did you mean "payload"?`},
		{"unknown named signal", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {on: [{acton: y}]}}", 3, "steps[0].dialogflow.handoff.on[0]", `did you mean "action"?`},
		{"words as a text", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {words: agente}}", 3, "steps[0].dialogflow.handoff.words", "needs a list"},
		{"blank word", "name: a\nsteps:\n- dialogflow: {agent: x, handoff: {words: [' ']}}", 3, "steps[0].dialogflow.handoff.words[0]", "is blank"},
		{"blank text", "name: a\nsteps:\n- say: '  '", 3, "steps[0].say", "is blank"},
		{"long text", "name: a\nsteps:\n- say: " + strings.Repeat("á", 4001), 3, "steps[0].say", "longer than 4000"},
		{"NUL", "name: a\nsteps:\n- say: \"a\\0b\"", 3, "steps[0].say", "control character"},
		{"unknown name in a text", "name: a\nsteps:\n- say: 'Hola {{ contact.nam }}'", 3, "steps[0].say", `did you mean "contact.name"?`},
		{"data that nothing collects", "name: a\nsteps:\n- handoff: {say: '{{ data.x }}'}", 3, "steps[0].handoff.say", "{{ data.x }}"},
		{"open braces", "name: a\nsteps:\n- say: 'Hola {{ contact.name'", 3, "steps[0].say", "without its }}"},
		{"bad text of the flow", "name: a\ntexts:\n  ack: '{{ x }}'\nsteps: [{say: hola}]", 2, "texts.ack", "{{ x }}"},
		{"ids twice", "name: a\nsteps:\n- {id: x, say: a}\n- {id: x, say: b}", 4, "steps[1].id", "ids are unique"},
		{"alias", "name: &n a\nsteps: [{say: *n}]", 1, "name", "anchor"},
		{"key twice", "name: a\nname: b\nsteps: [{say: hola}]", 2, "", "is not YAML"},
		{"unknown priority", "name: a\nsteps:\n- handoff: {priority: hihg}", 3, "steps[0].handoff.priority", `did you mean "high"?`},
		{"language", "name: a\nlanguage: español\nsteps: [{say: hola}]", 2, "language", "form"},
		{"too deep", "name: a\nsteps: " + strings.Repeat("[", 100000), 2, "", "nested too deeply"},
		{"too deep in blocks", "name: a\nsteps:\n" + strings.Repeat("- ", 1000), 3, "", "nested too deeply"},
		{"too large", "name: a\n# " + strings.Repeat("x", MaxSource), 1, "", "at most 262144"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, problems := Parse([]byte(c.source), 1)
			require.Nil(t, f)
			require.NotEmpty(t, problems)
			for _, p := range problems {
				if p.Key == c.key && strings.Contains(p.Text, c.text) {
					require.Equal(t, c.line, p.Line, "%v", p)
					return
				}
			}
			t.Fatalf("no problem at %q with %q in %v", c.key, c.text, problems)
		})
	}
}

func TestTwoHundredStepsAreTheMost(t *testing.T) {
	steps := func(n int) string { return "name: a\nsteps:\n" + strings.Repeat("- say: hola\n", n) }
	parse(t, steps(200))
	_, problems := Parse([]byte(steps(201)), 1)
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Text, "at most 200")
}

func TestAllProblemsAreReportedAtOnceInOrder(t *testing.T) {
	_, problems := Parse([]byte("name: a\nlanguag: es\nsteps:\n- colect: email\n- collect: email\n  atempts: 2\n- say: '{{ x }}'\n"), 101)
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	require.Equal(t, []int{102, 104, 106, 107}, lines, "%v", problems)
	require.Equal(t, `line 106: steps[1].atempts is not a known key; did you mean "attempts"?`, problems[2].Error())
}

func TestLintFindsWhatIsHardlyMeant(t *testing.T) {
	f := parse(t, `name: a
steps:
- dialogflow: {agent: reserva, handoff: {on: [payload, payload]}}
- collect: email
- collect: email
- handoff:
- say: adiós
`)
	var found []string
	for _, p := range Lint(f, []string{"reservas"}) {
		found = append(found, p.Error())
	}
	require.Equal(t, []string{
		`line 3: steps[0] asks the agent "reserva", which is not a known agent; did you mean "reservas"?`,
		`line 3: steps[0] is the first step and has no welcome event, so a customer who has not written sees nothing`,
		`line 3: steps[0] lists the handoff signal payload twice`,
		`line 5: steps[2] collects "email", which steps[1] collected already`,
		`line 7: steps[4] is never reached, because steps[3] (handoff) ends the flow`,
	}, found)
	require.Empty(t, Lint(parse(t, example), []string{"reservas"}))
	require.Empty(t, Lint(parse(t, example), nil))
}
