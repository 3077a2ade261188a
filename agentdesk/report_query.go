package agentdesk

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"

	"relevo/router/api"
	"relevo/router/fault"
	"relevo/router/report"
)

// reportRange is the time that a report is of.
type reportRange struct {
	accountPath
	Since         string `query:"since" maxLength:"40" json:"since" doc:"unix seconds; seven days before until where it is left out"`
	Until         string `query:"until" maxLength:"40" json:"until" doc:"unix seconds, itself left out; now where it is left out"`
	BusinessHours bool   `query:"business_hours" json:"business_hours" doc:"count times within the hours of the inboxes that have any"`
}

// reportScope is whose figures are asked for.
type reportScope struct {
	reportRange
	Type string `query:"type" enum:"account,agent,inbox,team,label" json:"type" doc:"account where it is left out"`
	ID   string `query:"id" maxLength:"20" json:"id" doc:"of the agent, inbox, team or label"`
}

// reportSeries is one metric, period by period.
type reportSeries struct {
	reportScope
	Metric string `query:"metric" required:"true" enum:"conversations_count,incoming_messages_count,outgoing_messages_count,avg_first_response_time,avg_resolution_time,reply_time,resolutions_count,bot_resolutions_count,bot_abandoned_count,bot_handoffs_count,bot_takeovers_count,avg_bot_time,reopened_count,reopened_after_bot_count" json:"metric"`
	Period string `query:"group_by" enum:"hour,day,week,month,year" json:"group_by" doc:"day where it is left out"`
	readersClock
}

// readersClock is the clock that hours and days are told by.
type readersClock struct {
	Offset string `query:"timezone_offset" maxLength:"10" json:"timezone_offset" doc:"hours that the reader's clock is ahead of UTC, such as -6 or 5.5"`
}

// maxReport is how long a time one report may be of.
const maxReport = 3 * 366 * 24 * time.Hour

// times reads the range.
func (in *reportRange) times(now time.Time) (r report.Range, err error) {
	if r.Until, err = moment(in.Until, "until", now); err != nil {
		return r, err
	}
	if r.Since, err = moment(in.Since, "since", r.Until.AddDate(0, 0, -7)); err != nil {
		return r, err
	}
	switch {
	case r.Since.After(r.Until):
		return r, fault.Invalid.Field("after_until", "since")
	case r.Until.Sub(r.Since) > maxReport:
		return r, fault.Invalid.Field("longer_than_three_years", "since")
	}
	return r, nil
}

