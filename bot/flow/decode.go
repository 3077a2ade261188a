package flow

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills structs from YAML nodes by their tags. Unlike the library's
// own decoder it goes on after a problem, so that all are reported at once.
// The jsonschema tags are the only statement of limits and defaults: editors
// are shown them, and they are enforced here.
type decoder struct {
	offset   int // lines before the source in its file
	problems []Problem
}

// custom is a type that reads itself.
type custom interface {
	decode(d *decoder, node ast.Node, key string)
}

// checked is a struct with rules across its fields.
type checked interface {
	check(report func(key, text string))
}

// pair is one entry of a mapping.
type pair struct {
	name  string
	at    ast.Node // the key
	value ast.Node
}

func (d *decoder) report(at ast.Node, key, text string) { d.at(d.line(at), key, text) }

func (d *decoder) at(line int, key, text string) {
	d.problems = append(d.problems, Problem{Line: line, Key: key, Text: text})
}

// enough says that there are more problems than anybody reads at once.
func (d *decoder) enough() bool { return len(d.problems) >= maxProblems }

func (d *decoder) line(node ast.Node) int {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return d.offset + 1
	}
	return d.offset + node.GetToken().Position.Line
}

// pairs returns the entries of a mapping, or false if node is none.
func (d *decoder) pairs(node ast.Node) ([]pair, bool) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, false
	}
	pairs := make([]pair, 0, len(values))
	for _, v := range values {
		pairs = append(pairs, pair{name: keyText(v.Key), at: v.Key, value: v.Value})
	}
	return pairs, true
}

func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}

// object fills the struct that target points to from the entries of a mapping.
func (d *decoder) object(at ast.Node, pairs []pair, key string, target any) {
	v := reflect.ValueOf(target).Elem()
	given := map[string]ast.Node{}
	for _, p := range pairs {
		if d.enough() {
			return
		}
		i, ok := fieldNamed(v.Type(), p.name)
		if !ok {
			d.report(p.at, join(key, p.name), unknown("key", p.name, fieldNames(v.Type())))
			continue
		}
		given[p.name] = p.value
		d.field(p.value, join(key, p.name), v.Type().Field(i), v.Field(i))
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if name := yamlName(field); given[name] == nil {
			d.absent(at, join(key, name), field, v.Field(i))
		}
	}
	if c, ok := target.(checked); ok {
		c.check(func(name, text string) {
			if given[name] != nil {
				at = given[name]
			}
			d.report(at, join(key, name), text)
		})
	}
}

// field fills one field and holds it to its tag.
func (d *decoder) field(node ast.Node, key string, field reflect.StructField, v reflect.Value) {
	before := len(d.problems)
	d.value(node, key, v)
	if len(d.problems) == before {
		d.limits(node, key, rules(field), v)
	}
}

// absent puts in a field's default, or reports that it is missing.
func (d *decoder) absent(at ast.Node, key string, field reflect.StructField, v reflect.Value) {
	r := rules(field)
	if _, must := r["required"]; must {
		d.report(at, key, "is missing")
	}
	if text, ok := r["default"]; ok {
		switch v.Kind() {
		case reflect.Int:
			n, _ := strconv.Atoi(text[0])
			v.SetInt(int64(n))
		default:
			v.SetString(text[0])
		}
	}
	if v.Kind() == reflect.Struct { // its fields have defaults too
		d.object(at, nil, key, v.Addr().Interface())
	}
}

// value fills v, of whatever type it is.
func (d *decoder) value(node ast.Node, key string, v reflect.Value) {
	if c, ok := v.Addr().Interface().(custom); ok {
		c.decode(d, node, key)
		return
	}
	switch v.Kind() {
	case reflect.String:
		var text string
		d.text(node, key, &text)
		v.SetString(text)
	case reflect.Int:
		d.number(node, key, v)
	case reflect.Slice:
		d.list(node, key, v)
	case reflect.Struct:
		if pairs, ok := d.pairs(node); ok {
			d.object(node, pairs, key, v.Addr().Interface())
		} else if node.Type() != ast.NullType {
			d.report(node, key, "needs a mapping of keys to values")
		} else {
			d.object(node, nil, key, v.Addr().Interface())
		}
	default:
		panic("flow: no way to read a " + v.Type().String())
	}
}

