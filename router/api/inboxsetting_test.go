package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
	"relevo/router/webhook"
)

// What an administrator says of an inbox over the API is what its visitors
// meet.
func TestAFormMadeOverTheAPI(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		made := h.must("POST", "/api/v1/accounts/1/inboxes", "token-jefa", `{"name":"Web","locale":"es","channel":{"type":"web_widget","pre_chat_form_enabled":true,
			"pre_chat_form_options":{"pre_chat_message":"Antes de empezar: 2 < 3","pre_chat_fields":[
				{"field_type":"standard","label":"Correo","name":"emailAddress","type":"email","required":true,"enabled":true,"locale":"es"},
				{"field_type":"standard","label":"Teléfono","name":"phoneNumber","type":"text","required":false,"enabled":false},
				{"field_type":"conversation_attribute","label":"Pedido","name":"pedido","type":"text","regex_pattern":"^[A-Z]{2}$","regex_cue":"AB"},
				{"field_type":"contact_attribute","label":"Talla","name":"talla","type":"select","values":["S","L"]}]}}}`)
		require.Equal(t, true, made["pre_chat_form_enabled"])
		form := made["pre_chat_form_options"].(map[string]any)
		require.Equal(t, []string{"emailAddress", "phoneNumber", "pedido", "talla"}, fieldsOf(form, "name"))
		require.Equal(t, []string{"email", "phone", "text", "list"}, fieldsOf(form, "type"), "names of Chatwoot's clients are understood")
		require.Equal(t, []string{"standard", "standard", "conversation_attribute", "contact_attribute"}, fieldsOf(form, "field_type"))

		door := "/public/api/v1/inboxes/" + made["website_token"].(string)
		seen := h.must("GET", door, "", "")
		require.Equal(t, true, seen["pre_chat_form_enabled"])
		shown := seen["pre_chat_form_options"].(map[string]any)
		require.Equal(t, []string{"emailAddress", "pedido", "talla"}, fieldsOf(shown, "name"), "what is switched off is not asked")
		require.Equal(t, "Antes de empezar: 2 < 3", shown["pre_chat_message"])

		v := door + "/contacts/" + h.must("POST", door+"/contacts", "", "{}")["source_id"].(string)
		got := h.ask("POST", v+"/conversations", "", `{"message":{"content":"Hola"},"pre_chat":{"emailAddress":"l@example.com","pedido":"1"}}`)
		require.Equal(t, 422, got.status)
		require.Equal(t, []any{"pedido"}, got.json(t)["attributes"])
		c := h.must("POST", v+"/conversations", "", `{"message":{"content":"Hola"},"pre_chat":{"emailAddress":"l@example.com","pedido":"AB","talla":"L"}}`)
		kept := h.must("GET", fmt.Sprintf("%s/%v", desk, c["id"]), "token-jefa", "")
		require.Equal(t, map[string]any{"pedido": "AB"}, kept["custom_attributes"])

		one := fmt.Sprintf("/api/v1/accounts/1/inboxes/%v", made["id"])
		h.must("PATCH", one, "token-jefa", `{"channel":{"pre_chat_form_enabled":false}}`)
		require.Equal(t, false, h.must("GET", door, "", "")["pre_chat_form_enabled"])
		back := h.must("PATCH", one, "token-jefa", `{"channel":{"pre_chat_form_enabled":true}}`)
		require.Equal(t, form, back["pre_chat_form_options"], "kept for when it is enabled again")
		usual := h.must("PATCH", one, "token-jefa", `{"channel":{"pre_chat_form_options":{"pre_chat_fields":[]}}}`)
		require.Equal(t, []string{"fullName", "emailAddress"}, fieldsOf(usual["pre_chat_form_options"].(map[string]any), "name"))
	})
}

