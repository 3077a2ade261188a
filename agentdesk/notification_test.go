package agentdesk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

func TestNotificationsAsTheDialectHasThem(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		id := o.word(o.tienda, "Hola")
		at := fmt.Sprintf("%s/conversations/%d", account, id)
		const told = account + "/notifications"
		require.Equal(t, "0", o.must("ana", "GET", told+"/unread_count", "").body)
		o.must("jefa", "POST", at+"/assignments", fmt.Sprintf(`{"assignee_id":%d}`, o.ana.ID))
		o.clock.Advance(time.Minute)
		o.must("jefa", "POST", at+"/messages", fmt.Sprintf(`{"private":true,"content":"¿la ves? [@Ana](mention://user/%d/Ana)"}`, o.ana.ID))
		require.Equal(t, "2", o.must("ana", "GET", told+"/unread_count", "").body, "a bare number")

		data := o.must("ana", "GET", told, "", "Accept-Language", "es").object()["data"].(map[string]any)
		require.Equal(t, map[string]any{"unread_count": 2.0, "count": 2.0, "current_page": 1.0}, data["meta"])
		list := data["payload"].([]any)
		mention, assignment := list[0].(map[string]any), list[1].(map[string]any)
		require.Equal(t, "conversation_mention", mention["notification_type"])
		require.Equal(t, fmt.Sprintf("Te mencionaron en la conversación #%d de Tienda", id), mention["push_message_title"])
		require.Equal(t, "Conversation", mention["primary_actor_type"])
		require.Equal(t, float64(id), mention["primary_actor_id"])
		require.Equal(t, "open", mention["primary_actor"].(map[string]any)["status"])
		require.Equal(t, true, mention["secondary_actor"].(map[string]any)["private"])
		require.Equal(t, "Ana", mention["user"].(map[string]any)["name"])
		require.Nil(t, mention["read_at"])
		require.Equal(t, "conversation_assignment", assignment["notification_type"])
		require.Equal(t, "Jefa", assignment["secondary_actor"].(map[string]any)["name"])
		require.Equal(t, fmt.Sprintf("Conversation #%d in Tienda was assigned to you", id),
			o.must("ana", "GET", told+"?sort_order=asc", "").object()["data"].(map[string]any)["payload"].([]any)[0].(map[string]any)["push_message_title"])

		one := fmt.Sprintf("%s/%.0f", told, mention["id"])
		require.NotNil(t, o.must("ana", "PATCH", one, "").object()["read_at"])
		count := func(query string) int {
			return len(o.must("ana", "GET", told+query, "").object()["data"].(map[string]any)["payload"].([]any))
		}
		require.Equal(t, 1, count(""))
		require.Equal(t, 2, count("?includes[]=read&includes[]=snoozed"))
		require.Nil(t, o.must("ana", "POST", one+"/unread", "").object()["read_at"])
		until := o.clock.Now().Add(time.Hour)
		snoozed := o.must("ana", "POST", one+"/snooze", fmt.Sprintf(`{"snoozed_until":"%d"}`, until.Unix())).object()
		require.Equal(t, until.Format("2006-01-02T15:04:05.000Z"), snoozed["snoozed_until"])
		require.Equal(t, 1, count(""))
		require.Equal(t, 2, count("?includes=snoozed"))

		o.refused(404, "not_found", "jefa", "PATCH", one, "")
		o.refused(404, "not_found", "ana", "PATCH", told+"/999999", "")
		o.refused(404, "not_found", "ana", "DELETE", told+"/x", "")
		o.refused(401, "unauthenticated", "", "GET", told, "")
		o.refused(422, "invalid", "ana", "POST", one+"/snooze", `{}`)
		o.refused(422, "invalid", "ana", "POST", one+"/snooze", `{"snoozed_until":1}`)
		o.refused(422, "invalid", "ana", "GET", told+"?page=0", "")
		o.refused(422, "invalid", "ana", "GET", told+"?sort_order=up", "")
		o.refused(422, "invalid", "ana", "POST", told+"/read_all", `{"primary_actor_type":"Conversation"}`)

		require.Empty(t, o.must("ana", "POST", told+"/read_all", fmt.Sprintf(`{"primary_actor_type":"Conversation","primary_actor_id":%d}`, id)).body)
		require.Equal(t, "0", o.must("ana", "GET", told+"/unread_count", "").body)
		require.Empty(t, o.must("ana", "DELETE", one, "").body)
		require.Equal(t, 1, count("?includes[]=read&includes[]=snoozed"))
		o.must("ana", "POST", told+"/destroy_all", `{"type":"read"}`)
		require.Equal(t, 0, count("?includes[]=read&includes[]=snoozed"))
	})
}

