package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// walker calls the contract's operations and notes how the answers differ from
// what it promises.
type walker struct {
	*house
	contract *contract
	called   map[string]bool
	found    map[breach]string // by an answer that shows it
	names    map[string]any    // what stands for {conversation_id} and its like
}

const (
	inAccount = "/api/v1/accounts/{account_id}"
	inPublic  = "/public/api/v1/inboxes/{inbox_identifier}"
)

// call sends a request to an operation ("GET A/labels": A is the account, P
// the public inbox), which has to succeed, and returns its answer.
func (w *walker) call(operation, body string, names ...any) any {
	w.t.Helper()
	operation = spelled(operation)
	for i := 0; i < len(names); i += 2 {
		w.names[names[i].(string)] = names[i+1]
	}
	method, template, _ := strings.Cut(operation, " ")
	template, query, _ := strings.Cut(template, "?")
	operation = method + " " + template
	path := inPath.ReplaceAllStringFunc(template, func(name string) string {
		value, ok := w.names[strings.Trim(name, "{}")]
		require.True(w.t, ok, "%s: what is %s?", operation, name)
		return fmt.Sprint(value)
	})
	if query != "" {
		path += "?" + query
	}
	token := "token-jefa"
	if strings.HasPrefix(path, "/public") {
		token = ""
	}
	got := w.ask(method, path, token, body)
	require.Less(w.t, got.status, 300, "%s: %s", operation, got.body)

	w.called[operation] = true
	status, schema := w.contract.success(w.t, operation)
	if got.status != status {
		w.found[breach{operation, fmt.Sprintf(": status %d, not %d", got.status, status)}] = got.body
	}
	if schema == nil {
		if got.body != "" {
			w.found[breach{operation, ": a body"}] = got.body
		}
		return nil
	}
	for _, what := range breaches(schema, got.body) {
		w.found[breach{operation, what}] = got.body
	}
	var out any
	if got.body != "" {
		require.NoError(w.t, json.Unmarshal([]byte(got.body), &out))
	}
	return out
}

// spelled writes "GET A/labels" out.
func spelled(operation string) string {
	return strings.NewReplacer(" A", " "+inAccount, " P", " "+inPublic).Replace(operation)
}

var inPath = regexp.MustCompile(`\{[a-z_]+\}`)

// at follows keys and indexes into an answer.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

// TestAnswersKeepChatwootsContract calls every operation of Chatwoot's contract
// that is served, and holds the answers against it. Where the contract is not
// kept there has to be an exception, and an exception has to be needed.
func TestAnswersKeepChatwootsContract(t *testing.T) {
	c := chatwootContract(t)
	eachHouse(t, func(t *testing.T, h *house) {
		w := &walker{house: h, contract: c, called: map[string]bool{}, found: map[breach]string{}, names: map[string]any{"account_id": 1}}
		w.people()
		w.inboxes()
		w.settings()
		w.contacts()
		w.visitors()
		w.conversations()
		w.reports()
		w.saved()

		w.weigh()
		w.lookAtTheRest()
	})
}

// weigh holds what was found against the exceptions, and these against it.
func (w *walker) weigh() {
	needed := map[breach]bool{}
	for b, answer := range w.found {
		needed[b], needed[breach{"", b.what}] = true, true
		assert.True(w.t, slices.ContainsFunc(exceptions, func(e exception) bool {
			return slices.Contains(e.covers(), b) || slices.Contains(e.covers(), breach{"", b.what})
		}), "%s: the contract is not kept, %s: %s", b.operation, b.what, answer)
	}
	for _, e := range exceptions {
		for _, b := range e.covers() {
			assert.True(w.t, needed[b], "an exception that is needed no more: %s %s (%s)", b.operation, b.what, e.why)
		}
	}
}

// lookAtTheRest: what was not called is not served, and is said to be so.
func (w *walker) lookAtTheRest() {
	needed := map[string]bool{}
	for _, operation := range w.contract.operations() {
		if w.called[operation] {
			continue
		}
		method, path, _ := strings.Cut(operation, " ")
		reason := ""
		for _, n := range notServed {
			if operation == n.operations || strings.HasPrefix(path, n.operations) {
				reason, needed[n.operations] = n.why, true
			}
		}
		assert.NotEmpty(w.t, reason, "%s is not called, and nobody says why", operation)
		got := w.ask(method, inPath.ReplaceAllString(path, "1"), "token-jefa", "{}")
		assert.Contains(w.t, []int{404, 405}, got.status, "%s is served now (%s): call it", operation, reason)
	}
	for _, n := range notServed {
		assert.True(w.t, needed[n.operations], "%s is not in the contract, or called", n.operations)
	}
}

