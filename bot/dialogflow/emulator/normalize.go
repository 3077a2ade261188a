package emulator

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// utterance is a text taken apart once, so that every comparison after it is
// one of folded words, while values are cut from what was really written.
type utterance struct {
	raw    string
	folded string  // lower case without accents, punctuation kept
	at     []int   // offset in raw of each byte of folded, and of its end
	tokens []token // words, numbers and symbols such as emoji
}

// token is one folded word with its place in the raw text.
type token struct {
	text       string
	start, end int
}

// parse takes a text apart.
func parse(raw string) *utterance {
	u := &utterance{raw: raw}
	var folded strings.Builder
	for i, r := range raw {
		for _, f := range foldRune(r) {
			n := utf8.RuneLen(f)
			folded.WriteRune(f)
			for range n {
				u.at = append(u.at, i)
			}
		}
	}
	u.at = append(u.at, len(raw))
	u.folded = folded.String()
	u.split()
	return u
}

// split finds the tokens of the folded text. An apostrophe inside a word is
// dropped, so that "what's" and "whats" are one word.
func (u *utterance) split() {
	var word strings.Builder
	start := -1
	flush := func(end int) {
		if start >= 0 {
			u.tokens = append(u.tokens, token{word.String(), u.at[start], u.at[end]})
			word.Reset()
			start = -1
		}
	}
	for i, r := range u.folded {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			if start < 0 {
				start = i
			}
			word.WriteRune(r)
		case unicode.IsMark(r) || r == '\u200d':
			// joins emoji or vowels; neither ends a word nor is one
		case (r == '\'' || r == '’') && start >= 0 && letterAt(u.folded, i+utf8.RuneLen(r)):
		case unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r):
			flush(i)
			start = i
			word.WriteRune(r)
			flush(i + utf8.RuneLen(r))
		default:
			flush(i)
		}
	}
	flush(len(u.folded))
}

// key is the normalised text: equal for two texts that differ only in case,
// accents, punctuation and space.
func (u *utterance) key() string {
	words := make([]string, len(u.tokens))
	for i, t := range u.tokens {
		words[i] = t.text
	}
	return strings.Join(words, " ")
}

// cover returns the tokens that the raw range start to end holds, as a range
// of indexes, and false where it holds none or would cut one in two.
func (u *utterance) cover(start, end int) (from, to int, ok bool) {
	from = -1
	for i, t := range u.tokens {
		switch {
		case t.end <= start || t.start >= end:
			continue
		case t.start < start || t.end > end:
			return 0, 0, false
		case from < 0:
			from = i
		}
		to = i + 1
	}
	return from, to, from >= 0
}

// text returns what was written from token from up to, not including, token to.
func (u *utterance) text(from, to int) string {
	return u.raw[u.tokens[from].start:u.tokens[to-1].end]
}

// fold returns the normalised form of a text.
func fold(s string) string { return parse(s).key() }

// foldRune lower-cases a rune and strips its accents; a lone accent becomes
// nothing.
func foldRune(r rune) []rune {
	if r < utf8.RuneSelf {
		return []rune{unicode.ToLower(r)}
	}
	var out []rune
	for _, d := range norm.NFD.String(string(r)) {
		if !unicode.Is(unicode.Mn, d) {
			out = append(out, unicode.ToLower(d))
		}
	}
	return out
}

func letterAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r)
}
