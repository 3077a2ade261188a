package agentdesk_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func TestAdministratorsManageAgents(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		berta := o.must("jefa", "POST", account+"/agents", `{"agent":{"name":"Berta","email":"Berta@example.com","role":"agent","availability":"busy","auto_offline":false}}`).object()
		require.Equal(t, map[string]any{"id": berta["id"], "account_id": 1.0, "availability_status": "busy", "auto_offline": false, "confirmed": true,
			"email": "berta@example.com", "provider": "email", "available_name": "Berta", "name": "Berta", "role": "agent", "thumbnail": ""}, berta)
		require.Equal(t, []any{"Ana", "Berta", "Jefa"}, column(o.must("ana", "GET", account+"/agents", "").list(), "name"))
		one := fmt.Sprintf("%s/agents/%v", account, berta["id"])
		changed := o.must("jefa", "PATCH", one, `{"role":"administrator","availability":"online","auto_offline":true}`).object()
		require.Equal(t, "administrator", changed["role"])
		require.Equal(t, "offline", changed["availability_status"], "no sign of life")
		require.Empty(t, o.must("jefa", "DELETE", one, "").body)
		require.Equal(t, []any{"Ana", "Jefa"}, column(o.must("ana", "GET", account+"/agents", "").list(), "name"))

		for body, wrong := range map[string]string{
			`{"name":"B","email":"b","role":"agent"}`:                                  "email",
			`{"name":"B","email":"b@example.com","role":"owner"}`:                      "role",
			`{"email":"b@example.com","role":"agent"}`:                                 "name",
			`{"name":"B","email":"b@example.com","password":"short"}`:                  "password",
			`{"name":"B","email":"ana@example.com","role":"agent"}`:                    "email",
			`{"name":"B","email":"b@example.com","role":"agent","time_zone":"Narnia"}`: "time_zone",
		} {
			got := o.ask("jefa", "POST", account+"/agents", body)
			require.Equal(t, 422, got.status, got.body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
		}
		self := fmt.Sprintf("%s/agents/%d", account, o.jefa.ID)
		o.refused(422, "invalid", "jefa", "DELETE", self, "")
		o.refused(422, "invalid", "jefa", "PATCH", self, `{"role":"agent"}`)
		for method, path := range map[string]string{"POST": account + "/agents", "PATCH": self, "DELETE": self} {
			o.refused(401, "forbidden", "ana", method, path, `{"name":"X","email":"x@example.com"}`)
			o.refused(401, "unauthenticated", "", method, path, `{}`)
		}
		o.refused(404, "not_found", "jefa", "PATCH", account+"/agents/999", `{"name":"X"}`)
	})
}

func TestARemovedAgentsTokenAndConversationsEndAtOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		c := o.word(o.tienda, "Hola")
		o.must("ana", "POST", fmt.Sprintf("%s/conversations/%d/toggle_status", account, c), `{"status":"open"}`)
		o.must("jefa", "DELETE", fmt.Sprintf("%s/agents/%d", account, o.ana.ID), "")
		o.refused(401, "unauthenticated", "ana", "GET", "/api/v1/profile", "")
		shown := o.must("jefa", "GET", fmt.Sprintf("%s/conversations/%d", account, c), "").object()
		require.Nil(t, shown["meta"].(map[string]any)["assignee"])
		lines := o.lines(c)
		require.Equal(t, "system: La conversación quedó sin agente asignado porque Jefa retiró a Ana", lines[len(lines)-1])
	})
}

