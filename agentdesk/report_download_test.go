package agentdesk_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// sheet is a download as a spreadsheet reads it.
func (o *office) sheet(path, language string) [][]string {
	o.t.Helper()
	a := o.must("jefa", "GET", reports+path, "", "Accept-Language", language)
	require.Equal(o.t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
	require.Contains(o.t, a.header.Get("Content-Disposition"), "attachment")
	text, ok := strings.CutPrefix(a.body, "\ufeff")
	require.True(o.t, ok, "spreadsheets take it for UTF-8")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(o.t, err)
	return lines
}

func TestReportsAsTables(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.aDay()
		vip := "vip"
		_, err := o.router.AddLabel(t.Context(), router.LabelDraft{Title: &vip})
		require.NoError(t, err)
		times := fmt.Sprintf("?since=%d&until=%d", noon.Unix(), o.clock.Now().Unix()+1)

		require.Equal(t, [][]string{
			{"Nombre del agente", "Conversaciones asignadas", "Tiempo medio de primera respuesta", "Tiempo medio de resolución", "Tiempo medio de respuesta", "Resoluciones"},
			{"Ana", "3", "0:00:33", "0:02:30", "0:00:20", "1"},
			{"Jefa", "0", "", "", "", "0"},
		}, o.sheet("/reports/agents"+times, "es"))
		require.Equal(t, []string{"Agent name", "Assigned conversations", "Average first response time", "Average resolution time", "Average reply time", "Resolutions"},
			o.sheet("/reports/agents"+times, "en")[0])
		require.Equal(t, [][]string{
			{"Inbox name", "Inbox type", "Conversations", "Average first response time", "Average resolution time", "Average reply time", "Resolutions"},
			{"Tienda", "Channel::WebWidget", "3", "0:00:33", "0:01:30", "0:00:20", "2"},
			{"Correo", "Channel::Api", "1", "", "", "", "0"},
		}, o.sheet("/reports/inboxes"+times, "en"))
		require.Equal(t, []string{"ventas", "1", "", "0:02:30", "0:00:20", "1"}, o.sheet("/reports/teams"+times, "en")[1])
		require.Equal(t, []string{"vip", "1", "0:01:00", "0:02:30", "0:00:20", "1"}, o.sheet("/reports/labels"+times, "en")[1])
		require.Equal(t, [][]string{
			{"Conversations", "Incoming messages", "Outgoing messages", "Average first response time", "Average resolution time", "Resolutions", "Average reply time"},
			{"4", "6", "5", "0:00:33", "0:01:30", "2", "0:00:20"},
		}, o.sheet("/reports/conversations_summary"+times, "en"))
		require.Equal(t, [][]string{
			{"Nombre de la bandeja", "Conversaciones que llegaron al bot", "Resueltas por el bot", "Terminadas por el cliente", "Abandonadas", "Cerradas por un agente",
				"Pasadas a personas por el bot", "Tomadas por una persona", "Siguen con el bot", "Tiempo medio con el bot"},
			{"Tienda", "4", "0", "1", "0", "0", "2", "1", "0", "0:00:11"},
		}, o.sheet("/reports/bots"+times, "es"))
	})
}

func TestNoCellOfAReportIsAFormula(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		for i, name := range []string{"=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "%0A", "|cmd"} {
			o.must("jefa", "POST", account+"/inboxes", fmt.Sprintf(`{"name":%q,"channel":{"type":"api"}}`, name))
			_, err := o.router.AddTeam(t.Context(), router.TeamDraft{Name: &name})
			require.NoError(t, err)
			_, err = o.router.AddAgent(t.Context(), router.Agent{Name: name, Email: fmt.Sprintf("bad%d@example.com", i), Role: router.RoleAgent}, name, nil)
			require.NoError(t, err)
		}
		for _, path := range []string{"agents", "inboxes", "teams"} {
			found := 0
			for _, line := range o.sheet("/reports/"+path, "en")[1:] {
				for _, cell := range line {
					if cell == "" {
						continue
					}
					require.NotContains(t, "=+-@%|", cell[:1], path)
					if strings.HasPrefix(cell, "'") {
						found++
					}
				}
			}
			require.Equal(t, 6, found, path)
		}
	})
}

func TestTheHoursInWhichConversationsBegin(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.passes(-24*time.Hour + 30*time.Minute) // 12:30 the day before
		o.customer(o.correo).says("Hello")
		o.passes(10 * time.Hour) // 22:30
		o.customer(o.correo).says("Hello")
		o.customer(o.correo).says("Hello")
		o.passes(13 * time.Hour) // 11:30
		cells := func(query string) (found []string) {
			lines := o.sheet("/reports/conversation_traffic?"+query, "es")
			require.Equal(t, "Comienzo de la hora", lines[0][0])
			require.Len(t, lines, 25)
			for _, line := range lines[1:] {
				for day, n := range line[1:] {
					if n != "0" && n != "" {
						found = append(found, fmt.Sprintf("%s %s %s", lines[0][day+1], line[0], n))
					}
				}
			}
			return found
		}
		today, yesterday := noon.Format(time.DateOnly), noon.AddDate(0, 0, -1).Format(time.DateOnly)
		require.Equal(t, []string{yesterday + " 12:00 1", yesterday + " 22:00 2"}, cells(""))
		require.Equal(t, []string{today + " 00:00 2", yesterday + " 14:00 1"}, cells("timezone_offset=2"))
		lines := o.sheet(fmt.Sprintf("/reports/conversation_traffic?since=%d", noon.Add(-time.Hour).Unix()), "en")
		require.Equal(t, []string{"Start of the hour", today}, lines[0])
		require.Equal(t, []string{"11:00", "0"}, lines[12])
		require.Equal(t, []string{"12:00", ""}, lines[13], "still to come")
		o.refused(http.StatusUnprocessableEntity, "invalid", "jefa", "GET", reports+"/reports/conversation_traffic?timezone_offset=Madrid", "")
		o.refused(http.StatusUnprocessableEntity, "invalid", "jefa", "GET", fmt.Sprintf("%s/reports/conversation_traffic?since=%d", reports, noon.AddDate(-1, 0, 0).Unix()), "")
	})
}

