package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/routertest"
	"relevo/router/store"
)

// Words are found whatever their case and accents, alike on both databases.
func TestWordsAreFoundWithoutTheirAccents(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		contains := func(text, words string) (found bool) {
			condition, argument := db.Dialect().Contains("x.text", words)
			require.NoError(t, db.Read().Raw("SELECT "+condition+" FROM (SELECT CAST(? AS text) AS text) AS x", argument, text).Row().Scan(&found))
			return found
		}
		for text, words := range map[string]string{
			"José Núñez":         "jose nunez",
			"JOSÉ NÚÑEZ":         "José Núñez",
			"jose\u0301":         "JOSÉ",
			"Ana Müller (Köln)":  "muller (koln)",
			"100 % de descuento": "% de",
			"a_b":                "a_b",
			`c:\ruta`:            `:\RUTA`,
			"¿Dónde está?":       "donde esta?",
			"Ελλάδα":             "ελλαδα",
			"Чехов":              "чЕХ",
			"[corchetes]^$":      "[CORCHETES]^$",
			"東京の店":               "京の",
		} {
			require.True(t, contains(text, words), "%q in %q", words, text)
			require.False(t, contains(text, words+"x"), "%q in %q", words+"x", text)
		}
		require.False(t, contains("axb", "a_b"))
		require.False(t, contains("100 de", "% de"))

		letters := rapid.StringOfN(rapid.SampledFrom([]rune(`aAáÁàeéÉnñÑüÜçsß.*+?()[]{}|^$\-%_ 1ωΩώжЖ`)), 0, 12, -1)
		rapid.Check(t, func(rt *rapid.T) {
			text, words := letters.Draw(rt, "text"), letters.Draw(rt, "words")
			require.Equal(rt, strings.Contains(store.Fold(text), store.Fold(words)), contains(text, words))
		})
		require.False(t, contains("corto", strings.Repeat("áé", 127)), "as long as a search may be")
	})
}