func moment(text, name string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<33 {
		return time.Time{}, fault.Invalid.Field("not_a_time", name)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// asked is what a report is of: read, and known to be there.
type asked struct {
	report.Scope
	report.Range
	businessHours bool
}

// reportFor reads what a report is of. Somebody who is not there is
// fault.NotFound.
func (d *Desk) reportFor(ctx context.Context, in *reportScope) (a asked, err error) {
	if a.Range, err = in.times(d.clock()); err != nil {
		return a, err
	}
	a.businessHours = in.BusinessHours
	a.Scope, err = d.reportScope(ctx, in)
	return a, err
}

// before is the same of the time of the same length that comes before.
func (a asked) before() asked {
	a.Range = a.Range.Before()
	return a
}

// question asks for one kind of event.
func (a asked) question(kind report.Kind, classes ...report.Class) report.Question {
	return report.Question{Kind: kind, Classes: classes, Scope: a.Scope, Range: a.Range, BusinessHours: a.businessHours}
}

func (d *Desk) reportScope(ctx context.Context, in *reportScope) (s report.Scope, err error) {
	kind := cmp.Or(in.Type, "account")
	if kind == "account" {
		return s, nil
	}
	if in.ID == "" {
		return s, fault.Invalid.Field("required", "id")
	}
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return s, fault.Invalid.Field("not_an_integer", "id")
	}
	switch kind {
	case "agent":
		_, err = d.router.Agent(ctx, id)
		s.Agent = id
	case "inbox":
		_, err = d.router.InboxByID(ctx, id)
		s.Inbox = id
	case "team":
		_, err = d.router.Team(ctx, id)
		s.Team = id
	case "label":
		l, err := d.router.AccountLabel(ctx, id)
		if err != nil {
			return s, err
		}
		s.Label = l.Title
	}
	return s, err
}

// zone reads the reader's clock.
func (in *readersClock) zone() (*time.Location, error) {
	if in.Offset == "" {
		return time.UTC, nil
	}
	hours, err := strconv.ParseFloat(in.Offset, 64)
	if err != nil || !(hours >= -14 && hours <= 14) {
		return nil, fault.Invalid.Field("not_a_time_zone", "timezone_offset")
	}
	const quarter = 15 * 60 // clocks differ by no less
	return time.FixedZone("", int(math.Round(hours*4))*quarter), nil
}

func (d *Desk) routeReports(s *api.Server) {
	g := s.Group("/api/v2/accounts/:account_id", api.ForAdministrators, d.authenticate)
	api.Handle(g, api.Operation{Name: "report", Method: "GET", Path: "/reports", Summary: "One figure, period by period"}, d.reportSeries)
	api.Handle(g, api.Operation{Name: "reportSummary", Method: "GET", Path: "/reports/summary", Summary: "The main figures of a time, and of the time before"}, d.reportSummary)
	api.Handle(g, api.Operation{Name: "botSummary", Method: "GET", Path: "/reports/bot_summary", Summary: "What bots resolved and handed over, in a time and in the time before"}, d.botSummary)
	api.Handle(g, api.Operation{Name: "botMetrics", Method: "GET", Path: "/reports/bot_metrics", Summary: "How much bots did, in percent"}, d.botMetrics)
	api.Handle(g, api.Operation{Name: "botReport", Method: "GET", Path: "/reports/bot", Summary: "What became of conversations that began with a bot"}, d.botReport)
	api.Handle(g, api.Operation{Name: "conversationsNow", Method: "GET", Path: "/reports/conversations", Summary: "How many conversations are open now, and wait"}, d.reportNow)
	api.Handle(g, api.Operation{Name: "agentSummaries", Method: "GET", Path: "/summary_reports/agent", Summary: "The figures of each agent"}, d.agentSummaries)
	api.Handle(g, api.Operation{Name: "inboxSummaries", Method: "GET", Path: "/summary_reports/inbox", Summary: "The figures of each inbox"}, d.inboxSummaries)
	api.Handle(g, api.Operation{Name: "teamSummaries", Method: "GET", Path: "/summary_reports/team", Summary: "The figures of each team"}, d.teamSummaries)

	api.Handle(g, api.Operation{Name: "labelSummaries", Method: "GET", Path: "/summary_reports/label", Summary: "The figures of each label"}, d.labelSummaries)
	api.Handle(g, api.Operation{Name: "channelSummaries", Method: "GET", Path: "/summary_reports/channel", Summary: "The conversations of each channel that began in a time, by their status now"}, d.channelSummaries)
	api.Handle(g, api.Operation{Name: "responseTimes", Method: "GET", Path: "/reports/first_response_time_distribution", Summary: "How many first answers took how long, by channel"}, d.responseTimes)
	api.Handle(g, api.Operation{Name: "inboxLabelMatrix", Method: "GET", Path: "/reports/inbox_label_matrix", Summary: "How many conversations of each inbox carry each label"}, d.inboxLabelMatrix)
	api.Handle(g, api.Operation{Name: "outgoingMessages", Method: "GET", Path: "/reports/outgoing_messages_count", Summary: "How many messages each agent, team or inbox sent"}, d.outgoingMessages)
	d.routeReportDownloads(g)

	administrators := s.Group(account, api.ForAdministrators, d.authenticate)
	api.Handle(administrators, api.Operation{Name: "listEvents", Method: "GET", Path: "/reporting_events", Summary: "What reports count, the latest first"}, d.listEvents)
	agents := s.Group(account, api.ForAgents, d.authenticate)
	api.Handle(agents, api.Operation{Name: "conversationEvents", Method: "GET", Path: "/conversations/:conversation_id/reporting_events", Summary: "What reports count of a conversation"}, d.conversationEvents)
}

// routeReportDownloads routes the tables. What their columns count is told in
// docs/reports.md; lengths of time are hours, minutes and seconds.
func (d *Desk) routeReportDownloads(g *api.Group) {
	const description = "In the language of Accept-Language. Lengths of time are hours:minutes:seconds. A text that a spreadsheet would take for a formula has an apostrophe before it."
	file := func(name, path, summary string) api.Operation {
		return api.Operation{Name: name, Method: "GET", Path: "/reports/" + path, Summary: summary, Description: description, Download: csvFile}
	}
	api.Handle(g, file("downloadAgents", "agents", "The figures of each agent as a table (CSV)"), d.downloadAgents)
	api.Handle(g, file("downloadInboxes", "inboxes", "The figures of each inbox as a table (CSV)"), d.downloadInboxes)
	api.Handle(g, file("downloadTeams", "teams", "The figures of each team as a table (CSV)"), d.downloadTeams)
	api.Handle(g, file("downloadLabels", "labels", "The figures of each label as a table (CSV)"), d.downloadLabels)
	api.Handle(g, file("downloadConversations", "conversations_summary", "The main figures as a table (CSV)"), d.downloadConversations)
	api.Handle(g, file("downloadBots", "bots", "What became of conversations that bots had, by inbox, as a table (CSV)"), d.downloadBots)
	api.Handle(g, file("downloadTraffic", "conversation_traffic", "In which hours conversations begin, as a table (CSV)"), d.downloadTraffic)
}
