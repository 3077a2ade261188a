package bot

import (
	"encoding/json"
	"slices"
	"strings"
)

const (
	maxFound     = 30  // parameters kept for the brief
	maxFoundName = 64  // bytes
	maxFoundText = 256 // characters
)

// note keeps what the agent found out, for the person who takes over.
func (w *walk) note(r Result) {
	w.mem.Intent = first(r.Intent, w.mem.Intent)
	for _, name := range filled(r.Parameters) {
		v := brief(r.Parameters[name])
		_, have := w.mem.Found[name]
		if v == nil || len(name) > maxFoundName || !have && len(w.mem.Found) >= maxFound {
			continue
		}
		if w.mem.Found == nil {
			w.mem.Found = map[string]any{}
		}
		w.mem.Found[name] = v
	}
}

// brief is a parameter's value as an agent is shown it, nil if it is too much
// to show.
func brief(v any) any {
	switch v := v.(type) {
	case string:
		return clip(v, maxFoundText)
	case bool, float64, int:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil || len(b) > maxFoundText {
		return nil
	}
	return v
}

// filled lists the parameters that have a value. While it stays the same, the
// agent is asking for the same one.
func filled(parameters map[string]any) []string {
	var names []string
	for name, v := range parameters {
		if !blank(v) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// blank reports whether a parameter has no value: Dialogflow sends "" or [].
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
