package texts

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/stretchr/testify/require"
)

var place = regexp.MustCompile(`\{\{[^}]*\}\}`)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	want := slices.Sorted(maps.Keys(catalogues["en"]))
	require.NotEmpty(t, want)
	for _, lang := range Languages {
		require.Equal(t, want, slices.Sorted(maps.Keys(catalogues[lang])), lang)
	}
}

func TestCataloguesHaveTheSameParameters(t *testing.T) {
	for key, en := range catalogues["en"] {
		want := place.FindAllString(en, -1)
		slices.Sort(want)
		for _, lang := range Languages {
			got := place.FindAllString(catalogues[lang][key], -1)
			slices.Sort(got)
			require.Equal(t, want, got, "%s in %s", key, lang)
		}
	}
}

func TestEverySentenceCanBeSaid(t *testing.T) {
	for lang, sentences := range catalogues {
		for key, text := range sentences {
			require.Equal(t, strings.TrimSpace(text), text, "%s in %s", key, lang)
			require.NotEmpty(t, text, "%s in %s", key, lang)
			said := Say(lang, key, everyParameter(t, text))
			require.NotEqual(t, key, said, "%s in %s", key, lang)
			require.NotContains(t, said, "{{", "%s in %s", key, lang)
		}
	}
}

// aboutLimits are the sentences that name a limit; see fault.Limit.
var aboutLimits = []string{"fault.too_large", "fault.detail.too_long", "fault.detail.too_short", "fault.detail.too_many", "fault.detail.too_large",
	"fault.detail.too_small", "fault.detail.too_deep", "fault.detail.too_far_ahead", "fault.detail.out_of_range"}

// Any layer may answer with a fault or name a reason, knowing only its code:
// but what breaks a limit is told the limit.
func TestFaultsAndReasonsTakeNoParametersButLimits(t *testing.T) {
	for lang, sentences := range catalogues {
		for _, key := range aboutLimits {
			require.Contains(t, sentences[key], "{{.limit}}", "%s in %s", key, lang)
		}
		for key, text := range sentences {
			if slices.Contains(aboutLimits, key) {
				continue
			}
			if strings.HasPrefix(key, "fault.") || strings.HasPrefix(key, "reason.") {
				require.NotContains(t, text, "{{", "%s in %s", key, lang)
			}
		}
	}
}

// A language that lacks a key is answered in English, never with the bare key.
// The shipped catalogues are complete, so this one is made here.
func TestAMissingTranslationFallsBackToEnglish(t *testing.T) {
	bundle, _ := read()
	require.NoError(t, bundle.AddMessages(tag("en"), &i18n.Message{ID: "only.english", Other: "Only {{.here}}"}))
	for _, lang := range Languages {
		got := say(i18n.NewLocalizer(bundle, lang), "only.english", map[string]any{"here": "here"})
		require.Equal(t, "Only here", got, lang)
	}
}

func everyParameter(t *testing.T, text string) map[string]any {
	t.Helper()
	params := map[string]any{}
	for _, p := range place.FindAllString(text, -1) {
		name, ok := strings.CutPrefix(strings.TrimSuffix(p, "}}"), "{{.")
		require.True(t, ok, "%q is not a plain parameter", p)
		params[name] = "x"
	}
	return params
}