// Each is refused by name, in the caller's language, and changes nothing.
func TestFormsThatNoVisitorIsShown(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		made := h.must("POST", "/api/v1/accounts/1/inboxes", "token-jefa", `{"name":"Web","channel":{"type":"web_widget"}}`)
		one := fmt.Sprintf("/api/v1/accounts/1/inboxes/%v", made["id"])
		field := func(more string) string {
			return `{"pre_chat_fields":[{"name":"emailAddress","type":"email"},{"name":"pedido","type":"text"` + more + `}]}`
		}
		many := strings.Repeat(`{"name":"a","type":"text"},`, 20) + `{"name":"b","type":"text"}`
		for name, tt := range map[string]struct{ options, wrong, says string }{
			"a text":                      {`"name"`, "pre_chat_form_options", "formulario"},
			"fields that are no list":     {`{"pre_chat_fields":{"name":"x"}}`, "pre_chat_form_options", "formulario"},
			"a name that is an object":    {`{"pre_chat_fields":[{"name":{"$gt":""}}]}`, "pre_chat_form_options", "formulario"},
			"looking ahead":               {field(`,"regex_pattern":"^(?=.*[A-Z]).+$"`), "pre_chat_fields[1].regex_pattern", "patrón"},
			"going back":                  {field(`,"regex_pattern":"^(a+)\\1$"`), "pre_chat_fields[1].regex_pattern", "patrón"},
			"repeating without end":       {field(`,"regex_pattern":"((a{500}){500}){500}"`), "pre_chat_fields[1].regex_pattern", "patrón"},
			"a pattern without its end":   {field(`,"regex_pattern":"["`), "pre_chat_fields[1].regex_pattern", "patrón"},
			"a long pattern":              {field(`,"regex_pattern":"` + strings.Repeat("a", 201) + `"`), "pre_chat_fields[1].regex_pattern", "como máximo"},
			"a script for a label":        {field(`,"label":"<script>alert(1)</script>"`), "pre_chat_fields[1].label", "etiquetas"},
			"a picture for a placeholder": {field(`,"placeholder":"<img src=x onerror=alert(1)>"`), "pre_chat_fields[1].placeholder", "etiquetas"},
			"a script for a hint":         {field(`,"regex_cue":"</form><script>"`), "pre_chat_fields[1].regex_cue", "etiquetas"},
			"a script to choose":          {`{"pre_chat_fields":[{"name":"a","type":"list","values":["<svg onload=alert(1)>"]}]}`, "pre_chat_fields[0].values", "etiquetas"},
			"a script above":              {`{"pre_chat_message":"<iframe src=//x>"}`, "pre_chat_message", "etiquetas"},
			"a bell in a label":           {field(`,"label":"a\u0007"`), "pre_chat_fields[1].label", "carácter"},
			"a script for a name":         {`{"pre_chat_fields":[{"name":"<script>","type":"text"}]}`, "pre_chat_fields[0].name", "carácter"},
			"a name twice":                {field(`},{"name":"pedido","type":"text"`), "pre_chat_fields[2].name", "repetido"},
			"too many fields":             {`{"pre_chat_fields":[` + many + `]}`, "pre_chat_fields", "como máximo"},
			"too much to choose from":     {`{"pre_chat_fields":[{"name":"a","type":"list","values":["x"` + strings.Repeat(`,"y"`, 100) + `]}]}`, "pre_chat_fields[0].values", "como máximo"},
			"an unknown type":             {field(`,"type":"password"`), "pre_chat_fields[1].type", ""},
			"an unknown place":            {field(`,"field_type":"company_attribute"`), "pre_chat_fields[1].field_type", ""},
			"a long label":                {field(`,"label":"` + strings.Repeat("a", 256) + `"`), "pre_chat_fields[1].label", "como máximo"},
		} {
			got := h.ask("PATCH", one, "token-jefa", `{"channel":{"pre_chat_form_enabled":true,"pre_chat_form_options":`+tt.options+`}}`, "Accept-Language", "es")
			require.Equal(t, 422, got.status, "%s: %s", name, got.body)
			require.Equal(t, []any{tt.wrong}, got.json(t)["attributes"], name)
			require.Contains(t, got.json(t)["message"], tt.says, name)
			require.NotContains(t, got.body, "alert", "%s: what was sent is not repeated", name)
		}
		require.Equal(t, made, h.must("GET", one, "token-jefa", ""))
	})
}

// hashed is an identifier under a secret.
func hashed(secret any, identifier string) string {
	mac := hmac.New(sha256.New, []byte(secret.(string)))
	mac.Write([]byte(identifier))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestASecretOfIdentifiersIsExchanged(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		made := h.must("POST", "/api/v1/accounts/1/inboxes", "token-jefa", `{"name":"App","channel":{"type":"api","hmac_mandatory":true}}`)
		require.Equal(t, true, made["hmac_mandatory"])
		require.Len(t, made["hmac_token"], 52)
		door := "/public/api/v1/inboxes/" + made["inbox_identifier"].(string) + "/contacts"
		enter := func(secret any) answer {
			return h.ask("POST", door, "", `{"identifier":"ann","identifier_hash":"`+hashed(secret, "ann")+`"}`)
		}
		ann := enter(made["hmac_token"]).json(t)
		require.Equal(t, 401, enter("guess").status)

		one := fmt.Sprintf("/api/v1/accounts/1/inboxes/%v", made["id"])
		require.Equal(t, made["hmac_token"], h.must("PATCH", one, "token-jefa", `{"name":"App","channel":{"hmac_mandatory":true}}`)["hmac_token"], "said again, it stays")
		reset := h.must("POST", one+"/reset_hmac_token", "token-jefa", "")
		require.NotEqual(t, made["hmac_token"], reset["hmac_token"])
		require.Equal(t, 401, enter(made["hmac_token"]).status, "the old one is dead at once")
		require.Equal(t, ann["id"], enter(reset["hmac_token"]).json(t)["id"], "she is who she was")

		h.must("POST", "/api/v1/accounts/1/inbox_members", "token-jefa", fmt.Sprintf(`{"inbox_id":%v,"user_ids":[%d]}`, made["id"], h.agents["ana"].ID))
		seen := h.must("GET", one, "token-ana", "")
		require.Equal(t, []any{true, nil}, []any{seen["hmac_mandatory"], seen["hmac_token"]}, "for administrators")
		require.Equal(t, 401, h.ask("POST", one+"/reset_hmac_token", "token-ana", "").status)
		off := h.must("PATCH", one, "token-jefa", `{"channel":{"hmac_mandatory":false}}`)
		require.Equal(t, []any{false, nil}, []any{off["hmac_mandatory"], off["hmac_token"]})
		require.NotEqual(t, ann["id"], enter(reset["hmac_token"]).json(t)["id"], "and nobody's identifier counts")

		banco, err := h.router.InboxByIdentifier(t.Context(), "banco")
		require.NoError(t, err)
		declared := h.ask("POST", fmt.Sprintf("/api/v1/accounts/1/inboxes/%d/reset_hmac_token", banco.ID), "token-jefa", "")
		require.Equal(t, []any{422, "read_only"}, []any{declared.status, declared.json(t)["code"]})
		require.NotContains(t, h.ask("GET", fmt.Sprintf("/api/v1/accounts/1/inboxes/%d", banco.ID), "token-jefa", "").body, secret, "that of the environment is shown to nobody")
	})
}

