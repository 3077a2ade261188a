package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"relevo/bot/flow"
	"relevo/router"
)

// maxKept is how much of the customer's words the memory keeps, in characters.
const maxKept = 1000

// walk is one turn: a memory that moves through a flow, and the outcome that
// it leaves behind.
type walk struct {
	engine *Engine
	log    *slog.Logger
	turn   router.Turn
	flow   *flow.Flow
	mem    *memory
	out    router.Outcome

	text  string // what the customer said, until a step takes it
	files bool   // files came with it
}

// verdict is what a step wants next.
type verdict int

const (
	goOn verdict = iota // the next step
	wait                // the customer's words
	done                // nothing: handed off or resolved
)

func newWalk(e *Engine, t router.Turn, m *memory) *walk {
	w := &walk{engine: e, turn: t, mem: m,
		log: e.log.With("conversation", t.Conversation, "episode", t.Episode, "turn", t.Number)}
	var texts []string
	for _, word := range t.Words {
		if text := strings.TrimSpace(word.Text); text != "" {
			texts = append(texts, text)
		}
		w.files = w.files || word.Attachments > 0
	}
	w.text = strings.Join(texts, " ")
	return w
}

// begin starts the episode, if this is its first turn.
func (w *walk) begin() {
	m, t := w.mem, w.turn
	if m.Episode == t.Episode && m.Flow == t.Flow.Hash && !m.Done {
		return
	}
	// Words after the end of the same episode overtook a resolution: they are
	// answered like those that reopen a conversation.
	keep := t.Entry == router.EntryGivenBack && m.Episode != t.Episode && m.Episode > 0
	m.beginEpisode(t.Episode, t.Flow.Hash, keep)
	if keep {
		w.dropSignals()
	}
	if w.text != "" || w.files {
		m.Opener = &opener{Text: clip(w.text, maxKept), Files: w.files}
	}
}

// takeWords returns the customer's words of this turn to the step that
// answers them.
func (w *walk) takeWords() (text string, files bool) {
	text, files = w.text, w.files
	w.text, w.files = "", false
	return text, files
}

// run takes steps until one waits or ends.
func (w *walk) run(ctx context.Context) {
	for range w.engine.opts.MaxSteps {
		if w.mem.Step >= len(w.flow.Steps) {
			w.handOff(router.Handoff{Reason: router.ReasonFlowFinished}, w.ack())
			return
		}
		s := w.flow.Steps[w.mem.Step]
		if !w.mem.Entered && !s.Counts(!w.turn.Inbox.Closed) { // a step that has begun is finished, whatever the hour
			w.mem.Step++
			continue
		}
		switch w.step(ctx, s) {
		case goOn:
			w.mem.Step++
			w.mem.Entered, w.mem.Collect = false, nil
		case wait:
			w.mem.Entered = true
			w.pause()
			return
		case done:
			return
		}
	}
	w.log.ErrorContext(ctx, "flow takes too many steps in one turn", "flow", w.flow.Name, "steps", w.engine.opts.MaxSteps)
	w.trouble(router.ReasonFlowError, "steps")
}

// step does one step.
func (w *walk) step(ctx context.Context, s flow.Step) verdict {
	switch a := s.Do.(type) {
	case *flow.Say:
		return w.sayStep(s, a)
	case *flow.Collect:
		return w.collect(a)
	case *flow.Dialogflow:
		return w.dialogflow(ctx, a)
	case *flow.Handoff:
		return w.handoffStep(s, a)
	case *flow.Resolve:
		return w.resolveStep(a)
	}
	w.log.ErrorContext(ctx, "flow has a step that this version does not know", "flow", w.flow.Name, "step", w.mem.Step)
	return w.trouble(router.ReasonFlowError, fmt.Sprintf("step %d", w.mem.Step))
}

// pause makes sure that a customer who wrote hears something, and says how
// long he may be silent.
func (w *walk) pause() {
	if len(w.out.Say) == 0 && w.turn.Cause == router.CauseWords {
		w.say(w.builtIn("bot.ready"))
	}
	silent := len(w.out.Say) == 0 && w.turn.Cause == router.CauseResumed
	if l := w.limits(); l != nil && !silent { // where nothing was asked, nobody is late
		w.out.IdleAfter = time.Duration(l.Idle)
	}
}

// limits are the rules by which the customer gets a person now: those of the
// dialogflow step in hand, or of the next one, or else of the last. Nil if
// the flow has none.
func (w *walk) limits() *flow.Limits {
	var last *flow.Limits
	for i, s := range w.flow.Steps {
		if d, ok := s.Do.(*flow.Dialogflow); ok {
			last = &d.Handoff
			if i >= w.mem.Step {
				break
			}
		}
	}
	return last
}

// idle ends a silence.
func (w *walk) idle() {
	trigger := "silence"
	if l := w.limits(); l != nil && l.Idle > 0 {
		trigger = time.Duration(l.Idle).String()
	}
	w.handOff(router.Handoff{Reason: router.ReasonIdle, Trigger: trigger}, w.builtIn("bot.idle"))
}

// outcome is what the router is told.
func (w *walk) outcome() (router.Outcome, error) {
	stored, err := w.mem.store()
	if err != nil {
		return router.Outcome{}, err
	}
	w.out.Memory = stored
	return w.out, nil
}

// clip cuts text to at most n characters.
func clip(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
