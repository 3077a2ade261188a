package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"relevo/bot/flow"
	"relevo/router"
)

// collect asks for one thing until it is known or the customer would not say.
func (w *walk) collect(c *flow.Collect) verdict {
	if w.mem.Entered {
		return w.collectAnswer(c)
	}
	key := c.Key()
	if w.mem.Data[key] != "" || w.known(key) != "" || slices.Contains(w.mem.Declined, key) {
		return goOn
	}
	w.mem.Collect = &collecting{}
	if email, ok := w.openersEmail(c); ok {
		return w.accept(c, email)
	}
	w.takeWords() // they are the opener; what is asked now is answered later
	w.say(first(w.render(c.Ask), w.builtIn("collect."+c.What+".ask")))
	return wait
}

// known is what the contact's own row says under the key of a collect.
func (w *walk) known(key string) string {
	c := w.turn.Contact
	switch key {
	case flow.CollectEmail:
		return c.Email
	case flow.CollectName:
		return c.Name
	case flow.CollectPhone:
		return c.PhoneNumber
	}
	text, _ := c.Attributes[key].(string)
	return text
}

// openersEmail takes an address out of what the customer said before being
// asked. An opener that is nothing else has been answered with that.
func (w *walk) openersEmail(c *flow.Collect) (string, bool) {
	o := w.mem.Opener
	if c.What != flow.CollectEmail || o == nil {
		return "", false
	}
	email, ok := findEmail(o.Text)
	if !ok {
		return "", false
	}
	if o.Text = besides(o.Text); o.Text == "" { // it was nothing but the address
		w.mem.Opener = nil
		w.takeWords()
	}
	return email, true
}

// collectAnswer reads what the customer said to the question.
func (w *walk) collectAnswer(c *flow.Collect) verdict {
	text, _ := w.takeWords()
	if w.mem.Collect == nil {
		w.mem.Collect = &collecting{}
	}
	if h := w.mem.Collect.Hint; h != nil {
		w.mem.Collect.Hint = nil
		if email, sure := confirm(text, *h); sure {
			return w.keep(c, email)
		}
		return w.invalid(c, text)
	}
	if declines(c, text) {
		return w.declined(c, text)
	}
	if value, ok := find(c.What, text); ok {
		if c.What == flow.CollectEmail {
			w.alsoAsked(besides(text))
		}
		return w.accept(c, value)
	}
	return w.invalid(c, text)
}

// alsoAsked keeps what the customer asked beside the answer: it is answered
// later, with what he came for.
func (w *walk) alsoAsked(rest string) {
	const sentence = 3 // words; less is "sí, claro"
	if len(fold(rest)) < sentence {
		return
	}
	if w.mem.Opener == nil || isGreeting(w.mem.Opener.Text) {
		w.mem.Opener = &opener{Text: clip(rest, maxKept)}
		return
	}
	w.mem.Opener.Text = clip(w.mem.Opener.Text+" "+rest, maxKept)
}

// besides returns what a text says beside the address that stands in it. A
// clause that only presents the address ("mi correo es …") goes with it.
func besides(text string) string {
	const presents = 4 // words at most
	var rest []string
	for _, clause := range clauses.Split(text, -1) {
		without := strings.Join(strings.Fields(addressLike.ReplaceAllString(aroundAt.ReplaceAllString(clause, "@"), "")), " ")
		if without == "" || strings.Contains(clause, "@") && len(fold(without)) <= presents {
			continue
		}
		rest = append(rest, without)
	}
	return strings.Join(rest, ". ")
}

// clauses end at a comma, a stop before a blank, or a sign of a sentence.
var clauses = regexp.MustCompile(`[,;!?¿¡\n]+|\.\s+`)

// find looks for an answer of the given kind in a text.
func find(what, text string) (string, bool) {
	switch what {
	case flow.CollectEmail:
		return findEmail(text)
	case flow.CollectPhone:
		return findPhone(text)
	case flow.CollectName:
		return findName(text)
	}
	text = clip(strings.TrimSpace(text), maxKept)
	return text, text != ""
}

