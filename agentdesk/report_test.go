package agentdesk_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

const reports = "/api/v2/accounts/1"

// customer is a visitor of an inbox who talks.
type customer struct {
	o      *office
	inbox  *router.Inbox
	source string
	id     int64 // of the conversation
}

func (o *office) customer(inbox *router.Inbox) *customer {
	inbox, err := o.router.InboxByID(o.t.Context(), inbox.ID) // as it is now
	require.NoError(o.t, err)
	v, err := o.router.CreateVisitor(o.t.Context(), inbox, "", router.ContactDraft{})
	require.NoError(o.t, err)
	return &customer{o: o, inbox: inbox, source: v.SourceID}
}

func (c *customer) says(text string) {
	m, err := c.o.router.Receive(c.o.t.Context(), router.Inbound{Inbox: c.inbox, SourceID: c.source, Draft: router.Draft{Content: text}})
	require.NoError(c.o.t, err)
	c.id = m.ConversationID
}

func (c *customer) path() string { return fmt.Sprintf("%s/conversations/%d", account, c.id) }

func (c *customer) resolves() {
	_, err := c.o.router.ResolveByCustomer(c.o.t.Context(), c.inbox, c.source, c.id)
	require.NoError(c.o.t, err)
}

func (o *office) passes(d time.Duration) { o.clock.Advance(d) }

// aDay is what the reports of these tests are of, from the clock's noon on.
func (o *office) aDay() (team int64) {
	name := "ventas"
	sales, err := o.router.AddTeam(o.t.Context(), router.TeamDraft{Name: &name})
	require.NoError(o.t, err)
	_, err = o.router.SetTeamMembers(o.t.Context(), sales.ID, []int64{o.ana.ID}, router.Join)
	require.NoError(o.t, err)

	handed := o.customer(o.tienda) // the bot hands it off to Ana after 10 s, who answers 60 s later, and 20 s after the next word
	handed.says("Hola")
	o.passes(10 * time.Second)
	o.attend()
	o.passes(time.Minute)
	o.must("ana", "POST", handed.path()+"/messages", `{"content":"Soy Ana"}`)
	o.must("ana", "POST", handed.path()+"/assignments", fmt.Sprintf(`{"team_id":%d}`, sales.ID))
	o.must("ana", "POST", handed.path()+"/assignments", fmt.Sprintf(`{"assignee_id":%d}`, o.ana.ID))
	o.passes(time.Minute)
	handed.says("¿Tienen tallas?")
	o.passes(20 * time.Second)
	o.must("ana", "POST", handed.path()+"/messages", `{"content":"Sí"}`)
	o.must("ana", "POST", handed.path()+"/messages", `{"content":"nota","private":true}`)
	o.must("ana", "POST", handed.path()+"/labels", `{"labels":["vip"]}`)
	o.must("ana", "POST", handed.path()+"/toggle_status", `{"status":"resolved"}`) // 150 s after it began

	back := o.customer(o.tienda) // who ends it himself, and comes back
	back.says("Hola")
	o.passes(30 * time.Second)
	back.resolves()
	o.passes(time.Hour)
	back.says("Otra cosa")
	o.attend() // handed off at once

	taken := o.customer(o.tienda)
	taken.says("Hola")
	o.passes(5 * time.Second)
	o.must("ana", "POST", taken.path()+"/messages", `{"content":"Yo te ayudo"}`)

	mail := o.customer(o.correo)
	mail.says("Hello")
	o.passes(time.Second)
	return sales.ID
}

