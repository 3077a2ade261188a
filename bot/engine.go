// Package bot runs flows: it is the router's Bot. What a flow may say is
// package flow's; what an agent understands is a Detector's. Nothing is kept
// here between turns: all that a conversation has come to travels through
// router.Turn.Memory.
//
// Each kind of step has a file: say, collect and so on. A new kind is a method
// of walk and a line in walk.step.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"relevo/bot/flow"
	"relevo/router"
)

const (
	defaultMaxSteps = 250
	// A turn is under the router's lease; more calls than this cannot be
	// answered within it.
	maxCalls = 3
	maxFlows = 256 // parsed flows kept
)

// Options is what an Engine needs.
type Options struct {
	// Detectors are the agents that flows name.
	Detectors map[string]Detector
	// Languages gives the language to ask an agent in, for agents that have
	// one of their own. A step's language goes before it, the flow's after.
	Languages map[string]string
	// Logger is told what went wrong, never what was said. Nil is silent.
	Logger *slog.Logger
	// MaxSteps is how many steps one turn may take; 0 means 250.
	MaxSteps int
}

// Engine runs flows. It is safe for concurrent use.
type Engine struct {
	opts  Options
	log   *slog.Logger
	mu    sync.Mutex
	flows map[string]*flow.Flow // by hash
}

var _ router.Bot = (*Engine)(nil)

// New returns an Engine.
func New(opts Options) *Engine {
	e := &Engine{opts: opts, log: opts.Logger, flows: map[string]*flow.Flow{}}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.opts.MaxSteps <= 0 {
		e.opts.MaxSteps = defaultMaxSteps
	}
	return e
}

// Take implements router.Bot. It returns an error only for a memory that it
// cannot read; everything else that goes wrong is an Outcome with a Handoff.
func (e *Engine) Take(ctx context.Context, t router.Turn) (router.Outcome, error) {
	m, err := recall(t.Memory)
	if err != nil {
		return router.Outcome{}, err
	}
	w := newWalk(e, t, m)
	w.flow, err = e.flow(t.Flow)
	if err != nil {
		w.log.ErrorContext(ctx, "flow cannot be read", "flow", t.Flow.Name, "error", err)
		w.trouble(router.ReasonFlowError, "flow")
		return w.outcome()
	}
	w.begin()
	switch word := w.asksForPerson(); {
	case t.Cause == router.CauseIdle:
		w.idle()
	case word != "":
		w.handOff(router.Handoff{Reason: router.ReasonAsked, Trigger: word}, w.ack())
	default:
		w.run(ctx)
	}
	return w.outcome()
}

// flow parses a flow, once for each hash.
func (e *Engine) flow(text router.FlowText) (*flow.Flow, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f, ok := e.flows[text.Hash]; ok {
		return f, nil
	}
	f, problems := flow.Parse(text.Source, 1)
	if len(problems) > 0 {
		all := make([]error, len(problems))
		for i, p := range problems {
			all[i] = p
		}
		return nil, fmt.Errorf("%d problems: %w", len(problems), errors.Join(all...))
	}
	if len(e.flows) >= maxFlows {
		clear(e.flows) // old versions; those in use come back
	}
	e.flows[text.Hash] = f
	return f, nil
}
