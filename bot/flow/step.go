package flow

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

var stepID = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$`)

// MarshalYAML writes the step as Parse reads it.
func (s Step) MarshalYAML() (any, error) {
	var id yaml.MapSlice
	if s.ID != "" {
		id = yaml.MapSlice{{Key: "id", Value: s.ID}}
	}
	if s.When != "" {
		id = append(id, yaml.MapItem{Key: "when", Value: s.When})
	}
	if k, _ := kindNamed(s.Do.Kind()); k.inline {
		return append(id, fields(s.Do)...), nil
	}
	return append(id, yaml.MapItem{Key: s.Do.Kind(), Value: fields(s.Do)}), nil
}

// decode finds the one key that names the step and reads the rest by it.
func (s *Step) decode(d *decoder, node ast.Node, key string) {
	s.Line = d.line(node)
	pairs, ok := d.pairs(node)
	if !ok {
		d.report(node, key, `needs a key that says what to do, such as "say: Hola"`)
		return
	}
	var rest, named []pair
	for _, p := range pairs {
		if p.name == "id" {
			s.decodeID(d, p, key)
		} else if p.name == "when" {
			s.decodeWhen(d, p, key)
		} else if _, isKind := kindNamed(p.name); isKind {
			named = append(named, p)
		} else {
			rest = append(rest, p)
		}
	}
	switch len(named) {
	case 0:
		d.noKind(node, rest, key)
	case 1:
		s.decodeKind(d, node, named[0], rest, key)
	default:
		d.report(named[1].at, key, fmt.Sprintf("is both %s and %s; a step does one thing", named[0].name, named[1].name))
	}
}

func (s *Step) decodeID(d *decoder, p pair, key string) {
	if d.text(p.value, key+".id", &s.ID) && !stepID.MatchString(s.ID) {
		d.report(p.value, key+".id", "must be letters, digits, - and _, at most 64")
	}
}

func (s *Step) decodeWhen(d *decoder, p pair, key string) {
	if d.text(p.value, key+".when", &s.When) && s.When != InsideHours && s.When != OutsideHours {
		d.report(p.value, key+".when", fmt.Sprintf("must be %s or %s", InsideHours, OutsideHours))
	}
}

func (s *Step) decodeKind(d *decoder, node ast.Node, main pair, rest []pair, key string) {
	k, _ := kindNamed(main.name)
	s.Do = k.new()
	if k.inline {
		d.object(node, append([]pair{main}, rest...), key, s.Do)
		return
	}
	for _, p := range rest {
		d.report(p.at, key+"."+p.name, fmt.Sprintf("does not belong beside %q; indent it to stand under it", main.name))
	}
	under, isMap := d.pairs(main.value)
	if !isMap && main.value.Type() != ast.NullType {
		d.report(main.value, key+"."+main.name, "needs its settings as keys under it")
		return
	}
	d.object(main.at, under, key+"."+main.name, s.Do)
}

// noKind reports a step without a known kind, by the likeliest key.
func (d *decoder) noKind(node ast.Node, rest []pair, key string) {
	for _, p := range rest {
		if near := Nearest(p.name, kindNames(), 1+len(p.name)/4); near != "" {
			d.report(p.at, key+"."+p.name, unknown("step", p.name, kindNames()))
			return
		}
	}
	if len(rest) > 0 {
		d.report(rest[0].at, key+"."+rest[0].name, unknown("step", rest[0].name, kindNames()))
		return
	}
	d.report(node, key, "does nothing; it needs one of "+strings.Join(kindNames(), ", "))
}
