package agentdesk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// botOf makes a bot that answers in correo and returns its id and token.
func (o *office) botOf(inbox *router.Inbox) (id float64, token string) {
	o.t.Helper()
	made := o.must("jefa", "POST", account+"/agent_bots", `{"name":"Robi","description":"Answers","outgoing_url":"https://bot.example.com/hook"}`).object()
	o.must("jefa", "POST", fmt.Sprintf("%s/inboxes/%d/set_agent_bot", account, inbox.ID), fmt.Sprintf(`{"agent_bot":%v}`, made["id"]))
	return made["id"].(float64), made["access_token"].(string)
}

func (o *office) attend() {
	o.t.Helper()
	_, err := o.router.Sweep(o.t.Context())
	require.NoError(o.t, err)
}

func (o *office) path(conversation int64) string {
	return fmt.Sprintf("%s/conversations/%d", account, conversation)
}

func (o *office) shown(conversation int64) map[string]any {
	o.t.Helper()
	return o.must("jefa", "GET", o.path(conversation), "").object()
}

func TestAdministratorsManageBots(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		id, token := o.botOf(o.correo)
		one := fmt.Sprintf("%s/agent_bots/%v", account, id)
		require.Contains(t, o.must("jefa", "GET", one, "").object()["secret"], "whsec_", "for administrators")
		shown := o.must("ana", "GET", one, "").object()
		require.Equal(t, map[string]any{"id": id, "name": "Robi", "description": "Answers", "thumbnail": "", "outgoing_url": "https://bot.example.com/hook",
			"bot_type": "webhook", "bot_config": map[string]any{}, "account_id": 1.0, "system_bot": false, "secret": nil,
			"failing_since": nil, "last_error": nil}, shown, "the token is not shown again")
		require.Equal(t, []map[string]any{shown}, o.must("ana", "GET", account+"/agent_bots", "").list())
		require.Equal(t, "Robi", o.must("jefa", "GET", fmt.Sprintf("%s/inboxes/%d/agent_bot", account, o.correo.ID), "").object()["agent_bot"].(map[string]any)["name"])
		require.Equal(t, "Roberta", o.must("jefa", "PATCH", one, `{"name":"Roberta"}`).object()["name"])

		c := o.word(o.correo, "Hello")
		o.must(token, "GET", o.path(c), "")
		newer := o.must("jefa", "POST", one+"/reset_access_token", "").object()["access_token"].(string)
		o.refused(401, "unauthenticated", token, "GET", o.path(c), "")
		o.must(newer, "GET", o.path(c), "")
		o.must("jefa", "DELETE", one, "")
		o.refused(401, "unauthenticated", newer, "GET", o.path(c), "")
		o.refused(404, "not_found", "jefa", "GET", one, "")
		require.Empty(t, o.must("jefa", "GET", fmt.Sprintf("%s/inboxes/%d/agent_bot", account, o.correo.ID), "").object()["agent_bot"])

		for body, wrong := range map[string]string{`{"description":"x"}`: "name", `{"name":"x","outgoing_url":"ftp://x"}`: "outgoing_url"} {
			got := o.ask("jefa", "POST", account+"/agent_bots", body)
			require.Equal(t, 422, got.status, body)
			require.Equal(t, []any{wrong}, got.object()["attributes"])
		}
		o.refused(401, "forbidden", "ana", "POST", account+"/agent_bots", `{"name":"x"}`)
	})
}

func TestAnInboxHasOneBot(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		id, _ := o.botOf(o.correo)
		o.refused(422, "invalid", "jefa", "POST", fmt.Sprintf("%s/inboxes/%d/set_agent_bot", account, o.tienda.ID), fmt.Sprintf(`{"agent_bot":%v}`, id))
		o.refused(422, "invalid", "jefa", "POST", fmt.Sprintf("%s/inboxes/%d/set_agent_bot", account, o.correo.ID), `{"agent_bot":999}`)
		o.refused(401, "forbidden", "ana", "POST", fmt.Sprintf("%s/inboxes/%d/set_agent_bot", account, o.correo.ID), `{"agent_bot":null}`)

		made := o.must("jefa", "POST", account+"/inboxes", `{"name":"W","channel":{"type":"api"}}`).object()
		set := fmt.Sprintf("%s/inboxes/%v", account, made["id"])
		o.must("jefa", "POST", set+"/set_agent_bot", fmt.Sprintf(`{"agent_bot":%v}`, id))
		o.refused(422, "invalid", "jefa", "PATCH", set, `{"bot_flow":"soporte"}`)
		o.must("jefa", "POST", set+"/set_agent_bot", `{"agent_bot":null}`)
		o.must("jefa", "PATCH", set, `{"bot_flow":"soporte"}`)
	})
}