func (d *decoder) list(node ast.Node, key string, v reflect.Value) {
	seq, ok := node.(*ast.SequenceNode)
	if !ok {
		d.report(node, key, "needs a list")
		return
	}
	list := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, n := range seq.Values {
		if d.enough() {
			return
		}
		d.value(n, fmt.Sprintf("%s[%d]", key, i), list.Index(i))
	}
	v.Set(list)
}

func (d *decoder) number(node ast.Node, key string, v reflect.Value) {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		d.report(node, key, "needs a whole number")
		return
	}
	number, err := strconv.ParseInt(n.String(), 10, 32)
	if err != nil {
		d.report(node, key, "needs a whole number that is not so large")
		return
	}
	v.SetInt(number)
}

// text reads a scalar as it was written.
func (d *decoder) text(node ast.Node, key string, into *string) bool {
	switch n := node.(type) {
	case *ast.StringNode:
		*into = n.Value
	case *ast.LiteralNode:
		*into = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		*into = n.GetToken().Value
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		d.report(node, key, "uses an anchor, alias or tag, which flows do not have")
		return false
	default:
		d.report(node, key, "needs a text")
		return false
	}
	if !utf8.ValidString(*into) || strings.ContainsFunc(*into, isControl) {
		d.report(node, key, "has a control character or broken UTF-8 in it")
		return false
	}
	return true
}

func isControl(r rune) bool { return r != '\n' && r != '\t' && (r < ' ' || r == 0x7f) }

func (d *decoder) oneOf(at ast.Node, key, name string, known []string) {
	if name != "" && !slices.Contains(known, name) {
		d.report(at, key, fmt.Sprintf("is %s, which %s", quoteShort(name), unknown("value", name, known)))
	}
}

// limits holds a value to the rules of its tag.
func (d *decoder) limits(node ast.Node, key string, r map[string][]string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		d.textLimits(node, key, r, v.String())
	case reflect.Int:
		if low, ok := bound(r, "minimum"); ok && int(v.Int()) < low {
			d.report(node, key, fmt.Sprintf("must be at least %d", low))
		}
		if high, ok := bound(r, "maximum"); ok && int(v.Int()) > high {
			d.report(node, key, fmt.Sprintf("must be at most %d", high))
		}
	case reflect.Slice:
		if low, ok := bound(r, "minItems"); ok && v.Len() < low {
			d.report(node, key, fmt.Sprintf("needs at least %d of them", low))
		}
		if high, ok := bound(r, "maxItems"); ok && v.Len() > high {
			d.report(node, key, fmt.Sprintf("has %d entries; at most %d are allowed", v.Len(), high))
		}
		if texts, ok := v.Interface().([]string); ok {
			for i, text := range texts {
				if strings.TrimSpace(text) == "" {
					d.report(node, fmt.Sprintf("%s[%d]", key, i), "is blank")
				}
				d.textLimits(node, fmt.Sprintf("%s[%d]", key, i), r, text)
			}
		}
	}
}

func (d *decoder) textLimits(node ast.Node, key string, r map[string][]string, text string) {
	if low, ok := bound(r, "minLength"); ok && utf8.RuneCountInString(strings.TrimSpace(text)) < low {
		d.report(node, key, "is blank")
	}
	if high, ok := bound(r, "maxLength"); ok && utf8.RuneCountInString(text) > high {
		d.report(node, key, fmt.Sprintf("is longer than %d characters", high))
	}
	if known := r["enum"]; known != nil && !slices.Contains(known, text) {
		d.report(node, key, fmt.Sprintf("is %s, which %s", quoteShort(text), unknown("value", text, known)))
	}
	if p := r["pattern"]; p != nil && !pattern(p[0]).MatchString(text) {
		d.report(node, key, fmt.Sprintf("is %s, which does not have the form %s", quoteShort(text), p[0]))
	}
}

func pattern(p string) *regexp.Regexp { return regexp.MustCompile(p) }
