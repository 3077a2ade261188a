package api

import (
	"strconv"
	"strings"
)

// IfMatch is the If-Match header: the version of the conversation that the
// client acts on, as 5, "5" or W/"5". Nil if the header is missing or "*".
type IfMatch struct{ Version *int64 }

func (m *IfMatch) assign(v any, _ rules) string {
	s, _ := v.(string)
	s, quoted := strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(s), "W/"), `"`)
	if quoted {
		s = strings.TrimSuffix(s, `"`)
	}
	if s == "*" || s == "" && !quoted {
		return ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return "not_an_integer"
	}
	m.Version = &n
	return ""
}
