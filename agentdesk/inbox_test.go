package agentdesk_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
)

func TestAnAdministratorMakesAWebWidget(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/inboxes", `{"name":"Web","greeting_enabled":true,"greeting_message":"¡Bienvenida!","timezone":"America/Bogota",
			"locale":"es","enable_auto_assignment":false,"auto_assignment_config":{"max_assignment_limit":3},
			"channel":{"type":"web_widget","website_url":"https://tienda.example.com","widget_color":"#00aa55","welcome_title":"Hola"}}`).object()
		for name, want := range map[string]any{"name": "Web", "channel_type": "Channel::WebWidget", "greeting_enabled": true, "greeting_message": "¡Bienvenida!",
			"timezone": "America/Bogota", "locale": "es", "enable_auto_assignment": false, "auto_assignment_config": map[string]any{"max_assignment_limit": 3.0},
			"website_url": "https://tienda.example.com", "widget_color": "#00aa55", "welcome_title": "Hola", "welcome_tagline": nil,
			"origin": "api", "file": nil, "bot_flow": nil, "inbox_identifier": nil, "after_resolved": "reopen", "lock_to_single_conversation": true} {
			require.Equal(t, want, made[name], name)
		}
		one := fmt.Sprintf("%s/inboxes/%v", account, made["id"])
		require.Equal(t, made, o.must("jefa", "GET", one, "").object())
		changed := o.must("jefa", "PATCH", one, `{"name":"Web nueva","greeting_enabled":false,"lock_to_single_conversation":false}`).object()
		require.Equal(t, "Web nueva", changed["name"])
		require.Equal(t, false, changed["greeting_enabled"])
		require.Equal(t, "¡Bienvenida!", changed["greeting_message"], "kept for when it is enabled again")
		require.Equal(t, "new", changed["after_resolved"])

		inbox, err := o.router.InboxByIdentifier(t.Context(), made["website_token"].(string))
		require.NoError(t, err)
		require.Equal(t, []string{"contact: Hola"}, o.lines(o.word(inbox, "Hola")), "the greeting is off")
		o.must("jefa", "PATCH", one, `{"greeting_enabled":true}`)
		inbox, err = o.router.InboxByIdentifier(t.Context(), made["website_token"].(string))
		require.NoError(t, err)
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!"}, o.lines(o.word(inbox, "Hola")))
	})
}

func TestAnAPIChannelMayNameAFlowAsItsBot(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		made := o.must("jefa", "POST", account+"/inboxes", `{"name":"WhatsApp","bot_flow":"soporte","channel":{"type":"api"}}`).object()
		require.Equal(t, "Channel::Api", made["channel_type"])
		require.Equal(t, "soporte", made["bot_flow"])
		require.Len(t, made["inbox_identifier"], 26)
		inbox, err := o.router.InboxByIdentifier(t.Context(), made["inbox_identifier"].(string))
		require.NoError(t, err)
		c := o.word(inbox, "Hola")
		status := func(id int64) any {
			return o.must("jefa", "GET", fmt.Sprintf("%s/conversations/%d", account, id), "").object()["status"]
		}
		require.Equal(t, string(fsm.Pending), status(c))

		old := *inbox.FlowHash
		newer := router.FlowText{Name: "soporte", Source: []byte("name: soporte\nlanguage: es\n")}
		require.NoError(t, o.router.Wire(t.Context(), router.Wiring{Flows: []router.FlowText{newer}}))
		inbox, err = o.router.InboxByID(t.Context(), inbox.ID)
		require.NoError(t, err)
		require.NotEqual(t, old, *inbox.FlowHash, "a flow that was edited is taken up")
		require.Equal(t, router.FlowHash(newer.Source), *inbox.FlowHash)

		one := fmt.Sprintf("%s/inboxes/%d", account, inbox.ID)
		o.refused(422, "invalid", "jefa", "PATCH", one, `{"bot_flow":"ventas"}`)
		o.must("jefa", "PATCH", one, `{"name":"W"}`)
		require.Equal(t, "soporte", o.must("jefa", "GET", one, "").object()["bot_flow"])
		require.Nil(t, o.must("jefa", "PATCH", one, `{"bot_flow":null}`).object()["bot_flow"])
		inbox, err = o.router.InboxByID(t.Context(), inbox.ID)
		require.NoError(t, err)
		require.Equal(t, string(fsm.Open), status(o.word(inbox, "Hola")))
	})
}

func TestInboxesFromTheConfigurationAreReadOnly(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		one := fmt.Sprintf("%s/inboxes/%d", account, o.tienda.ID)
		shown := o.must("jefa", "GET", one, "").object()
		require.Equal(t, "file", shown["origin"])
		require.Equal(t, "relevo.yaml", shown["file"])
		require.Equal(t, "soporte", shown["bot_flow"])
		require.Equal(t, "tienda", shown["website_token"])
		got := o.refused(422, "read_only", "jefa", "PATCH", one, `{"name":"X"}`)
		require.Equal(t, "This is declared in the configuration and can only be changed there: relevo.yaml", got.object()["error"])
		got = o.refused(422, "read_only", "jefa", "PATCH", one, `{"name":"X"}`, "Accept-Language", "es")
		require.Equal(t, "Esto está declarado en la configuración y solo se puede cambiar allí: relevo.yaml", got.object()["error"])
		require.Equal(t, shown, o.must("jefa", "GET", one, "").object())
	})
}

func TestWhoSeesAndWhoChangesInboxes(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		require.Equal(t, []any{"Tienda"}, column(o.must("ana", "GET", account+"/inboxes", "").payload(), "name"))
		require.Equal(t, []any{"Tienda", "Correo"}, column(o.must("jefa", "GET", account+"/inboxes", "").payload(), "name"))
		other := fmt.Sprintf("%s/inboxes/%d", account, o.correo.ID)
		o.refused(401, "forbidden", "ana", "GET", other, "")
		o.refused(401, "forbidden", "ana", "GET", other+"/agent_bot", "")
		o.refused(401, "forbidden", "ana", "GET", fmt.Sprintf("%s/inbox_members/%d", account, o.correo.ID), "")
		o.refused(401, "forbidden", "ana", "GET", fmt.Sprintf("%s/assignable_agents?inbox_ids[]=%d", account, o.correo.ID), "")
		for method, path := range map[string]string{"POST": account + "/inboxes", "PATCH": fmt.Sprintf("%s/inboxes/%d", account, o.tienda.ID)} {
			o.refused(401, "forbidden", "ana", method, path, `{"name":"X"}`)
		}
		o.refused(404, "not_found", "jefa", "GET", account+"/inboxes/999", "")
		o.refused(404, "not_found", "jefa", "PATCH", account+"/inboxes/999", `{"name":"X"}`)
		for body, wrong := range map[string]string{
			`{"name":"X"}`: "channel",
			`{"name":"X","channel":{"type":"email"}}`:                                                    "channel",
			`{"name":"X","channel":{"type":"web_widget","widget_color":"red"}}`:                          "widget_color",
			`{"name":"X","channel":{"type":"web_widget","website_url":"javascript:alert(1)"}}`:           "website_url",
			`{"name":"X","channel":{"type":"web_widget","welcome_title":7}}`:                             "welcome_title",
			`{"name":"X","timezone":"Narnia","channel":{"type":"api"}}`:                                  "timezone",
			`{"name":"X","locale":"fr","channel":{"type":"api"}}`:                                        "locale",
			`{"name":"X","auto_assignment_config":{"max_assignment_limit":-1},"channel":{"type":"api"}}`: "auto_assignment_config",
			`{"name":" ","channel":{"type":"api"}}`:                                                      "name",
		} {
			got := o.ask("jefa", "POST", account+"/inboxes", body)
			require.Equal(t, 422, got.status, "%s: %s", body, got.body)
			require.Equal(t, []any{wrong}, got.object()["attributes"], body)
		}
		require.Len(t, o.must("jefa", "GET", account+"/inboxes", "").payload(), 2, "nothing stored by halves")
	})
}

func TestMembersOfAnInbox(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		list := fmt.Sprintf("%s/inbox_members/%d", account, o.correo.ID)
		set := func(method string, ids ...int64) answer {
			return o.must("jefa", method, account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d,"user_ids":%s}`, o.correo.ID, asJSON(t, ids)))
		}
		require.Empty(t, o.must("jefa", "GET", list, "").payload())
		require.Equal(t, []any{"Ana"}, column(set("POST", o.ana.ID).payload(), "name"))
		require.Equal(t, []any{"Ana"}, column(set("POST", o.ana.ID).payload(), "name"), "again")
		o.must("ana", "GET", list, "", "X-Note", "seen at once")
		require.Equal(t, []any{"Ana", "Jefa"}, column(set("POST", o.jefa.ID).payload(), "name"))
		require.Equal(t, []any{"Jefa"}, column(set("PATCH", o.jefa.ID).payload(), "name"))
		o.refused(401, "forbidden", "ana", "GET", list, "")
		require.Empty(t, set("DELETE", o.jefa.ID).body)
		require.Empty(t, o.must("jefa", "GET", list, "").payload())
		o.refused(422, "invalid", "jefa", "POST", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d,"user_ids":[999]}`, o.correo.ID))
		o.refused(422, "invalid", "jefa", "POST", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d,"user_ids":["x"]}`, o.correo.ID))
		o.refused(422, "invalid", "jefa", "PATCH", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d}`, o.correo.ID))
		o.refused(404, "not_found", "jefa", "POST", account+"/inbox_members", `{"inbox_id":999,"user_ids":[]}`)
		o.refused(401, "forbidden", "ana", "POST", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d,"user_ids":[%d]}`, o.correo.ID, o.ana.ID))
	})
}

