package emulator

import (
	"cmp"
	"slices"
	"strings"
)

// Slot filling lives in contexts, as in the real service: that of the intent
// in progress, and that of the parameter asked for. A client that sends them
// again in a new session goes on where it was.
const (
	dialogSuffix   = "_dialog_context"
	dialogIDSuffix = "_id_dialog_context"
	dialogParams   = "_dialog_params_"
)

// cancelWords end slot filling, in any language.
var cancelWords = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range []string{
		"cancel", "cancel it", "cancel that", "stop", "exit", "quit", "abort", "never mind", "nevermind",
		"forget it", "forget that",
		"cancelar", "cancela", "cancelalo", "olvidalo", "dejalo", "déjalo así", "salir", "para", "basta",
		"ya no", "no importa", "da igual",
	} {
		out[fold(w)] = true
	}
	return out
}()

// filling is an intent whose parameters are being asked for.
type filling struct {
	intent *intent
	values map[string]value // by parameter name
}

// inProgress returns the slot filling that the contexts tell of, or nil.
func (t *turn) inProgress() *filling {
	for name, ctx := range t.session.contexts {
		id, ok := strings.CutSuffix(name, dialogIDSuffix)
		if !ok {
			continue
		}
		for _, i := range t.agent.intents {
			if contextID(i.id) == id {
				return &filling{i, valuesOf(i, ctx.Parameters)}
			}
		}
	}
	return nil
}

// valuesOf reads the values of parameters back from a context.
func valuesOf(i *intent, params map[string]any) map[string]value {
	values := map[string]value{}
	for _, p := range i.parameters {
		v := value{value: params[p.name]}
		v.original, _ = params[p.name+".original"].(string)
		if !v.empty() {
			values[p.name] = v
		}
	}
	return values
}

// stopFilling removes the contexts of slot filling.
func (c contexts) stopFilling() {
	for name := range c {
		if strings.HasSuffix(name, dialogSuffix) || strings.Contains(name, dialogParams) {
			delete(c, name)
		}
	}
}

// goOn takes the text as the answer to the last prompt. It returns false
// where the text belongs to another intent, word for word.
func (t *turn) goOn(f *filling) bool {
	if cancelWords[t.find.text.key()] {
		t.cancel(f)
		return true
	}
	before := len(f.values)
	t.extract(f, nil)
	pending, _ := f.missing(t)
	if len(f.values) == before {
		if pending != nil && pending.entity != "sys.any" && t.wordForWord(f.intent) {
			return false
		}
		if pending != nil && free(pending.entity) {
			f.takeAll(pending, t.find.text)
		}
	}
	if len(f.values) == before {
		t.session.noMatch++
	} else {
		t.session.noMatch = 0
	}
	t.advance(f, 1)
	return true
}

// wordForWord reports whether the text is a training phrase of another intent.
func (t *turn) wordForWord(but *intent) bool {
	return slices.ContainsFunc(t.matches(), func(m match) bool {
		return m.exact && m.intent != but && !m.intent.fallback
	})
}

// extract fills parameters with what the text holds, the longest finds first,
// so that "3 pm" is a time before its 3 is a number. Open entities are not
// filled this way, but for names and places that the agent's phrases know.
// What is taken already is not taken again.
func (t *turn) extract(f *filling, taken []span) {
	type find struct {
		param int
		span  span
	}
	var finds []find
	for n, p := range f.intent.parameters {
		if _, has := f.values[p.name]; has || p.entity == "" || p.entity == "sys.any" {
			continue
		}
		for _, s := range t.find.spans(p.entity) {
			finds = append(finds, find{n, s})
		}
		if s, ok := t.find.bareTime(p); ok {
			finds = append(finds, find{n, s})
		}
	}
	slices.SortStableFunc(finds, func(a, b find) int {
		return cmp.Or(
			cmp.Compare(b.span.end-b.span.start, a.span.end-a.span.start),
			cmp.Compare(a.span.start, b.span.start),
			cmp.Compare(a.param, b.param))
	})
	for _, x := range finds {
		p := f.intent.parameters[x.param]
		_, has := f.values[p.name]
		if has && !p.list || slices.ContainsFunc(taken, x.span.touches) {
			continue
		}
		taken = append(taken, x.span)
		f.put(p, x.span.value)
	}
}

func (s span) touches(o span) bool { return s.start < o.end && o.start < s.end }

// put gives a parameter a value, or one more where it is a list.
func (f *filling) put(p parameter, v value) {
	if !p.list {
		f.values[p.name] = v
		return
	}
	list, _ := f.values[p.name].value.([]any)
	original := strings.TrimPrefix(f.values[p.name].original+" "+v.original, " ")
	if many, ok := v.value.([]any); ok {
		list = append(list, many...)
	} else {
		list = append(list, v.value)
	}
	f.values[p.name] = value{list, original}
}

// bareTime takes a number that is the whole text as an hour, as in "What
// time?" "5".
func (f *finder) bareTime(p parameter) (span, bool) {
	if p.entity != "sys.time" || len(f.text.tokens) != 1 || len(f.text.tokens[0].text) > 2 {
		return span{}, false
	}
	at := f.agent.newFinder("at "+f.text.tokens[0].text, "en", f.now, nil).spans("sys.time")
	if len(at) == 0 {
		return span{}, false
	}
	tok := f.text.tokens[0]
	return span{tok.start, tok.end, value{at[0].value.value, f.text.text(0, 1)}}, true
}

// takeAll gives the whole text to a parameter whose entity takes any words.
func (f *filling) takeAll(p *parameter, u *utterance) {
	text := strings.TrimSpace(u.raw)
	if p.entity != "sys.any" {
		text = withoutLead(u)
	}
	if text != "" && len(u.tokens) > 0 {
		f.put(*p, value{text, strings.TrimSpace(u.raw)})
	}
}

// leads are what people say before their name or a place.
var leads = []string{"me llamo", "mi nombre es", "my name is", "i am", "im", "its", "soy", "es", "en", "in", "at", "from", "de"}

func withoutLead(u *utterance) string {
	for _, l := range leads {
		n := strings.Count(l, " ") + 1
		if n < len(u.tokens) && strings.HasPrefix(u.key(), l+" ") {
			return u.text(n, len(u.tokens))
		}
	}
	return strings.TrimSpace(u.raw)
}

// missing returns the first required parameter without a value, and how many
// there are.
func (f *filling) missing(t *turn) (first *parameter, n int) {
	for i := range f.intent.parameters {
		p := &f.intent.parameters[i]
		if p.required && t.resolve(*p, f.values).empty() {
			if n++; first == nil {
				first = p
			}
		}
	}
	return first, n
}
