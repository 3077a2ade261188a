package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestActionsAnswerAsTheDialectDoes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("correo"), "Hello")
		act := func(method, path, body string) answer {
			got := h.ask(method, agents+path, "token-berta", body)
			require.Equal(t, 200, got.status, "%s %s: %s", method, path, got.body)
			return got
		}
		one := func() map[string]any { return h.must("GET", agents, "token-berta", "") }

		require.Empty(t, act("POST", "/toggle_priority", `{"priority":"high"}`).body)
		require.Equal(t, "high", one()["priority"])
		require.Equal(t, "urgent", act("PATCH", "", `{"priority":"urgent"}`).json(t)["priority"])
		require.Equal(t, "urgent", act("PATCH", "", `{"sla_policy_id":1}`).json(t)["priority"], "what is not sent stays")
		require.Nil(t, act("PATCH", "", `{"priority":"none"}`).json(t)["priority"])
		act("POST", "/toggle_priority", `{"priority":"low"}`)
		act("POST", "/toggle_priority", `{"priority":null}`)
		require.Nil(t, one()["priority"])
		require.Equal(t, 422, h.ask("POST", agents+"/toggle_priority", "token-berta", `{"priority":"critical"}`).status)
		require.Equal(t, 422, h.ask("POST", agents+"/toggle_priority", "token-berta", `{}`).status)
		require.Equal(t, 409, h.ask("POST", agents+"/toggle_priority", "token-berta", `{"priority":"low"}`, "If-Match", `"1"`).status)

		got := act("POST", "/custom_attributes", `{"custom_attributes":{"pedido":"77","n":2,"x":null}}`)
		require.JSONEq(t, `{"custom_attributes":{"pedido":"77","n":2}}`, got.body)
		require.JSONEq(t, `{"custom_attributes":{"otro":true}}`, act("POST", "/custom_attributes", `{"custom_attributes":{"otro":true}}`).body)
		require.Equal(t, map[string]any{"otro": true}, one()["custom_attributes"], "replaced as a whole")

		require.JSONEq(t, `{"has_draft":false,"message":""}`, act("GET", "/draft_messages", "").body)
		act("PATCH", "/draft_messages", `{"draft_message":{"message":"Dear Lucía"}}`)
		require.JSONEq(t, `{"has_draft":true,"message":"Dear Lucía"}`, act("GET", "/draft_messages", "").body)
		require.JSONEq(t, `{"has_draft":false,"message":""}`, h.ask("GET", agents+"/draft_messages", "token-jefa", "").body, "another agent's is another")
		require.Empty(t, act("DELETE", "/draft_messages", "").body)
		require.JSONEq(t, `{"has_draft":false,"message":""}`, act("GET", "/draft_messages", "").body)

		require.Empty(t, act("POST", "/toggle_typing_status", `{"typing_status":"on","is_private":true}`).body)
		require.Equal(t, 422, h.ask("POST", agents+"/toggle_typing_status", "token-berta", `{"typing_status":"maybe"}`).status)

		act("POST", "/update_last_seen", "")
		require.Equal(t, 0.0, one()["unread_count"])
		require.Equal(t, 1.0, act("POST", "/unread", "").json(t)["unread_count"])

		reply := act("POST", "/messages", `{"content":"Hi Lucía"}`).json(t)
		message := fmt.Sprintf("/messages/%v", reply["id"])
		failed := act("PATCH", message, `{"status":"failed","external_error":"no such number"}`).json(t)
		require.Equal(t, []any{"failed", map[string]any{"external_error": "no such number"}}, []any{failed["status"], failed["content_attributes"]})
		require.Equal(t, "sent", act("POST", message+"/retry", "").json(t)["status"])

		require.Empty(t, act("POST", "/mute", "").body)
		require.Equal(t, []any{true, "resolved"}, []any{one()["muted"], one()["status"]})
		require.Empty(t, act("POST", "/unmute", "").body)
		require.Equal(t, []any{false, "resolved"}, []any{one()["muted"], one()["status"]})

		require.Equal(t, 401, h.ask("DELETE", agents, "token-berta", "").status, "for administrators")
		require.Empty(t, h.ask("DELETE", agents, "token-jefa", "").body)
		require.Equal(t, 404, h.ask("GET", agents, "token-jefa", "").status)
		require.Equal(t, 404, h.ask("GET", public, "", "").status)
	})
}

