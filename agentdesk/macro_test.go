package agentdesk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func (o *office) macro(token, body string) string {
	made := o.must(token, "POST", account+"/macros", body).object()["payload"].(map[string]any)
	return fmt.Sprintf("%s/macros/%v", account, made["id"])
}

// thread is what a conversation's messages say.
func (o *office) thread(c *customer) []any {
	return column(o.must("jefa", "GET", c.path()+"/messages", "").payload(), "content")
}

func TestAMacroIsDoneAsTheAgent(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		name := "ventas"
		team, err := o.router.AddTeam(t.Context(), router.TeamDraft{Name: &name})
		require.NoError(t, err)
		path := o.macro("ana", fmt.Sprintf(`{"name":"Devolución","visibility":"global","actions":[
			{"action_name":"assign_team","action_params":[%d]},
			{"action_name":"assign_agent","action_params":["self"]},
			{"action_name":"add_label","action_params":["devolucion","VIP"]},
			{"action_name":"remove_label","action_params":["vip"]},
			{"action_name":"change_priority","action_params":["high"]},
			{"action_name":"add_private_note","action_params":["revisar el ticket"]},
			{"action_name":"send_message","action_params":["Hola {{contact.name}}, soy {{agent.name}}"]},
			{"action_name":"snooze_conversation","action_params":[]}]}`, team.ID))
		shown := o.must("ana", "GET", path, "").object()["payload"].(map[string]any)
		require.Equal(t, []any{"Devolución", "personal", "Ana", 1.0}, []any{shown["name"], shown["visibility"], shown["created_by"].(map[string]any)["name"], shown["account_id"]})
		require.Equal(t, map[string]any{"action_name": "assign_agent", "action_params": []any{"self"}}, shown["actions"].([]any)[1])

		c := o.customer(o.tienda)
		c.says("Quiero devolver unos zapatos")
		results := o.must("ana", "POST", path+"/execute", fmt.Sprintf(`{"conversation_ids":[%d,%d,999]}`, c.id, c.id), "Accept-Language", "es").object()["results"].([]any)
		require.Len(t, results, 2, "each once")
		require.Equal(t, []any{true, "snoozed"}, []any{results[0].(map[string]any)["success"], results[0].(map[string]any)["status"]})
		require.Equal(t, map[string]any{"id": 999.0, "success": false, "code": "not_found", "error": "No se encontró lo que buscas."}, results[1])
		row := o.shown(c.id)
		meta := row["meta"].(map[string]any)
		require.Equal(t, []any{"snoozed", []any{"devolucion"}, "high", "Ana", "ventas"},
			[]any{row["status"], row["labels"], row["priority"], meta["assignee"].(map[string]any)["name"], meta["team"].(map[string]any)["name"]})
		require.Contains(t, o.thread(c), "revisar el ticket")
		require.Contains(t, strings.Join(fmtAll(o.thread(c)), "\n"), ", soy Ana")
		require.EqualValues(t, 0, row["unread_count"], "he was answered")
	})
}

// person returns the id of an agent of that name, who is added if need be.
func (o *office) person(name string) int64 {
	o.t.Helper()
	agents, err := o.router.Agents(o.t.Context())
	require.NoError(o.t, err)
	for _, a := range agents {
		if a.Name == name {
			return a.ID
		}
	}
	a, err := o.router.AddAgent(o.t.Context(), router.Agent{Name: name, Email: strings.ToLower(name) + "@example.com", Role: router.RoleAgent}, "", nil)
	require.NoError(o.t, err)
	return a.ID
}