func (w *walker) people() {
	w.call("GET /api/v1/profile", "")
	w.call("PUT /api/v1/profile", `{"profile":{"display_name":"La jefa"}}`)
	w.call("GET A", "")
	w.call("GET A/agents", "")
	eva := at(w.call("POST A/agents", `{"name":"Eva","email":"eva@example.com","role":"agent"}`), "id")
	w.call("PATCH A/agents/{id}", `{"role":"agent","availability":"busy"}`, "id", eva)

	w.call("GET A/teams", "")
	team := at(w.call("POST A/teams", `{"name":"postventa","description":"Quien repara","allow_auto_assign":true}`), "id")
	w.call("GET A/teams/{team_id}", "", "team_id", team)
	w.call("PATCH A/teams/{team_id}", `{"description":"Quien lo arregla"}`)
	members := fmt.Sprintf(`{"user_ids":[%v]}`, eva)
	w.call("POST A/teams/{team_id}/team_members", members)
	w.call("PATCH A/teams/{team_id}/team_members", members)
	w.call("GET A/teams/{team_id}/team_members", "")
	w.call("DELETE A/teams/{team_id}/team_members", members)
	w.call("DELETE A/teams/{team_id}", "")

	w.call("DELETE A/agents/{id}", "", "id", eva)
}

func (w *walker) inboxes() {
	w.call("GET A/agent_bots", "")
	bot := at(w.call("POST A/agent_bots", `{"name":"Rasa","description":"De fuera","outgoing_url":"https://bot.example.com"}`), "id")
	w.call("GET A/agent_bots/{id}", "", "id", bot)
	w.call("PATCH A/agent_bots/{id}", `{"description":"De otros"}`, "id", bot)
	inbox := at(w.call("POST A/inboxes", `{"name":"Conector","greeting_enabled":true,"greeting_message":"Hola","channel":{"type":"api"}}`), "id")
	w.call("GET A/inboxes", "")
	w.call("GET A/inboxes/{id}", "", "id", inbox)
	w.call("PATCH A/inboxes/{id}", `{"name":"Conector nuevo"}`)
	w.call("POST A/inboxes/{id}/set_agent_bot", fmt.Sprintf(`{"agent_bot":%v}`, bot))
	w.call("GET A/inboxes/{id}/agent_bot", "")
	w.call("POST A/inboxes", `{"name":"Web","channel":{"type":"web_widget","website_url":"https://shop.example.com"}}`)
	members := fmt.Sprintf(`{"inbox_id":%v,"user_ids":[%v]}`, inbox, w.agents["berta"].ID)
	w.call("POST A/inbox_members", members)
	w.call("PATCH A/inbox_members", members)
	w.call("GET A/inbox_members/{inbox_id}", "", "inbox_id", inbox)
	w.call("DELETE A/inbox_members", members)
	w.call("DELETE A/agent_bots/{id}", "", "id", bot)
	w.call("GET A/webhooks", "")
	hook := at(w.call("POST A/webhooks", `{"url":"https://93.184.216.34/","name":"Almacén","subscriptions":["message_created"]}`), "payload", "webhook", "id")
	w.call("PATCH A/webhooks/{webhook_id}", `{"subscriptions":["message_created","conversation_created"]}`, "webhook_id", hook)
	w.call("DELETE A/webhooks/{webhook_id}", "", "webhook_id", hook)
}

func (w *walker) settings() {
	canned := at(w.call("POST A/canned_responses", `{"short_code":"hola","content":"¡Hola!"}`), "id")
	w.call("PATCH A/canned_responses/{id}", `{"content":"¡Hola, {{contact.name}}!"}`, "id", canned)
	w.call("GET A/canned_responses", "")
	w.call("DELETE A/canned_responses/{id}", "")

	label := at(w.call("POST A/labels", `{"title":"urgente","description":"Corre","color":"#ff0000","show_on_sidebar":true}`), "id")
	w.call("GET A/labels/{id}", "", "id", label)
	w.call("PATCH A/labels/{id}", `{"description":"Prisa"}`)
	w.call("GET A/labels", "")
	w.call("DELETE A/labels/{id}", "")
}

func (w *walker) contacts() {
	inbox := at(w.call("GET A/inboxes", ""), "payload", 0, "id")
	made := at(w.call("POST A/contacts", fmt.Sprintf(`{"inbox_id":%v,"name":"Lucía","email":"lucia@example.com","phone_number":"+525512345678","identifier":"c-1","custom_attributes":{"talla":"L"},"additional_attributes":{"city":"Puebla"}}`, inbox)), "payload", "contact", "id")
	bare := at(w.call("POST A/contacts", `{"name":"Nadie"}`), "payload", "contact", "id")
	w.call("GET A/contacts/{id}", "", "id", bare)
	w.call("GET A/contacts/{id}", "", "id", made)
	w.call("PUT A/contacts/{id}", `{"name":"Lucía Pérez"}`)
	w.call("POST A/contacts/{id}/labels", `{"labels":["vip"]}`)
	w.call("GET A/contacts/{id}/labels", "")
	w.call("POST A/contacts/{id}/contact_inboxes", fmt.Sprintf(`{"inbox_id":%v}`, inbox))
	w.call("GET A/contacts/{id}/contactable_inboxes", "")
	w.call("GET A/contacts?sort=name", "")
	w.call("GET A/contacts/search?q=luc", "")
	w.call("POST A/contacts/filter", `{"payload":[{"attribute_key":"name","filter_operator":"contains","values":["Luc"],"query_operator":null}]}`)
	w.call("POST A/conversations", fmt.Sprintf(`{"inbox_id":%v,"contact_id":%v}`, inbox, made))
	w.call("GET A/contacts/{id}/conversations", "")
	w.call("POST A/actions/contact_merge", fmt.Sprintf(`{"base_contact_id":%v,"mergee_contact_id":%v}`, made, bare))
	gone := at(w.call("POST A/contacts", `{"name":"Otra"}`), "payload", "contact", "id")
	w.call("DELETE A/contacts/{id}", "", "id", gone)
}

