package emulator

import "strings"

// template is a training phrase as a pattern: its annotated parts stand for
// any value of their entity.
type template struct {
	intent *intent
	text   string // the phrase as it was written
	key    string // normalised
	parts  []piece
	slots  bool
	open   bool // a slot takes any words
}

// piece is a run of words, or a slot.
type piece struct {
	words         []string
	entity, alias string
}

func newTemplate(i *intent, p phrase) template {
	t := template{intent: i}
	var text strings.Builder
	for _, part := range p {
		text.WriteString(part.text)
		if part.entity == "" {
			var words []string
			for _, tok := range parse(part.text).tokens {
				words = append(words, tok.text)
			}
			if len(words) > 0 {
				t.parts = append(t.parts, piece{words: words})
			}
			continue
		}
		t.slots = true
		t.open = t.open || free(part.entity)
		t.parts = append(t.parts, piece{entity: part.entity, alias: part.alias})
	}
	t.text = text.String()
	t.key = fold(t.text)
	return t
}

// score is what a match of the template is worth.
func (t template) score() float64 {
	switch {
	case !t.open:
		return scoreTemplate
	case len(t.parts) == 1:
		return scoreAnything
	}
	return scoreOpen
}

// match lays the template over the whole text, and returns what its slots
// took by alias. Slots take as much as they can.
func (t template) match(f *finder) (map[string]span, bool) {
	if !t.slots {
		return nil, false
	}
	m := matcher{f: f, parts: t.parts, dead: map[[2]int]bool{}, values: map[string]span{}}
	if !m.from(0, 0) {
		return nil, false
	}
	return m.values, true
}

// matcher tries one template on one text; dead remembers where it failed, so
// that several open slots cannot make it try everything twice.
type matcher struct {
	f      *finder
	parts  []piece
	dead   map[[2]int]bool
	values map[string]span
}

// from matches the parts from part on with the tokens from tok on.
func (m *matcher) from(part, tok int) bool {
	tokens := m.f.text.tokens
	if part == len(m.parts) {
		return tok == len(tokens)
	}
	at := [2]int{part, tok}
	if m.dead[at] {
		return false
	}
	m.dead[at] = true // until proven otherwise; a success is never asked again
	p := m.parts[part]
	if p.entity == "" {
		if tok+len(p.words) > len(tokens) {
			return false
		}
		for i, w := range p.words {
			if tokens[tok+i].text != w {
				return false
			}
		}
		return m.from(part+1, tok+len(p.words))
	}
	for _, c := range m.f.at(p.entity, tok) {
		if m.from(part+1, c.to) {
			if p.alias != "" {
				m.values[p.alias] = c.span
			}
			return true
		}
	}
	return false
}
