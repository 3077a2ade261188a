package agentdesk_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestTeamsAndTheirMembers(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		sales := o.must("jefa", "POST", account+"/teams", `{"name":" Ventas ","description":"Quien vende"}`).object()
		require.Equal(t, map[string]any{"id": sales["id"], "name": "ventas", "description": "Quien vende", "allow_auto_assign": true,
			"account_id": 1.0, "is_member": false}, sales)
		one := fmt.Sprintf("%s/teams/%v", account, sales["id"])
		o.refused(422, "taken", "jefa", "POST", account+"/teams", `{"name":"VENTAS"}`)
		o.refused(422, "invalid", "jefa", "POST", account+"/teams", `{"name":" "}`)

		members := func(method, ids string) answer {
			return o.must("jefa", method, one+"/team_members", `{"user_ids":`+ids+`}`)
		}
		require.Equal(t, []any{"Ana", "Jefa"}, column(members("POST", fmt.Sprintf("[%d,%d]", o.ana.ID, o.jefa.ID)).list(), "name"))
		require.Equal(t, true, o.must("ana", "GET", one, "").object()["is_member"])
		require.Equal(t, []any{"Ana"}, column(members("PATCH", fmt.Sprintf(`["%d"]`, o.ana.ID)).list(), "name"))
		require.Equal(t, []any{"Ana"}, column(o.must("ana", "GET", one+"/team_members", "").list(), "name"))
		require.Equal(t, false, o.must("jefa", "GET", one, "").object()["is_member"])
		members("DELETE", fmt.Sprintf("[%d]", o.ana.ID))
		require.Empty(t, o.must("jefa", "GET", one+"/team_members", "").list())

		changed := o.must("jefa", "PATCH", one, `{"team":{"allow_auto_assign":false,"description":""}}`).object()
		require.Equal(t, false, changed["allow_auto_assign"])
		require.Equal(t, "ventas", changed["name"])
		require.Equal(t, []any{"ventas"}, column(o.must("ana", "GET", account+"/teams", "").list(), "name"))

		for method, path := range map[string]string{"POST": one + "/team_members", "PATCH": one, "DELETE": one} {
			o.refused(401, "forbidden", "ana", method, path, `{"user_ids":[]}`)
		}
		o.refused(404, "not_found", "jefa", "GET", account+"/teams/999", "")
	})
}

func TestARemovedTeamLeavesItsConversations(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		sales := o.must("jefa", "POST", account+"/teams", `{"name":"ventas"}`).object()
		c := o.word(o.tienda, "Hola")
		o.must("ana", "POST", o.path(c)+"/assignments", fmt.Sprintf(`{"team_id":%v}`, sales["id"]))
		require.Equal(t, "ventas", o.shown(c)["meta"].(map[string]any)["team"].(map[string]any)["name"])
		o.must("jefa", "DELETE", fmt.Sprintf("%s/teams/%v", account, sales["id"]), "")
		require.Nil(t, o.shown(c)["meta"].(map[string]any)["team"])
		lines := o.lines(c)
		require.Equal(t, "system: Jefa quitó el equipo ventas, al que iba la conversación", lines[len(lines)-1])
		o.refused(404, "not_found", "jefa", "DELETE", fmt.Sprintf("%s/teams/%v", account, sales["id"]), "")
	})
}

func TestLabelsOfTheAccount(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/labels", `{"title":" Devolución_2 ","description":"Vuelve"}`).object()
		require.Equal(t, map[string]any{"id": made["id"], "title": "devolución_2", "description": "Vuelve", "color": "#1f93ff", "show_on_sidebar": true}, made)
		one := fmt.Sprintf("%s/labels/%v", account, made["id"])
		o.refused(422, "taken", "jefa", "POST", account+"/labels", `{"title":"DEVOLUCIÓN_2"}`)
		for body, wrong := range map[string]string{`{"title":"dos palabras"}`: "title", `{"title":"coma,coma"}`: "title", `{"title":""}`: "title",
			`{"title":"x","color":"blue"}`: "color"} {
			got := o.ask("jefa", "POST", account+"/labels", body)
			require.Equal(t, 422, got.status, body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
		}

		c, both := o.word(o.tienda, "Hola"), o.word(o.tienda, "Hola")
		o.must("ana", "POST", o.path(c)+"/labels", `{"labels":["devolución_2","otra"]}`)
		o.must("ana", "POST", o.path(both)+"/labels", `{"labels":["devolución_2","cambio"]}`)
		version := o.shown(c)["version"]
		renamed := o.must("jefa", "PATCH", one, `{"title":"cambio","color":"#00ff00","show_on_sidebar":false}`).object()
		require.Equal(t, "cambio", renamed["title"])
		require.Equal(t, []any{"cambio", "otra"}, o.shown(c)["labels"], "the new name hangs where the old one did")
		require.Equal(t, []any{"cambio"}, o.shown(both)["labels"])
		require.Equal(t, version, o.shown(c)["version"])
		require.Equal(t, []any{"cambio"}, column(o.must("ana", "GET", account+"/labels", "").payload(), "title"))

		o.refused(401, "forbidden", "ana", "DELETE", one, "")
		o.must("jefa", "DELETE", one, "")
		o.refused(404, "not_found", "jefa", "DELETE", one, "")
		require.Equal(t, []any{"cambio", "otra"}, o.shown(c)["labels"], "what carries a label keeps it")
	})
}

