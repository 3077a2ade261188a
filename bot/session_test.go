package bot

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router"
)

var order1 = []Context{{Name: "order", Lifespan: 4, Parameters: map[string]any{"id": "42"}}}

func holding(contexts []Context) func(Query) (Result, error) {
	r := saying("vale")
	r.Contexts = contexts
	return answers(r)
}

func sessionTalk(t *testing.T) *talk {
	k := newTalk(t, oneAgent)
	k.agent.answer = holding(append(order1, Context{Name: "gone", Lifespan: 0}))
	k.says("uno")
	require.Nil(t, k.agent.asked[0].Contexts)
	_, err := uuid.Parse(k.agent.asked[0].Session)
	require.NoError(t, err)
	return k
}

func TestContextsAreNotSentWhileTheProviderKnowsThem(t *testing.T) {
	k := sessionTalk(t)
	k.later(19 * time.Minute).says("dos")
	require.Equal(t, k.agent.asked[0].Session, k.agent.asked[1].Session)
	require.Nil(t, k.agent.asked[1].Contexts)
}

func TestContextsAreSentAgainOnceTheProviderForgets(t *testing.T) {
	k := sessionTalk(t)
	k.later(19*time.Minute + time.Second).says("dos")
	require.Equal(t, k.agent.asked[0].Session, k.agent.asked[1].Session)
	require.Equal(t, order1, k.agent.asked[1].Contexts, "with the turns they had left; what ended stays away")
}

func TestContextsOlderThanADayAreDropped(t *testing.T) {
	k := sessionTalk(t)
	k.later(24*time.Hour + time.Second).says("dos")
	require.Nil(t, k.agent.asked[1].Contexts)
}

func TestATurnThatIsTriedAgainGetsANewSessionAndTheContexts(t *testing.T) {
	k := sessionTalk(t)
	k.turn.Try = 2
	k.says("dos")
	require.NotEqual(t, k.agent.asked[0].Session, k.agent.asked[1].Session)
	require.Equal(t, order1, k.agent.asked[1].Contexts)

	k.turn.Try = 1
	k.says("tres")
	require.Equal(t, k.agent.asked[1].Session, k.agent.asked[2].Session, "the talk goes on in the new session")
	require.Nil(t, k.agent.asked[2].Contexts)

	k.turn.Try = 2
	k.says("cuatro")
	require.NotContains(t, []string{k.agent.asked[0].Session, k.agent.asked[1].Session}, k.agent.asked[3].Session, "no session is used again")
}

func TestEveryEpisodeHasItsOwnSession(t *testing.T) {
	k := sessionTalk(t)
	k.comesBack(router.EntryGivenBack).says("dos")
	require.NotEqual(t, k.agent.asked[0].Session, k.agent.asked[1].Session)
	require.Equal(t, order1, k.agent.asked[1].Contexts)
}

func TestTooManyContextsAreNotKept(t *testing.T) {
	k := newTalk(t, oneAgent)
	k.agent.answer = holding([]Context{order1[0], {Name: "big", Lifespan: 1, Parameters: map[string]any{"x": string(make([]byte, maxContexts))}}})
	k.says("uno")
	require.Equal(t, order1, k.memory().Dialogs["reservas:0"].Contexts)
}