// A macro puts off until whatever an agent can.
func TestAMacroSnoozesUntilItsTime(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		soon := o.clock.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
		const shape = "2006-01-02T15:04:05.000Z"
		for params, want := range map[string]any{
			`[]`: nil, `[null]`: nil, `["next_reply"]`: nil, `["tomorrow"]`: "2026-11-24T15:00:00.000Z", // 09:00 where the shop is
			fmt.Sprintf(`[%d]`, soon.Unix()): soon.Format(shape), fmt.Sprintf(`["%d"]`, soon.Unix()): soon.Format(shape), fmt.Sprintf(`[%q]`, soon.Format(time.RFC3339)): soon.Format(shape),
		} {
			path := o.macro("jefa", fmt.Sprintf(`{"name":"Luego","actions":[{"action_name":"snooze_conversation","action_params":%s}]}`, params))
			c := o.customer(o.tienda)
			c.says("Hola")
			o.must("jefa", "POST", path+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, c.id))
			row := o.shown(c.id)
			require.Equal(t, []any{"snoozed", want}, []any{row["status"], row["snoozed_until"]}, params)
		}

		// The time goes by, and the macro is still there.
		late := o.macro("jefa", fmt.Sprintf(`{"name":"El lunes","actions":[{"action_name":"snooze_conversation","action_params":[%d]}]}`, soon.Unix()))
		o.clock.Advance(72 * time.Hour)
		o.must("jefa", "PATCH", late, `{"name":"El lunes pasado"}`)
		c := o.customer(o.tienda)
		c.says("Hola")
		results := o.must("jefa", "POST", late+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, c.id), "Accept-Language", "es").object()["results"].([]any)
		require.Equal(t, []any{"snooze_conversation", "snooze_conversation: snoozed_until ya pasó"}, []any{results[0].(map[string]any)["action"], results[0].(map[string]any)["error"]})
	})
}

// Whoever saves a macro reads which action is wrong, and what with it.
func TestWhatIsWrongWithAMacro(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		for action, want := range map[string]string{
			`"snooze_conversation","action_params":["mañana"]`:                                                      "snooze_conversation no es una fecha y hora válida",
			`"snooze_conversation","action_params":["2020-01-01"]`:                                                  "snooze_conversation no es una fecha y hora válida",
			`"snooze_conversation","action_params":[1]`:                                                             "snooze_conversation ya pasó",
			`"snooze_conversation","action_params":[99999999999]`:                                                   "snooze_conversation puede estar a 5 años como máximo",
			`"snooze_conversation","action_params":["tomorrow", 1]`:                                                 "snooze_conversation admite un solo valor",
			`"assign_agent","action_params":[99]`:                                                                   "assign_agent no es un agente de esta cuenta",
			`"assign_team","action_params":[77]`:                                                                    "assign_team no es un equipo de esta cuenta",
			`"assign_team","action_params":["ventas"]`:                                                              "assign_team no es un número entero",
			`"send_message","action_params":[" "]`:                                                                  "send_message no puede estar vacío",
			`"send_message","action_params":[]`:                                                                     "send_message es obligatorio",
			`"change_priority","action_params":["critical"]`:                                                        "change_priority no es una prioridad: usa low, medium, high o urgent",
			`"send_email_transcript","action_params":["nadie"]`:                                                     "send_email_transcript no es una dirección de correo válida",
			`"resolve_conversation","action_params":["tomorrow"]`:                                                   "resolve_conversation no se permite aquí",
			`"send_email_transcript","action_params":["` + strings.Repeat("a@example.com,", 10) + `a@example.com"]`: "send_email_transcript puede tener 10 elementos como máximo",
			`"fly","action_params":[]`:                                                                              "action_name no es un valor conocido",
		} {
			got := o.refused(422, "invalid", "jefa", "POST", account+"/macros", `{"name":"M","actions":[{"action_name":`+action+`}]}`, "Accept-Language", "es")
			require.Equal(t, want, got.object()["message"], action)
		}
		for _, params := range []string{`["self"]`, `[null]`, `["nil"]`, fmt.Sprintf("[%d]", o.ana.ID)} {
			o.macro("jefa", fmt.Sprintf(`{"name":"M","actions":[{"action_name":"assign_agent","action_params":%s}]}`, params))
		}
	})
}

