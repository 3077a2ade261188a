package fsm

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTransitions compares every status × event with a golden file, so that a
// change of the table is a change that a reviewer sees.
func TestTransitions(t *testing.T) {
	var b strings.Builder
	for _, s := range append([]Status{New}, Statuses...) {
		for _, ev := range Events {
			next, err := Next(s, ev)
			switch {
			case err != nil:
				require.ErrorIs(t, err, ErrNotAllowed)
				require.Equal(t, s, next)
				fmt.Fprintf(&b, "%-9s %-18s refused\n", s, ev)
			case next == s:
				fmt.Fprintf(&b, "%-9s %-18s same\n", s, ev)
			default:
				fmt.Fprintf(&b, "%-9s %-18s %s\n", s, ev, next)
			}
		}
	}
	golden := filepath.Join("testdata", "transitions.golden")
	if os.Getenv("RELEVO_UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// TestNoRowHidesAnother: looplab/fsm keeps the last of two rows with one event
// and one source without a word.
func TestNoRowHidesAnother(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range table {
		for _, from := range r.from {
			key := string(r.event) + " from " + string(from)
			require.False(t, seen[key], key)
			seen[key] = true
		}
	}
}

func TestEveryStatusCanBeReachedAndLeft(t *testing.T) {
	in, out, used := map[Status]bool{}, map[Status]bool{}, map[Event]bool{}
	for _, r := range table {
		used[r.event] = true
		for _, from := range r.from {
			if from != r.to {
				in[r.to], out[from] = true, true
			}
		}
	}
	for _, s := range Statuses {
		require.True(t, in[s] && out[s], s)
		require.True(t, Valid(s))
	}
	for _, ev := range Events {
		require.True(t, used[ev], ev)
	}
	require.False(t, Valid(New))
	require.False(t, Valid("closed"))
}

// TestReadmeShowsTheTable keeps the drawing in the README the one that the
// code draws.
func TestReadmeShowsTheTable(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	require.Contains(t, string(readme), "```mermaid\n"+Mermaid()+"```\n")
}

// TestOnlyThisPackageImportsTheMachine keeps looplab/fsm behind Next.
func TestOnlyThisPackageImportsTheMachine(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || filepath.Dir(path) == filepath.Join("..", "fsm") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range file.Imports {
			require.NotContains(t, imp.Path.Value, "looplab/fsm", path)
		}
		return nil
	})
	require.NoError(t, err)
}
