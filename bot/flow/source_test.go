package flow

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func withoutLines(f *Flow) *Flow {
	g := *f
	g.Steps = append([]Step{}, f.Steps...)
	for i := range g.Steps {
		g.Steps[i].Line = 0
	}
	return &g
}

func TestTheCanonicalTextIsTheSameFlow(t *testing.T) {
	f := parse(t, example)
	again := parse(t, string(f.Source()))
	require.Equal(t, withoutLines(f), withoutLines(again))
	require.Equal(t, string(f.Source()), string(again.Source()))
	require.Equal(t, Hash(f.Source()), Hash(again.Source()))
	require.Len(t, Hash(nil), 64)
}

func TestCommentsAndLayoutDoNotChangeTheCanonicalText(t *testing.T) {
	a := parse(t, "name: a\nsteps:\n- collect: email # why\n  attempts: 3\n")
	b := parse(t, "# other\nsteps: [{attempts: 3, collect: 'email'}]\nname: \"a\"\n")
	require.Equal(t, string(a.Source()), string(b.Source()))
}

// Any text that a business may write survives being stored and read again.
func TestAnyFlowSurvivesItsCanonicalText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := anyFlow(rt)
		again, problems := Parse(f.Source(), 1)
		if len(problems) > 0 {
			rt.Fatalf("%v in %s", problems, f.Source())
		}
		require.Equal(rt, f, withoutLines(again))
	})
}

func anyFlow(rt *rapid.T) *Flow {
	free := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("a:#-{}[]'\"\\=|>&*!%@`,? \n\tñ😀~0")), rapid.Rune()), 1, 30, -1).
		Filter(func(s string) bool {
			return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, isControl) && !strings.Contains(s, "{{")
		})
	texts := rapid.SliceOfN(free, 0, 3)
	step := rapid.Custom(func(rt *rapid.T) Step {
		switch rapid.IntRange(0, 4).Draw(rt, "kind") {
		case 0:
			return Step{Do: &Say{Text: free.Draw(rt, "say")}}
		case 1:
			return Step{Do: &Collect{What: "text", Into: "x", Ask: free.Draw(rt, "ask"), Attempts: rapid.IntRange(1, 10).Draw(rt, "attempts"),
				Otherwise: "continue", Cancel: texts.Draw(rt, "cancel")}}
		case 2:
			return Step{Do: &Dialogflow{Agent: free.Draw(rt, "agent"), LongText: "fallback", Handoff: Limits{
				On: []Signal{{Kind: "intent", Name: free.Draw(rt, "intent")}}, Fallbacks: 1, Slots: 2, Turns: 3,
				Idle: Duration(rapid.Int64Range(60, 7200).Draw(rt, "idle")) * Duration(time.Second), Words: texts.Draw(rt, "words")}}}
		case 3:
			return Step{Do: &Handoff{Team: free.Draw(rt, "team"), Priority: "low"}}
		default:
			return Step{Do: &Resolve{Say: free.Draw(rt, "say")}}
		}
	})
	f := &Flow{Name: "any", Language: "es-MX", Texts: Texts{Ack: free.Draw(rt, "ack")}, Steps: rapid.SliceOfN(step, 1, 5).Draw(rt, "steps")}
	for i := range f.Steps {
		f.Steps[i].ID = "id" + string(rune('a'+i))
	}
	return f
}

// Parse is given what people type; it must answer, whatever that is.
func TestParseAlwaysAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		source := []byte(example)
		for range rapid.IntRange(1, 8).Draw(rt, "edits") {
			at := rapid.IntRange(0, len(source)-1).Draw(rt, "at")
			switch rapid.IntRange(0, 2).Draw(rt, "edit") {
			case 0:
				source = append(source[:at:at], source[at+1:]...)
			case 1:
				source[at] = rapid.SampledFrom([]byte("{}[]:-#&*!|>'\"\n \t\x00\xff")).Draw(rt, "byte")
			default:
				source = append(source[:at:at], append([]byte(rapid.SampledFrom([]string{"- ", "{{", "\n  ", ": "}).Draw(rt, "text")), source[at:]...)...)
			}
		}
		f, problems := Parse(source, 1)
		require.Equal(rt, f == nil, len(problems) > 0)
	})
}

func TestTheSchemaKnowsEveryKey(t *testing.T) {
	text, err := json.Marshal((&jsonschema.Reflector{FieldNameTag: "yaml"}).Reflect(&Flow{}))
	require.NoError(t, err)
	for _, want := range []string{`"collect"`, `"long_text"`, `"fallbacks"`, `"maximum":10`, `"enum":["email","name","phone","text"]`,
		`"default":3`, `"live_agent_handoff"`, `"into"`, `"priority"`, `"id"`} {
		require.Contains(t, string(text), want)
	}
	for _, wrong := range []string{`"Do"`, `"Line"`, `"Handoff"`} {
		require.NotContains(t, string(text), wrong)
	}
}

func TestRenderFillsWhatIsKnownAndLeavesNothingElse(t *testing.T) {
	values := func(name string) string { return map[string]string{"contact.name": "Ana {{ inbox.name }}"}[name] }
	require.Equal(t, "Hola Ana {{ inbox.name }}, te escribo a .", Render("Hola {{contact.name}}, te escribo a {{ contact.email }}.", values))
	require.Equal(t, "llaves } y { sueltas", Render("llaves } y { sueltas", values))
}
