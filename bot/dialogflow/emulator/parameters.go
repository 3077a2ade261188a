package emulator

import (
	"maps"
	"strings"
)

// resolve says what a parameter is worth now: what the customer said, what
// its value refers to, or its default.
func (t *turn) resolve(p parameter, values map[string]value) value {
	if v := values[p.name]; !v.empty() {
		return v
	}
	var v value
	switch {
	case strings.HasPrefix(p.value, "#"):
		v = t.fromContext(p.value)
	case strings.HasPrefix(p.value, "$"):
		name, original := strings.CutSuffix(p.value[1:], ".original")
		v = values[name]
		if original {
			v.value = v.original
		}
	case p.value != "" && p.entity == "":
		v = value{p.value, p.value}
	}
	if v.empty() && p.fallback != nil {
		switch d := p.fallback.(type) {
		case string:
			if v = (value{d, ""}); strings.HasPrefix(d, "#") {
				v = t.fromContext(d)
			}
		default:
			v = value{d, ""}
		}
	}
	if _, isList := v.value.([]any); p.list && !isList && !v.empty() {
		v.value = []any{v.value}
	}
	return v
}

// fromContext looks up "#context.name" among the contexts active when the
// turn began. Names of parameters may hold dots, names of contexts may not.
func (t *turn) fromContext(ref string) value {
	name, param, _ := strings.Cut(strings.TrimPrefix(ref, "#"), ".")
	ctx := t.before[strings.ToLower(name)]
	if ctx == nil {
		return value{}
	}
	original, _ := ctx.Parameters[param+".original"].(string)
	return value{ctx.Parameters[param], original}
}

// parameters are the values of all the intent's parameters, with what was
// said for each under "<name>.original". One without a value is "", or an
// empty list.
func (t *turn) parameters(f *filling) map[string]any {
	out := map[string]any{}
	for _, p := range f.intent.parameters {
		v := t.resolve(p, f.values)
		switch {
		case !v.empty():
			out[p.name] = v.value
		case p.list:
			out[p.name] = []any{}
		default:
			out[p.name] = ""
		}
		out[p.name+".original"] = v.original
	}
	return out
}

func withoutOriginals(params map[string]any) map[string]any {
	out := maps.Clone(params)
	for name := range params {
		if base, ok := strings.CutSuffix(name, ".original"); ok {
			if _, has := params[base]; has {
				delete(out, name)
			}
		}
	}
	return out
}

// wording knows what the texts of this turn may refer to.
func (t *turn) wording(f *filling, params map[string]any) wording {
	return wording{look: func(ref string) (string, bool) {
		if ref[0] == '#' {
			v := t.fromContext(ref)
			return spell(v.value, v.original), true
		}
		name := ref[1:]
		if v, known := params[name]; known {
			original, _ := params[name+".original"].(string)
			return spell(v, original), true
		}
		// "$place.city" is a part of a value that has parts.
		base, part, _ := strings.Cut(name, ".")
		if whole, ok := params[base].(map[string]any); ok {
			if v, has := whole[part]; has {
				return spell(v, ""), true
			}
		}
		return "", false
	}}
}
