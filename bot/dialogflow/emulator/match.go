package emulator

import (
	"cmp"
	"slices"
)

// How sure the emulator is of a match. Only likeness is measured; the rest
// are ranks.
const (
	scoreExact     = 1.0  // a training phrase, word for word
	scoreTemplate  = 0.95 // a training phrase with other values in it
	scoreOpen      = 0.85 // the same, where a value may be any words
	scoreAnything  = 0.5  // a phrase that is nothing but a place for any words
	scoreLike      = 0.9  // the most that likeness alone can give
	minLikeness    = 0.35 // below, nothing of what was measured is worth an answer
	sureLikeness   = 0.6  // above, two intents that are alike are not a reason to ask again
	likenessMargin = 0.05 // below, the best must lead the second by so much
	perContext     = 0.05 // an intent gains this for each input context
)

// index holds the phrases of an agent in one language.
type index struct {
	phrases []template
	exact   map[string][]int // by normalised text
	words   *space
	letters *space
}

// match is an intent that was found, with the values its phrase captured.
type match struct {
	intent *intent
	score  float64
	values map[string]span // by alias
	exact  bool
}

func newIndex(a *Agent, lang string) *index {
	x := &index{exact: map[string][]int{}}
	var words, letters [][]string
	for _, i := range a.intents {
		for _, p := range i.phrases[lang] {
			t := newTemplate(i, p)
			if t.key == "" {
				continue
			}
			x.exact[t.key] = append(x.exact[t.key], len(x.phrases))
			x.phrases = append(x.phrases, t)
			u := parse(t.text)
			words = append(words, wordFeatures(u.tokens))
			letters = append(letters, letterFeatures(u.tokens))
		}
	}
	x.words, x.letters = newSpace(words), newSpace(letters)
	return x
}

// matches returns the best match of each eligible intent, the best first.
// Fallback intents are there only for phrases given to them word for word.
func (x *index) matches(f *finder, eligible func(*intent) bool) []match {
	best := map[*intent]match{}
	offer := func(m match) {
		old, seen := best[m.intent]
		if !seen || m.score > old.score || m.score == old.score && len(m.values) > len(old.values) {
			best[m.intent] = m
		}
	}
	for _, n := range x.exact[f.text.key()] {
		if t := x.phrases[n]; eligible(t.intent) {
			values, _ := t.match(f)
			offer(match{t.intent, scoreExact, values, true})
		}
	}
	for _, t := range x.phrases {
		if !t.slots || t.intent.fallback || !eligible(t.intent) {
			continue
		}
		if values, ok := t.match(f); ok {
			offer(match{t.intent, t.score(), values, false})
		}
	}
	words, letters := x.words.compare(wordFeatures(f.text.tokens)), x.letters.compare(letterFeatures(f.text.tokens))
	for n, t := range x.phrases {
		if s := min(scoreLike, (words[n]+letters[n])/2); s > 0.05 && !t.intent.fallback && eligible(t.intent) {
			offer(match{intent: t.intent, score: s})
		}
	}
	return ranked(best)
}

// ranked sorts matches by score with the gain of contexts, then by the number
// of contexts, priority and name, so that equals always come in one order.
func ranked(best map[*intent]match) []match {
	out := make([]match, 0, len(best))
	for _, m := range best {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b match) int {
		return cmp.Or(
			cmp.Compare(b.rank(), a.rank()),
			cmp.Compare(len(b.intent.inputs), len(a.intent.inputs)),
			cmp.Compare(b.intent.priority, a.intent.priority),
			cmp.Compare(a.intent.name, b.intent.name),
			cmp.Compare(a.intent.id, b.intent.id))
	})
	return out
}

func (m match) rank() float64 { return m.score + perContext*float64(len(m.intent.inputs)) }

// choose returns the match that is good enough to answer.
func choose(ranked []match, minConfidence float64) (match, bool) {
	if len(ranked) == 0 {
		return match{}, false
	}
	first := ranked[0]
	if first.score < max(minConfidence, minLikeness) {
		return match{}, false
	}
	if len(ranked) > 1 && first.score < sureLikeness && first.score != scoreAnything &&
		first.rank()-ranked[1].rank() < likenessMargin {
		return match{}, false
	}
	return first, true
}