func TestNotificationSettingsAsTheDialectHasThem(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const at = account + "/notification_settings"
		got := o.must("ana", "GET", at, "").object()
		require.Equal(t, []any{"email_conversation_assignment"}, got["selected_email_flags"])
		require.Equal(t, []any{"push_conversation_assignment"}, got["selected_push_flags"])
		require.Contains(t, got["all_email_flags"], "email_conversation_reminder")
		require.Contains(t, got["all_push_flags"], "push_conversation_creation")

		got = o.must("ana", "PATCH", at, `{"notification_settings":{"selected_email_flags":["email_conversation_mention","conversation_creation"]}}`).object()
		require.Equal(t, []any{"email_conversation_creation", "email_conversation_mention"}, got["selected_email_flags"])
		require.Equal(t, []any{"push_conversation_assignment"}, got["selected_push_flags"], "what is not sent stays")
		got = o.must("ana", "PUT", at, `{"selected_push_flags":[]}`).object()
		require.Empty(t, got["selected_push_flags"])
		o.refused(422, "invalid", "ana", "PATCH", at, `{"selected_push_flags":["push_me"]}`)
		require.Equal(t, []any{"email_conversation_assignment"}, o.must("jefa", "GET", at, "").object()["selected_email_flags"], "each their own")
	})
}

func TestParticipantsAsTheDialectHasThem(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		at := fmt.Sprintf("%s/conversations/%d/participants", account, o.word(o.tienda, "Hola"))
		require.Empty(t, o.must("ana", "GET", at, "").list())
		both := fmt.Sprintf(`{"user_ids":[%d,"%d"]}`, o.ana.ID, o.jefa.ID)
		require.Equal(t, []any{"Ana"}, column(o.must("ana", "POST", at, fmt.Sprintf(`{"user_ids":[%d]}`, o.ana.ID)).list(), "name"))
		require.ElementsMatch(t, []any{"Ana", "Jefa"}, column(o.must("ana", "PATCH", at, both).list(), "name"))
		require.Equal(t, []any{"Jefa"}, column(o.must("ana", "PUT", at, fmt.Sprintf(`{"user_ids":[%d]}`, o.jefa.ID)).list(), "name"))
		require.Empty(t, o.must("ana", "DELETE", at, both).body)
		require.Empty(t, o.must("ana", "GET", at, "").list())

		o.refused(422, "invalid", "ana", "POST", at, `{}`)
		o.refused(422, "invalid", "ana", "POST", at, `{"user_ids":["x"]}`)
		o.refused(422, "invalid", "ana", "POST", at, `{"user_ids":[999999]}`)
		other := fmt.Sprintf("%s/conversations/%d/participants", account, o.word(o.correo, "Hola"))
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			o.refused(401, "forbidden", "ana", method, other, both)
			o.refused(404, "not_found", "ana", method, account+"/conversations/999999/participants", both)
		}
	})
}

func TestWhoeverAsksIsThere(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		away := func(tx *gorm.DB) error { return tx.Exec("UPDATE agents SET auto_offline = ?", true).Error }
		require.NoError(t, o.db.Tx(t.Context(), away))
		o.must("ana", "GET", account+"/notifications/unread_count", "")
		got := o.must("jefa", "POST", account+"/presence", "").object()
		require.Equal(t, map[string]any{"availability_status": "online", "offline_after": 60.0,
			"users": map[string]any{fmt.Sprint(o.ana.ID): "online", fmt.Sprint(o.jefa.ID): "online"}}, got)
		o.clock.Advance(61 * time.Second)
		got = o.must("jefa", "POST", account+"/presence", "").object()
		require.Equal(t, map[string]any{fmt.Sprint(o.jefa.ID): "online"}, got["users"], "Ana asked for nothing in a minute")
	})
}
