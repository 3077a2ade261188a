package emulator

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// value is what a parameter got: the value, and the words it was said in.
type value struct {
	value    any // string, float64, bool, []any or map[string]any
	original string
}

// empty reports whether the value is none: nil, "" or an empty list.
func (v value) empty() bool {
	switch x := v.value.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	}
	return false
}

// span is a value found at a place in the text.
type span struct {
	start, end int // in the raw text
	value      value
}

// lexicon knows the words of one entity in one language.
type lexicon struct {
	words    map[string]string // value by folded synonym
	longest  int               // tokens of the longest synonym
	patterns []*regexp.Regexp
}

// maxPattern bounds the patterns of regexp entities, in bytes.
const maxPattern = 2048

// newLexicon prepares entries; bad is told of patterns that are none.
func newLexicon(entries []entry, isRegexp bool, bad func(string)) *lexicon {
	l := &lexicon{words: map[string]string{}}
	for _, e := range entries {
		if isRegexp {
			l.addPattern(e.value, bad)
			continue
		}
		for _, s := range append([]string{e.value}, e.synonyms...) {
			l.addWord(s, e.value)
		}
	}
	return l
}

func (l *lexicon) addPattern(p string, bad func(string)) {
	re, err := regexp.Compile(`(?i)` + p)
	if len(p) > maxPattern || err != nil {
		bad(p)
		return
	}
	l.patterns = append(l.patterns, re)
}

func (l *lexicon) addWord(synonym, value string) {
	u := parse(synonym)
	if _, taken := l.words[u.key()]; len(u.tokens) == 0 || taken {
		return
	}
	l.words[u.key()] = value
	l.longest = max(l.longest, len(u.tokens))
}

// find returns the values in the text, the longest at each place.
func (l *lexicon) find(u *utterance) []span {
	var out []span
	for _, re := range l.patterns {
		for _, at := range re.FindAllStringIndex(u.raw, -1) {
			if s := u.raw[at[0]:at[1]]; s != "" {
				out = append(out, span{at[0], at[1], value{s, s}})
			}
		}
	}
	for from := range u.tokens {
		var key strings.Builder
		best := span{}
		for to := from; to < min(from+l.longest, len(u.tokens)); to++ {
			if to > from {
				key.WriteByte(' ')
			}
			key.WriteString(u.tokens[to].text)
			if v, ok := l.words[key.String()]; ok {
				best = span{u.tokens[from].start, u.tokens[to].end, value{v, u.text(from, to+1)}}
			}
		}
		if best.end > 0 {
			out = append(out, best)
		}
	}
	return out
}

// addLexicons prepares the agent's entities in a language. An entity without
// entries in it lends those of the default language. System entities that
// want a gazetteer get the examples that the agent's own phrases give.
func (a *Agent) addLexicons(lang string) {
	for _, name := range slices.Sorted(maps.Keys(a.entities)) {
		e := a.entities[name]
		a.lexicons[name+"/"+lang] = newLexicon(pick(a, e.entries, lang), e.regexp, func(p string) {
			a.warn("entity %q: the pattern %.40q is left out", name, p)
		})
	}
	for _, i := range a.intents {
		for _, p := range i.phrases[lang] {
			for _, part := range p {
				if !free(part.entity) || part.entity == "sys.any" {
					continue
				}
				l := cmp.Or(a.lexicons[part.entity+"/"+lang], newLexicon(nil, false, nil))
				l.addWord(part.text, strings.TrimSpace(part.text))
				a.lexicons[part.entity+"/"+lang] = l
			}
		}
	}
}

// finder finds values in the text of one turn. What it found once it keeps.
type finder struct {
	text    *utterance
	agent   *Agent
	lang    string // as asked ("en-GB")
	now     time.Time
	session map[string]sessionEntity // by entity name
	found   map[string][]span
}

func (a *Agent) newFinder(text, lang string, now time.Time, session map[string]sessionEntity) *finder {
	return &finder{text: parse(text), agent: a, lang: strings.ToLower(lang), now: now,
		session: session, found: map[string][]span{}}
}

// spans returns the values of an entity in the text, first come first, and
// never one that would cut a word in two.
func (f *finder) spans(entity string) []span {
	if s, ok := f.found[entity]; ok {
		return s
	}
	var all []span
	if session, ok := f.session[entity]; ok {
		all = append(all, session.words.find(f.text)...)
		if !session.supplement {
			return f.keep(entity, all)
		}
	}
	if l := f.agent.lexicons[entity+"/"+f.agent.speaks(f.lang)]; l != nil {
		all = append(all, l.find(f.text)...)
	}
	if find, ok := system[entity]; ok {
		all = append(all, find(f)...)
	}
	return f.keep(entity, all)
}

func (f *finder) keep(entity string, all []span) []span {
	all = slices.DeleteFunc(all, func(s span) bool {
		_, _, whole := f.text.cover(s.start, s.end)
		return !whole
	})
	slices.SortStableFunc(all, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	f.found[entity] = all
	return all
}

// candidate is a value that begins at a given token, and the token after it.
type candidate struct {
	to   int
	span span
}

// openWords is how many words a name or a place may have in a phrase;
// @sys.any may have any number.
const openWords = 4

// at returns the values of an entity that begin at token tok, the longest
// first.
func (f *finder) at(entity string, tok int) []candidate {
	var out []candidate
	for _, s := range f.spans(entity) {
		if from, to, ok := f.text.cover(s.start, s.end); ok && from == tok {
			out = append(out, candidate{to, s})
		}
	}
	if len(out) > 0 || !free(entity) {
		return out
	}
	last := len(f.text.tokens)
	if entity != "sys.any" {
		last = min(last, tok+openWords)
	}
	for to := last; to > tok; to-- {
		if entity == "sys.any" || f.plain(tok, to) {
			words := f.text.text(tok, to)
			out = append(out, candidate{to, span{f.text.tokens[tok].start, f.text.tokens[to-1].end, value{words, words}}})
		}
	}
	return out
}

// plain reports whether tokens hold no number, date or time, so that they
// may be a name.
func (f *finder) plain(from, to int) bool {
	for _, entity := range []string{"sys.number", "sys.date", "sys.time"} {
		for _, s := range f.spans(entity) {
			if a, b, ok := f.text.cover(s.start, s.end); ok && a < to && b > from {
				return false
			}
		}
	}
	return true
}

// free reports whether an entity takes words that no rule here can know:
// @sys.any, names, places, and system entities that are not built.
func free(entity string) bool {
	_, built := system[entity]
	return strings.HasPrefix(entity, "sys.") && !built
}