func TestWhoLeavesAnInboxLeavesItsConversations(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		c := o.word(o.tienda, "Hola")
		o.must("ana", "POST", fmt.Sprintf("%s/conversations/%d/toggle_status", account, c), `{"status":"open"}`)
		o.must("jefa", "DELETE", account+"/inbox_members", fmt.Sprintf(`{"inbox_id":%d,"user_ids":[%d]}`, o.tienda.ID, o.ana.ID))
		shown := o.must("jefa", "GET", fmt.Sprintf("%s/conversations/%d", account, c), "").object()
		require.Nil(t, shown["meta"].(map[string]any)["assignee"])
		o.refused(401, "forbidden", "ana", "GET", fmt.Sprintf("%s/conversations/%d", account, c), "")
	})
}

func TestWhoCanBeAssigned(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		names := func(query string) []any {
			return column(o.must("jefa", "GET", account+"/assignable_agents?"+query, "").payload(), "name")
		}
		require.Equal(t, []any{"Ana", "Jefa"}, names(fmt.Sprintf("inbox_ids[]=%d", o.tienda.ID)))
		require.Equal(t, []any{"Jefa"}, names(fmt.Sprintf("inbox_ids[]=%d&inbox_ids[]=%d", o.tienda.ID, o.correo.ID)))
		require.Equal(t, []any{"Ana", "Jefa"}, names(fmt.Sprintf("inbox_ids=%d&inbox_ids=%d", o.tienda.ID, o.tienda.ID)), "named twice")
		o.refused(422, "invalid", "jefa", "GET", account+"/assignable_agents", "")
		o.refused(404, "not_found", "jefa", "GET", account+"/assignable_agents?inbox_ids[]=999", "")
	})
}
