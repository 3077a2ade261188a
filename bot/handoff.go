package bot

import (
	"slices"

	"relevo/bot/flow"
	"relevo/router"
)

// handoffStep passes the conversation to a person because the flow says so.
func (w *walk) handoffStep(s flow.Step, a *flow.Handoff) verdict {
	return w.handOff(router.Handoff{Reason: router.ReasonFlowHandoff, Trigger: s.ID}, w.ack())
}

// resolveStep ends the conversation because the flow says so.
func (w *walk) resolveStep(a *flow.Resolve) verdict {
	w.say(w.render(a.Say))
	return w.resolve(router.Resolution{Labels: a.Labels})
}

func (w *walk) resolve(r router.Resolution) verdict {
	w.out.Resolve = &r
	w.mem.Done = true
	return done
}

// handOff passes the conversation to a person. words, if any, are said after
// all else. What h does not wish for is taken from the flow's next handoff
// step: it says where this flow's customers go.
func (w *walk) handOff(h router.Handoff, words string) verdict {
	a := w.nextHandoff()
	if closed := a != nil && w.turn.Inbox.Closed; closed && a.WhenClosed != "" {
		words, h.ToldClosed = w.render(a.WhenClosed), true
	}
	w.say(words)
	if a != nil {
		h.Team, h.Priority = first(h.Team, a.Team), first(h.Priority, a.Priority)
		for _, l := range a.Labels {
			if !slices.Contains(h.Labels, l) {
				h.Labels = append(h.Labels, l)
			}
		}
	}
	h.Intent = w.mem.Intent
	h.Data = w.brief(h.Data)
	w.out.Handoff = &h
	w.mem.Done = true
	return done
}

// trouble hands off because something failed, with the safe sentence.
func (w *walk) trouble(reason router.Reason, trigger string) verdict {
	words := w.builtIn("bot.trouble")
	if w.flow != nil {
		words = first(w.render(w.flow.Texts.Trouble), words)
	}
	return w.handOff(router.Handoff{Reason: reason, Trigger: trigger}, words)
}

// ack is the one sentence with which the bot says that a person takes over:
// the step's, the next handoff step's, the flow's, or the built-in.
func (w *walk) ack() string {
	var own, next string
	_, atHandoff := w.stepAt(w.mem.Step).(*flow.Handoff)
	if l := w.limits(); l != nil && !atHandoff {
		own = l.Say
	}
	if a := w.nextHandoff(); a != nil {
		next = a.Say
	}
	return first(w.render(own), w.render(next), w.render(w.flow.Texts.Ack), w.builtIn("bot.ack"))
}

func (w *walk) stepAt(i int) flow.Action {
	if i >= len(w.flow.Steps) {
		return nil
	}
	return w.flow.Steps[i].Do
}

func (w *walk) nextHandoff() *flow.Handoff {
	if w.flow == nil {
		return nil
	}
	for i := w.mem.Step; i < len(w.flow.Steps); i++ {
		if a, ok := w.flow.Steps[i].Do.(*flow.Handoff); ok {
			return a
		}
	}
	return nil
}

// brief is what the agent is told was found out: the parameters that agents
// filled, what the customer was asked, and what extra says.
func (w *walk) brief(extra map[string]any) map[string]any {
	data := map[string]any{}
	for k, v := range w.mem.Found {
		data[k] = v
	}
	for k, v := range w.mem.Data {
		data[k] = v
	}
	for k, v := range extra {
		data[k] = v
	}
	return data
}
