package api_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	require.NoError(t, err)
	return string(b)
}

func signed(identifier string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(identifier))
	return hex.EncodeToString(mac.Sum(nil))
}

// The names and their order are those that the dialect's server sends.
func TestPublicShapes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		require.Equal(t, []string{"identifier", "identity_validation_enabled", "name", "timezone", "working_hours", "working_hours_enabled",
			"csat_survey_enabled", "greeting_enabled", "open_now", "opens_at", "enable_email_collect", "pre_chat_form_enabled", "pre_chat_form_options"}, keys(t, h.ask("GET", "/public/api/v1/inboxes/tienda", "", "").body))

		created := h.ask("POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"contact":{"name":"Lucía","email":"Lucia@Example.com","avatar_url":"x"}}`)
		contact := []string{"source_id", "pubsub_token", "id", "name", "email", "phone_number"}
		require.Equal(t, contact, keys(t, created.body))
		v := created.json(t)
		require.Equal(t, "Lucía", v["name"])
		require.Equal(t, "lucia@example.com", v["email"])
		require.Nil(t, v["phone_number"])
		visitor := "/public/api/v1/inboxes/tienda/contacts/" + v["source_id"].(string)
		require.Equal(t, v, h.must("GET", visitor, "", ""))

		changed := h.must("PATCH", visitor, "", `{"phone_number":"+52 55 1234 5678","custom_attributes":{"talla":"L","pies":2}}`)
		require.Equal(t, "Lucía", changed["name"], "what is not sent stays")
		require.Equal(t, "+52 55 1234 5678", changed["phone_number"])
		require.Equal(t, map[string]any{"talla": "L", "pies": 2.0}, changed["custom_attributes"])
		cleared := h.must("PATCH", visitor, "", `{"phone_number":null,"custom_attributes":{"talla":null}}`)
		require.Nil(t, cleared["phone_number"], "null clears")
		require.Empty(t, cleared["custom_attributes"])

		started := h.ask("POST", visitor+"/conversations", "", "", "Content-Type", asForm)
		conversation := []string{"id", "uuid", "inbox_id", "contact_last_seen_at", "status", "agent_last_seen_at", "messages", "contact", "can_request_transcript",
			"holder", "agent", "position", "can_talk_to_person", "can_cancel_waiting"}
		require.Equal(t, conversation, keys(t, started.body))
		c := started.json(t)
		require.Equal(t, "pending", c["status"])
		require.Equal(t, []any{}, c["messages"])
		require.Equal(t, 0.0, c["contact_last_seen_at"])
		public := fmt.Sprintf("%s/conversations/%v", visitor, c["id"])

		sent := h.ask("POST", public+"/messages", "", `{"content":"Hola 👋","echo_id":"e1"}`)
		require.Equal(t, []string{"id", "content", "message_type", "content_type", "content_attributes", "created_at", "conversation_id", "echo_id", "sender"}, keys(t, sent.body))
		m := sent.json(t)
		require.Equal(t, 0.0, m["message_type"])
		require.Equal(t, "text", m["content_type"])
		require.Equal(t, map[string]any{}, m["content_attributes"])
		require.Equal(t, float64(monday.Unix()), m["created_at"])
		require.Equal(t, c["id"], m["conversation_id"])
		require.Equal(t, "e1", m["echo_id"])
		require.Equal(t, m, h.must("POST", public+"/messages", "", `{"content":"Hola 👋","echo_id":"e1"}`), "sent twice, stored once")

		h.attend()
		thread := list(t, h.ask("GET", public+"/messages", "", ""))
		require.Len(t, thread, 3)
		require.Equal(t, []any{0.0, 3.0, 1.0}, column(thread, "message_type"), "word, greeting, bot")
		require.Equal(t, "agent_bot", thread[2]["sender"].(map[string]any)["type"])
		require.Equal(t, "input_select", thread[2]["content_type"])
		before := list(t, h.ask("GET", fmt.Sprintf("%s/messages?before=%.0f", public, thread[2]["id"]), "", ""))
		require.Equal(t, thread[:2], before)
		after := list(t, h.ask("GET", fmt.Sprintf("%s/messages?after=%.0f", public, thread[0]["id"]), "", ""))
		require.Equal(t, thread[1:], after)

		answered := h.must("PATCH", fmt.Sprintf("%s/messages/%.0f", public, thread[2]["id"]), "", `{"submitted_values":[{"title":"Grande","value":"L"}]}`)
		require.Equal(t, []any{map[string]any{"title": "Grande", "value": "L"}}, answered["content_attributes"].(map[string]any)["submitted_values"])

		require.Empty(t, h.ask("POST", public+"/toggle_typing?typing_status=on", "", "").body)
		require.Empty(t, h.ask("POST", public+"/toggle_typing/", "", `{"typing_status":"off"}`).body)
		require.Empty(t, h.ask("POST", public+"/update_last_seen", "", "").body)
		require.Equal(t, float64(monday.Unix()), h.must("GET", public, "", "")["contact_last_seen_at"])
		require.Equal(t, "resolved", h.must("POST", public+"/toggle_status", "", "")["status"])
		all := list(t, h.ask("GET", visitor+"/conversations", "", ""))
		require.Len(t, all, 1)
		require.Len(t, all[0]["messages"], 1)
	})
}

