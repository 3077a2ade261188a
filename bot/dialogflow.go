package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"relevo/bot/flow"
	"relevo/router"
)

// maxQuestion is the longest text that an agent takes, in characters.
const maxQuestion = 256

// dialogflow lets an agent talk. On entering, it is given what the customer
// said before anybody could answer; without that, an event.
func (w *walk) dialogflow(ctx context.Context, a *flow.Dialogflow) verdict {
	if w.mem.Entered {
		text, files := w.takeWords()
		return w.question(ctx, a, text, files)
	}
	first := !w.mem.Talked
	w.mem.Talked = true
	text, files := w.takeWords()
	if o := w.mem.Opener; o != nil {
		w.mem.Opener = nil
		text, files = o.Text, o.Files
	}
	if text != "" || files {
		return w.question(ctx, a, text, files)
	}
	event := a.Welcome
	if w.mem.Resumed && first {
		event = a.Resume
	}
	if event == "" {
		return wait
	}
	return w.ask(ctx, a, Query{Event: event})
}

// question puts the customer's words to the agent, if they can be put at all.
func (w *walk) question(ctx context.Context, a *flow.Dialogflow, text string, files bool) verdict {
	d := w.dialog(a)
	if d.Turns >= a.Handoff.Turns {
		return w.handOff(router.Handoff{Reason: router.ReasonTurns, Trigger: fmt.Sprintf("turns=%d", a.Handoff.Turns)}, w.ack())
	}
	d.Turns++
	if text = strings.TrimSpace(text); text == "" {
		if a.Events.Attachment == "" {
			return w.handOff(router.Handoff{Reason: router.ReasonAttachment}, w.ack())
		}
		return w.ask(ctx, a, Query{Event: a.Events.Attachment})
	}
	if utf8.RuneCountInString(text) <= maxQuestion {
		return w.ask(ctx, a, Query{Text: text})
	}
	if pieces := w.pieces(text); len(pieces) > 0 && len(pieces) <= maxCalls-len(w.out.Calls) {
		return w.askAll(ctx, a, pieces)
	}
	switch a.LongText {
	case flow.LongTruncate:
		return w.ask(ctx, a, Query{Text: clip(text, maxQuestion)})
	case flow.LongFallback:
		return w.notUnderstood(a, []router.Utterance{{Content: w.builtIn("bot.too_long")}})
	}
	return w.handOff(router.Handoff{Reason: router.ReasonLongText, Trigger: fmt.Sprintf("characters>%d", maxQuestion)}, w.ack())
}

// pieces returns a text that is too long as several that are not, where it is
// the messages of a customer who wrote one after the other: none of them was
// long, they were only put together. Otherwise it returns nothing.
func (w *walk) pieces(text string) (out []string) {
	var all []string
	for _, word := range w.turn.Words {
		piece := strings.TrimSpace(word.Text)
		switch {
		case piece == "":
			continue
		case utf8.RuneCountInString(piece) > maxQuestion:
			return nil
		}
		all = append(all, piece)
		last := len(out) - 1
		if last >= 0 && utf8.RuneCountInString(out[last])+1+utf8.RuneCountInString(piece) <= maxQuestion {
			out[last] += " " + piece
			continue
		}
		out = append(out, piece)
	}
	if strings.Join(all, " ") != text { // it is older than this turn
		return nil
	}
	return out
}

// askAll puts one text after the other to the agent, until one of its answers
// ends the step.
func (w *walk) askAll(ctx context.Context, a *flow.Dialogflow, texts []string) verdict {
	v := wait
	for _, text := range texts {
		if v = w.ask(ctx, a, Query{Text: text}); v != wait {
			return v
		}
	}
	return v
}

// ask sends one query and does what the answer says.
func (w *walk) ask(ctx context.Context, a *flow.Dialogflow, q Query) verdict {
	detector := w.engine.opts.Detectors[a.Agent]
	if detector == nil {
		w.log.ErrorContext(ctx, "flow asks an agent that is not configured", "flow", w.flow.Name, "agent", a.Agent)
		return w.trouble(router.ReasonFlowError, "agent:"+a.Agent)
	}
	if len(w.out.Calls) >= maxCalls {
		w.log.ErrorContext(ctx, "flow asks agents too often in one turn", "flow", w.flow.Name)
		return w.trouble(router.ReasonFlowError, "calls")
	}
	d := w.dialog(a)
	q.Session, q.Contexts = w.session(a)
	q.Language = first(a.Language, w.engine.opts.Languages[a.Agent], w.flow.Language)
	q.TimeZone = w.turn.Inbox.TimeZone
	q.Payload = map[string]any{"conversation": w.turn.Key, "inbox": w.turn.Inbox.Identifier, "locale": w.turn.Inbox.Locale}

	r, err := detector.Detect(ctx, q)
	if err != nil {
		return w.failed(ctx, a, err)
	}
	w.out.Calls = append(w.out.Calls, router.Call{Agent: a.Agent, ResponseID: r.ResponseID, Attempts: r.Attempts, Latency: r.Latency})
	d.remember(q.Session, r, w.turn.Now)
	w.note(r)
	return w.hear(ctx, a, r)
}

// failed hands off because the agent could not be asked.
func (w *walk) failed(ctx context.Context, a *flow.Dialogflow, err error) verdict {
	call := router.Call{Agent: a.Agent, Error: router.ReasonBotError}
	if why, ok := errors.AsType[*DetectError](err); ok {
		call.Error, call.Attempts, call.Latency = why.Reason, why.Attempts, why.Latency
	}
	w.out.Calls = append(w.out.Calls, call)
	w.log.WarnContext(ctx, "agent cannot be asked", "agent", a.Agent, "reason", call.Error, "error", err)
	return w.trouble(call.Error, "agent:"+a.Agent)
}
