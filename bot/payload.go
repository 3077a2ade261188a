package bot

import (
	"encoding/json"
	"slices"
	"strings"

	"relevo/router"
)

// What a custom payload may order, in "action".
const (
	actionHandoff = "handoff"
	actionResolve = "resolve"
)

const (
	maxPayloadAttributes = 16 << 10 // bytes of JSON
	maxPayloadText       = 1000     // characters of a reason or summary
)

// Types of content that a bot may send; the survey is the inbox's own.
var payloadTypes = slices.DeleteFunc(slices.Clone(router.ContentTypes), func(t string) bool { return t == "input_csat" })

// order is what a payload wants done, at its top level or under "relevo":
//
//	{"action": "handoff", "team": "ventas", "labels": ["lead"], "priority": "high",
//	 "attributes": {"pedido": "42"}, "reason": "billing", "summary": "…"}
type order struct {
	Action     string
	Team       string
	Labels     []string
	Priority   string
	Attributes map[string]any
	Reason     string
	Summary    string
}

// readPayload reads a custom payload: an order, words in Chatwoot's vocabulary
// (content, content_type, content_attributes), or both. known is false if it
// is neither.
func readPayload(p map[string]any) (o order, words *router.Utterance, known bool) {
	o = readOrder(p)
	if own, ok := p["relevo"].(map[string]any); ok && o.Action == "" {
		o = readOrder(own)
	}
	words = payloadWords(p)
	return o, words, o.Action != "" || words != nil
}

func readOrder(p map[string]any) order {
	action := strings.ToLower(textOf(p, "action", 20))
	if action != actionHandoff && action != actionResolve {
		return order{}
	}
	o := order{Action: action, Team: textOf(p, "team", 100), Priority: strings.ToLower(textOf(p, "priority", 20)),
		Reason: textOf(p, "reason", maxPayloadText), Summary: textOf(p, "summary", maxPayloadText)}
	if list, ok := p["labels"].([]any); ok {
		for _, l := range list[:min(len(list), 20)] {
			if text, ok := l.(string); ok && strings.TrimSpace(text) != "" {
				o.Labels = append(o.Labels, clip(strings.TrimSpace(text), 100))
			}
		}
	}
	o.Attributes = attributesOf(p, "attributes")
	return o
}

// fill puts the order's wishes into a handoff.
func (o order) fill(h *router.Handoff) {
	h.Team, h.Labels, h.Priority, h.Attributes = o.Team, o.Labels, o.Priority, o.Attributes
	h.Data = map[string]any{}
	if o.Reason != "" {
		h.Data["reason"] = o.Reason
	}
	if o.Summary != "" {
		h.Data["summary"] = o.Summary
	}
}

// payloadWords is what a payload says, nil if it says nothing.
func payloadWords(p map[string]any) *router.Utterance {
	u := router.Utterance{Content: textOf(p, "content", maxSaid), ContentAttributes: attributesOf(p, "content_attributes")}
	if t := textOf(p, "content_type", 40); slices.Contains(payloadTypes, t) && t != "text" {
		u.ContentType = t
	}
	if u.Content == "" && (u.ContentType == "" || len(u.ContentAttributes) == 0) {
		return nil
	}
	return &u
}

func textOf(p map[string]any, key string, limit int) string {
	text, _ := p[key].(string)
	return clip(strings.TrimSpace(text), limit)
}

// attributesOf is an object of the payload, nil if it is too large to store.
func attributesOf(p map[string]any, key string) map[string]any {
	m, ok := p[key].(map[string]any)
	if !ok || len(m) == 0 {
		return nil
	}
	if b, err := json.Marshal(m); err != nil || len(b) > maxPayloadAttributes {
		return nil
	}
	return m
}
