package flow

import (
	"fmt"
	"strings"
)

// Names that a template may use beside data.<name>.
var templateNames = []string{"inbox.name", "contact.name", "contact.email", "contact.phone"}

// DataPrefix goes before the name of something collected.
const DataPrefix = "data."

// Render fills the {{ name }} places of a text. values returns "" for what is
// not known. A text that Parse accepted always renders; values are put in as
// they are and not read again.
func Render(text string, values func(name string) string) string {
	var out strings.Builder
	rest := text
	for {
		before, name, after, found := cutPlace(rest)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString(values(name))
		rest = after
	}
}

// cutPlace splits text at its first place. Without a whole place all of text
// is before.
func cutPlace(text string) (before, name, after string, found bool) {
	before, rest, open := strings.Cut(text, "{{")
	if !open {
		return text, "", "", false
	}
	name, after, closed := strings.Cut(rest, "}}")
	if !closed {
		return text, "", "", false
	}
	return before, strings.TrimSpace(name), after, true
}

// checkTemplate reports places that nothing can fill. data holds the names
// that the flow collects.
func checkTemplate(text string, data map[string]bool, report func(text string)) {
	known := append([]string{}, templateNames...)
	for name := range data {
		known = append(known, DataPrefix+name)
	}
	for {
		before, name, after, found := cutPlace(text)
		if strings.Contains(before, "{{") {
			report("has a {{ without its }}")
		}
		if !found {
			return
		}
		if !contains(known, name) {
			report(fmt.Sprintf("uses {{ %s }}, which %s", name, unknown("name", name, sortedCopy(known))))
		}
		text = after
	}
}