// Whatever the bot knows, it knows again after the row is read.
func TestMemorySurvivesTheRow(t *testing.T) {
	text := rapid.String()
	words := rapid.SliceOfN(text, 1, 4)
	rapid.Check(t, func(rt *rapid.T) {
		m := &memory{Format: memoryFormat, Episode: rapid.IntRange(1, 9).Draw(rt, "episode"), Flow: text.Draw(rt, "flow"),
			Step: rapid.IntRange(0, 200).Draw(rt, "step"), Entered: rapid.Bool().Draw(rt, "entered"), Resumed: rapid.Bool().Draw(rt, "resumed"),
			Done: rapid.Bool().Draw(rt, "done"), Talked: rapid.Bool().Draw(rt, "talked"), Intent: text.Draw(rt, "intent"),
			Opener:  &opener{Text: text.Draw(rt, "opener"), Files: rapid.Bool().Draw(rt, "files")},
			Collect: &collecting{Failed: rapid.IntRange(0, 10).Draw(rt, "failed"), Hint: &hint{Typed: text.Draw(rt, "typed"), Meant: text.Draw(rt, "meant")}},
			Data:    rapid.MapOfN(text, text, 1, 3).Draw(rt, "data"), Said: words.Draw(rt, "said"), Declined: words.Draw(rt, "declined"),
			Found: map[string]any{"n": rapid.Float64().Draw(rt, "n"), "s": text.Draw(rt, "s")},
			Dialogs: map[string]*dialog{text.Draw(rt, "key"): {Session: text.Draw(rt, "session"),
				Contexts:   []Context{{Name: text.Draw(rt, "context"), Lifespan: rapid.IntRange(1, 50).Draw(rt, "lifespan"), Parameters: map[string]any{"p": text.Draw(rt, "p")}}},
				AnsweredAt: time.Unix(rapid.Int64Range(0, 1<<32).Draw(rt, "at"), 0).UTC(),
				Fallbacks:  rapid.IntRange(0, 9).Draw(rt, "fallbacks"), Turns: rapid.IntRange(0, 99).Draw(rt, "turns"),
				Slot: text.Draw(rt, "slot"), SlotAsks: rapid.IntRange(0, 9).Draw(rt, "asks")}},
		}
		stored, err := m.store()
		require.NoError(rt, err)
		require.True(rt, json.Valid(stored))
		again, err := recall(stored)
		require.NoError(rt, err)
		require.Equal(rt, m, again)
	})
}

// Whatever is said in whatever order, the customer is answered, handed over or
// done, and the memory can be read again.
func TestNoOrderOfEventsLeavesTheCustomerAlone(t *testing.T) {
	words := []string{"hola", "ana@ejemplo.com", "ana@gmial.com", "sí", "no", "un agente", "", "   ", "¿?", "+34600112233"}
	results := []Result{saying("vale"), notUnderstanding("¿Cómo?"), {}, {End: true}, {Handoff: true},
		{SlotsOpen: true, Intent: "x", Messages: []Message{{Text: "¿Cuándo?"}}}, {Messages: []Message{{Payload: map[string]any{"action": "resolve"}}}}}
	rapid.Check(t, func(rt *rapid.T) {
		k := newTalk(t, "- say: Hola\n- collect: email\n- collect: phone\n  otherwise: handoff\n"+oneAgent+"- collect: name\n- resolve:\n")
		k.agent.answer = func(Query) (Result, error) { return rapid.SampledFrom(results).Draw(rt, "result"), nil }
		for range rapid.IntRange(1, 12).Draw(rt, "turns") {
			var o router.Outcome
			k.turn.Try = rapid.IntRange(1, 2).Draw(rt, "try")
			switch rapid.IntRange(0, 4).Draw(rt, "event") {
			case 0:
				o = k.sendsFile()
			case 1:
				entry := rapid.SampledFrom([]router.Entry{router.EntryGivenBack, router.EntryReopened}).Draw(rt, "entry")
				o = k.comesBack(entry).says(rapid.SampledFrom(words).Draw(rt, "word"))
			default:
				o = k.says(rapid.SampledFrom(words).Draw(rt, "word"), rapid.SampledFrom(words).Draw(rt, "word"))
			}
			if len(o.Say) == 0 && o.Resolve == nil {
				rt.Fatalf("silence: %+v", o)
			}
			for _, u := range o.Say {
				require.NotEmpty(rt, u.Content)
			}
			require.False(rt, o.Handoff != nil && o.Resolve != nil)
		}
	})
}
