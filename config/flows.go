package config

import (
	"fmt"
	"path/filepath"

	"github.com/goccy/go-yaml/ast"

	"relevo/bot/flow"
)

// flows reads the list of flows. What a flow may say is package flow's to
// know; here it is only found, in its place or in a file of its own.
func (d *document) flows(node ast.Node, into *[]*flow.Flow) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		d.refuse(node, "flows", "must be a list")
		return
	}
	for i, item := range sequence.Values {
		at := fmt.Sprintf("flows[%d]", i)
		d.origins[at] = origin{file: d.file, line: lineOf(item)}
		f := d.flow(item, at)
		if f == nil {
			d.unreadFlows = true
			continue
		}
		d.origins[fmt.Sprintf("flows[%d]", len(*into))] = d.origins[at] // those that cannot be read leave no gap
		*into = append(*into, f)
	}
}

// flow reads one entry of the list, nil when something is wrong with it.
func (d *document) flow(item ast.Node, at string) *flow.Flow {
	file := d.fileOf(item)
	if file == nil {
		f, problems := flow.FromNode(item, 1)
		d.flowProblems(d.file, at, problems)
		return f
	}
	if pairs, _ := d.pairs(item, at); len(pairs) > 1 {
		d.problem(item, at, "give a file or the flow itself, not both")
		return nil
	}
	name, ok := file.Value.(*ast.StringNode)
	if !ok {
		d.problem(file.Key, at+".file", "must be the path of a file")
		return nil
	}
	path := name.Value
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.file), path)
	}
	source, err := readFile(path, flow.MaxSource)
	if err != nil {
		d.problem(file.Value, at+".file", "%s: %s", path, unreadable(err))
		return nil
	}
	text, problem := clean(source)
	if problem != "" {
		d.problem(file.Value, at+".file", "%s: %s", path, problem)
		return nil
	}
	d.origins[at] = origin{file: path, line: 1}
	f, problems := flow.Parse(text, 1)
	d.flowProblems(path, "", problems)
	return f
}

// fileOf returns the pair "file: …" of an entry, nil when there is none.
func (d *document) fileOf(item ast.Node) *ast.MappingValueNode {
	mapping, ok := item.(*ast.MappingNode)
	if !ok {
		return nil
	}
	for _, pair := range mapping.Values {
		if pair.Key.GetToken().Value == "file" {
			return pair
		}
	}
	return nil
}

func (d *document) flowProblems(file, at string, problems []flow.Problem) {
	for _, p := range problems {
		d.problems = append(d.problems, Problem{File: file, Line: p.Line, Key: inFlow(at, p.Key), Text: p.Text})
	}
}

func inFlow(at, key string) string {
	if at == "" || key == "" {
		return at + key
	}
	return at + "." + key
}

// validateFlows looks at what flows and the rest of the configuration say of
// each other.
func (l *loader) validateFlows() {
	var seen []string
	for i, f := range l.config.Flows {
		at := fmt.Sprintf("flows[%d]", i)
		seen = l.unique(at+".name", f.Name, seen)
		for _, p := range flow.Lint(f, nil) {
			l.config.Warnings = append(l.config.Warnings, l.inStep(at, p.Line, p.Key, "%s", p.Text))
		}
		for n, step := range f.Steps {
			key := fmt.Sprintf("steps[%d].%s", n, step.Do.Kind())
			switch do := step.Do.(type) {
			case *flow.Dialogflow:
				if l.config.Bot(do.Agent) == nil {
					l.problems = append(l.problems, l.inStep(at, step.Line, key+".agent", "there is no bot %q%s", clip(do.Agent), didYouMean(do.Agent, l.botNames())))
				}
			case *flow.Handoff:
				if do.Team != "" && !l.hasTeam(do.Team) {
					l.config.Warnings = append(l.config.Warnings, l.inStep(at, step.Line, key+".team",
						"team %q is not declared under teams; if the desk has none of that name, the flow hands off without a team", clip(do.Team)))
				}
			}
		}
	}
}

// inStep is a Problem at a line of a flow.
func (l *loader) inStep(at string, line int, key, format string, args ...any) Problem {
	from := l.origins.of(at)
	if from.file != l.name {
		at = ""
	}
	return Problem{File: from.file, Line: line, Key: inFlow(at, key), Text: fmt.Sprintf(format, args...)}
}

func (l *loader) flowNames() []string {
	var names []string
	for _, f := range l.config.Flows {
		names = append(names, f.Name)
	}
	return names
}

func (l *loader) botNames() []string {
	var names []string
	for _, b := range l.config.Bots {
		names = append(names, b.Name)
	}
	return names
}

func (l *loader) hasTeam(name string) bool {
	for _, t := range l.config.Teams {
		if t.Name == name {
			return true
		}
	}
	return false
}