func TestABotAnswersAndHandsOver(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		_, token := o.botOf(o.correo)
		c := o.word(o.correo, "Hello")
		require.Equal(t, "pending", o.shown(c)["status"])

		said := o.must(token, "POST", o.path(c)+"/messages", `{"content":"Hi, I am Robi"}`).object()
		require.Equal(t, "AgentBot", said["sender_type"])
		require.Equal(t, "Robi", said["sender"].(map[string]any)["name"])
		require.Equal(t, "agent_bot", said["sender"].(map[string]any)["type"])
		o.must(token, "POST", o.path(c)+"/messages", `{"content":"Looks like a complaint","private":true}`)
		shown := o.shown(c)
		require.Equal(t, "pending", shown["status"], "a bot is not a person: nothing is taken over")
		require.Nil(t, shown["meta"].(map[string]any)["assignee"])
		require.Equal(t, 0.0, shown["first_reply_created_at"])
		o.clock.Advance(time.Hour)
		o.attend()
		require.Equal(t, "pending", o.shown(c)["status"], "the customer was answered")

		o.must(token, "POST", o.path(c)+"/assignments", `{"team_id":0}`)
		o.must(token, "POST", o.path(c)+"/labels", `{"labels":["complaint"]}`)
		handed := o.must(token, "POST", o.path(c)+"/toggle_status", `{"status":"open"}`).object()
		require.Equal(t, "open", handed["payload"].(map[string]any)["current_status"])
		lines := o.lines(c)
		require.Contains(t, lines, "system: Robi passed the conversation to a person")
		brief := o.must("jefa", "GET", o.path(c)+"/handoff", "").object()
		require.Equal(t, "bot_handoff", brief["reason"])
		require.Equal(t, "Robi", brief["trigger"])

		jefa := o.must("jefa", "GET", "/api/v1/profile", "").object()["id"]
		o.must("jefa", "POST", o.path(c)+"/assignments", fmt.Sprintf(`{"assignee_id":%v}`, jefa))
		before := o.lines(c)
		for path, body := range map[string]string{"/messages": `{"content":"Still here"}`, "/toggle_status": `{"status":"pending"}`, "/assignments": `{"assignee_id":0}`} {
			o.refused(422, "person_has_it", token, "POST", o.path(c)+path, body)
		}
		require.Equal(t, before, o.lines(c), "a bot never answers over a person")
		o.must(token, "POST", o.path(c)+"/messages", `{"content":"Ask for the order","private":true}`)
		o.must("jefa", "POST", o.path(c)+"/toggle_status", `{"status":"pending"}`)
		o.must(token, "POST", o.path(c)+"/messages", `{"content":"Here I am again"}`)

		o.must(token, "POST", o.path(c)+"/toggle_status", `{"status":"resolved"}`)
		lines = o.lines(c)
		require.Equal(t, "system: Robi marked the conversation as resolved", lines[len(lines)-1])
	})
}

func TestABotThatIsSilentIsReplacedByAPerson(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		_, token := o.botOf(o.correo)
		c := o.word(o.correo, "Hello")
		o.clock.Advance(119 * time.Second)
		o.attend()
		require.Equal(t, "pending", o.shown(c)["status"])
		o.clock.Advance(time.Second)
		o.attend()
		require.Equal(t, "open", o.shown(c)["status"])
		lines := o.lines(c)
		require.Contains(t, lines, "bot: I am having trouble answering you right now. I am passing you to a person on our team.")
		require.Contains(t, lines, "system: The bot passed the conversation to a person: the bot's service took too long to answer")

		o.must("jefa", "POST", o.path(c)+"/toggle_status", `{"status":"pending"}`)
		o.clock.Advance(119 * time.Second)
		o.attend()
		require.Equal(t, "pending", o.shown(c)["status"], "given back: what it left unanswered is owed again")
		o.must(token, "POST", o.path(c)+"/messages", `{"content":"Here I am again"}`)
		o.clock.Advance(time.Hour)
		o.attend()
		require.Equal(t, "pending", o.shown(c)["status"])
		o.must("jefa", "POST", o.path(c)+"/toggle_status", `{"status":"open"}`)
		o.must("jefa", "POST", o.path(c)+"/toggle_status", `{"status":"pending"}`)
		o.clock.Advance(time.Hour)
		o.attend()
		require.Equal(t, "pending", o.shown(c)["status"], "nothing is owed: the bot may take its time")
	})
}

func TestABotWhoseInboxLosesItLeavesNobodyWaiting(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		id, _ := o.botOf(o.correo)
		c := o.word(o.correo, "Hello")
		o.must("jefa", "DELETE", fmt.Sprintf("%s/agent_bots/%v", account, id), "")
		o.clock.Advance(2 * time.Minute)
		o.attend()
		require.Equal(t, "open", o.shown(c)["status"])
	})
}

func TestABotsTokenOpensLittle(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		_, token := o.botOf(o.correo)
		c, other := o.word(o.correo, "Hello"), o.word(o.tienda, "Hola")
		for _, op := range []struct{ method, path, body string }{
			{"GET", "/api/v1/profile", ""}, {"PUT", "/api/v1/profile", `{"name":"x"}`},
			{"GET", account + "/conversations", ""}, {"GET", account + "/conversations/meta", ""},
			{"GET", o.path(c) + "/messages", ""}, {"GET", o.path(c) + "/handoff", ""},
			{"POST", o.path(c) + "/update_last_seen", ""},
			{"GET", account + "/agents", ""}, {"GET", account + "/inboxes", ""}, {"POST", account + "/inboxes", `{"name":"x"}`},
			{"GET", account + "/agent_bots", ""}, {"GET", account + "/teams", ""}, {"GET", account + "/labels", ""},
			{"GET", account + "/canned_responses", ""}, {"GET", account, ""},
		} {
			got := o.refused(401, "not_for_bots", token, op.method, op.path, op.body)
			require.Equal(t, "Access to this endpoint is not authorized for bots", got.object()["error"])
		}
		for _, op := range []struct{ method, path, body string }{
			{"GET", o.path(other), ""}, {"POST", o.path(other) + "/messages", `{"content":"x"}`},
			{"POST", o.path(other) + "/toggle_status", `{"status":"open"}`}, {"POST", o.path(other) + "/labels", `{"labels":[]}`},
		} {
			o.refused(401, "forbidden", token, op.method, op.path, op.body)
		}
	})
}
