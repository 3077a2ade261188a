package router

import (
	"strings"

	"relevo/router/fault"
	"relevo/router/page"
)

// Where the widget's button can be.
const (
	WidgetLeft  = "left"
	WidgetRight = "right"
)

const maxDomains = 50

// check refuses what no page can show.
func (w *WidgetLooks) check() error {
	switch {
	case w.Color != "" && !colorPattern.MatchString(w.Color):
		return fault.Invalid.Field("not_a_color", "widget_color")
	case w.Position != "" && w.Position != WidgetLeft && w.Position != WidgetRight:
		return fault.Invalid.Field("unknown", "widget_position")
	case len(w.AllowedDomains) > maxDomains:
		return fault.Invalid.Field(fault.Limit("too_many", maxDomains), "allowed_domains")
	}
	for _, d := range w.AllowedDomains {
		if !page.IsDomain(d) {
			return fault.Invalid.Field("not_a_domain", "allowed_domains")
		}
	}
	return nil
}

// domainsIn reads domains with commas or lines between them, as Chatwoot's
// clients send them.
func domainsIn(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}
