package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"relevo/bot/flow"
)

// origin is where a value was written.
type origin struct {
	file     string
	line     int
	variable string // set when the value came from the environment
}

// origins holds the origin of each key that was written, by its path.
type origins map[string]origin

// of returns where key was written, or else the nearest section around it.
func (o origins) of(key string) origin {
	for key != "" {
		if at, ok := o[key]; ok {
			return at
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return o[""]
}

// document reads a file into a Config. goccy's own strict decoder ends at the
// first mistake; this walks the tree that goccy parsed, so that every mistake
// is found at once and has its line.
type document struct {
	file     string
	source   []byte
	origins  origins
	settings map[string]any // values of the sections that viper holds, by path
	problems Problems

	unreadFlows bool
}

// problem notes what is wrong at a node.
func (d *document) problem(node ast.Node, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Line: lineOf(node), Key: key, Text: fmt.Sprintf(format, args...)})
}

func lineOf(node ast.Node) int {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

// parse returns the mapping that the file holds, nil when it is empty or when
// it cannot be read; then a problem says why.
func (d *document) parse() ast.Node {
	if line, deep := tooDeep(d.source); deep {
		d.problems = append(d.problems, Problem{File: d.file, Line: line, Text: "not valid YAML: more than 1000 brackets or dashes are open"})
		return nil
	}
	// Duplicate keys are let through here to be reported with everything else.
	file, err := parser.ParseBytes(d.source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.malformed(err)
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.NullType {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		return nil
	}
	if len(bodies) > 1 {
		d.problem(bodies[1], "", "a second YAML document begins here, the file must hold one")
	}
	return bodies[0]
}

// tooDeep counts what is open without parsing: the parser recurses, and takes
// the square of the depth in time.
func tooDeep(source []byte) (line int, deep bool) {
	const most = 1000
	open := 0
	line = 1
	for text := range bytes.Lines(source) {
		open += bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{"))
		begin := text[:len(text)-len(bytes.TrimLeft(text, "- ?"))]
		if open > most || bytes.Count(begin, []byte("-"))+bytes.Count(begin, []byte("?")) > most {
			return line, true
		}
		open = max(0, open-bytes.Count(text, []byte("]"))-bytes.Count(text, []byte("}")))
		line++
	}
	return 0, false
}

func (d *document) malformed(err error) {
	p := Problem{File: d.file, Text: "not valid YAML"}
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		p.Text += ": " + syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			p.Line = t.Position.Line
		}
	}
	d.problems = append(d.problems, p)
}

// section reads a mapping into a struct.
func (d *document) section(node ast.Node, into reflect.Value, path string) {
	pairs, ok := d.pairs(node, path)
	if !ok {
		return
	}
	keys := keysOf(into.Type())
	seen := map[string]int{}
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		at := join(path, name)
		if first, again := seen[name]; again {
			d.problem(pair.Key, at, "written twice, first in line %d", first)
			continue
		}
		seen[name] = lineOf(pair.Key)
		k, known := named(keys, name)
		if !known {
			d.problem(pair.Key, at, "unknown key%s", didYouMean(name, names(keys)))
			continue
		}
		d.origins[at] = origin{file: d.file, line: lineOf(pair.Key)}
		d.value(pair.Value, into.Field(k.index), k, at)
	}
}

func named(keys []key, name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// pairs returns the keys and values of a mapping.
func (d *document) pairs(node ast.Node, path string) ([]*ast.MappingValueNode, bool) {
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.refuse(node, path, "must hold keys and values")
		return nil, false
	}
	return slices.DeleteFunc(slices.Clone(pairs), func(pair *ast.MappingValueNode) bool {
		if pair.Key.IsMergeKey() {
			d.refuse(pair.Key, path, "")
		}
		return pair.Key.IsMergeKey()
	}), true
}

// refuse notes that a node is not what is wanted. Anchors, aliases, merge keys
// and tags are refused as such: a flow is kept with the conversations that it
// began, so its text must stand by itself.
func (d *document) refuse(node ast.Node, path, wanted string) {
	switch node.Type() {
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType, ast.TagType:
		wanted = "anchors, aliases, merge keys and tags are not allowed here"
	}
	d.problem(node, path, "%s", wanted)
}

// value reads one value: a section, a list or a text.
func (d *document) value(node ast.Node, into reflect.Value, k key, path string) {
	if node == nil || node.Type() == ast.NullType {
		return // "greeting:" with nothing behind it is not set
	}
	switch {
	case path == "flows":
		d.flows(node, into.Addr().Interface().(*[]*flow.Flow))
	case isSection(into.Type()):
		d.section(node, into, path)
	case into.Kind() == reflect.Slice:
		d.list(node, into, path)
		d.settings[path] = into.Interface()
	default:
		if d.text(node, into, k, path) {
			d.settings[path] = into.Interface()
		}
	}
}

// list reads a sequence into a slice of structs or strings.
func (d *document) list(node ast.Node, into reflect.Value, path string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		d.refuse(node, path, "must be a list")
		return
	}
	items := reflect.MakeSlice(into.Type(), len(sequence.Values), len(sequence.Values))
	for i, item := range sequence.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.origins[at] = origin{file: d.file, line: lineOf(item)}
		one := items.Index(i)
		if preset, ok := one.Addr().Interface().(interface{ setDefaults() }); ok {
			preset.setDefaults()
		}
		if isSection(one.Type()) {
			d.section(item, one, at)
		} else {
			d.text(item, one, key{}, at)
		}
	}
	into.Set(items)
}

// text reads a scalar and reports whether it could.
func (d *document) text(node ast.Node, into reflect.Value, k key, path string) bool {
	var text string
	switch n := node.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		text = node.GetToken().Value
	default:
		d.refuse(node, path, "must be a single value")
		return false
	}
	if err := setText(into, k, text); err != nil {
		d.problem(node, path, "%s", err)
		return false
	}
	if strings.ContainsRune(text, 0) {
		d.problem(node, path, "holds a NUL character")
		return false
	}
	return true
}
