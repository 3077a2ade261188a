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
			`{"working_hours":[{"day_of_week":"lunes"}]}`, `{"auto_resolve_after":-1}`, `{"auto_resolve_after":99999999}`} {
			o.refused(422, "invalid", "jefa", "PATCH", one, body)
		}
		require.Equal(t, changed, o.must("jefa", "GET", one, "").object())
	})
}