func TestCannedResponsesAreFoundByShortCodeFirst(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		for _, c := range [][2]string{{"saludo", "Hola, ¿qué tal?"}, {"envio", "El ENVÍO tarda tres días"}, {"reenvio", "Lo mandamos otra vez"},
			{"horario", "Consulta el envio en la página"}, {"100%", "Seguro"}} {
			o.must("ana", "POST", account+"/canned_responses", asJSON(t, map[string]any{"canned_response": map[string]string{"short_code": c[0], "content": c[1]}}))
		}
		find := func(query string) []any {
			return column(o.must("ana", "GET", account+"/canned_responses"+query, "").list(), "short_code")
		}
		require.Equal(t, []any{"100%", "envio", "horario", "reenvio", "saludo"}, find(""))
		require.Equal(t, []any{"envio", "reenvio", "horario"}, find("?search=ENVIO"), "starts with, contains, in the text")
		require.Equal(t, []any{"envio"}, find("?search=env%C3%ADo"), "small letters of every alphabet")
		require.Equal(t, []any{"100%"}, find("?search=%25"), "signs mean themselves")
		require.Equal(t, []any{}, find("?search=nada"))
		require.Equal(t, []any{"100%", "envio", "horario", "reenvio", "saludo"}, find("?search=%20"))

		first := o.must("ana", "GET", account+"/canned_responses?search=saludo", "").list()[0]
		require.Equal(t, map[string]any{"id": first["id"], "account_id": 1.0, "short_code": "saludo", "content": "Hola, ¿qué tal?",
			"created_at": "2026-11-23T12:00:00.000Z", "updated_at": "2026-11-23T12:00:00.000Z"}, first)
		one := fmt.Sprintf("%s/canned_responses/%v", account, first["id"])
		require.Equal(t, "Buenas", o.must("ana", "PATCH", one, `{"content":"Buenas"}`).object()["content"])
		o.refused(422, "taken", "ana", "PATCH", one, `{"short_code":"envio"}`)
		o.refused(422, "invalid", "ana", "POST", account+"/canned_responses", `{"short_code":"x","content":" "}`)
		o.must("ana", "DELETE", one, "")
		o.refused(404, "not_found", "ana", "PATCH", one, `{"content":"x"}`)
	})
}

func TestACannedResponseReadsAsInItsConversation(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("ana", "POST", account+"/canned_responses", asJSON(t, map[string]string{"short_code": "hola",
			"content": "Hola {{contact.first_name}} ({{ contact.name }}, {{contact.email}}), soy {{agent.name}} de {{inbox.name}}. {{contact.nickname}} {{conversation.custom_attribute.pedido}}."})).object()
		c := o.word(o.tienda, "Hola")
		path := fmt.Sprintf("%s/canned_responses/%v/rendered", account, made["id"])
		got := o.must("ana", "GET", fmt.Sprintf("%s?conversation_id=%d", path, c), "").object()
		require.Equal(t, "Hola Lucía (Lucía Prado, ), soy Ana de Tienda. {{contact.nickname}} .", got["content"])
		o.refused(422, "invalid", "ana", "GET", path, "")
		o.refused(401, "forbidden", "ana", "GET", fmt.Sprintf("%s?conversation_id=%d", path, o.word(o.correo, "Hello")), "")
	})
}

func TestTheAccountIsShown(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		require.Equal(t, "Relevo", o.must("ana", "GET", account, "").object()["name"])
		o.refused(404, "not_found", "ana", "GET", "/api/v1/accounts/2", "")
	})
}
