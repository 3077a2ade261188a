package agentdesk_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnInboxHasHoursAndAnEndOfSilence(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/inboxes", `{"name":"Web","channel":{"type":"web_widget"},"enable_email_collect":true,
			"working_hours_enabled":true,"out_of_office_message":"Cerrado","auto_resolve_after":4320,"auto_resolve_message":"Adiós","auto_resolve_label":"inactiva"}`).object()
		for name, want := range map[string]any{"enable_email_collect": true, "working_hours_enabled": true, "out_of_office_message": "Cerrado",
			"auto_resolve_after": 4320.0, "auto_resolve_pending_after": nil, "auto_resolve_ignore_waiting": true, "auto_resolve_message": "Adiós", "auto_resolve_label": "inactiva"} {
			require.Equal(t, want, made[name], name)
		}
		day := func(i map[string]any, n int) map[string]any { return i["working_hours"].([]any)[n].(map[string]any) }
		require.Equal(t, true, day(made, 0)["closed_all_day"])
		require.Equal(t, []any{9.0, 17.0}, []any{day(made, 1)["open_hour"], day(made, 1)["close_hour"]}, "as Chatwoot's inboxes begin")

		one := fmt.Sprintf("%s/inboxes/%v", account, made["id"])
		changed := o.must("jefa", "PATCH", one, `{"auto_resolve_after":null,"working_hours":[
			{"day_of_week":6,"open_all_day":true},{"day_of_week":1,"closed_all_day":true},
			{"day_of_week":5,"open_hour":18,"open_minutes":30,"close_hour":2,"close_minutes":0},{"day_of_week":3,"spans":["09:00-14:00","16:00-20:00"]}]}`).object()
		require.Nil(t, changed["auto_resolve_after"])
		require.Equal(t, []any{true, 0.0, 23.0, 59.0}, []any{day(changed, 6)["open_all_day"], day(changed, 6)["open_hour"], day(changed, 6)["close_hour"], day(changed, 6)["close_minutes"]})
		require.Equal(t, true, day(changed, 1)["closed_all_day"])
		require.Equal(t, []any{"18:30-02:00"}, day(changed, 5)["spans"])
		require.Equal(t, []any{9.0, 20.0}, []any{day(changed, 3)["open_hour"], day(changed, 3)["close_hour"]})
		require.Equal(t, []any{"09:00-17:00"}, day(changed, 2)["spans"], "the others stay")
		require.Equal(t, changed, o.must("jefa", "PATCH", one, `{"name":"Web"}`).object())

		for _, body := range []string{`{"working_hours":{}}`, `{"working_hours":[{"open_hour":9,"close_hour":17}]}`, `{"working_hours":[{"day_of_week":7,"closed_all_day":true}]}`,
			`{"working_hours":[{"day_of_week":1,"open_hour":9}]}`, `{"working_hours":[{"day_of_week":1,"open_hour":25,"close_hour":26}]}`,
			`{"working_hours":[{"day_of_week":1,"open_hour":9,"close_hour":9}]}`, `{"working_hours":[{"day_of_week":1,"spans":["09:00-14:00","13:00-15:00"]}]}`,
			`{"working_hours":[{"day_of_week":"lunes"}]}`, `{"working_hours":[{"day_of_week":1,"spans":["09:00-14:00"]},{"day_of_week":1,"closed_all_day":true}]}`, `{"auto_resolve_after":-1}`, `{"auto_resolve_after":99999999}`} {
			o.refused(422, "invalid", "jefa", "PATCH", one, body)
		}
		require.Equal(t, changed, o.must("jefa", "GET", one, "").object())
	})
}

// All that relevo.yaml says of an inbox can be said of one that the API made.
func TestAnInboxOfTheAPIHasEverySetting(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/inboxes", `{"name":"Web","channel":{"type":"web_widget"}}`).object()
		for name, want := range map[string]any{"mail_from": nil, "mail_reply_to": nil, "debounce_window_ms": 1500.0, "debounce_maximum_ms": 6000.0,
			"email_collect_ask": nil, "email_collect_box": nil, "email_collect_thanks": nil, "holidays": []any{}, "hmac_mandatory": false, "hmac_token": nil} {
			require.Equal(t, want, made[name], name)
		}
		one := fmt.Sprintf("%s/inboxes/%v", account, made["id"])
		want := map[string]any{"mail_from": "Tienda Ñ <hola@tienda.example>", "mail_reply_to": "ventas@tienda.example", "debounce_window_ms": 0.0,
			"debounce_maximum_ms": 0.0, "email_collect_ask": "¿A qué correo?", "email_collect_box": "Escríbelo aquí", "email_collect_thanks": "Gracias",
			"holidays": []any{"2026-12-25", "2027-01-01"}}
		changed := o.must("jefa", "PATCH", one, asJSON(t, want)).object()
		for name := range want {
			require.Equal(t, want[name], changed[name], name)
		}
		require.Equal(t, changed, o.must("jefa", "PATCH", one, `{"name":"Web"}`).object(), "what is not named stays")
		inbox, err := o.router.InboxByIdentifier(t.Context(), made["website_token"].(string))
		require.NoError(t, err)
		require.Equal(t, "Tienda Ñ <hola@tienda.example>", inbox.Settings.Mail.From)
		require.Len(t, inbox.Settings.Hours.Holidays, 2)

		for body, wrong := range map[string]string{
			`{"mail_from":"nobody"}`: "mail_from",
			`{"mail_from":"Tienda <hola@tienda.example>\r\nBcc: all@example.com"}`:      "mail_from",
			`{"mail_from":"=?utf-8?q?a=0D=0ABcc:_x@y.example?= <hola@tienda.example>"}`: "mail_from",
			`{"mail_reply_to":"a@example.com, b@example.com"}`:                          "mail_reply_to",
			`{"debounce_window_ms":7000,"debounce_maximum_ms":6000}`:                    "debounce_maximum_ms",
			`{"debounce_window_ms":60001}`:                                              "debounce_window_ms",
			`{"holidays":["25 de diciembre"]}`:                                          "holidays",
			`{"holidays":"2026-12-25T00:00"}`:                                           "holidays",
			`{"email_collect_ask":"a\u0000"}`:                                           "email_collect_ask",
			`{"channel":{"hmac_mandatory":"yes"}}`:                                      "hmac_mandatory",
			`{"channel":{"pre_chat_form_enabled":1}}`:                                   "pre_chat_form_enabled",
		} {
			got := o.refused(422, "invalid", "jefa", "PATCH", one, body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
		}
		require.Equal(t, changed, o.must("jefa", "GET", one, "").object())
		cleared := o.must("jefa", "PATCH", one, `{"mail_from":null,"mail_reply_to":"","holidays":[],"email_collect_ask":null}`).object()
		require.Equal(t, []any{nil, nil, []any{}, nil}, []any{cleared["mail_from"], cleared["mail_reply_to"], cleared["holidays"], cleared["email_collect_ask"]})
	})
}

// The secrets that sign what others are told are exchanged by administrators;
// an inbox without a connector, and a bot without an address, have none.
func TestSecretsOfSignaturesAreExchanged(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		inbox := o.must("jefa", "POST", account+"/inboxes", fmt.Sprintf(`{"name":"SMS","channel":{"type":"api","webhook_url":%q}}`, outside)).object()
		bot := o.must("jefa", "POST", account+"/agent_bots", fmt.Sprintf(`{"name":"b","outgoing_url":%q}`, outside)).object()
		hook := o.must("jefa", "POST", account+"/webhooks", fmt.Sprintf(`{"url":%q}`, outside)).object()["payload"].(map[string]any)["webhook"].(map[string]any)
		for path, was := range map[string]any{fmt.Sprintf("/inboxes/%v", inbox["id"]): inbox["secret"], fmt.Sprintf("/agent_bots/%v", bot["id"]): bot["secret"],
			fmt.Sprintf("/webhooks/%v", hook["id"]): hook["secret"]} {
			now := o.must("jefa", "POST", account+path+"/reset_secret", "").object()
			if payload, of := now["payload"].(map[string]any); of {
				now = payload["webhook"].(map[string]any)
			}
			require.Contains(t, now["secret"], "whsec_", path)
			require.NotEqual(t, was, now["secret"], path)
			o.refused(401, "forbidden", "ana", "POST", account+path+"/reset_secret", "")
		}
		silent := o.must("jefa", "POST", account+"/agent_bots", `{"name":"c"}`).object()
		for _, path := range []string{fmt.Sprintf("/inboxes/%d", o.tienda.ID), fmt.Sprintf("/agent_bots/%v", silent["id"]), "/inboxes/999", "/agent_bots/999", "/webhooks/999",
			fmt.Sprintf("/webhooks/%v", hook["id"].(float64)+50)} {
			o.refused(404, "not_found", "jefa", "POST", account+path+"/reset_secret", "")
		}
	})
}
