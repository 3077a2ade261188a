package config

import (
	"fmt"
	"slices"
	"strings"

	"relevo/bot/flow"
)

// Problem is one thing that is wrong with the configuration, or, among
// Config.Warnings, one that is only doubtful.
type Problem struct {
	File string // as given to Load, or "environment"
	Line int    // from 1; 0 when the problem has no place in a file
	Key  string // "inboxes[0].timezone", or the variable's name; may be empty
	Text string // one sentence without a full stop; never holds a secret
}

// String returns the problem as editors and terminals know it:
// `relevo.yaml:12: server.prot: unknown key, did you mean "port"?`.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is the error of Load: everything that is wrong, in the order of the
// files' lines.
type Problems []Problem

// Error returns one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// sort orders the problems by file as first met, then by line.
func (p Problems) sort() {
	met := map[string]int{}
	for _, one := range p {
		if _, ok := met[one.File]; !ok {
			met[one.File] = len(met)
		}
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.File != b.File {
			return met[a.File] - met[b.File]
		}
		return a.Line - b.Line
	})
}

// didYouMean returns `, did you mean "port"?` when one of the known names is
// near to the given one, else the list of known names.
func didYouMean(given string, known []string) string {
	if near := nearest(given, known); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	if len(known) == 0 {
		return ""
	}
	return ", known are " + strings.Join(known, ", ")
}

// nearest returns the known name that given was most likely meant to be, or ""
// when none is near. Short for something counts as near.
func nearest(given string, known []string) string {
	given = strings.ToLower(given)
	if near := flow.Nearest(given, known, min(1+len(given)/3, len(given)-1)); near != "" {
		return near
	}
	for _, name := range known {
		if len(given) >= 3 && strings.HasPrefix(name, given) || len(name) >= 3 && strings.HasPrefix(given, name) {
			return name
		}
	}
	return ""
}
