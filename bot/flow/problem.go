package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a flow.
type Problem struct {
	Line int    // in the file that the source was cut from
	Key  string // where in the flow, such as steps[2].attempts; "" for the flow itself
	Text string // what is wrong, to be read after the key
}

// Error shows the problem on one line.
func (p Problem) Error() string {
	if p.Key == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d: %s %s", p.Line, p.Key, p.Text)
}

func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return problems
}

// unknown is the text of a Problem about a name that is not among those known.
func unknown(what, name string, known []string) string {
	text := fmt.Sprintf("is not a known %s", what)
	if near := Nearest(name, known, 1+len(name)/4); near != "" {
		return text + fmt.Sprintf("; did you mean %q?", near)
	}
	return text + "; known are " + strings.Join(known, ", ")
}

func quoteShort(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