func TestAgentsShapes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		require.Equal(t, map[string]any{"version": "1.2.3", "timestamp": "2026-11-23 15:00:00", "queue_services": "ok", "data_services": "ok"},
			h.must("GET", "/api", "", ""))
		profile := h.must("GET", "/api/v1/profile", "token-ana", "")
		require.Equal(t, "ana@example.com", profile["email"])
		require.Equal(t, "agent", profile["role"])
		require.Equal(t, "agent", profile["accounts"].([]any)[0].(map[string]any)["role"])

		_, agents := h.conversation(h.visitor("tienda"), "persona")
		got := h.ask("GET", agents, "token-ana", "")
		require.Equal(t, []string{"meta", "id", "messages", "account_id", "uuid", "additional_attributes", "agent_last_seen_at",
			"assignee_last_seen_at", "can_reply", "contact_last_seen_at", "custom_attributes", "inbox_id", "labels", "muted", "snoozed_until",
			"status", "created_at", "updated_at", "timestamp", "first_reply_created_at", "unread_count", "last_non_activity_message",
			"last_activity_at", "priority", "waiting_since", "sla_policy_id", "version", "episode", "campaign"}, keys(t, got.body))
		c := got.json(t)
		require.Equal(t, fmt.Sprintf(`W/"%v"`, c["version"]), got.header.Get("ETag"))
		require.Equal(t, "open", c["status"])
		require.Equal(t, "Channel::WebWidget", c["meta"].(map[string]any)["channel"])
		require.Equal(t, "Lucía", c["meta"].(map[string]any)["sender"].(map[string]any)["name"])
		require.Equal(t, []any{}, c["labels"])
		require.Equal(t, float64(monday.Unix()), c["waiting_since"])
		require.Equal(t, 0.0, c["first_reply_created_at"])
		require.Equal(t, "Te paso con una persona.", c["last_non_activity_message"].(map[string]any)["content"])
		require.Equal(t, 2.0, c["messages"].([]any)[0].(map[string]any)["message_type"])

		brief := h.must("GET", agents+"/handoff", "token-ana", "", "Accept-Language", "es")
		require.Equal(t, "asked_for_person", brief["reason"])
		require.Equal(t, "el cliente pidió hablar con una persona", brief["reason_text"])

		thread := h.ask("GET", agents+"/messages", "token-ana", "")
		require.Equal(t, []string{"meta", "payload"}, keys(t, thread.body))
		meta := thread.json(t)["meta"].(map[string]any)
		require.ElementsMatch(t, []string{"labels", "additional_attributes", "contact", "agent_last_seen_at", "assignee_last_seen_at"}, names(meta))

		list := h.must("GET", desk+"?status=open&assignee_type=unassigned&labels=x&labels[]=x&sort_by=latest&unknown=1", "token-ana", "")
		require.Equal(t, map[string]any{"meta": map[string]any{"mine_count": 0.0, "assigned_count": 0.0, "unassigned_count": 0.0, "all_count": 0.0, "counts_capped": false, "next_cursor": ""}, "payload": []any{}}, list["data"])
		counts := h.must("GET", desk+"/meta", "token-ana", "")["meta"].(map[string]any)
		require.Equal(t, 1.0, counts["unassigned_count"])
		require.Empty(t, h.must("GET", desk+"?status=all", "token-berta", "")["data"].(map[string]any)["payload"], "another inbox's agent")
		require.Len(t, h.must("GET", desk+"/?status=all", "token-jefa", "")["data"].(map[string]any)["payload"], 1)
	})
}

