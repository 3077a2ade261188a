package bot

import (
	"fmt"
	"slices"
	"strings"

	"relevo/bot/flow"
	"relevo/router"
	"relevo/router/texts"
)

// maxSaid is the longest text of a bot, in characters.
const maxSaid = 10_000

// sayStep says a text once in a conversation, however often the bot gets it
// back.
func (w *walk) sayStep(s flow.Step, a *flow.Say) verdict {
	key := sayKey(w.flow, w.mem.Step, s.ID, a.Text)
	if !slices.Contains(w.mem.Said, key) {
		w.mem.Said = append(w.mem.Said, key)
		w.say(w.render(a.Text))
	}
	return goOn
}

// sayKey names a say step so that an edit elsewhere in the flow does not make
// it be said again: by its id, or else by its text and how many of the same
// come before it.
func sayKey(f *flow.Flow, at int, id, text string) string {
	if id != "" {
		return "id:" + id
	}
	same := 0
	for _, s := range f.Steps[:at] {
		if a, ok := s.Do.(*flow.Say); ok && a.Text == text {
			same++
		}
	}
	return fmt.Sprintf("%s:%d", flow.Hash([]byte(text))[:12], same)
}

// say adds a text to what the bot says. A blank one says nothing.
func (w *walk) say(text string) {
	if text = strings.TrimSpace(text); text != "" {
		w.out.Say = append(w.out.Say, router.Utterance{Content: clip(text, maxSaid)})
	}
}

// render fills the places of one of the flow's texts.
func (w *walk) render(text string) string {
	return flow.Render(text, w.value)
}

// value is what a name in a text stands for; "" if it is not known.
func (w *walk) value(name string) string {
	c := w.turn.Contact
	switch name {
	case "inbox.name":
		return w.turn.Inbox.Name
	case "contact.name":
		return first(c.Name, w.mem.Data[flow.CollectName])
	case "contact.email":
		return first(c.Email, w.mem.Data[flow.CollectEmail])
	case "contact.phone":
		return first(c.PhoneNumber, w.mem.Data[flow.CollectPhone])
	}
	key := strings.TrimPrefix(name, flow.DataPrefix)
	return first(w.mem.Data[key], w.known(key))
}

// builtIn is a sentence of the catalogues in the flow's language, or the
// inbox's if there is no flow.
func (w *walk) builtIn(key string) string { return w.builtInWith(key, nil) }

func (w *walk) builtInWith(key string, params map[string]any) string {
	language := w.turn.Inbox.Locale
	if w.flow != nil {
		language = w.flow.Language
	}
	return texts.Say(language, key, params)
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