func fmtAll(list []any) (texts []string) {
	for _, v := range list {
		texts = append(texts, fmt.Sprint(v))
	}
	return texts
}

// Whatever an action cannot do, nothing of the macro is done to that
// conversation, and the others are done.
func TestAMacroIsDoneWholeOrNotAtAll(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		path := o.macro("jefa", `{"name":"Al bot","visibility":"global","actions":[{"action_name":"add_private_note","action_params":["de vuelta"]},
			{"action_name":"add_label","action_params":["bot"]},{"action_name":"open_conversation","action_params":[null]},{"action_name":"change_status","action_params":["pending"]}]}`)
		shop, mail := o.customer(o.tienda), o.customer(o.correo)
		shop.says("Hola")
		mail.says("Hello")
		before := o.thread(mail)
		results := o.must("jefa", "POST", path+"/execute", fmt.Sprintf(`{"conversation_ids":["%d","%d"]}`, mail.id, shop.id)).object()["results"].([]any)
		require.Equal(t, []any{false, "inbox_has_no_bot"}, []any{results[0].(map[string]any)["success"], results[0].(map[string]any)["code"]})
		require.Equal(t, []any{true, "pending"}, []any{results[1].(map[string]any)["success"], results[1].(map[string]any)["status"]})
		require.Equal(t, before, o.thread(mail))
		require.Empty(t, o.shown(mail.id)["labels"])

		results = o.must("ana", "POST", path+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, mail.id)).object()["results"].([]any)
		require.Equal(t, "forbidden", results[0].(map[string]any)["code"], "an agent of another inbox")

		muting := o.macro("jefa", fmt.Sprintf(`{"name":"Fuera","visibility":"global","actions":[{"action_name":"send_message","action_params":["Adiós"]},{"action_name":"mute_conversation","action_params":[]},
			{"action_name":"assign_agent","action_params":[%d]}]}`, o.person("Luz")))
		o.must("jefa", "DELETE", fmt.Sprintf("%s/agents/%d", account, o.person("Luz")), "")
		results = o.must("jefa", "POST", muting+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, shop.id), "Accept-Language", "es").object()["results"].([]any)
		require.Equal(t, map[string]any{"id": float64(shop.id), "success": false, "code": "invalid", "action": "assign_agent",
			"error": "assign_agent: assignee_id no es un agente de esta cuenta"}, results[0])
		require.Equal(t, false, o.shown(shop.id)["muted"])
		require.NotContains(t, o.thread(shop), "Adiós")
		o.must("jefa", "PATCH", muting, `{"actions":[{"action_name":"mute_conversation","action_params":[]},{"action_name":"remove_assigned_agent","action_params":[]},
			{"action_name":"remove_assigned_team","action_params":[]},{"action_name":"change_priority","action_params":[null]}]}`)
		o.must("jefa", "POST", muting+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, shop.id))
		require.Equal(t, []any{true, "resolved"}, []any{o.shown(shop.id)["muted"], o.shown(shop.id)["status"]})

		byMail := o.macro("ana", `{"name":"Copia","actions":[{"action_name":"add_private_note","action_params":["con copia"]},{"action_name":"send_email_transcript","action_params":["a@example.com, b@example.com"]}]}`)
		results = o.must("ana", "POST", byMail+"/execute", fmt.Sprintf(`{"conversation_ids":[%d]}`, shop.id)).object()["results"].([]any)
		require.Equal(t, false, results[0].(map[string]any)["success"], "no mail is configured")
		require.NotContains(t, o.thread(shop), "con copia")
	})
}

