package emulator

import (
	"regexp"
	"strconv"
	"strings"
)

// system holds the system entities that are recognised by rule. The others
// (names, places, @sys.any) take what their phrase or their prompt leaves.
var system map[string]func(*finder) []span

func init() { // a variable would be a cycle: names look for dates
	system = map[string]func(*finder) []span{
		"sys.email":          findEmail,
		"sys.url":            findURL,
		"sys.phone-number":   findPhone,
		"sys.number":         findNumber,
		"sys.cardinal":       findNumber,
		"sys.number-integer": findInteger,
		"sys.ordinal":        findOrdinal,
		"sys.percentage":     findPercentage,
		"sys.unit-currency":  findMoney,
		"sys.zip-code":       findPostcode,
		"sys.date":           findDate,
		"sys.time":           findTime,
		"sys.date-time":      findDateTime,
		"sys.duration":       findDuration,
	}
}

var (
	emailPattern   = regexp.MustCompile(`[\p{L}\d!#$%&'*+/=?^_{|}~-][\p{L}\d.!#$%&'*+/=?^_{|}~-]*@[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?(?:\.[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?)+`)
	urlPattern     = regexp.MustCompile(`(?i)https?://\S+|www\.\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|info|io|es|mx|ar|co|cl|pe|uy|us|uk|eu)(?:/\S*)?`)
	phonePattern   = regexp.MustCompile(`\+?\(?\d[\d ().-]{5,18}\d`)
	numberPattern  = regexp.MustCompile(`-?\d+(?:[.,]\d+)*`)
	percentPattern = regexp.MustCompile(`(-?\d+(?:[.,]\d+)*) ?(?:%|por ciento|percent)`)
	moneyPattern   = regexp.MustCompile(`(us\$|\$|€|£) ?(\d+(?:[.,]\d+)*)|(\d+(?:[.,]\d+)*) ?(€|£|\$|euros?|eur|dolares|dolar|dollars?|usd|pesos?|mxn|libras?|pounds?|gbp)`)
	zipPattern     = regexp.MustCompile(`\d{5}(?:-\d{4})?`)
	ordinalPattern = regexp.MustCompile(`(\d+)(?:st|nd|rd|th|º|ª|\.º|\.ª|o|a)`)
)

func findEmail(f *finder) []span {
	var out []span
	for _, at := range emailPattern.FindAllStringIndex(f.text.raw, -1) {
		s := f.text.raw[at[0]:at[1]]
		local, domain, _ := strings.Cut(s, "@")
		out = append(out, span{at[0], at[1], value{local + "@" + strings.ToLower(domain), s}})
	}
	return out
}

func findURL(f *finder) []span {
	var out []span
	for _, at := range urlPattern.FindAllStringIndex(f.text.raw, -1) {
		if at[0] > 0 && f.text.raw[at[0]-1] == '@' {
			continue // the end of an e-mail address
		}
		s := strings.TrimRight(f.text.raw[at[0]:at[1]], `.,;:!?)]}"'`)
		out = append(out, span{at[0], at[0] + len(s), value{s, s}})
	}
	return out
}

func findPhone(f *finder) []span {
	var out []span
	for _, at := range phonePattern.FindAllStringIndex(f.text.raw, -1) {
		s := f.text.raw[at[0]:at[1]]
		digits := strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "-", "").Replace(s)
		if n := len(strings.TrimPrefix(digits, "+")); n >= 7 && n <= 15 {
			out = append(out, span{at[0], at[1], value{digits, s}})
		}
	}
	return out
}

func findNumber(f *finder) []span {
	var out []span
	for _, at := range numberPattern.FindAllStringIndex(f.text.raw, -1) {
		s := f.text.raw[at[0]:at[1]]
		if n, ok := parseNumber(s, f.root()); ok {
			out = append(out, span{at[0], at[1], value{n, s}})
		}
	}
	return append(out, f.numberWords()...)
}

// findInteger is @sys.number-integer: whole numbers, and not the halves of a
// fraction.
func findInteger(f *finder) []span {
	var out []span
	for _, s := range findNumber(f) {
		if n := s.value.value.(float64); n == float64(int64(n)) {
			out = append(out, s)
		}
	}
	return out
}

func findOrdinal(f *finder) []span {
	var out []span
	f.each(ordinalPattern, func(s span, m []string) {
		if n, ok := parseNumber(m[1], f.root()); ok {
			s.value.value = n
			out = append(out, s)
		}
	})
	for i, t := range f.text.tokens {
		if n, ok := ordinals[t.text]; ok {
			out = append(out, span{t.start, t.end, value{n, f.text.text(i, i+1)}})
		}
	}
	return out
}

func findPercentage(f *finder) []span {
	var out []span
	f.each(percentPattern, func(s span, m []string) {
		if _, ok := parseNumber(m[1], f.root()); ok {
			s.value.value = m[1] + "%"
			out = append(out, s)
		}
	})
	return out
}

func findMoney(f *finder) []span {
	var out []span
	f.each(moneyPattern, func(s span, m []string) {
		n, ok := parseNumber(m[2]+m[3], f.root())
		if !ok {
			return
		}
		s.value.value = map[string]any{"amount": n, "currency": currency(m[1] + m[4])}
		out = append(out, s)
	})
	return out
}

func currency(s string) string {
	switch s[0] {
	case 'e', "€"[0]:
		return "EUR"
	case 'p':
		if strings.HasPrefix(s, "pound") {
			return "GBP"
		}
		return "MXN"
	case 'm':
		return "MXN"
	case 'l', 'g', "£"[0]:
		return "GBP"
	}
	return "USD"
}

func findPostcode(f *finder) []span {
	var out []span
	f.each(zipPattern, func(s span, m []string) {
		s.value.value = m[0]
		out = append(out, s)
	})
	return out
}

// each calls use with every place in the folded text where a pattern is, as a
// span of the raw text, and the groups of the match.
func (f *finder) each(re *regexp.Regexp, use func(s span, groups []string)) {
	u := f.text
	for _, at := range re.FindAllStringSubmatchIndex(u.folded, -1) {
		groups := make([]string, len(at)/2)
		for g := range groups {
			if at[2*g] >= 0 {
				groups[g] = u.folded[at[2*g]:at[2*g+1]]
			}
		}
		start, end := u.at[at[0]], u.at[at[1]]
		use(span{start, end, value{original: u.raw[start:end]}}, groups)
	}
}

// root is the language without its country.
func (f *finder) root() string {
	r, _, _ := strings.Cut(f.lang, "-")
	return r
}

// parseNumber reads a number as it is written in a language: "1.500" is one
// thousand five hundred in Spanish, and one and a half in English.
func parseNumber(s, lang string) (float64, bool) {
	thousands, decimal := ",", "."
	if lang == "es" || lang == "pt" || lang == "de" || lang == "it" || lang == "fr" {
		thousands, decimal = ".", ","
	}
	switch parts := strings.Split(s, thousands); {
	case len(parts) > 1 && groups(parts, decimal):
		s = strings.Join(parts, "")
	case len(parts) == 2 && !strings.Contains(s, decimal):
		s = strings.Join(parts, decimal) // "3.5" in Spanish, as keyboards have it
	case len(parts) > 1:
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.Replace(s, decimal, ".", 1), 64)
	return n, err == nil && n < 1e15 && n > -1e15
}

// groups reports whether parts are groups of thousands.
func groups(parts []string, decimal string) bool {
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			p, _, _ = strings.Cut(p, decimal)
		}
		if len(p) != 3 {
			return false
		}
	}
	return len(strings.TrimPrefix(parts[0], "-")) <= 3
}