// A connector and a bot outside that take nothing are seen where they are set
// up, by those who can mend it.
func TestAConnectorThatFailsIsSeen(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db, func(o *router.Options) {
			o.Webhooks = webhook.New(webhook.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
		})
		var takes atomic.Bool
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !takes.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
		}))
		t.Cleanup(other.Close)
		const account = "/api/v1/accounts/1"
		inbox := h.must("POST", account+"/inboxes", "token-jefa", `{"name":"SMS","channel":{"type":"api","webhook_url":"`+other.URL+`"}}`)
		bot := h.must("POST", account+"/agent_bots", "token-jefa", `{"name":"b","outgoing_url":"`+other.URL+`"}`)
		one, its := fmt.Sprintf("%s/inboxes/%v", account, inbox["id"]), fmt.Sprintf("%s/agent_bots/%v", account, bot["id"])
		h.must("POST", one+"/set_agent_bot", "token-jefa", fmt.Sprintf(`{"agent_bot":%v}`, bot["id"]))
		h.must("POST", account+"/inbox_members", "token-jefa", fmt.Sprintf(`{"inbox_id":%v,"user_ids":[%d]}`, inbox["id"], h.agents["ana"].ID))
		say := func() {
			h.conversation(h.visitor(inbox["inbox_identifier"].(string)), "Hola")
			require.NoError(t, h.router.Jobs().Drain(t.Context()))
			h.clock.Advance(3 * time.Second)
		}
		for _, path := range []string{one, its} {
			shown := h.must("GET", path, "token-jefa", "")
			require.Equal(t, []any{nil, nil}, []any{shown["failing_since"], shown["last_error"]}, path)
		}
		say()
		for _, path := range []string{one, its} {
			shown := h.must("GET", path, "token-jefa", "")
			require.Equal(t, []any{float64(monday.Unix()), "it answered 502"}, []any{shown["failing_since"], shown["last_error"]}, path)
			agents := h.must("GET", path, "token-ana", "")
			require.Equal(t, []any{nil, nil}, []any{agents["failing_since"], agents["last_error"]}, "%s: for administrators", path)
		}
		takes.Store(true)
		say()
		for _, path := range []string{one, its} {
			shown := h.must("GET", path, "token-jefa", "")
			require.Equal(t, []any{nil, nil}, []any{shown["failing_since"], shown["last_error"]}, path)
		}
	})
}

// Anybody may say that the widget was opened, in a number that hurts nobody.
func TestTheWidgetTellsThatItWasOpened(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const events = "/public/api/v1/inboxes/tienda/events"
		visitor := h.visitor("tienda")
		token := visitor[strings.LastIndex(visitor, "/")+1:]
		h.must("POST", "/api/v1/accounts/1/webhooks", "token-jefa", `{"url":"https://93.184.216.34/","subscriptions":["webwidget_triggered"]}`)
		said := h.ask("POST", events, "", `{"name":"webwidget.triggered","source_id":"`+token+`","event_info":{"referer":"https://tienda.example/"}}`)
		require.Equal(t, []any{200, ""}, []any{said.status, said.body}, "it says nothing of who that is")
		require.Equal(t, int64(1), h.count("webhook_deliveries WHERE event = 'webwidget_triggered' AND payload LIKE '%Luc_a%'"))
		for _, body := range []string{`{}`, `{"name":"webwidget.closed"}`, `{"name":"webwidget.triggered","event_info":[1]}`,
			`{"name":"webwidget.triggered","event_info":{"a":"` + strings.Repeat("a", 70_000) + `"}}`, `{"name":"webwidget.triggered","source_id":"` + strings.Repeat("a", 256) + `"}`} {
			require.Equal(t, 422, h.ask("POST", events, "", body).status, body[:min(len(body), 60)])
		}
		status := 0
		for range 40 {
			status = h.ask("POST", events, "", `{"name":"webwidget.triggered"}`).status
		}
		require.Equal(t, 429, status)
		require.LessOrEqual(t, h.count("webhook_deliveries"), int64(30))
	})
}