func TestAgentsWork(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, agents := h.conversation(h.visitor("tienda"), "hola")
		toggle := func(body string, headers ...string) map[string]any {
			t.Helper()
			got := h.must("POST", agents+"/toggle_status", "token-ana", body, headers...)
			require.Equal(t, map[string]any{}, got["meta"])
			return got["payload"].(map[string]any)
		}
		status := func() any { return h.must("GET", agents, "token-ana", "")["status"] }

		// The multipart message of the SDKs, with every value a text.
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		for _, f := range [][2]string{{"content", "¿En qué te ayudo?"}, {"message_type", "outgoing"}, {"private", "false"}, {"echo_id", "7"},
			{"content_type", "text"}, {"content_attributes", `{"in_reply_to":1}`}} {
			require.NoError(t, w.WriteField(f[0], f[1]))
		}
		require.NoError(t, w.Close())
		sent := h.ask("POST", agents+"/messages", "", form.String(), "Content-Type", w.FormDataContentType(), "Authorization", "Bearer token-ana")
		require.Equal(t, 200, sent.status, sent.body)
		require.Equal(t, []string{"id", "content", "inbox_id", "echo_id", "conversation_id", "message_type", "content_type", "status",
			"content_attributes", "created_at", "private", "source_id", "sender", "account_id", "sender_type", "sender_id", "seq"}, keys(t, sent.body))
		m := sent.json(t)
		require.Equal(t, 1.0, m["message_type"])
		require.Equal(t, "sent", m["status"])
		require.Equal(t, map[string]any{"in_reply_to": 1.0}, m["content_attributes"])
		require.Equal(t, "user", m["sender"].(map[string]any)["type"])
		require.Equal(t, "open", status(), "an answer takes over")
		require.Equal(t, "ana", h.must("GET", agents, "token-ana", "")["meta"].(map[string]any)["assignee"].(map[string]any)["name"])

		key := []string{"Idempotency-Key", "k1"}
		once := h.must("POST", agents+"/messages", "token-ana", `{"content":"una vez"}`, key...)
		require.Equal(t, once, h.must("POST", agents+"/messages", "token-ana", `{"content":"una vez"}`, key...))
		_, bridge := h.conversation(h.visitor("correo"), "Hello")
		brought := h.must("POST", bridge+"/messages", "token-berta", `{"message":{"content":"de otro canal","message_type":"incoming","source_id":"wamid.1"}}`)
		require.Equal(t, "contact", brought["sender"].(map[string]any)["type"])
		require.Equal(t, "wamid.1", brought["source_id"])

		require.Equal(t, "resolved", toggle("")["current_status"], "open turns to resolved")
		require.Equal(t, "open", toggle("")["current_status"], "and anything else to open")
		require.Equal(t, "pending", toggle(`{"status":"pending"}`)["current_status"])
		require.Equal(t, "open", toggle("status=open", "Content-Type", asForm)["current_status"])

		at := monday.Add(time.Hour)
		require.Equal(t, "2026-11-23T16:00:00.000Z", toggle(fmt.Sprintf(`{"status":"snoozed","snoozed_until":%d}`, at.Unix()))["snoozed_until"])
		require.Equal(t, "2026-11-23T16:00:00.000Z", toggle(fmt.Sprintf(`{"status":"snoozed","snoozed_until":"%d"}`, at.Unix()))["snoozed_until"])
		require.Equal(t, "2026-11-24T15:00:00.000Z", toggle(`{"status":"snoozed","snoozed_until":"tomorrow"}`)["snoozed_until"])
		require.Equal(t, "2026-11-30T15:00:00.000Z", toggle(`{"snooze":"next_week"}`)["snoozed_until"])
		require.Nil(t, toggle(`{"status":"snoozed","snoozed_until":null}`)["snoozed_until"])
		require.Nil(t, toggle(`{"status":"snoozed","snooze":"next_reply"}`)["snoozed_until"])
		require.Equal(t, "snoozed", status())

		opened := toggle(`{"status":"open"}`)
		again := toggle(`{"status":"resolved"}`, "If-Match", fmt.Sprintf(`W/"%.0f"`, opened["version"]))
		require.Equal(t, "resolved", again["current_status"])
		require.Equal(t, 409, h.ask("POST", agents+"/toggle_status", "token-ana", `{"status":"open"}`, "If-Match", fmt.Sprintf("%.0f", opened["version"])).status)
		toggle(`{"status":"open"}`)

		jefa := h.agents["jefa"].ID
		assigned := h.must("POST", agents+"/assignments", "token-ana", fmt.Sprintf(`{"assignee_id":"%d"}`, jefa))
		require.Equal(t, "jefa", assigned["name"])
		for _, nobody := range []string{`{"assignee_id":null}`, `{"assignee_id":0}`, `{"assignee_id":""}`} {
			require.Equal(t, "null", h.ask("POST", agents+"/assignments", "token-ana", nobody).body)
		}
		team := h.must("POST", fmt.Sprintf("%s/assignments?team_id=%d", agents, h.teamID), "token-ana", "")
		require.Equal(t, "ventas", team["name"])
		require.Equal(t, "ventas", h.must("GET", agents, "token-ana", "")["meta"].(map[string]any)["team"].(map[string]any)["name"])
		require.Equal(t, "null", h.ask("POST", agents+"/assignments", "token-ana", `{"team_id":0}`).body)
		both := h.must("POST", agents+"/assignments", "token-ana", fmt.Sprintf(`{"assignee_id":%d,"team_id":%d}`, jefa, h.teamID))
		require.Equal(t, "jefa", both["name"])
		meta := h.must("GET", agents, "token-ana", "")["meta"].(map[string]any)
		require.Equal(t, []any{"jefa", "ventas"}, []any{meta["assignee"].(map[string]any)["name"], meta["team"].(map[string]any)["name"]})
		require.Equal(t, "null", h.ask("POST", agents+"/assignments", "token-ana", `{"assignee_id":0,"team_id":0}`).body)

		require.Equal(t, []any{"pedido", "vip"}, h.must("POST", agents+"/labels", "token-ana", `{"labels":["VIP","pedido","vip"]}`)["payload"])
		require.Equal(t, []any{"a", "b"}, h.must("POST", agents+"/labels", "token-ana", "labels[]=a&labels[]=b", "Content-Type", asForm)["payload"])
		require.Equal(t, []any{"a", "b"}, h.must("GET", agents+"/labels", "token-ana", "")["payload"])
		require.Equal(t, []any{}, h.must("POST", agents+"/labels", "token-ana", `{"labels":[]}`)["payload"])
		require.Equal(t, 0.0, h.must("POST", agents+"/update_last_seen", "token-ana", "")["unread_count"])
	})
}