func TestReportsOfADay(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		team := o.aDay()
		ask := func(path string, query ...string) answer {
			return o.must("jefa", "GET", reports+path+"?"+url.Values{"since": {fmt.Sprint(noon.Unix())}, "until": {fmt.Sprint(o.clock.Now().Unix() + 1)}}.Encode()+
				"&"+fmt.Sprint(append(query, "")[0]), "")
		}
		require.Equal(t, map[string]any{"conversations_count": 4.0, "incoming_messages_count": 6.0, "outgoing_messages_count": 5.0,
			"avg_first_response_time": 32.5, "avg_resolution_time": 90.0, "resolutions_count": 2.0, "reply_time": 20.0,
			"previous": map[string]any{"conversations_count": 0.0, "incoming_messages_count": 0.0, "outgoing_messages_count": 0.0,
				"avg_first_response_time": 0.0, "avg_resolution_time": 0.0, "resolutions_count": 0.0, "reply_time": 0.0}},
			ask("/reports/summary", "type=account").object())

		require.Equal(t, map[string]any{
			"came": map[string]any{"all": 4.0, "contained": 0.0, "ended_by_customer": 1.0, "abandoned": 0.0, "closed": 0.0, "handed_off": 2.0,
				"taken_over": 1.0, "with_bot": 0.0},
			"handoffs_by_reason": []any{map[string]any{"reason": "flow_error", "reason_text": "the flow has an error", "count": 2.0}},
			"avg_bot_time":       11.25,
			"resolutions": map[string]any{"all": 2.0, "contained": 0.0, "ended_by_customer": 1.0, "abandoned": 0.0, "closed": 0.0, "handed_off": 1.0,
				"taken_over": 0.0, "person": 0.0},
			"containment_rate": 0.0, "reopened_after_bot": 0.0}, ask("/reports/bot").object())
		require.Equal(t, map[string]any{"conversation_count": 3.0, "message_count": 2.0, "resolution_rate": 0.0, "handoff_rate": 50.0}, ask("/reports/bot_metrics").object())
		require.Equal(t, map[string]any{"bot_resolutions_count": 0.0, "bot_handoffs_count": 2.0,
			"previous": map[string]any{"bot_resolutions_count": 0.0, "bot_handoffs_count": 0.0}}, ask("/reports/bot_summary").object())

		agents := ask("/summary_reports/agent").list()
		require.Equal(t, map[string]any{"id": float64(o.ana.ID), "name": "Ana", "conversations_count": 3.0, "resolved_conversations_count": 1.0,
			"avg_resolution_time": 150.0, "avg_first_response_time": 32.5, "avg_reply_time": 20.0}, agents[0])
		require.Equal(t, []any{0.0, nil}, []any{agents[1]["conversations_count"], agents[1]["avg_reply_time"]})
		inboxes := ask("/summary_reports/inbox").list()
		require.ElementsMatch(t, []any{3.0, 1.0}, column(inboxes, "conversations_count"))
		teams := ask("/summary_reports/team").list()
		require.Equal(t, []any{float64(team), 1.0, 150.0}, []any{teams[0]["id"], teams[0]["conversations_count"], teams[0]["avg_resolution_time"]})

		require.Equal(t, map[string]any{"open": 3.0, "unattended": 2.0, "unassigned": 1.0, "pending": 0.0}, ask("/reports/conversations", "type=account").object())
		load := ask("/reports/conversations/", fmt.Sprintf("type=agent&user_id=%d", o.ana.ID)).list()
		require.Equal(t, []any{"ana@example.com", map[string]any{"open": 2.0, "unattended": 1.0}}, []any{load[0]["email"], load[0]["metric"]})

		events := o.must("ana", "GET", account+"/conversations/1/reporting_events", "").list()
		require.Equal(t, []any{"conversation_created", "conversation_bot_entered", "conversation_bot_left", "conversation_opened", "conversation_assigned",
			"first_response", "conversation_team_assigned", "reply_time", "conversation_resolved"}, column(events, "name"))
		require.Equal(t, []any{10.0, "handed_off", "flow_error"}, []any{events[2]["value"], events[2]["class"], events[2]["reason"]})
	})
}