func TestAConversationIsStartedOverTheAPI(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		visitor := h.visitor("tienda")
		source := visitor[strings.LastIndex(visitor, "/")+1:]
		contact := h.must("GET", visitor, "", "")["id"]
		inbox := h.must("GET", visitor+"/conversations/"+fmt.Sprint(h.must("POST", visitor+"/conversations", "", "")["id"]), "", "")["inbox_id"]

		started := h.must("POST", desk, "token-ana", fmt.Sprintf(`{"source_id":%q,"inbox_id":%v,"contact_id":%v,"message":{"content":"¿Sigue en pie?"},
			"custom_attributes":{"pedido":"77"},"additional_attributes":{"referer":"x"}}`, source, inbox, contact))
		require.Equal(t, []any{"open", inbox, map[string]any{"pedido": "77"}, map[string]any{"referer": "x"}},
			[]any{started["status"], started["inbox_id"], started["custom_attributes"], started["additional_attributes"]})
		require.Equal(t, "ana", started["meta"].(map[string]any)["assignee"].(map[string]any)["name"])
		thread := h.must("GET", fmt.Sprintf("%s/%v/messages", desk, started["id"]), "token-ana", "")["payload"].([]any)
		require.Equal(t, []any{"¿Sigue en pie?", 1.0}, []any{thread[0].(map[string]any)["content"], thread[0].(map[string]any)["message_type"]})

		for want, asked := range map[string]string{"pending": `{"conversation":{"source_id":%q}}`, "open": `{"conversation":{"source_id":%q,"status":"open"}}`,
			"snoozed": `{"source_id":%q,"snoozed_until":"tomorrow"}`, "resolved": `{"source_id":%q,"status":"resolved"}`} {
			got := h.must("POST", desk, "token-ana", fmt.Sprintf(asked, source))
			require.Equal(t, want, got["status"], "an inbox with a bot")
			if want == "snoozed" {
				require.Equal(t, "2026-11-24T15:00:00.000Z", got["snoozed_until"])
			}
		}
		elsewhere := h.visitor("correo")
		his := h.must("POST", desk, "token-berta", fmt.Sprintf(`{"source_id":%q,"message":{"content":"Hello","message_type":"incoming"}}`, elsewhere[strings.LastIndex(elsewhere, "/")+1:]))
		require.Equal(t, "contact", h.must("GET", fmt.Sprintf("%s/%v/messages", desk, his["id"]), "token-berta", "")["payload"].([]any)[0].(map[string]any)["sender"].(map[string]any)["type"])

		before := h.stored()
		for name, tt := range map[string]struct {
			token, body string
			status      int
		}{
			"no customer":        {"token-ana", `{}`, 422},
			"a status unknown":   {"token-ana", fmt.Sprintf(`{"source_id":%q,"status":"closed"}`, source), 422},
			"no such visitor":    {"token-ana", `{"source_id":"nobody"}`, 404},
			"another's inbox":    {"token-berta", fmt.Sprintf(`{"source_id":%q}`, source), 401},
			"nobody":             {"", fmt.Sprintf(`{"source_id":%q}`, source), 401},
			"message no object":  {"token-ana", fmt.Sprintf(`{"source_id":%q,"message":"hola"}`, source), 422},
			"message of nothing": {"token-ana", fmt.Sprintf(`{"source_id":%q,"message":{"private":true}}`, source), 422},
			"a customer's note":  {"token-ana", fmt.Sprintf(`{"source_id":%q,"message":{"content":"a","private":true,"message_type":0}}`, source), 422},
			"a visitor's word":   {"token-ana", fmt.Sprintf(`{"source_id":%q,"message":{"content":"a","message_type":"incoming"}}`, source), 422},
			"an odd type":        {"token-ana", fmt.Sprintf(`{"source_id":%q,"message":{"content":"a","message_type":"activity"}}`, source), 422},
			"an odd time":        {"token-ana", fmt.Sprintf(`{"source_id":%q,"status":"snoozed","snoozed_until":"soon"}`, source), 422},
		} {
			require.Equal(t, tt.status, h.ask("POST", desk, tt.token, tt.body).status, name)
		}
		require.Equal(t, before, h.stored())
	})
}