func TestFurtherReports(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		team := o.aDay()
		vip, queja := "vip", "queja"
		labels := []float64{}
		for _, title := range []*string{&vip, &queja} {
			l, err := o.router.AddLabel(t.Context(), router.LabelDraft{Title: title})
			require.NoError(t, err)
			labels = append(labels, float64(l.ID))
		}
		ask := func(path string) answer { return o.must("jefa", "GET", reports+path, "") }
		o.passes(time.Second)

		require.Equal(t, map[string]any{
			"Channel::WebWidget": map[string]any{"open": 2.0, "resolved": 1.0, "pending": 0.0, "snoozed": 0.0, "total": 3.0},
			"Channel::Api":       map[string]any{"open": 1.0, "resolved": 0.0, "pending": 0.0, "snoozed": 0.0, "total": 1.0},
		}, ask("/summary_reports/channel").object())
		list := ask("/summary_reports/label").list()
		require.Equal(t, []any{"queja", "vip"}, column(list, "name"))
		require.Equal(t, []any{0.0, 1.0}, column(list, "conversations_count"))
		require.Equal(t, []any{nil, 60.0}, column(list, "avg_first_response_time"))

		require.Equal(t, map[string]any{"Channel::WebWidget": map[string]any{"0-1h": 2.0, "1-4h": 0.0, "4-8h": 0.0, "8-24h": 0.0, "24h+": 0.0}},
			ask("/reports/first_response_time_distribution").object())
		matrix := ask("/reports/inbox_label_matrix").object()
		require.Equal(t, []any{[]any{0.0, 1.0}, []any{0.0, 0.0}}, matrix["matrix"], "%v", matrix)
		matrix = ask(fmt.Sprintf("/reports/inbox_label_matrix?label_ids[]=%v&inbox_ids[]=%d", labels[0], o.tienda.ID)).object()
		require.Equal(t, map[string]any{"inboxes": []any{map[string]any{"id": float64(o.tienda.ID), "name": "Tienda"}},
			"labels": []any{map[string]any{"id": labels[0], "title": "vip"}}, "matrix": []any{[]any{1.0}}}, matrix)

		sent := func(by string) []any {
			return column(ask("/reports/outgoing_messages_count?group_by="+by).list(), "outgoing_messages_count")
		}
		require.Equal(t, []any{3.0, 0.0}, sent("agent"))
		require.Equal(t, []any{5.0, 0.0}, sent("inbox"))
		require.Equal(t, []any{2.0 + 1}, sent("team"), "all that was said in conversations of team %d", team)
		o.refused(422, "invalid", "jefa", "GET", reports+"/reports/outgoing_messages_count?group_by=label", "")
		o.refused(422, "invalid", "jefa", "GET", reports+"/reports/outgoing_messages_count", "")
		o.refused(422, "invalid", "jefa", "GET", reports+"/reports/inbox_label_matrix?label_ids[]=vip", "")
	})
}

func TestAllThatReportsCount(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		for range 30 {
			o.customer(o.correo).says("Hello")
			o.passes(time.Second)
		}
		o.customer(o.tienda).says("Hola")
		o.passes(time.Second)
		page := func(query string) (meta map[string]any, payload []map[string]any) {
			a := o.must("jefa", "GET", account+"/reporting_events?"+query, "")
			return a.object()["meta"].(map[string]any), a.payload()
		}
		meta, events := page("name=conversation_created")
		require.Equal(t, map[string]any{"count": 31.0, "count_capped": false, "current_page": 1.0, "total_pages": 2.0}, meta)
		require.Len(t, events, 25)
		require.Equal(t, float64(o.tienda.ID), events[0]["inbox_id"], "the latest first")
		_, rest := page("name=conversation_created&page=2")
		require.Len(t, rest, 6)
		seen := map[any]bool{}
		for _, e := range append(events, rest...) {
			require.Equal(t, "conversation_created", e["name"])
			seen[e["id"]] = true
		}
		require.Len(t, seen, 31, "nothing twice")

		meta, events = page(fmt.Sprintf("inbox_id=%d", o.tienda.ID))
		require.Equal(t, 2.0, meta["count"])
		require.ElementsMatch(t, []any{"conversation_created", "conversation_bot_entered"}, column(events, "name"))
		meta, _ = page(fmt.Sprintf("name=conversation_created&since=%d&until=%d", noon.Add(5*time.Second).Unix(), noon.Add(10*time.Second).Unix()))
		require.Equal(t, 5.0, meta["count"])
		meta, events = page("name=words")
		require.Equal(t, 0.0, meta["total_pages"])
		require.Empty(t, events)
		meta, _ = page(fmt.Sprintf("user_id=%d", o.ana.ID))
		require.Equal(t, 0.0, meta["count"])
		o.refused(401, "forbidden", "ana", "GET", account+"/reporting_events", "")
		o.refused(422, "invalid", "jefa", "GET", account+"/reporting_events?page=401", "")
		o.refused(422, "invalid", "jefa", "GET", account+"/reporting_events?since=0", "")
	})
}
