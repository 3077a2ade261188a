package router_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
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
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
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
				p := w.visitor(t, w.inbox("bot"))
				id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
				claim := w.claim(t, 0, id)
				require.NoError(t, tt.between(t, w, p, id))
				before := w.look(t, []*person{p})
				w.settle(t, claim, lateAnswer)
				require.Equal(t, before, w.look(t, []*person{p}))
				require.Equal(t, "superseded", w.turns(t, id)[0].Outcome)
			})
		}
	})
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

// due is when somebody must look at a conversation, from now.
func (w *world) due(t *testing.T, id int64) time.Duration {
	at := w.conversation(t, id).DueAt
	require.NotNil(t, at)
	return at.Sub(w.clock.Now())
}

func TestAWordEndsTheWaitForASilentCustomer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("pausa"))
		id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
		w.clock.Advance(2 * time.Second)
		w.settle(t, w.claim(t, 0, id), router.Outcome{IdleAfter: time.Second})
		require.Equal(t, time.Second, w.due(t, id))
		w.says(t, p, router.Draft{Content: "Espera"})
		require.Equal(t, 2*time.Second, w.due(t, id), "he may go on writing")
	})
}

func TestAClickNeedsNoPause(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("pausa"))
		id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
		w.clock.Advance(2 * time.Second)
		w.settle(t, w.claim(t, 0, id), router.Outcome{Say: []router.Utterance{{Content: "¿Cuál?", ContentType: "input_select",
			ContentAttributes: map[string]any{"items": []any{map[string]any{"title": "La roja", "value": "roja"}}}}}})
		offer := w.look(t, []*person{p})[id].messages[1]
		in := router.Inbound{Inbox: p.inbox, SourceID: p.SourceID, Conversation: id}
		_, err := r.Submit(t.Context(), in, offer.ID, []map[string]any{{"title": "La roja", "value": "roja"}})
		require.NoError(t, err)
		require.Zero(t, w.due(t, id))
		require.Equal(t, []router.Word{{Seq: 3, Text: "roja", Clicked: true}}, w.claim(t, 0, id).Words)
	})
}

func TestAVisitorReachesOnlyHisOwnConversations(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		ctx := t.Context()
		owner := w.visitor(t, w.inbox("bot"))
		id := w.says(t, owner, router.Draft{Content: "Hola"}).ConversationID
		for _, other := range []*person{w.visitor(t, w.inbox("bot")), w.visitor(t, w.inbox("gente"))} {
			in := router.Inbound{Inbox: other.inbox, SourceID: other.SourceID, Conversation: id, Draft: router.Draft{Content: "¿Qué tal?"}}
			before := w.look(t, []*person{owner})
			_, err := r.Receive(ctx, in)
			require.ErrorIs(t, err, fault.NotFound)
			_, err = r.Submit(ctx, in, before[id].messages[1].ID, map[string]any{"a": 1})
			require.ErrorIs(t, err, fault.NotFound)
			_, err = r.ResolveByCustomer(ctx, in.Inbox, in.SourceID, id)
			require.ErrorIs(t, err, fault.NotFound)
			require.ErrorIs(t, r.CustomerSaw(ctx, in.Inbox, in.SourceID, id), fault.NotFound)
			_, err = r.VisitorConversation(ctx, in.Inbox, in.SourceID, id)
			require.ErrorIs(t, err, fault.NotFound)
			_, err = r.VisitorMessages(ctx, in.Inbox, in.SourceID, id, router.MessagePage{})
			require.ErrorIs(t, err, fault.NotFound)
			require.Equal(t, before, w.look(t, []*person{owner}))
		}
	})
}

func TestABotOverwritesNothingThatIsKnownOfACustomer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		p := w.visitor(t, w.inbox("bot"))
		for _, change := range []router.ContactChange{{Email: "uno@example.com"}, {Email: "dos@example.com", Name: "Otra", PhoneNumber: "+52 55"}} {
			id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
			w.settle(t, w.claim(t, 0, id), router.Outcome{Contact: change})
		}
		v, err := r.Visitor(t.Context(), p.inbox, p.SourceID)
		require.NoError(t, err)
		require.Equal(t, []string{"Lucía", "uno@example.com", "+52 55"}, []string{v.Contact.Name, v.Contact.Email, v.Contact.PhoneNumber})
	})
}

// Whoever settles does not always learn that it was committed.
func TestATurnIsSettledOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world, r *router.Router) {
		hello := []router.Utterance{{Content: "¡Hola!"}}
		for outcome, first := range map[string]router.Outcome{
			"answered":   {Say: hello},
			"handed_off": {Say: hello, Handoff: &router.Handoff{Reason: router.ReasonFlowHandoff}},
			"resolved":   {Say: hello, Resolve: &router.Resolution{}},
		} {
			p := w.visitor(t, w.inbox("bot"))
			id := w.says(t, p, router.Draft{Content: "Hola"}).ConversationID
			claim := w.claim(t, 0, id)
			w.settle(t, claim, first)
			before := w.look(t, []*person{p})
			w.settle(t, claim, router.Outcome{Say: hello, Handoff: &router.Handoff{Reason: router.ReasonBotError}})
			require.Equal(t, before, w.look(t, []*person{p}))
			require.Equal(t, outcome, w.turns(t, id)[0].Outcome)
		}
	})
}
