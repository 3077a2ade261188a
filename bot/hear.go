package bot

import (
	"context"
	"fmt"
	"strings"

	"relevo/bot/flow"
	"relevo/router"
)

// hear does what an answer says. A sign that a person is needed goes before
// all else, and its own words are the acknowledgement.
func (w *walk) hear(ctx context.Context, a *flow.Dialogflow, r Result) verdict {
	said := w.read(ctx, a, r)
	if said.handoff != nil {
		w.out.Say = append(w.out.Say, said.words...)
		if len(said.words) > 0 {
			return w.handOff(*said.handoff, "")
		}
		return w.handOff(*said.handoff, w.ack())
	}
	silent := len(said.words) == 0 && said.resolve == nil && !r.End
	switch {
	case r.Webhook != nil && silent:
		w.log.WarnContext(ctx, "agent's fulfilment failed", "agent", a.Agent, "intent", r.Intent, "error", r.Webhook)
		return w.trouble(router.ReasonBotWebhook, "agent:"+a.Agent)
	case r.Fallback && silent:
		return w.notUnderstood(a, []router.Utterance{{Content: w.builtIn("bot.not_understood")}})
	case silent:
		return w.trouble(router.ReasonBotEmpty, "agent:"+a.Agent)
	case r.Fallback && said.resolve == nil && !r.End:
		return w.notUnderstood(a, said.words)
	}
	w.dialog(a).Fallbacks = 0
	if w.stuck(a, r) {
		return w.handOff(router.Handoff{Reason: router.ReasonFallbacks, Trigger: fmt.Sprintf("slots=%d", a.Handoff.Slots)}, w.ack())
	}
	w.out.Say = append(w.out.Say, said.words...)
	switch {
	case said.resolve != nil:
		return w.resolve(*said.resolve)
	case r.End:
		return goOn
	}
	return wait
}

// notUnderstood counts a fallback. The one that reaches the limit is answered
// by the acknowledgement instead of its own words: nobody wants to read that
// the bot does not understand while it gives up.
func (w *walk) notUnderstood(a *flow.Dialogflow, words []router.Utterance) verdict {
	d := w.dialog(a)
	d.Fallbacks++
	d.Slot, d.SlotAsks = "", 0
	if d.Fallbacks >= a.Handoff.Fallbacks {
		return w.handOff(router.Handoff{Reason: router.ReasonFallbacks, Trigger: fmt.Sprintf("fallbacks=%d", a.Handoff.Fallbacks)}, w.ack())
	}
	w.out.Say = append(w.out.Say, words...)
	return wait
}

// stuck counts how often in a row the agent asks for the same parameter, and
// reports whether that is too often: Dialogflow itself never gives up.
func (w *walk) stuck(a *flow.Dialogflow, r Result) bool {
	d := w.dialog(a)
	slot := ""
	if r.SlotsOpen {
		slot = r.Intent + "?" + strings.Join(filled(r.Parameters), ",")
	}
	if slot != d.Slot {
		d.Slot, d.SlotAsks = slot, 0
	}
	if slot != "" {
		d.SlotAsks++
	}
	return d.SlotAsks > a.Handoff.Slots
}
