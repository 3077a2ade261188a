package api_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inside matches what only our own code, or the database's, can have written.
var inside = regexp.MustCompile(`(?i)sql|panic|goroutine|\.go\b|runtime|reflect|strconv|interface \{|int64|\*?router\.|constraint|/work|/home|/tmp|unmarshal|invalid character`)

// Every request is refused with this status and code, stores nothing and tells
// nothing of the inside.
func TestBadInputIsRefusedWhole(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "hola")
		other := h.visitor("tienda")
		otherPublic, _ := h.conversation(other, "hola")
		elsewhere := h.visitor("correo")
		elsewherePublic, elsewhereAgents := h.conversation(elsewhere, "hi")
		token := visitor[strings.LastIndex(visitor, "/")+1:]
		id := agents[len(desk):]
		plain := h.must("POST", agents+"/messages", "token-ana", `{"content":"uno","echo_id":"e1"}`)["id"]
		h.must("POST", public+"/messages", "", `{"content":"uno","echo_id":"e1"}`)
		note := h.must("POST", agents+"/messages", "token-ana", `{"content":"nota","private":true}`)["id"]

		const (
			ana, berta = "token-ana", "token-berta"
			mib        = 1 << 20
		)
		emoji := strings.Repeat("👩‍👩‍👧‍👦", 40_000) // 280,000 runes in 1 MB
		for name, tt := range map[string]struct {
			method, path, token, body string
			status                    int
			code                      string
			headers                   []string
		}{
			"unknown inbox":                 {"GET", "/public/api/v1/inboxes/nada", "", "", 404, "not_found", nil},
			"NUL inbox":                     {"GET", "/public/api/v1/inboxes/%00", "", "", 404, "not_found", nil},
			"unknown visitor":               {"GET", "/public/api/v1/inboxes/tienda/contacts/nadie", "", "", 404, "not_found", nil},
			"NUL visitor":                   {"GET", "/public/api/v1/inboxes/tienda/contacts/%00", "", "", 404, "not_found", nil},
			"visitor not UTF-8":             {"GET", "/public/api/v1/inboxes/tienda/contacts/%ff", "", "", 404, "not_found", nil},
			"very long visitor":             {"GET", "/public/api/v1/inboxes/tienda/contacts/" + strings.Repeat("a", 3000), "", "", 404, "not_found", nil},
			"visitor of another inbox":      {"GET", "/public/api/v1/inboxes/correo/contacts/" + token, "", "", 404, "not_found", nil},
			"visitor's word elsewhere":      {"POST", "/public/api/v1/inboxes/correo/contacts/" + token + "/conversations" + id + "/messages", "", `{"content":"x"}`, 404, "not_found", nil},
			"conversation of an unknown":    {"POST", "/public/api/v1/inboxes/tienda/contacts/nadie/conversations", "", "", 404, "not_found", nil},
			"other visitor's conversation":  {"GET", visitor + otherPublic[len(other):], "", "", 404, "not_found", nil},
			"other visitor's messages":      {"GET", visitor + otherPublic[len(other):] + "/messages", "", "", 404, "not_found", nil},
			"word into another's":           {"POST", visitor + otherPublic[len(other):] + "/messages", "", `{"content":"x"}`, 404, "not_found", nil},
			"resolving another's":           {"POST", visitor + otherPublic[len(other):] + "/toggle_status", "", "", 404, "not_found", nil},
			"typing in another's":           {"POST", visitor + otherPublic[len(other):] + "/toggle_typing", "", `{"typing_status":"on"}`, 404, "not_found", nil},
			"seeing another's":              {"POST", visitor + otherPublic[len(other):] + "/update_last_seen", "", "", 404, "not_found", nil},
			"conversation elsewhere":        {"GET", visitor + elsewherePublic[len(elsewhere):], "", "", 404, "not_found", nil},
			"no such conversation":          {"GET", visitor + "/conversations/999999", "", "", 404, "not_found", nil},
			"huge conversation":             {"GET", visitor + "/conversations/99999999999999999999", "", "", 404, "not_found", nil},
			"greatest conversation":         {"GET", visitor + "/conversations/9223372036854775807", "", "", 404, "not_found", nil},
			"negative conversation":         {"GET", visitor + "/conversations/-1", "", "", 404, "not_found", nil},
			"word as conversation":          {"GET", visitor + "/conversations/uno", "", "", 404, "not_found", nil},
			"SQL as conversation":           {"GET", visitor + "/conversations/1%20OR%201=1", "", "", 404, "not_found", nil},
			"broken JSON":                   {"POST", public + "/messages", "", `{"content":`, 400, "malformed", nil},
			"list for an object":            {"POST", public + "/messages", "", `["hola"]`, 400, "malformed", nil},
			"not UTF-8":                     {"POST", public + "/messages", "", "{\"content\":\"\xff\xfe\"}", 400, "malformed", nil},
			"broken multipart":              {"POST", public + "/messages", "", "--x\r\nnonsense", 400, "malformed", []string{"Content-Type", "multipart/form-data; boundary=x"}},
			"1 MiB body":                    {"POST", public + "/messages", "", `{"content":"` + strings.Repeat("a", mib) + `"}`, 413, "too_large", nil},
			"1 MiB form":                    {"POST", public + "/messages", "", "content=" + strings.Repeat("a", mib), 413, "too_large", []string{"Content-Type", asForm}},
			"150,001 runes":                 {"POST", public + "/messages", "", `{"content":"` + strings.Repeat("ñ", 150_001) + `"}`, 422, "invalid", nil},
			"280,000 runes of emoji":        {"POST", public + "/messages", "", `{"content":"` + emoji[:900_000] + `"}`, 422, "invalid", nil},
			"empty word":                    {"POST", public + "/messages", "", `{"content":""}`, 422, "invalid", nil},
			"blank word":                    {"POST", public + "/messages", "", `{"content":" \n\t "}`, 422, "invalid", nil},
			"no word":                       {"POST", public + "/messages", "", ``, 422, "invalid", nil},
			"null word":                     {"POST", public + "/messages", "", `{"content":null}`, 422, "invalid", nil},
			"object as word":                {"POST", public + "/messages", "", `{"content":{"a":1}}`, 422, "invalid", nil},
			"NUL in a word":                 {"POST", public + "/messages", "", `{"content":"a\u0000b"}`, 422, "invalid", nil},
			"NUL in echo_id":                {"POST", public + "/messages", "", `{"content":"a","echo_id":"\u0000"}`, 422, "invalid", nil},
			"long echo_id":                  {"POST", public + "/messages", "", `{"content":"a","echo_id":"` + strings.Repeat("e", 300) + `"}`, 422, "invalid", nil},
			"echo_id of many bytes":         {"POST", public + "/messages", "", `{"content":"a","echo_id":"` + strings.Repeat("é", 200) + `"}`, 422, "invalid", nil},
			"echo_id used for another":      {"POST", public + "/messages", "", `{"content":"dos","echo_id":"e1"}`, 409, "echo_id_reused", nil},
			"Idempotency-Key for another":   {"POST", public + "/messages", "", `{"content":"dos"}`, 409, "echo_id_reused", []string{"Idempotency-Key", "e1"}},
			"long Idempotency-Key":          {"POST", public + "/messages", "", `{"content":"dos"}`, 422, "invalid", []string{"Idempotency-Key", strings.Repeat("k", 300)}},
			"negative cursor":               {"GET", public + "/messages?before=-5", "", "", 422, "invalid", nil},
			"word as cursor":                {"GET", public + "/messages?after=uno", "", "", 422, "invalid", nil},
			"a visitor opens":               {"POST", public + "/toggle_status", "", `{"status":"open"}`, 422, "invalid", nil},
			"unknown ending":                {"POST", public + "/toggle_status", "", `{"status":"bogus"}`, 422, "invalid", nil},
			"values into a plain text":      {"PATCH", fmt.Sprintf("%s/messages/%v", public, plain), "", `{"submitted_values":[{"title":"x","value":"x"}]}`, 422, "invalid", nil},
			"retry of what did not fail":    {"POST", fmt.Sprintf("%s/messages/%v/retry", agents, plain), ana, "", 422, "invalid", nil},
			"typing neither on nor off":     {"POST", public + "/toggle_typing", "", `{"typing_status":"maybe"}`, 422, "invalid", nil},
			"typing without status":         {"POST", public + "/toggle_typing", "", ``, 422, "invalid", nil},
			"values into a note":            {"PATCH", fmt.Sprintf("%s/messages/%v", public, note), "", `{"submitted_values":[{"title":"x","value":"x"}]}`, 404, "not_found", nil},
			"values into nothing":           {"PATCH", public + "/messages/999999", "", `{"submitted_values":[{"title":"x","value":"x"}]}`, 404, "not_found", nil},
			"no values":                     {"PATCH", public + "/messages/1", "", `{}`, 422, "invalid", nil},
			"not an e-mail":                 {"PATCH", visitor, "", `{"email":"lucia at example"}`, 422, "invalid", nil},
			"long name":                     {"PATCH", visitor, "", `{"name":"` + strings.Repeat("ñ", 300) + `"}`, 422, "invalid", nil},
			"NUL in a name":                 {"PATCH", visitor, "", `{"name":"a\u0000"}`, 422, "invalid", nil},
			"list as attributes":            {"PATCH", visitor, "", `{"custom_attributes":[1]}`, 422, "invalid", nil},
			"NUL in attributes":             {"PATCH", visitor, "", `{"custom_attributes":{"a":"\u0000"}}`, 422, "invalid", nil},
			"deep attributes":               {"PATCH", visitor, "", `{"custom_attributes":` + strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20) + `}`, 422, "invalid", nil},
			"very deep attributes":          {"PATCH", visitor, "", `{"custom_attributes":` + strings.Repeat(`{"a":`, 60_000) + "1" + strings.Repeat("}", 60_000) + `}`, 400, "malformed", nil},
			"large attributes":              {"POST", visitor + "/conversations", "", `{"custom_attributes":{"a":"` + strings.Repeat("a", 70_000) + `"}}`, 422, "invalid", nil},
			"number beyond all":             {"POST", visitor + "/conversations", "", `{"custom_attributes":{"a":1e999}}`, 422, "invalid", nil},
			"contact with broken JSON":      {"POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"name"`, 400, "malformed", nil},
			"contact with a bad e-mail":     {"POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"email":"@"}`, 422, "invalid", nil},
			"identifier without hash":       {"POST", "/public/api/v1/inboxes/banco/contacts", "", `{"identifier":"ann"}`, 401, "unauthenticated", nil},
			"identifier with another hash":  {"POST", "/public/api/v1/inboxes/banco/contacts", "", `{"identifier":"ann","identifier_hash":"` + strings.Repeat("ab", 32) + `"}`, 401, "unauthenticated", nil},
			"identifier with no hex":        {"POST", "/public/api/v1/inboxes/banco/contacts", "", `{"identifier":"ann","identifier_hash":"zz"}`, 401, "unauthenticated", nil},
			"public method that is not":     {"DELETE", public, "", "", 405, "method_not_allowed", nil},
			"public path that is not":       {"GET", public + "/secrets", "", "", 404, "not_found", nil},
			"no token":                      {"GET", desk, "", "", 401, "unauthenticated", nil},
			"wrong token":                   {"GET", desk, "token-nobody", "", 401, "unauthenticated", nil},
			"long token":                    {"GET", desk, strings.Repeat("t", 5000), "", 401, "unauthenticated", nil},
			"visitor's token as agent's":    {"GET", desk, token, "", 401, "unauthenticated", nil},
			"no token before broken JSON":   {"POST", agents + "/messages", "", `{"content":`, 401, "unauthenticated", nil},
			"other account":                 {"GET", "/api/v1/accounts/2/conversations", ana, "", 404, "not_found", nil},
			"word as account":               {"GET", "/api/v1/accounts/uno/conversations", ana, "", 404, "not_found", nil},
			"other inbox's agent reads":     {"GET", agents, berta, "", 401, "forbidden", nil},
			"other inbox's agent answers":   {"POST", agents + "/messages", berta, `{"content":"x"}`, 401, "forbidden", nil},
			"other inbox's agent notes":     {"POST", agents + "/messages", berta, `{"content":"x","private":true}`, 401, "forbidden", nil},
			"other inbox's agent brings":    {"POST", agents + "/messages", berta, `{"content":"x","message_type":"incoming"}`, 401, "forbidden", nil},
			"other inbox's agent lists":     {"GET", agents + "/messages", berta, "", 401, "forbidden", nil},
			"other inbox's agent resolves":  {"POST", agents + "/toggle_status", berta, `{"status":"resolved"}`, 401, "forbidden", nil},
			"other inbox's agent toggles":   {"POST", agents + "/toggle_status", berta, ``, 401, "forbidden", nil},
			"other inbox's agent snoozes":   {"POST", agents + "/toggle_status", berta, `{"snooze":"tomorrow"}`, 401, "forbidden", nil},
			"other inbox's agent assigns":   {"POST", agents + "/assignments", berta, `{"assignee_id":null}`, 401, "forbidden", nil},
			"other inbox's agent labels":    {"POST", agents + "/labels", berta, `{"labels":["x"]}`, 401, "forbidden", nil},
			"other inbox's agent sees":      {"POST", agents + "/update_last_seen", berta, ``, 401, "forbidden", nil},
			"other inbox's agent's brief":   {"GET", agents + "/handoff", berta, "", 401, "forbidden", nil},
			"conversation that is not":      {"GET", desk + "/999999", ana, "", 404, "not_found", nil},
			"huge id":                       {"POST", desk + "/99999999999999999999/toggle_status", ana, `{"status":"open"}`, 404, "not_found", nil},
			"word as id":                    {"GET", desk + "/uno/messages", ana, "", 404, "not_found", nil},
			"brief where none is":           {"GET", agents + "/handoff", ana, "", 404, "not_found", nil},
			"unknown status":                {"POST", agents + "/toggle_status", ana, `{"status":"sleeping"}`, 422, "invalid", nil},
			"number as status":              {"POST", agents + "/toggle_status", ana, `{"status":0}`, 422, "invalid", nil},
			"object as status":              {"POST", agents + "/toggle_status", ana, `{"status":{}}`, 422, "invalid", nil},
			"new as status":                 {"POST", agents + "/toggle_status", ana, `{"status":"new"}`, 422, "invalid", nil},
			"pending without a bot":         {"POST", elsewhereAgents + "/toggle_status", berta, `{"status":"pending"}`, 422, "inbox_has_no_bot", nil},
			"snooze into the past":          {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snoozed_until":1}`, 422, "invalid", nil},
			"snooze before time":            {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snoozed_until":-9223372036854775808}`, 422, "invalid", nil},
			"snooze for ever":               {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snoozed_until":9223372036854775807}`, 422, "invalid", nil},
			"snooze beyond numbers":         {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snoozed_until":99999999999999999999}`, 422, "invalid", nil},
			"snooze until a word":           {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snoozed_until":"some day"}`, 422, "invalid", nil},
			"unknown snooze":                {"POST", agents + "/toggle_status", ana, `{"status":"snoozed","snooze":"never"}`, 422, "invalid", nil},
			"stale version":                 {"POST", agents + "/toggle_status", ana, `{"status":"resolved"}`, 409, "stale_version", []string{"If-Match", `W/"99"`}},
			"stale assignment":              {"POST", agents + "/assignments", ana, `{"assignee_id":null}`, 409, "stale_version", []string{"If-Match", "99"}},
			"stale labels":                  {"POST", agents + "/labels", ana, `{"labels":["x"]}`, 409, "stale_version", []string{"If-Match", "99"}},
			"stale answer":                  {"POST", agents + "/messages", ana, `{"content":"x"}`, 409, "stale_version", []string{"If-Match", "99"}},
			"word as version":               {"POST", agents + "/toggle_status", ana, `{"status":"resolved"}`, 422, "invalid", []string{"If-Match", `"abc"`}},
			"unknown agent":                 {"POST", agents + "/assignments", ana, `{"assignee_id":999}`, 422, "invalid", nil},
			"agent of another inbox":        {"POST", agents + "/assignments", ana, fmt.Sprintf(`{"assignee_id":%d}`, h.agents["berta"].ID), 422, "invalid", nil},
			"negative agent":                {"POST", agents + "/assignments", ana, `{"assignee_id":-1}`, 422, "invalid", nil},
			"word as agent":                 {"POST", agents + "/assignments", ana, `{"assignee_id":"ana"}`, 422, "invalid", nil},
			"unknown team":                  {"POST", agents + "/assignments", ana, `{"team_id":999}`, 422, "invalid", nil},
			"nobody named":                  {"POST", agents + "/assignments", ana, `{}`, 422, "invalid", nil},
			"no labels":                     {"POST", agents + "/labels", ana, `{}`, 422, "invalid", nil},
			"object as labels":              {"POST", agents + "/labels", ana, `{"labels":{"a":1}}`, 422, "invalid", nil},
			"long label":                    {"POST", agents + "/labels", ana, `{"labels":["` + strings.Repeat("a", 101) + `"]}`, 422, "invalid", nil},
			"too many labels":               {"POST", agents + "/labels", ana, `{"labels":["x"` + labels(60) + `]}`, 422, "invalid", nil},
			"NUL in a label":                {"POST", agents + "/labels", ana, `{"labels":["a\u0000"]}`, 422, "invalid", nil},
			"unknown message type":          {"POST", agents + "/messages", ana, `{"content":"x","message_type":"activity"}`, 422, "invalid", nil},
			"template by an agent":          {"POST", agents + "/messages", ana, `{"content":"x","message_type":3}`, 422, "invalid", nil},
			"unknown content type":          {"POST", agents + "/messages", ana, `{"content":"x","content_type":"video"}`, 422, "invalid", nil},
			"a web visitor's word":          {"POST", agents + "/messages", ana, `{"content":"x","message_type":"incoming"}`, 422, "invalid", nil},
			"private word of a customer":    {"POST", agents + "/messages", ana, `{"content":"x","message_type":"incoming","private":true}`, 422, "invalid", nil},
			"word as private":               {"POST", agents + "/messages", ana, `{"content":"x","private":"perhaps"}`, 422, "invalid", nil},
			"empty answer":                  {"POST", agents + "/messages", ana, `{"content":""}`, 422, "invalid", nil},
			"NUL in an answer":              {"POST", agents + "/messages", ana, `{"content":"\u0000"}`, 422, "invalid", nil},
			"text as content_attributes":    {"POST", agents + "/messages", ana, `{"content":"x","content_attributes":"hola"}`, 422, "invalid", nil},
			"NUL in content_attributes":     {"POST", agents + "/messages", ana, `{"content":"x","content_attributes":{"a":["\u0000"]}}`, 422, "invalid", nil},
			"answer under a used echo_id":   {"POST", agents + "/messages", ana, `{"content":"dos","echo_id":"e1"}`, 409, "echo_id_reused", nil},
			"list of an unknown status":     {"GET", desk + "?status=sleeping", ana, "", 422, "invalid", nil},
			"list of unknown assignees":     {"GET", desk + "?assignee_type=nobody", ana, "", 422, "invalid", nil},
			"negative page":                 {"GET", desk + "?page=-1", ana, "", 422, "invalid", nil},
			"page nought":                   {"GET", desk + "?page=0", ana, "", 422, "invalid", nil},
			"huge page":                     {"GET", desk + "?page=99999999999999999999", ana, "", 422, "invalid", nil},
			"word as page":                  {"GET", desk + "?page=two", ana, "", 422, "invalid", nil},
			"word as inbox":                 {"GET", desk + "?inbox_id=tienda", ana, "", 422, "invalid", nil},
			"NUL in a filter":               {"GET", desk + "?labels[]=%00", ana, "", 422, "invalid", nil},
			"broken query":                  {"GET", desk + "?status=%zz", ana, "", 400, "malformed", nil},
			"1 MiB answer":                  {"POST", agents + "/messages", ana, `{"content":"` + strings.Repeat("a", mib) + `"}`, 413, "too_large", nil},
			"agents' method that is not":    {"PUT", agents, ana, "", 405, "method_not_allowed", nil},
			"agents' path that is not":      {"GET", agents + "/secrets", ana, "", 404, "not_found", nil},
			"path outside of everything":    {"GET", "/../../etc/passwd", "", "", 404, "not_found", nil},
			"two things wrong":              {"GET", desk + "?page=x&status=y", ana, "", 422, "invalid", nil},
			"conversation wrapped and wild": {"POST", visitor + "/conversations", "", `{"conversation":{"custom_attributes":"wild"}}`, 422, "invalid", nil},
		} {
			t.Run(name, func(t *testing.T) {
				before := h.stored()
				got := h.ask(tt.method, tt.path, tt.token, tt.body, tt.headers...)
				require.Equal(t, tt.status, got.status, got.body)
				require.Equal(t, tt.code, got.json(t)["code"], got.body)
				require.NotRegexp(t, inside, got.body)
				require.Less(t, len(got.body), 1000)
				require.Equal(t, before, h.stored(), "a refused request stored something")
			})
		}
		h.Close() // the last line is written after the answer
		require.NotContains(t, h.log.String(), "level=ERROR")
		require.NotContains(t, h.log.String(), token)
		require.Contains(t, h.log.String(), "status=422")
	})
}

func labels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"l%d"`, i)
	}
	return b.String()
}

// What looks bad and is not: stored as it was sent.
func TestUnusualTextIsStoredAsItWasSent(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("correo"), "hi")
		for name, text := range map[string]string{
			"300 runes":     strings.Repeat("ñ", 300),
			"emoji":         strings.Repeat("👩‍👩‍👧‍👦🇲🇽é", 30),
			"long":          strings.Repeat("a", 150_000),
			"SQL":           `'; DROP TABLE messages; --`,
			"markup":        `<script>alert(1)</script> & "x"`,
			"right to left": "שלום \u202e عالم",
			"controls":      "a\tb\nc\u0001d",
			"replacement":   "\ufffd",
			"template":      "{{ contact.name }} ${x} %s %00 \\u0000",
		} {
			t.Run(name, func(t *testing.T) {
				body := fmt.Sprintf(`{"content":%s}`, quoted(t, text))
				require.Equal(t, text, h.must("POST", public+"/messages", "", body)["content"])
				require.Equal(t, text, h.must("POST", agents+"/messages", "token-berta", body)["content"])
				v := h.must("GET", agents, "token-berta", "")
				require.Equal(t, text, v["last_non_activity_message"].(map[string]any)["content"])
			})
		}
	})
}
