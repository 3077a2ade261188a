package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// What agents send along with a message reaches customers, but for what only
// the router itself says of messages and what would tell of a note.
func TestAMessageSaysNothingThatIsNotItsSenders(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, otherAgents := h.conversation(h.visitor("tienda"), "hola")
		public, agents := h.conversation(h.visitor("tienda"), "hola")
		say := func(body string) map[string]any {
			t.Helper()
			return h.must("POST", agents+"/messages", "token-ana", body)
		}
		word := list(t, h.ask("GET", public+"/messages", "", ""))[0]["id"]
		note := say(`{"content":"nota","private":true}`)["id"]
		elsewhere := h.must("POST", otherAgents+"/messages", "token-ana", `{"content":"otra"}`)["id"]
		for name, tt := range map[string]struct {
			attributes string
			private    bool
			want       map[string]any
		}{
			"its own attributes":         {`{"color":"rojo"}`, false, map[string]any{"color": "rojo"}},
			"those of the router":        {`{"activity":{"key":"x"},"deleted":true,"handoff":{},"external_error":"x","a":1}`, false, map[string]any{"a": 1.0}},
			"an answer to a word":        {fmt.Sprintf(`{"in_reply_to":%v}`, word), false, map[string]any{"in_reply_to": word}},
			"an answer to a note":        {fmt.Sprintf(`{"in_reply_to":%v,"a":1}`, note), false, map[string]any{"a": 1.0}},
			"a note on a note":           {fmt.Sprintf(`{"in_reply_to":%v}`, note), true, map[string]any{"in_reply_to": note}},
			"another talk's message":     {fmt.Sprintf(`{"in_reply_to":%v}`, elsewhere), false, map[string]any{}},
			"no message at all":          {`{"in_reply_to":999999}`, false, map[string]any{}},
			"an answer to what is no id": {`{"in_reply_to":{"a":1}}`, false, map[string]any{}},
		} {
			t.Run(name, func(t *testing.T) {
				m := say(fmt.Sprintf(`{"content":%q,"private":%t,"content_attributes":%s}`, name, tt.private, tt.attributes))
				require.Equal(t, tt.want, m["content_attributes"])
				thread := list(t, h.ask("GET", public+"/messages", "", ""))
				if last := thread[len(thread)-1]; !tt.private {
					require.Equal(t, []any{name, tt.want}, []any{last["content"], last["content_attributes"]}, "and so the customer reads it")
				}
			})
		}
	})
}
