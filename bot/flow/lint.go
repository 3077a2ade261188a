package flow

import (
	"fmt"
	"slices"
)

// Lint reports what a flow may say but hardly means: steps that are never
// reached, agents that are not configured (agents lists those that are; nil
// skips the check), questions asked twice.
func Lint(f *Flow, agents []string) []Problem {
	var l lint
	asked := map[string]int{}
	end := -1
	ends := map[string]bool{} // in which hours a step before ends the flow
	for i, s := range f.Steps {
		if end >= 0 {
			l.add(i, s, "is never reached, because steps[%d] (%s) ends the flow", end, f.Steps[end].Do.Kind())
		}
		switch a := s.Do.(type) {
		case *Handoff, *Resolve:
			if end < 0 && (s.When == "" || ends[opposite[s.When]]) {
				end = i
			}
			ends[s.When] = true
		case *Collect:
			if first, twice := asked[a.Key()]; twice && f.Steps[first].When == s.When {
				l.add(i, s, "collects %q, which steps[%d] collected already", a.Key(), first)
			} else {
				asked[a.Key()] = i
			}
		case *Dialogflow:
			l.dialogflow(i, s, a, agents)
		}
	}
	return l.problems
}

// opposite are the other hours.
var opposite = map[string]string{InsideHours: OutsideHours, OutsideHours: InsideHours}

type lint struct{ problems []Problem }

func (l *lint) add(i int, s Step, format string, args ...any) {
	l.problems = append(l.problems, Problem{Line: s.Line, Key: fmt.Sprintf("steps[%d]", i), Text: fmt.Sprintf(format, args...)})
}

func (l *lint) dialogflow(i int, s Step, d *Dialogflow, agents []string) {
	if agents != nil && !slices.Contains(agents, d.Agent) {
		l.add(i, s, "asks the agent %q, which %s", d.Agent, unknown("agent", d.Agent, agents))
	}
	if d.Welcome == "" && i == 0 {
		l.add(i, s, "is the first step and has no welcome event, so a customer who has not written sees nothing")
	}
	for n, signal := range d.Handoff.On {
		if slices.Contains(d.Handoff.On[:n], signal) {
			l.add(i, s, "lists the handoff signal %s twice", signal)
		}
	}
}
