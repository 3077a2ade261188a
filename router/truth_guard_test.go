package router_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
)

// One test for each guard that random histories could miss for once.

// claim takes the turn of a conversation that must be due.
func (w *world) claim(t *testing.T, process int, conversation int64) *router.Claim {
	claim, err := w.procs[process].ClaimTurn(t.Context(), conversation)
	require.NoError(t, err)
	require.NotNil(t, claim)
	return claim
}

func (w *world) settle(t *testing.T, c *router.Claim, o router.Outcome) {
	require.NoError(t, w.procs[0].SettleTurn(t.Context(), c, o))
}

func TestALateAnswerIsNotShown(t *testing.T) {
	lateAnswer := router.Outcome{Say: []router.Utterance{{Content: "tarde"}}, Memory: json.RawMessage(`{"late":true}`),
		Handoff: &router.Handoff{Reason: router.ReasonBotHandoff}}
	for _, tt := range []struct {
		name    string
		between func(t *testing.T, w *world, p *person, id int64) error
	}{
		{"an agent opened", func(t *testing.T, w *world, _ *person, id int64) error {
			_, err := w.procs[1].Open(t.Context(), w.agents[0], id)
			return err
		}},
		{"an agent answered", func(t *testing.T, w *world, _ *person, id int64) error {
			_, err := w.procs[1].Reply(t.Context(), w.agents[0], id, router.Draft{Content: "Yo sigo"})
			return err
		}},
		{"the customer ended it", func(t *testing.T, w *world, p *person, id int64) error {
			_, err := w.procs[1].ResolveByCustomer(t.Context(), p.inbox, p.SourceID, id)
			return err
		}},
		{"it was opened and given back: another episode", func(t *testing.T, w *world, _ *person, id int64) error {
			if _, err := w.procs[1].Open(t.Context(), w.agents[0], id); err != nil {
				return err
			}
			_, err := w.procs[1].MarkPending(t.Context(), w.agents[0], id)
			return err
		}},
		{"the lease ended and another process has it: another turn", func(t *testing.T, w *world, _ *person, id int64) error {
			w.clock.Advance(turnLease)
			_, err := w.procs[1].ClaimTurn(t.Context(), id)
			return err
		}},
		{"the lease ended and another process answered", func(t *testing.T, w *world, _ *person, id int64) error {
			w.clock.Advance(turnLease)
			w.settle(t, w.claim(t, 1, id), router.Outcome{Say: []router.Utterance{{Content: "a tiempo"}}})
			return nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
				p := w.visitor(t, w.inbox("bot"))
				id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
				claim := w.claim(t, 0, id)
				require.NoError(t, tt.between(t, w, p, id))
				before := w.look(t, []*person{p})
				w.settle(t, claim, lateAnswer)
				require.Equal(t, before, w.look(t, []*person{p}))
				require.Equal(t, "superseded", w.turns(t, id)[0].Outcome)
			})
		})
	}
}

// A bot that was asked because the customer was silent, or because it got the
// conversation back, says nothing of that if he wrote meanwhile.
func TestABotThatWaitedIsNotHeardOverTheCustomersWord(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		for _, cause := range []router.Cause{router.CauseIdle, router.CauseResumed} {
			p := w.visitor(t, w.inbox("bot"))
			id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
			w.settle(t, w.claim(t, 0, id), router.Outcome{IdleAfter: time.Minute})
			if cause == router.CauseResumed {
				_, err := r.Open(t.Context(), w.agents[0], id)
				require.NoError(t, err)
				_, err = r.MarkPending(t.Context(), w.agents[0], id)
				require.NoError(t, err)
			}
			w.clock.Advance(time.Minute)
			claim := w.claim(t, 0, id)
			require.Equal(t, cause, claim.Cause)
			w.says(t, p, router.Draft{Content: "Sigo aquí"})
			before := len(w.look(t, []*person{p})[id].messages)
			w.settle(t, claim, router.Outcome{Say: []router.Utterance{{Content: "¿Sigues ahí?"}}, Handoff: &router.Handoff{Reason: router.ReasonIdle}})
			after := w.look(t, []*person{p})[id]
			require.Len(t, after.messages, before)
			require.Equal(t, fsm.Pending, after.row.Status)
			next := w.claim(t, 1, id)
			require.Equal(t, "Sigo aquí", next.Words[0].Text)
			require.Equal(t, 1, next.Try, "nobody died over this word")
		}
	})
}