// accept keeps a valid answer, after one question if it looks mistyped.
func (w *walk) accept(c *flow.Collect, value string) verdict {
	if meant := likelyEmail(value); c.What == flow.CollectEmail && meant != "" {
		w.takeWords()
		w.mem.Collect.Hint = &hint{Typed: value, Meant: meant}
		w.say(w.builtInWith("collect.did_you_mean", map[string]any{"suggestion": meant}))
		return wait
	}
	return w.keep(c, value)
}

// keep remembers an answer and tells the router.
func (w *walk) keep(c *flow.Collect, value string) verdict {
	w.mem.learn(c.Key(), value)
	switch c.What {
	case flow.CollectEmail:
		w.out.Contact.Email = value
	case flow.CollectName:
		w.out.Contact.Name = value
	case flow.CollectPhone:
		w.out.Contact.PhoneNumber = value
	}
	return goOn
}

// confirm reads the answer to "did you mean …?": an address counts as it is
// written now, yes for the one suggested, no for the one typed at first.
func confirm(text string, h hint) (email string, sure bool) {
	if again, ok := findEmail(text); ok {
		return again, true
	}
	words := fold(text)
	switch {
	case len(words) == 0:
		return "", false
	case slices.Contains([]string{"si", "yes", "yeah", "yep", "claro", "correcto", "exacto", "eso", "ese", "ok", "okay", "vale", "sure", "right", "correct"}, words[0]):
		return h.Meant, true
	case words[0] == "no" || words[0] == "nope":
		return h.Typed, true
	}
	return "", false
}

// declines reports whether the customer would rather not say. For an address
// or a number a cancel word counts anywhere, unless the text tries to be an
// answer ("no, es ana@ejemplo.com"); for a name or free text, which may
// contain anything, only if it is all that was said.
func declines(c *flow.Collect, text string) bool {
	words := fold(text)
	anywhere := false
	switch c.What {
	case flow.CollectEmail:
		anywhere = !strings.Contains(text, "@")
	case flow.CollectPhone:
		anywhere = strings.IndexFunc(text, unicode.IsDigit) < 0
	}
	return onlyCancels(c, text) || anywhere && slices.ContainsFunc(c.Cancel, func(cancel string) bool {
		return hasPhrase(words, fold(cancel))
	})
}

// onlyCancels reports whether the text is a cancel word and nothing else.
func onlyCancels(c *flow.Collect, text string) bool {
	words := fold(text)
	return len(words) > 0 && slices.ContainsFunc(c.Cancel, func(cancel string) bool {
		return slices.Equal(words, fold(cancel))
	})
}

func (w *walk) declined(c *flow.Collect, text string) verdict {
	if c.Otherwise == flow.OtherwiseContinue {
		w.say(w.builtIn("collect.cancelled"))
	}
	if !onlyCancels(c, text) {
		w.saveForLater(c, text)
	}
	return w.otherwise(c)
}

// saveForLater keeps what the customer said instead of an answer, if he has
// said no more than hello so far: it is what he came for.
func (w *walk) saveForLater(c *flow.Collect, text string) {
	tried := c.What == flow.CollectEmail && strings.Contains(text, "@") || c.What == flow.CollectPhone && strings.IndexFunc(text, unicode.IsDigit) >= 0
	if tried || len(fold(text)) < 2 {
		return
	}
	o := w.mem.Opener
	switch {
	case o == nil:
		w.mem.Opener = &opener{Text: clip(text, maxKept)}
	case isGreeting(o.Text):
		o.Text = clip(o.Text+" "+text, maxKept)
	}
}

// invalid counts an answer that is none.
func (w *walk) invalid(c *flow.Collect, text string) verdict {
	w.mem.Collect.Failed++
	w.saveForLater(c, text)
	if w.mem.Collect.Failed < c.Attempts {
		w.say(first(w.render(c.Invalid), w.builtIn("collect."+c.What+".invalid")))
		return wait
	}
	return w.otherwise(c)
}

// otherwise does what the flow wants without an answer.
func (w *walk) otherwise(c *flow.Collect) verdict {
	if c.Otherwise == flow.OtherwiseHandoff {
		return w.handOff(router.Handoff{Reason: router.ReasonCollectFailed, Trigger: c.Key()}, w.ack())
	}
	w.mem.Declined = append(w.mem.Declined, c.Key())
	return goOn
}