func TestAgentsChangeTheirProfile(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		got := o.must("ana", "PUT", "/api/v1/profile", `{"profile":{"display_name":"Ana de Soporte","time_zone":"America/Bogota"}}`).object()
		require.Equal(t, "Ana de Soporte", got["available_name"])
		require.Equal(t, "Ana", got["name"])
		require.Equal(t, got, o.must("ana", "GET", "/api/v1/profile", "").object())
		cleared := o.must("ana", "PUT", "/api/v1/profile", `{"display_name":null}`).object()
		require.Nil(t, cleared["display_name"])
		require.Equal(t, "America/Bogota", cleared["time_zone"])

		busy := o.must("ana", "POST", "/api/v1/profile/availability", `{"profile":{"availability":"busy","account_id":1}}`).object()
		require.Equal(t, "busy", busy["accounts"].([]any)[0].(map[string]any)["availability"])
		o.refused(422, "invalid", "ana", "POST", "/api/v1/profile/availability", `{"availability":"asleep"}`)
		stays := o.must("ana", "POST", "/api/v1/profile/auto_offline", `{"profile":{"auto_offline":false}}`).object()
		require.Equal(t, "busy", stays["accounts"].([]any)[0].(map[string]any)["availability_status"])

		o.refused(422, "invalid", "ana", "PUT", "/api/v1/profile", `{"name":" "}`)
		o.refused(422, "taken", "ana", "PUT", "/api/v1/profile", `{"email":"jefa@example.com"}`)
		o.must("ana", "PUT", "/api/v1/profile", `{"role":"administrator"}`)
		require.Equal(t, "agent", o.must("ana", "GET", "/api/v1/profile", "").object()["role"], "nobody promotes themselves")
	})
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.must("ana", "PUT", "/api/v1/profile", `{"profile":{"password":"`+correct+`","password_confirmation":"`+correct+`"}}`)
		mine, other := o.signIn(), o.signIn()
		for body, wrong := range map[string]string{
			`{"password":"another horse"}`:                                                                      "current_password",
			`{"password":"another horse","current_password":"wrong"}`:                                           "current_password",
			`{"password":"another horse","password_confirmation":"other","current_password":"` + correct + `"}`: "password_confirmation",
			`{"password":"short","password_confirmation":"short","current_password":"` + correct + `"}`:         "password",
		} {
			got := o.ask("ana", "PUT", "/api/v1/profile", body)
			require.Equal(t, 422, got.status, got.body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
			o.clock.Advance(60e9) // guesses are throttled
		}
		o.must("", "PUT", "/api/v1/profile", `{"password":"another horse","current_password":"`+correct+`"}`, "Cookie", mine)
		o.must("", "GET", "/api/v1/profile", "", "Cookie", mine)
		o.refused(401, "unauthenticated", "", "GET", "/api/v1/profile", "", "Cookie", other)
		o.refused(401, "bad_credentials", "", "POST", "/auth/sign_in", `{"email":"ana@example.com","password":"`+correct+`"}`)
		o.must("", "POST", "/auth/sign_in", `{"email":"ana@example.com","password":"another horse"}`)
	})
}

func TestATokenIsExchangedAndShownOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		got := o.must("ana", "POST", "/api/v1/profile/reset_access_token", "").object()
		o.refused(401, "unauthenticated", "ana", "GET", "/api/v1/profile", "")
		token := got["access_token"].(string)
		require.NotContains(t, o.must(token, "GET", "/api/v1/profile", "").object(), "access_token")
	})
}

func TestTomorrowIsInTheAgentsZone(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.must("ana", "PUT", "/api/v1/profile", `{"time_zone":"Asia/Tokyo"}`)
		c := o.word(o.tienda, "Hola")
		path := fmt.Sprintf("%s/conversations/%d/toggle_status", account, c)
		got := o.must("ana", "POST", path, `{"status":"snoozed","snoozed_until":"tomorrow"}`).object()
		require.Equal(t, "2026-11-24T00:00:00.000Z", got["payload"].(map[string]any)["snoozed_until"], "09:00 in Tokyo")
		require.Equal(t, router.RoleAdministrator, o.jefa.Role)
		got = o.must("jefa", "POST", path, `{"status":"snoozed","snoozed_until":"tomorrow"}`).object()
		require.Equal(t, "2026-11-24T15:00:00.000Z", got["payload"].(map[string]any)["snoozed_until"], "09:00 in Mexico City, the inbox's zone")
	})
}
