package store

import (
	"database/sql/driver"
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"modernc.org/sqlite"
)

// Contains returns a condition that holds where the text of a column has some
// words in it, whatever their case and accents: "jose" is in "José", "MÜLLER"
// in "Mueller-Müller". The condition takes one argument. words must not be
// longer than a search box takes: each letter becomes a set of letters.
func (d Dialect) Contains(column, words string) (condition string, argument any) {
	if d == SQLite {
		return "folded_contains(" + column + ", ?)", Fold(words)
	}
	return column + " ~ ?", accented(words)
}

// Fold returns s in lower case and without accents.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var folded strings.Builder
	folded.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			folded.WriteRune(unicode.ToLower(r))
		}
	}
	return folded.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// accents are the letters that fold to each letter, with their accents, as far
// as Latin, Greek and Cyrillic scripts go.
var accents = sync.OnceValue(func() map[rune]string {
	of := map[rune]string{}
	for _, span := range [][2]rune{{0xC0, 0x24F}, {0x370, 0x52F}, {0x1E00, 0x1FFF}} {
		for r := span[0]; r <= span[1]; r++ {
			if folded := []rune(Fold(string(r))); len(folded) == 1 && folded[0] != r {
				of[folded[0]] += string(r)
			}
		}
	}
	return of
})

// marks are accents that stand behind their letter.
const marks = "[\u0300-\u036f]*"

// accented is PostgreSQL's regular expression for words. It names each
// letter's forms, since what a server takes for the lower case of one depends
// on the locale that its database was made with.
func accented(words string) string {
	var expression strings.Builder
	for _, r := range Fold(words) {
		forms := accents()[r]
		if upper := unicode.ToUpper(r); upper != r && !strings.ContainsRune(forms, upper) {
			forms += string(upper)
		}
		if forms == "" {
			expression.WriteString(regexp.QuoteMeta(string(r)))
			continue
		}
		expression.WriteString("[" + string(r) + forms + "]")
		if len(forms) > 1 {
			expression.WriteString(marks)
		}
	}
	return expression.String()
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("folded_contains", 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		folded, ok := args[1].(string)
		if !ok {
			return nil, errors.New("folded_contains: the words are no text")
		}
		switch text := args[0].(type) {
		case string:
			return strings.Contains(Fold(text), folded), nil
		case []byte:
			return strings.Contains(Fold(string(text)), folded), nil
		}
		return false, nil // NULL, and what is no text
	})
}