func TestWhoseMacrosAre(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const do = `"actions":[{"action_name":"resolve_conversation","action_params":[]}]`
		own := o.macro("ana", `{"name":"De Ana","visibility":"global",`+do+`}`)
		all := o.macro("jefa", `{"name":"De todos","visibility":"global",`+do+`}`)
		hers := o.macro("jefa", `{"macro":{"name":"De Jefa",`+do+`}}`)
		require.Equal(t, []any{"De Ana", "De todos"}, column(o.must("ana", "GET", account+"/macros", "").payload(), "name"))
		require.Equal(t, []any{"De Jefa", "De todos"}, column(o.must("jefa", "GET", account+"/macros", "").payload(), "name"))
		for _, path := range []string{hers, account + "/macros/999"} {
			o.refused(404, "not_found", "ana", "GET", path, "")
			o.refused(404, "not_found", "ana", "PATCH", path, `{"name":"Mía"}`)
			o.refused(404, "not_found", "ana", "DELETE", path, "")
			o.refused(404, "not_found", "ana", "POST", path+"/execute", `{"conversation_ids":[1]}`)
		}
		o.refused(401, "forbidden", "ana", "PATCH", all, `{"name":"Mía"}`)
		o.refused(401, "forbidden", "ana", "DELETE", all, "")
		o.must("ana", "PUT", own, `{"name":"Otra","visibility":"global"}`)
		require.Equal(t, "personal", o.must("ana", "GET", own, "").object()["payload"].(map[string]any)["visibility"])
		o.refused(404, "not_found", "jefa", "GET", own, "")
		o.must("ana", "DELETE", own, "")
		o.refused(404, "not_found", "ana", "GET", own, "")
	})
}

func TestMacrosThatCannotBe(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		action := func(name, params string) string {
			return fmt.Sprintf(`{"name":"M","actions":[{"action_name":%q,"action_params":%s}]}`, name, params)
		}
		for _, body := range []string{`{}`, `{"name":"M"}`, `{"name":" ","actions":[{"action_name":"resolve_conversation"}]}`, `{"name":"M","actions":[]}`, `{"name":"M","actions":"all"}`,
			`{"name":"M","actions":["resolve_conversation"]}`, `{"name":"M","actions":[{}]}`, `{"name":"M","visibility":"secret","actions":[{"action_name":"mute_conversation"}]}`,
			`{"name":"M","actions":[` + strings.Repeat(`{"action_name":"mute_conversation"},`, 30) + `{"action_name":"mute_conversation"}]}`,
			`{"name":"` + strings.Repeat("m", 256) + `","actions":[{"action_name":"mute_conversation"}]}`,
			action("send_webhook_event", `["http://10.0.0.1"]`), action("send_attachment", `[1]`), action("drop_table", `[]`), action("send_message", `[]`), action("send_message", `[7]`),
			action("send_message", `[" "]`), action("send_message", `["a","b"]`), action("send_message", `"a"`), action("add_label", `[]`), action("add_label", `[7]`),
			action("assign_agent", `["ana"]`), action("assign_agent", `[-1]`), action("assign_agent", `[1.5]`), action("assign_team", `[]`), action("change_status", `["closed"]`),
			action("change_priority", `["critical"]`), action("send_email_transcript", `["nobody"]`), action("resolve_conversation", `[1,2]`),
			action("send_email_transcript", `["`+strings.Repeat("a@example.com,", 10)+`a@example.com"]`)} {
			o.refused(422, "invalid", "jefa", "POST", account+"/macros", body)
		}
		require.Empty(t, o.must("jefa", "GET", account+"/macros", "").payload())
		path := o.macro("jefa", `{"name":"M","actions":[{"action_name":"resolve_conversation"}]}`)
		for _, body := range []string{`{}`, `{"conversation_ids":[]}`, `{"conversation_ids":["a"]}`, `{"conversation_ids":[0]}`, `{"conversation_ids":[` + numbers(101) + `]}`} {
			o.refused(422, "invalid", "jefa", "POST", path+"/execute", body)
		}
		for _, body := range []string{`{"actions":[]}`, `{"actions":null}`, `{"name":""}`, `{"visibility":"all"}`} {
			o.refused(422, "invalid", "jefa", "PATCH", path, body)
		}
	})
}

func numbers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i + 1)
	}
	return strings.Join(list, ",")
}