func (w *walker) visitors() {
	w.call("GET P", "", "inbox_identifier", "tienda")
	source := at(w.call("POST P/contacts", `{"name":"Lucía","email":"lucia@example.com"}`), "source_id")
	w.call("GET P/contacts/{contact_identifier}", "", "contact_identifier", source)
	w.call("PATCH P/contacts/{contact_identifier}", `{"phone_number":"+525512345678","custom_attributes":{"talla":"L"}}`)
	id := at(w.call("POST P/contacts/{contact_identifier}/conversations", ""), "id")
	const one = " P/contacts/{contact_identifier}/conversations/{conversation_id}"
	w.call("POST"+one+"/messages", `{"content":"Hola","echo_id":"1"}`, "conversation_id", id)
	picture, kind := form(w.t, [][2]string{{"content", "Mira"}}, [3]string{"attachments[]", "foto.png", png})
	path := fmt.Sprintf("/public/api/v1/inboxes/tienda/contacts/%v/conversations/%v/messages", source, id)
	require.Equal(w.t, 200, w.ask("POST", path, "", picture, "Content-Type", kind).status)
	w.attend()
	said := w.call("GET"+one+"/messages", "").([]any)
	asked := at(said[len(said)-1], "id")
	w.call("PATCH"+one+"/messages/{message_id}", `{"submitted_values":[{"title":"Grande","value":"L"}]}`, "message_id", asked)
	w.call("GET"+one, "")
	w.call("GET P/contacts/{contact_identifier}/conversations", "")
	w.call("POST"+one+"/toggle_typing?typing_status=on", "")
	w.call("POST"+one+"/update_last_seen", "")
	w.call("POST"+one+"/toggle_status", "")
}

func (w *walker) conversations() {
	const one = " A/conversations/{conversation_id}"
	visitor := w.visitor("tienda")
	_, agents := w.conversation(visitor, "persona")
	id := agents[strings.LastIndex(agents, "/")+1:]
	w.call("GET"+one, "", "conversation_id", id)
	w.call("POST"+one+"/assignments", fmt.Sprintf(`{"team_id":%v}`, w.teamID))
	w.call("POST"+one+"/assignments", `{"assignee_id":null}`)
	w.call("POST"+one+"/assignments", fmt.Sprintf(`{"assignee_id":%v}`, w.agents["ana"].ID))
	w.call("POST"+one+"/labels", `{"labels":["urgente"]}`)
	w.call("GET"+one+"/labels", "")
	w.call("POST"+one+"/custom_attributes", `{"custom_attributes":{"pedido":17}}`)
	w.call("POST"+one+"/toggle_priority", `{"priority":"low"}`)
	w.call("PATCH"+one, `{"priority":"high"}`)
	w.call("POST"+one+"/toggle_typing_status", `{"typing_status":"on","is_private":false}`)
	sent := at(w.call("POST"+one+"/messages", `{"content":"Hola, soy la jefa"}`), "id")
	w.call("POST"+one+"/messages", `{"content":"Ojo","private":true}`)
	_, brought := w.conversation(w.visitor("correo"), "Hello")
	w.call("POST"+one+"/messages", `{"content":"Thanks","message_type":"incoming"}`, "conversation_id", brought[strings.LastIndex(brought, "/")+1:])
	w.call("POST"+one+"/messages", `{"content":"¿Algo más?"}`, "conversation_id", id)
	picture, kind := form(w.t, [][2]string{{"content", "Mira"}}, [3]string{"attachments[]", "foto.png", png})
	require.Equal(w.t, 200, w.ask("POST", agents+"/messages", "token-jefa", picture, "Content-Type", kind).status)
	w.call("GET"+one+"/messages", "")
	w.call("DELETE"+one+"/messages/{message_id}", "", "message_id", sent)
	w.call("GET"+one, "")
	w.call("GET A/conversations?status=all", "")
	w.call("GET A/conversations/meta", "")
	w.call("POST A/conversations/filter", `{"payload":[{"attribute_key":"status","filter_operator":"equal_to","values":["open"],"query_operator":null}]}`)
	w.call("POST"+one+"/toggle_status", `{"status":"snoozed","snoozed_until":1800000000}`)
	w.call("GET"+one, "")
	w.call("POST"+one+"/toggle_status", `{"status":"resolved"}`)

	w.must("POST", agents+"/messages", "token-jefa", `{"content":"¿Qué tal?","content_type":"input_csat"}`)
	uuid := at(w.must("GET", agents, "token-jefa", ""), "uuid")
	w.call("GET /survey/responses/{conversation_uuid}", "", "conversation_uuid", uuid)
}
