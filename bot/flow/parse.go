package flow

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSource is the size, in bytes, of the longest flow that is read.
const MaxSource = 256 << 10

// maxDepth is far more than a flow needs and far less than a parser can bear.
const maxDepth = 64

// maxProblems is where a reader of problems would have given up.
const maxProblems = 100

// Parse reads one flow, a YAML mapping. firstLine is the line of the file on
// which source begins (1 for a file of its own). Either the flow or at least
// one problem is returned; all problems are reported at once, in the order of
// their lines.
func Parse(source []byte, firstLine int) (*Flow, []Problem) {
	if len(source) > MaxSource {
		return nil, []Problem{{Line: firstLine, Text: fmt.Sprintf("the flow has %d bytes; at most %d are read", len(source), MaxSource)}}
	}
	if line, deep := tooDeep(source); deep {
		return nil, []Problem{{Line: firstLine + line, Text: "the flow is nested too deeply"}}
	}
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		return nil, []Problem{syntax(err, firstLine)}
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, []Problem{{Line: firstLine, Text: "a flow is one YAML document, a mapping with the keys name and steps"}}
	}
	return FromNode(file.Docs[0].Body, firstLine)
}

// FromNode is Parse for a node of a file that has been parsed already; the
// node's own lines are then right with firstLine 1.
func FromNode(node ast.Node, firstLine int) (*Flow, []Problem) {
	d := &decoder{offset: firstLine - 1}
	pairs, ok := d.pairs(node)
	if !ok {
		d.report(node, "", "a flow is a mapping with the keys name and steps")
		return nil, d.problems
	}
	f := &Flow{}
	d.object(node, pairs, "", f)
	d.whole(f, pairs)
	if len(d.problems) > 0 {
		return nil, sorted(d.problems)
	}
	return f, nil
}

func syntax(err error, firstLine int) Problem {
	p := Problem{Line: firstLine, Text: "is not YAML: " + err.Error()}
	if at, ok := errors.AsType[yaml.Error](err); ok {
		p.Text = "is not YAML: " + at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			p.Line = firstLine - 1 + t.Position.Line
		}
	}
	return p
}

// whole checks what can be seen only once every step is read.
func (d *decoder) whole(f *Flow, pairs []pair) {
	lines := map[string]int{}
	data := map[string]bool{}
	for i, s := range f.Steps {
		if first, taken := lines[s.ID]; taken && s.ID != "" {
			d.at(s.Line, fmt.Sprintf("steps[%d].id", i), fmt.Sprintf("is %q, as on line %d; ids are unique", s.ID, first))
		}
		lines[s.ID] = s.Line
		if c, ok := s.Do.(*Collect); ok && c.Key() != "" {
			data[c.Key()] = true
		}
	}
	d.templates(d.line(pairsNode(pairs)), "texts", &f.Texts, data)
	for i, s := range f.Steps {
		if s.Do == nil {
			continue
		}
		words(s.Do, f.Language)
		key := fmt.Sprintf("steps[%d]", i)
		if k, _ := kindNamed(s.Do.Kind()); !k.inline {
			key += "." + k.name
		}
		d.templates(s.Line, key, s.Do, data)
	}
}

func pairsNode(pairs []pair) ast.Node {
	for _, p := range pairs {
		if p.name == "texts" {
			return p.at
		}
	}
	return nil
}

// templates checks every text of a struct that may have places in it.
func (d *decoder) templates(line int, key string, target any, data map[string]bool) {
	each(target, func(field reflect.StructField, v reflect.Value, under string) {
		if field.Tag.Get("template") != "" {
			checkTemplate(v.String(), data, func(text string) { d.at(line, join(key, join(under, yamlName(field))), text) })
		}
	})
}

// words puts in the built-in lists of the flow's language where none is given,
// and the signals that every agent may send.
func words(target any, language string) {
	each(target, func(field reflect.StructField, v reflect.Value, _ string) {
		lists := map[string]map[string][]string{"person": personWords, "cancel": cancelWords}[field.Tag.Get("words")]
		if lists != nil && v.IsNil() {
			v.Set(reflect.ValueOf(append([]string{}, pick(lists, language)...)))
		}
		if v.Type() == reflect.TypeFor[[]Signal]() && v.IsNil() {
			v.Set(reflect.ValueOf([]Signal{{Kind: SignalLiveAgent}, {Kind: SignalPayload}}))
		}
	})
}

// each visits the fields of a struct and of the structs in it.
func each(target any, visit func(field reflect.StructField, v reflect.Value, under string)) {
	var walk func(v reflect.Value, under string)
	walk = func(v reflect.Value, under string) {
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Type.Kind() == reflect.Struct {
				walk(v.Field(i), join(under, yamlName(field)))
				continue
			}
			visit(field, v.Field(i), under)
		}
	}
	walk(reflect.ValueOf(target).Elem(), "")
}

// tooDeep counts brackets and indentation without parsing, because the parser
// recurses.
func tooDeep(source []byte) (line int, deep bool) {
	open, dashes := 0, 0
	fresh := true // only dashes and spaces so far on this line
	for _, c := range source {
		switch c {
		case '\n':
			line, dashes, fresh = line+1, 0, true
			continue
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		case '-', '?':
			if fresh {
				dashes++
			}
		}
		fresh = fresh && (c == '-' || c == ' ' || c == '?')
		if open > maxDepth || dashes > maxDepth {
			return line, true
		}
	}
	return 0, false
}