func TestAReportPeriodByPeriodOnTheReadersClock(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		team := o.aDay()
		series := func(query string) []map[string]any {
			return o.must("jefa", "GET", reports+"/reports?since="+fmt.Sprint(noon.Add(-24*time.Hour).Unix())+"&until="+fmt.Sprint(noon.Add(24*time.Hour).Unix())+"&"+query, "").list()
		}
		days := series("metric=conversations_count&type=account")
		require.Equal(t, []any{0.0, 4.0, 0.0}, column(days, "value"))
		require.Equal(t, float64(noon.Truncate(24*time.Hour).Unix()), days[1]["timestamp"])
		local := series("metric=conversations_count&timezone_offset=-6")
		require.Equal(t, float64(noon.Truncate(24*time.Hour).Add(6*time.Hour).Unix()), local[1]["timestamp"])
		require.Equal(t, []any{0.0, 4.0, 0.0}, column(local, "value"))
		require.Equal(t, 32.5, series("metric=avg_first_response_time")[1]["value"])
		require.Equal(t, 2.0, series("metric=avg_first_response_time")[1]["count"])
		for query, want := range map[string]float64{
			"metric=incoming_messages_count": 6, "metric=outgoing_messages_count": 5, "metric=resolutions_count": 2, "metric=bot_takeovers_count": 1,
			"metric=reopened_count": 1, "metric=reopened_after_bot_count": 0, "metric=bot_abandoned_count": 0, "metric=avg_bot_time": 11.25, "metric=bot_handoffs_count": 2,
			"metric=outgoing_messages_count&type=agent&id=" + fmt.Sprint(o.ana.ID):    3,
			"metric=conversations_count&type=agent&id=" + fmt.Sprint(o.ana.ID):        3,
			"metric=conversations_count&type=inbox&id=" + fmt.Sprint(o.correo.ID):     1,
			"metric=conversations_count&type=team&id=" + fmt.Sprint(team):             1,
			"metric=incoming_messages_count&type=inbox&id=" + fmt.Sprint(o.correo.ID): 1,
		} {
			require.Equal(t, want, series(query)[1]["value"], query)
		}
		label := "vip"
		vip, err := o.router.AddLabel(t.Context(), router.LabelDraft{Title: &label})
		require.NoError(t, err)
		require.Equal(t, 150.0, series("metric=avg_resolution_time&type=label&id=" + fmt.Sprint(vip.ID))[1]["value"])

		hours := series("metric=conversations_count&group_by=hour")
		require.Len(t, hours, 48)
		sum := 0.0
		for _, v := range column(hours, "value") {
			sum += v.(float64)
		}
		require.Equal(t, 4.0, sum)
		for _, period := range []string{"week", "month", "year"} {
			points := series("metric=conversations_count&group_by=" + period)
			require.Equal(t, 4.0, points[len(points)-1]["value"], period)
		}

		// Counted some time later, the messages are the same.
		o.passes(time.Hour)
		require.NoError(t, o.router.Reports().Tally(t.Context()))
		require.NoError(t, o.router.Reports().Tally(t.Context()))
		require.Equal(t, 6.0, series("metric=incoming_messages_count")[1]["value"])
		require.Equal(t, 3.0, series("metric=outgoing_messages_count&type=agent&id=" + fmt.Sprint(o.ana.ID))[1]["value"])
	})
}

func TestReportsThatCannotBe(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		for _, path := range []string{"/reports?metric=reply_time", "/reports/summary", "/reports/bot", "/reports/bot_summary", "/reports/bot_metrics",
			"/reports/conversations", "/summary_reports/agent", "/summary_reports/inbox", "/summary_reports/team",
			"/summary_reports/label", "/summary_reports/channel", "/reports/agents", "/reports/inboxes", "/reports/teams", "/reports/labels", "/reports/bots",
			"/reports/conversations_summary", "/reports/conversation_traffic", "/reports/first_response_time_distribution", "/reports/inbox_label_matrix",
			"/reports/outgoing_messages_count?group_by=agent"} {
			o.refused(401, "forbidden", "ana", "GET", reports+path, "")
			o.refused(401, "unauthenticated", "", "GET", reports+path, "")
			o.must("jefa", "GET", reports+path, "")
		}
		for _, query := range []string{"", "metric=words", "metric=reply_time&type=visitor", "metric=reply_time&type=agent", "metric=reply_time&type=agent&id=ana",
			"metric=reply_time&since=yesterday", "metric=reply_time&until=-1", "metric=reply_time&since=99999999999999", "metric=reply_time&since=2000000000&until=1000000000",
			"metric=reply_time&since=0", "metric=reply_time&group_by=minute", "metric=reply_time&group_by=hour&since=1000000000&until=1200000000",
			"metric=reply_time&timezone_offset=NaN", "metric=reply_time&timezone_offset=25", "metric=reply_time&timezone_offset=Madrid", "metric=reply_time&business_hours=some"} {
			o.refused(422, "invalid", "jefa", "GET", reports+"/reports?"+query, "")
		}
		for _, kind := range []string{"agent", "inbox", "team", "label"} {
			o.refused(404, "not_found", "jefa", "GET", reports+"/reports/summary?type="+kind+"&id=999", "")
		}
		for query, want := range map[string]string{"since=0": "since asks for more than three years", "since=2000000000&until=1000000000": "since is after the end"} {
			require.Contains(t, o.refused(422, "invalid", "jefa", "GET", reports+"/reports/summary?"+query, "").body, want)
		}
		o.refused(404, "not_found", "jefa", "GET", "/api/v2/accounts/2/reports/summary", "")
		o.refused(404, "not_found", "ana", "GET", account+"/conversations/999/reporting_events", "")
		mail := o.customer(o.correo)
		mail.says("Hello")
		o.refused(401, "forbidden", "ana", "GET", mail.path()+"/reporting_events", "")
	})
}
