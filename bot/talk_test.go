package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/bot/flow"
	"relevo/router"
)

// agent is an outside party that answers by a script and writes down what it
// was asked.
type agent struct {
	answer func(q Query) (Result, error)
	asked  []Query
}

func (a *agent) Detect(_ context.Context, q Query) (Result, error) {
	a.asked = append(a.asked, q)
	return a.answer(q)
}

// replies answers every question with the same texts.
func replies(texts ...string) func(Query) (Result, error) {
	return func(Query) (Result, error) { return saying(texts...), nil }
}

func answers(r Result) func(Query) (Result, error) {
	return func(Query) (Result, error) { return r, nil }
}

func saying(texts ...string) Result {
	r := Result{Intent: "any", ResponseID: "r1", Attempts: 1, Latency: time.Millisecond}
	for _, t := range texts {
		r.Messages = append(r.Messages, Message{Text: t})
	}
	return r
}

func notUnderstanding(texts ...string) Result {
	r := saying(texts...)
	r.Intent, r.Fallback = "Default Fallback Intent", true
	return r
}

// talk is one conversation with the engine, as the router would hold it.
type talk struct {
	t      *testing.T
	engine *Engine
	agent  *agent
	turn   router.Turn
	last   router.Outcome
}

func newTalk(t *testing.T, steps string) *talk {
	t.Helper()
	f, problems := flow.Parse([]byte("name: prueba\nlanguage: es\nsteps:\n"+strings.TrimLeft(steps, "\n")), 1)
	require.Empty(t, problems)
	source := f.Source()
	a := &agent{answer: replies("vale")}
	return &talk{t: t, agent: a, engine: New(Options{Detectors: map[string]Detector{"reservas": a}}), turn: router.Turn{
		Conversation: 7, Key: "9f1c1f6e-0d8c-4d8e-8c0a-2f6d4f0c1a11", Episode: 1, Try: 1,
		Entry: router.EntryStarted, Cause: router.CauseWords,
		Flow:  router.FlowText{Hash: flow.Hash(source), Name: f.Name, Source: source},
		Inbox: router.TurnInbox{Identifier: "tienda", Name: "La Tienda", Locale: "es", TimeZone: "America/Mexico_City"},
		Now:   time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
	}}
}

// take asks the engine and, as the router does, keeps the memory.
func (k *talk) take() router.Outcome {
	k.t.Helper()
	k.turn.Number++
	o, err := k.engine.Take(context.Background(), k.turn)
	require.NoError(k.t, err)
	require.NotEmpty(k.t, o.Memory)
	k.turn.Memory, k.last = o.Memory, o
	return o
}

// says is the customer writing, all at once.
func (k *talk) says(texts ...string) router.Outcome {
	k.t.Helper()
	k.turn.Cause, k.turn.Words = router.CauseWords, nil
	for i, text := range texts {
		k.turn.Words = append(k.turn.Words, router.Word{Seq: int64(i + 1), Text: text})
	}
	return k.take()
}

// sendsFile is the customer sending a file without words.
func (k *talk) sendsFile() router.Outcome {
	k.t.Helper()
	k.turn.Cause, k.turn.Words = router.CauseWords, []router.Word{{Attachments: 1}}
	return k.take()
}

// without is the router asking though the customer said nothing.
func (k *talk) without(cause router.Cause) router.Outcome {
	k.t.Helper()
	k.turn.Cause, k.turn.Words = cause, nil
	return k.take()
}

// comesBack starts the next episode.
func (k *talk) comesBack(entry router.Entry) *talk {
	k.turn.Episode++
	k.turn.Entry = entry
	return k
}

func (k *talk) later(d time.Duration) *talk {
	k.turn.Now = k.turn.Now.Add(d)
	return k
}

func (k *talk) memory() *memory {
	k.t.Helper()
	m, err := recall(k.turn.Memory)
	require.NoError(k.t, err)
	return m
}

func (k *talk) questions() []string {
	var all []string
	for _, q := range k.agent.asked {
		all = append(all, q.Text+q.Event)
	}
	return all
}

func said(o router.Outcome) []string {
	var all []string
	for _, u := range o.Say {
		all = append(all, u.Content)
	}
	return all
}

func reason(o router.Outcome) router.Reason {
	if o.Handoff == nil {
		return ""
	}
	return o.Handoff.Reason
}

const (
	ack     = "Te paso con una persona del equipo. Te responderá aquí en cuanto pueda."
	trouble = "Tengo un problema para responderte ahora mismo. Te paso con una persona del equipo."
	ready   = "¿En qué te puedo ayudar?"
)