// A toggle acts on the status that it saw: of clicks at the same moment, each
// either turns the status around or is told that it came too late.
func TestTogglesAtOnceDoNotUndoEachOther(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, agents := h.conversation(h.visitor("correo"), "hi")
		version := func() float64 { return h.must("GET", agents, "token-berta", "")["version"].(float64) }
		before, done := version(), atomic.Int64{}
		for range 5 {
			var clicks sync.WaitGroup
			for range 6 {
				clicks.Go(func() {
					got := h.ask("POST", agents+"/toggle_status", "token-berta", "")
					if got.status == 200 {
						done.Add(1)
					} else {
						assert.Equal(t, 409, got.status, got.body)
					}
				})
			}
			clicks.Wait()
		}
		require.Positive(t, done.Load())
		require.Equal(t, before+float64(done.Load()), version(), "a toggle that did nothing said that it did")
	})
}

// Private notes and activity lines exist, and no public address shows them.
func TestCustomersNeverSeeNotesNorActivities(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "persona")
		h.must("POST", agents+"/messages", "token-ana", `{"content":"a la vista"}`)
		note := h.must("POST", agents+"/messages", "token-ana", `{"content":"oculto: la nota","private":true}`)
		h.must("POST", agents+"/labels", "token-ana", `{"labels":["oculto"]}`)
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		inside := h.ask("GET", agents+"/messages", "token-ana", "").body
		require.Contains(t, inside, "oculto: la nota")
		require.Contains(t, inside, `"message_type":2`)
		last := list(t, h.ask("GET", visitor+"/conversations", "", ""))[0]["messages"].([]any)
		require.Equal(t, "a la vista", last[0].(map[string]any)["content"], "the last that the customer may see")
		for _, r := range []struct{ method, path, body string }{
			{"GET", visitor, ""},
			{"GET", visitor + "/conversations", ""},
			{"GET", public, ""},
			{"GET", public + "/messages", ""},
			{"GET", public + "/messages?after=1&before=99999999", ""},
			{"GET", fmt.Sprintf("%s/messages?before=%.0f", public, note["id"].(float64)+1), ""},
			{"POST", public + "/update_last_seen", ""},
			{"POST", public + "/toggle_status", ""},
			{"POST", public + "/messages", `{"content":"sigo aquí"}`},
			{"POST", visitor + "/conversations", ""},
			{"PATCH", visitor, `{"name":"Lucía"}`},
		} {
			got := h.ask(r.method, r.path, "", r.body)
			require.Equal(t, 200, got.status, got.body)
			require.NotContains(t, got.body, "oculto", "%s %s", r.method, r.path)
			require.NotContains(t, got.body, `"message_type":2`, "%s %s", r.method, r.path)
			require.NotContains(t, got.body, "@example.com\",\"provider", r.path)
			require.NotContains(t, got.body, "ana@example.com", r.path)
		}
	})
}

