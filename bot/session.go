package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"relevo/bot/flow"
)

const (
	// Providers forget contexts after 20 minutes; a little before that they
	// are sent again.
	forgetsAfter = 19 * time.Minute
	// Older than this, what was being talked about is no longer meant.
	staleAfter  = 24 * time.Hour
	maxContexts = 64 << 10 // bytes of contexts kept for a step
)

// sessions is the namespace of session ids.
var sessions = uuid.MustParse("6f5b2f0e-54c2-4f7d-9a0b-0d7c3a6a5e11")

// session returns the provider's session to ask in, and the contexts to send
// with the question.
//
// A session lives for one episode. A turn that is tried again gets a new one,
// because the old may have taken these very words before the process died. The
// contexts are ours; they are sent when the session cannot know them: when it
// is new, or has been silent for so long that it forgot.
func (w *walk) session(a *flow.Dialogflow) (string, []Context) {
	d, t := w.dialog(a), w.turn
	age := t.Now.Sub(d.AnsweredAt)
	if age > staleAfter {
		d.Contexts = nil
	}
	id := d.Session
	if id == "" || t.Try > 1 {
		name := fmt.Sprintf("%s/%d/%s/%d/%d", t.Key, t.Episode, w.dialogKey(a), t.Number, t.Try)
		id = uuid.NewSHA1(sessions, []byte(name)).String()
	}
	if id == d.Session && age <= forgetsAfter {
		return id, nil
	}
	return id, d.Contexts
}

// sizeOf is the size of a context as stored, in bytes; one that cannot be
// stored is too large.
func sizeOf(c Context) int {
	b, err := json.Marshal(c)
	if err != nil {
		return maxContexts + 1
	}
	return len(b)
}

// dialog is the memory of the talk with a step's agent.
func (w *walk) dialog(a *flow.Dialogflow) *dialog { return w.mem.dialog(w.dialogKey(a)) }

// dialogKey names a dialogflow step so that its talk survives an edit of the
// flow: by its id, or else by its agent and how many of the same come before.
func (w *walk) dialogKey(a *flow.Dialogflow) string {
	same := 0
	for _, s := range w.flow.Steps {
		d, ok := s.Do.(*flow.Dialogflow)
		switch {
		case !ok:
		case d == a && s.ID != "":
			return "id:" + s.ID
		case d == a:
			return fmt.Sprintf("%s:%d", a.Agent, same)
		case d.Agent == a.Agent:
			same++
		}
	}
	return a.Agent
}

// dropSignals takes the contexts away that hand off: what a person has dealt
// with must not hand the customer over again.
func (w *walk) dropSignals() {
	for _, s := range w.flow.Steps {
		a, ok := s.Do.(*flow.Dialogflow)
		if !ok {
			continue
		}
		d := w.dialog(a)
		d.Contexts = slices.DeleteFunc(d.Contexts, func(c Context) bool {
			return slices.ContainsFunc(a.Handoff.On, func(s flow.Signal) bool {
				return s.Kind == flow.SignalContext && strings.EqualFold(s.Name, c.Name)
			})
		})
	}
}

// remember keeps what the provider's session now knows, for when it forgets.
func (d *dialog) remember(session string, r Result, now time.Time) {
	d.Session, d.AnsweredAt = session, now
	d.Contexts = nil
	size := 0
	for _, c := range r.Contexts {
		size += sizeOf(c)
		if c.Lifespan > 0 && size <= maxContexts {
			d.Contexts = append(d.Contexts, c)
		}
	}
}
