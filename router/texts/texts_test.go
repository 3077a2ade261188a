package texts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/texts"
)

func TestSayFillsTheSentenceInTheAskedLanguage(t *testing.T) {
	ana := map[string]any{"agent": "Ana"}
	for _, tt := range []struct{ lang, key, want string }{
		{"es", "activity.opened.agent", "Ana abrió la conversación"},
		{"es-MX", "activity.opened.agent", "Ana abrió la conversación"},
		{"es_ES", "activity.opened.agent", "Ana abrió la conversación"},
		{"ES", "activity.opened.agent", "Ana abrió la conversación"},
		{"en", "activity.opened.agent", "Ana opened the conversation"},
		{"en-GB", "activity.opened.agent", "Ana opened the conversation"},
		{"fr", "activity.opened.agent", "Ana opened the conversation"},
		{"", "activity.opened.agent", "Ana opened the conversation"},
		{"not a language", "bot.name", "Assistant"},
		{"es", "bot.name", "Asistente"},
	} {
		require.Equal(t, tt.want, texts.Say(tt.lang, tt.key, ana), "%s in %q", tt.key, tt.lang)
	}
}

func TestSayDoesNotTouchWhatPeopleAreCalled(t *testing.T) {
	name := `{{.x}} <b>O'Neil</b> & "Zoë"`
	require.Equal(t, name+" abrió la conversación", texts.Say("es", "activity.opened.agent", map[string]any{"agent": name}))
}

func TestSayAnswersTheKeyWhenTheCallerErrs(t *testing.T) {
	require.Equal(t, "no.such.key", texts.Say("es", "no.such.key", nil))
	require.Equal(t, "activity.opened.agent", texts.Say("es", "activity.opened.agent", nil), "missing parameter")
	require.Equal(t, "activity", texts.Say("es", "activity", nil), "a branch is no sentence")
}

func TestHas(t *testing.T) {
	require.True(t, texts.Has("es-MX", "bot.ack"))
	require.False(t, texts.Has("es", "bot"))
	require.False(t, texts.Has("es", "bot.nothing"))
}

func TestEveryReasonAndFaultHasASentence(t *testing.T) {
	for _, lang := range texts.Languages {
		for _, r := range router.Reasons {
			require.True(t, texts.Has(lang, "reason."+string(r)), "reason.%s in %s", r, lang)
		}
		for _, f := range fault.Catalogue {
			require.True(t, texts.Has(lang, "fault."+f.Code), "fault.%s in %s", f.Code, lang)
		}
	}
}

func BenchmarkSay(b *testing.B) {
	params := map[string]any{"agent": "Ana"}
	for b.Loop() {
		texts.Say("es-MX", "activity.opened.agent", params)
	}
}
