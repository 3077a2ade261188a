package flow

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAStepMayCountInSomeHoursOnly(t *testing.T) {
	const text = "name: f\nlanguage: es\nsteps:\n  - say: Cerrado\n    when: outside_hours\n  - when: inside_hours\n    handoff: { team: ventas }\n  - resolve:\n"
	f := parse(t, text)
	require.Equal(t, []string{OutsideHours, InsideHours, ""}, []string{f.Steps[0].When, f.Steps[1].When, f.Steps[2].When})
	require.Equal(t, []bool{true, false, false, true}, []bool{f.Steps[0].Counts(false), f.Steps[0].Counts(true), f.Steps[1].Counts(false), f.Steps[1].Counts(true)})
	again := parse(t, string(f.Source()))
	require.Equal(t, f.Source(), again.Source())
	require.Equal(t, OutsideHours, again.Steps[0].When)
	require.Empty(t, Lint(f, nil), "what ends the flow in some hours leaves it going in the others")

	both := parse(t, "name: f\nlanguage: es\nsteps:\n  - when: inside_hours\n    handoff:\n  - when: outside_hours\n    resolve:\n  - say: Hola\n")
	require.Len(t, Lint(both, nil), 1, "what ends it in both does not")

	for when, want := range map[string]string{"closed": "must be inside_hours or outside_hours", "[a]": "text"} {
		_, problems := Parse([]byte("name: f\nlanguage: es\nsteps:\n  - say: Hola\n    when: "+when+"\n"), 1)
		require.Len(t, problems, 1, when)
		require.Equal(t, []any{"steps[0].when", 5}, []any{problems[0].Key, problems[0].Line})
		require.Contains(t, problems[0].Text, want)
	}
}
