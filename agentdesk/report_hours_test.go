package agentdesk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A shop in Mexico City that opens at nine, at noon it is there six in the
// morning. On Tuesdays it is open until two at night.
func TestTimesWithinOpeningHours(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		shop := o.must("jefa", "POST", account+"/inboxes", `{"name":"Taller","timezone":"America/Mexico_City","enable_auto_assignment":false,
			"channel":{"type":"api"},"working_hours_enabled":true,
			"working_hours":[{"day_of_week":1,"spans":["09:00-17:00"]},{"day_of_week":2,"spans":["18:00-02:00"]},{"day_of_week":3,"closed_all_day":true}]}`).object()
		id := shop["id"].(float64)
		inbox, err := o.router.InboxByID(t.Context(), int64(id))
		require.NoError(t, err)
		answers := func(c *customer) { o.must("jefa", "POST", c.path()+"/messages", `{"content":"Ya voy"}`) }
		at := func(day, hour, minute int) { // of November, by the shop's clock
			o.clock.Set(time.Date(2026, time.November, day, hour+6, minute, 0, 0, time.UTC))
		}
		figures := func(query string) map[string]any {
			return o.must("jefa", "GET", fmt.Sprintf("%s/reports/summary?since=%d&until=%d&type=inbox&id=%v&%s", reports, noon.AddDate(0, 0, -1).Unix(),
				o.clock.Now().Unix()+1, id, query), "").object()
		}

		at(23, 8, 50) // Monday
		c := o.customer(inbox)
		c.says("¿Hay alguien?")
		at(23, 9, 5)
		answers(c)
		at(23, 16, 50)
		c.says("¿Y ahora?")
		at(24, 18, 10) // Tuesday, after a night and a day
		answers(c)
		at(25, 1, 50) // still Tuesday's hours
		c.says("¿Siguen ahí?")
		at(26, 8, 0)
		answers(c)
		o.must("jefa", "POST", c.path()+"/toggle_status", `{"status":"resolved"}`)

		const minute = 60.0
		all := figures("")
		require.Equal(t, []any{15 * minute, (25*60 + 20 + 30*60 + 10) * minute / 2, (71*60 + 10) * minute},
			[]any{all["avg_first_response_time"], all["reply_time"], all["avg_resolution_time"]})
		within := []any{5 * minute, (20 + 10) * minute / 2, (8 + 8) * 60 * minute}
		open := figures("business_hours=true")
		require.Equal(t, within, []any{open["avg_first_response_time"], open["reply_time"], open["avg_resolution_time"]})

		events := o.must("jefa", "GET", c.path()+"/reporting_events", "").list()
		for _, e := range events {
			if e["name"] == "first_response" {
				require.Equal(t, []any{15 * minute, 5 * minute}, []any{e["value"], e["value_in_business_hours"]})
			}
		}

		// Other hours do not change what was, and no hours count all time.
		o.must("jefa", "PATCH", fmt.Sprintf("%s/inboxes/%v", account, id), `{"working_hours":[{"day_of_week":1,"spans":["00:00-24:00"]}]}`)
		open = figures("business_hours=true")
		require.Equal(t, within, []any{open["avg_first_response_time"], open["reply_time"], open["avg_resolution_time"]})
		o.must("jefa", "PATCH", fmt.Sprintf("%s/inboxes/%v", account, id), `{"working_hours_enabled":false}`)
		inbox, err = o.router.InboxByID(t.Context(), inbox.ID)
		require.NoError(t, err)
		late := o.customer(inbox)
		late.says("Otra vez")
		o.passes(35 * time.Minute)
		answers(late)
		require.Equal(t, 20*minute, figures("business_hours=true")["avg_first_response_time"], "of 5 and of 35 minutes")
		inboxes := o.must("jefa", "GET", fmt.Sprintf("%s/summary_reports/inbox?business_hours=true&since=%d&until=%d", reports, noon.Unix(), o.clock.Now().Unix()+1), "").list()
		require.Equal(t, 20*minute, inboxes[len(inboxes)-1]["avg_first_response_time"])
	})
}
