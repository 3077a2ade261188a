package fsm

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid draws the table as a Mermaid state diagram, sorted, one arrow for
// each pair of statuses. Rows that stay where they are are left out.
//
// looplab/fsm can draw too, but it marks the machine's current state as the
// start and prints one arrow an event, which nobody can read.
func Mermaid() string {
	type arrow struct{ from, to Status }
	events := map[arrow][]string{}
	var order []arrow
	for _, r := range table {
		for _, from := range r.from {
			if from == r.to {
				continue
			}
			a := arrow{from, r.to}
			if _, seen := events[a]; !seen {
				order = append(order, a)
			}
			events[a] = append(events[a], string(r.event))
		}
	}
	rank := append([]Status{New}, Statuses...)
	slices.SortStableFunc(order, func(a, b arrow) int {
		if d := slices.Index(rank, a.from) - slices.Index(rank, b.from); d != 0 {
			return d
		}
		return slices.Index(rank, a.to) - slices.Index(rank, b.to)
	})
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, a := range order {
		from := string(a.from)
		if a.from == New {
			from = "[*]"
		}
		fmt.Fprintf(&b, "    %s --> %s: %s\n", from, a.to, strings.Join(events[a], ", "))
	}
	return b.String()
}