// Only the business can say who a customer is.
func TestIdentifiersCountWithTheirHashAlone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		banco := "/public/api/v1/inboxes/banco/contacts"
		ann := h.must("POST", banco, "", `{"identifier":"ann","identifier_hash":"`+signed("ann")+`","name":"Ann"}`)
		again := h.must("POST", banco, "", `{"identifier":"ann","identifier_hash":"`+signed("ann")+`"}`)
		require.Equal(t, ann["id"], again["id"])
		require.NotEqual(t, ann["source_id"], again["source_id"])
		stranger := h.must("POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"identifier":"ann"}`)
		require.NotEqual(t, ann["id"], stranger["id"], "an inbox without a secret cannot know who it is")
		require.NotEqual(t, "Ann", stranger["name"])
		anonymous := h.must("POST", banco, "", `{"name":"somebody"}`)
		require.Equal(t, 401, h.ask("PATCH", banco+"/"+anonymous["source_id"].(string), "", `{"identifier":"ann","identifier_hash":"`+signed("bob")+`"}`).status)
	})
}

func list(t *testing.T, a answer) []map[string]any {
	t.Helper()
	require.Equal(t, 200, a.status, a.body)
	var out []map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &out), a.body)
	return out
}

func column(rows []map[string]any, name string) []any {
	var out []any
	for _, r := range rows {
		out = append(out, r[name])
	}
	return out
}

func names(object map[string]any) []string {
	var out []string
	for name := range object {
		out = append(out, name)
	}
	return out
}
