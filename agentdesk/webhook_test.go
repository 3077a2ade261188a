package agentdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const outside = "https://93.184.216.34/hook"

func TestAdministratorsManageWebhooks(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		at := account + "/webhooks"
		require.Empty(t, o.must("jefa", "GET", at, "").object()["payload"].(map[string]any)["webhooks"])
		shown := func(a answer) map[string]any {
			return a.object()["payload"].(map[string]any)["webhook"].(map[string]any)
		}
		made := shown(o.must("jefa", "POST", at, fmt.Sprintf(`{"webhook":{"url":%q,"name":"Almacén","subscriptions":["message_created","contact_created"]}}`, outside)))
		secret := made["secret"].(string)
		require.True(t, strings.HasPrefix(secret, "whsec_"))
		require.Equal(t, map[string]any{"id": made["id"], "name": "Almacén", "url": outside, "account_id": 1.0, "secret": secret,
			"subscriptions": []any{"contact_created", "message_created"}, "enabled": true, "failing_since": nil, "last_error": nil, "disabled_at": nil}, made)
		one := fmt.Sprintf("%s/%v", at, made["id"])

		o.clock.Advance(60e9)
		off := shown(o.must("jefa", "PATCH", one, `{"enabled":false}`))
		require.Equal(t, []any{false, float64(noon.Unix() + 60)}, []any{off["enabled"], off["disabled_at"]})
		on := shown(o.must("jefa", "PATCH", one, fmt.Sprintf(`{"enabled":true,"inbox_id":%d,"subscriptions":["conversation_created"]}`, o.correo.ID)))
		require.Equal(t, []any{true, nil, []any{"conversation_created"}, secret}, []any{on["enabled"], on["disabled_at"], on["subscriptions"], on["secret"]})
		require.Equal(t, map[string]any{"id": float64(o.correo.ID), "name": "Correo"}, on["inbox"])
		require.NotContains(t, shown(o.must("jefa", "PATCH", one, `{"inbox_id":null}`)), "inbox")
		require.Len(t, o.must("jefa", "GET", at, "").object()["payload"].(map[string]any)["webhooks"], 1)

		all := shown(o.must("jefa", "POST", at, `{"url":"https://93.184.216.34/all"}`))
		require.Len(t, all["subscriptions"], 8, "everything but typing")
		o.must("jefa", "DELETE", one, "")
		o.refused(404, "not_found", "jefa", "DELETE", one, "")
		o.refused(404, "not_found", "jefa", "PATCH", one, `{"name":"x"}`)

		_, bot := o.botOf(o.correo)
		for _, token := range []string{"ana", bot} {
			for _, line := range []string{"GET " + at, "POST " + at, "PATCH " + one, "DELETE " + one} {
				method, path, _ := strings.Cut(line, " ")
				require.Equal(t, 401, o.ask(token, method, path, `{"url":"https://93.184.216.34/x"}`).status, line)
			}
		}
	})
}

func TestBadWebhooksAreRefused(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.must("jefa", "POST", account+"/webhooks", fmt.Sprintf(`{"url":%q}`, outside))
		for body, wrong := range map[string]string{
			`{}`:                                     "url",
			`{"url":""}`:                             "url",
			`{"url":"ftp://example.com"}`:            "url",
			`{"url":"http://127.0.0.1:6379/"}`:       "url",
			`{"url":"http://[::ffff:10.0.0.1]/"}`:    "url",
			`{"url":"http://localhost/"}`:            "url",
			`{"url":"http://169.254.169.254/token"}`: "url",
			fmt.Sprintf(`{"url":%q}`, outside):       "url",
			`{"url":"https://93.184.216.34/` + strings.Repeat("x", 2048) + `"}`:           "url",
			`{"url":"https://93.184.216.34/b","subscriptions":[]}`:                        "subscriptions",
			`{"url":"https://93.184.216.34/b","subscriptions":["x"]}`:                     "subscriptions",
			`{"url":"https://93.184.216.34/b","inbox_id":999}`:                            "inbox_id",
			`{"url":"https://93.184.216.34/b","name":"` + strings.Repeat("x", 256) + `"}`: "name",
		} {
			got := o.ask("jefa", "POST", account+"/webhooks", body)
			require.Equal(t, 422, got.status, "%s: %s", body, got.body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
		}
		got := o.ask("jefa", "POST", account+"/webhooks", `{"url":"http://10.0.0.1/"}`, "Accept-Language", "es")
		require.Contains(t, got.object()["message"], "red privada")
	})
}

// A connector's address and its secret stand in the inbox; the secret is for
// administrators.
func TestAConnectorsAddressBelongsToItsInbox(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/inboxes", fmt.Sprintf(`{"name":"SMS","channel":{"type":"api","webhook_url":%q}}`, outside)).object()
		require.Equal(t, outside, made["webhook_url"])
		require.Contains(t, made["secret"], "whsec_")
		one := fmt.Sprintf("%s/inboxes/%v", account, made["id"])
		o.must("jefa", "POST", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%v,"user_ids":[%d]}`, made["id"], o.ana.ID))
		seen := o.must("ana", "GET", one, "").object()
		require.Equal(t, []any{outside, nil}, []any{seen["webhook_url"], seen["secret"]})
		changed := o.must("jefa", "PATCH", one, `{"channel":{"webhook_url":"https://93.184.216.34/other"}}`).object()
		require.Equal(t, []any{"https://93.184.216.34/other", made["secret"]}, []any{changed["webhook_url"], changed["secret"]})
		none := o.must("jefa", "PATCH", one, `{"channel":{"webhook_url":null}}`).object()
		require.Equal(t, []any{nil, nil}, []any{none["webhook_url"], none["secret"]})

		inside := `{"name":"x","channel":{"type":%q,"webhook_url":%q}}`
		require.Equal(t, []any{"webhook_url"}, o.refused(422, "invalid", "jefa", "POST", account+"/inboxes", fmt.Sprintf(inside, "api", "http://10.0.0.1/")).object()["attributes"])
		require.Equal(t, []any{"webhook_url"}, o.refused(422, "invalid", "jefa", "POST", account+"/inboxes", fmt.Sprintf(inside, "web_widget", outside)).object()["attributes"])
	})
}
