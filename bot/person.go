package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	minPhone = 7 // digits
	maxPhone = 15
	maxName  = 80 // characters
	maxWords = 6  // of a name
)

var (
	phoneLike = regexp.MustCompile(`\+?[\d(][\d\s().\-/]*\d`)
	notDigit  = regexp.MustCompile(`\D`)
	leadIn    = regexp.MustCompile(`(?i)^.*?(?:\b(?:me llamo|mi nombre es|yo soy|soy|my name is|my name's|i am|i'm|this is)\b)\s+(.+)$`)
	greetings = [][]string{{"hola"}, {"buenas"}, {"buen", "dia"}, {"buenos", "dias"}, {"buenas", "tardes"}, {"buenas", "noches"},
		{"hola", "buenas"}, {"hola", "buenos", "dias"}, {"hola", "buenas", "tardes"}, {"hola", "buenas", "noches"},
		{"hello"}, {"hi"}, {"hey"}, {"hi", "there"}, {"good", "morning"}, {"good", "afternoon"}, {"good", "evening"}}
)

// findPhone returns the longest telephone number in a text as digits, with a +
// before them if the country's prefix was given.
func findPhone(text string) (string, bool) {
	best := ""
	for _, found := range phoneLike.FindAllString(text, -1) {
		digits := notDigit.ReplaceAllString(found, "")
		international := strings.HasPrefix(found, "+")
		if d, ok := strings.CutPrefix(digits, "00"); ok && !international {
			digits, international = d, true
		}
		if len(digits) < minPhone || len(digits) > maxPhone || len(digits) <= len(notDigit.ReplaceAllString(best, "")) {
			continue
		}
		if best = digits; international {
			best = "+" + digits
		}
	}
	return best, best != ""
}

// findName returns the name in an answer such as "Hola, me llamo Ana García.".
func findName(text string) (string, bool) {
	name := strings.Join(strings.Fields(text), " ")
	if m := leadIn.FindStringSubmatch(name); m != nil {
		name = m[1]
	}
	name = strings.TrimFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '.' && r != '\'' })
	name = strings.TrimRight(name, ".")
	words := fold(name)
	switch {
	case isGreeting(name):
		return "", false
	case len(words) == 0 || len(words) > maxWords || utf8.RuneCountInString(name) > maxName:
		return "", false
	case strings.ContainsAny(name, "@!<>/0123456789") || strings.ContainsAny(text, "?¿"):
		return "", false
	}
	return name, true
}

// isGreeting reports whether a text says hello and nothing else.
func isGreeting(text string) bool {
	words := fold(text)
	return slices.ContainsFunc(greetings, func(g []string) bool { return slices.Equal(words, g) })
}