func TestBulkActionsOverTheAPI(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, shop := h.conversation(h.visitor("tienda"), "Hola")
		_, mail := h.conversation(h.visitor("correo"), "Hello")
		id := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
		const path = "/api/v1/accounts/1/bulk_actions"

		got := h.must("POST", path, "token-ana", fmt.Sprintf(`{"type":"Conversation","ids":[%s,"%s",999],
			"fields":{"status":"resolved","assignee_id":%d,"team_id":%d},"labels":{"add":["vip"],"remove":["x"]}}`, id(shop), id(mail), h.agents["ana"].ID, h.teamID), "Accept-Language", "es")
		results := got["results"].([]any)
		require.Equal(t, map[string]any{"id": results[0].(map[string]any)["id"], "success": true, "status": "resolved", "version": results[0].(map[string]any)["version"]}, results[0])
		require.Equal(t, []any{false, "forbidden"}, []any{results[1].(map[string]any)["success"], results[1].(map[string]any)["code"]})
		require.Equal(t, []any{"not_found", "No se encontró lo que buscas."}, []any{results[2].(map[string]any)["code"], results[2].(map[string]any)["error"]})
		c := h.must("GET", shop, "token-ana", "")
		require.Equal(t, []any{"resolved", []any{"vip"}, "ventas", "ana"}, []any{c["status"], c["labels"],
			c["meta"].(map[string]any)["team"].(map[string]any)["name"], c["meta"].(map[string]any)["assignee"].(map[string]any)["name"]})

		h.must("POST", path, "token-ana", fmt.Sprintf(`{"type":"Conversation","ids":[%s],"fields":{"assignee_id":null},"snoozed_until":"tomorrow"}`, id(shop)))
		c = h.must("GET", shop, "token-ana", "")
		require.Equal(t, []any{"snoozed", "2026-11-24T15:00:00.000Z", nil}, []any{c["status"], c["snoozed_until"], c["meta"].(map[string]any)["assignee"]})

		before := h.stored()
		for _, body := range []string{``, `{"type":"Contact","ids":[1]}`, `{"type":"Conversation"}`, `{"type":"Conversation","ids":[]}`,
			`{"type":"Conversation","ids":["a"]}`, `{"type":"Conversation","ids":[-1]}`, `{"type":"Conversation","ids":[` + strings.Repeat("1,", 101) + `1,2],"labels":{"remove":["nada"]}}`,
			`{"type":"Conversation","ids":[1]}`, `{"type":"Conversation","ids":[1],"fields":{},"labels":{"add":[]}}`,
			`{"type":"Conversation","ids":[1],"fields":{"status":"closed"}}`, `{"type":"Conversation","ids":[1],"fields":{"status":1}}`,
			`{"type":"Conversation","ids":[1],"fields":{"assignee_id":"ana"}}`, `{"type":"Conversation","ids":[1],"fields":{"team_id":1.5}}`,
			`{"type":"Conversation","ids":[1],"labels":{"add":7}}`, `{"type":"Conversation","ids":[1],"labels":{"add":[7]}}`,
			`{"type":"Conversation","ids":[1],"snoozed_until":"soon"}`} {
			got := h.ask("POST", path, "token-ana", body)
			if strings.Contains(body, "1,1,1") {
				require.Equal(t, 200, got.status, "one id a hundred times is one id")
				continue
			}
			require.Equal(t, 422, got.status, body)
		}
		require.Equal(t, before, h.stored())
	})
}
