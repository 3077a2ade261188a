package bot

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relevo/bot/flow"
)

// asksForPerson returns the word of the list with which the customer asks for
// a person, or "". It is looked for before anything is understood, so no
// failure of a provider can stand between a customer and a person. Entries are
// found only as whole words, in any case and with or without accents; one that
// begins with "=" only where a message is nothing else. A list with "persona"
// in it therefore also hands over "una mesa para una persona": such words
// belong into it with "=".
func (w *walk) asksForPerson() string {
	list := flow.DefaultWords(w.flow.Language)
	if l := w.limits(); l != nil {
		list = l.Words
	}
	all := fold(w.text)
	for _, entry := range list {
		if alone, ok := strings.CutPrefix(entry, "="); ok {
			for _, word := range w.turn.Words {
				if slices.Equal(fold(word.Text), fold(alone)) {
					return alone
				}
			}
		} else if hasPhrase(all, fold(entry)) {
			return entry
		}
	}
	return ""
}

// fold splits a text into words without case, accents and punctuation.
func fold(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r): // an accent, by itself after NFKD
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’': // don't is one word
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// hasPhrase reports whether the words of phrase stand in text, in a row.
func hasPhrase(text, phrase []string) bool {
	if len(phrase) == 0 {
		return false
	}
	for i := 0; i+len(phrase) <= len(text); i++ {
		if slices.Equal(text[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}
