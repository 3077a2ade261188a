package bot

import (
	"context"
	"strings"

	"relevo/bot/flow"
	"relevo/router"
)

// answer is a Result in the router's words.
type answer struct {
	words   []router.Utterance
	handoff *router.Handoff // a sign that a person is needed
	resolve *router.Resolution
}

// read translates an agent's answer: its messages in order, and the first of
// its signs, in a fixed order, that the step listens for. A handoff goes before
// a resolution.
func (w *walk) read(ctx context.Context, a *flow.Dialogflow, r Result) answer {
	var said answer
	var asked *order
	for _, m := range r.Messages {
		if words, ok := w.utterance(m); ok {
			said.words = append(said.words, words)
		}
		if m.Payload == nil {
			continue
		}
		o, words, known := readPayload(m.Payload)
		if words != nil {
			said.words = append(said.words, *words)
		}
		switch {
		case o.Action == actionHandoff && asked == nil:
			asked = &o
		case o.Action == actionResolve && said.resolve == nil:
			said.resolve = &router.Resolution{Labels: o.Labels, Attributes: o.Attributes}
		case !known:
			w.log.DebugContext(ctx, "payload ignored", "agent", a.Agent, "intent", r.Intent)
		}
	}
	if s, ok := sign(a.Handoff.On, r, asked != nil); ok {
		said.handoff = &router.Handoff{Reason: router.ReasonBotHandoff, Trigger: s.String()}
		if asked != nil {
			asked.fill(said.handoff)
		}
	} else if r.Handoff || asked != nil {
		w.log.DebugContext(ctx, "agent asks for a person, but the step does not listen for that", "agent", a.Agent, "intent", r.Intent)
	}
	return said
}

// utterance is the text of a message, with its choices.
func (w *walk) utterance(m Message) (router.Utterance, bool) {
	text := clip(strings.TrimSpace(m.Text), maxSaid)
	if len(m.Choices) == 0 {
		return router.Utterance{Content: text}, text != ""
	}
	items := make([]any, 0, len(m.Choices))
	for _, c := range m.Choices {
		items = append(items, map[string]any{"title": c, "value": c})
	}
	return router.Utterance{Content: first(text, w.builtIn("bot.choose")), ContentType: "input_select",
		ContentAttributes: map[string]any{"items": items}}, true
}

// signals is the order in which signs are looked for.
var signals = []string{flow.SignalLiveAgent, flow.SignalPayload, flow.SignalAction, flow.SignalIntent, flow.SignalContext}

// sign returns the first sign that is both given and listened for. payload
// says whether a payload asked for a handoff.
func sign(on []flow.Signal, r Result, payload bool) (flow.Signal, bool) {
	for _, kind := range signals {
		for _, s := range on {
			if s.Kind == kind && given(s, r, payload) {
				return s, true
			}
		}
	}
	return flow.Signal{}, false
}

func given(s flow.Signal, r Result, payload bool) bool {
	switch s.Kind {
	case flow.SignalLiveAgent:
		return r.Handoff
	case flow.SignalPayload:
		return payload
	case flow.SignalAction:
		return r.Action == s.Name
	case flow.SignalIntent:
		return r.Intent == s.Name
	case flow.SignalContext:
		for _, c := range r.Contexts {
			if c.Lifespan > 0 && strings.EqualFold(c.Name, s.Name) {
				return true
			}
		}
	}
	return false
}
