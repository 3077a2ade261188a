package agentdesk

import (
	"cmp"
	"context"
	"time"

	"relevo/router/report"
)

// metric is what one figure is made of: events, counted or averaged, or
// messages.
type metric struct {
	kind     report.Kind
	classes  []report.Class
	average  bool
	messages []report.MessageKind
}

// metrics are the names of the dialect, and ours. docs/reports.md says what
// each counts.
var metrics = map[string]metric{
	"conversations_count":      {kind: report.Began},
	"incoming_messages_count":  {messages: []report.MessageKind{report.Incoming}},
	"outgoing_messages_count":  {messages: []report.MessageKind{report.Outgoing, report.ByBot}},
	"avg_first_response_time":  {kind: report.FirstResponse, average: true},
	"avg_resolution_time":      {kind: report.Resolved, average: true},
	"reply_time":               {kind: report.ReplyTime, average: true},
	"resolutions_count":        {kind: report.Resolved},
	"bot_resolutions_count":    {kind: report.Resolved, classes: []report.Class{report.Contained}},
	"bot_abandoned_count":      {kind: report.Resolved, classes: []report.Class{report.Abandoned}},
	"bot_handoffs_count":       {kind: report.BotLeft, classes: []report.Class{report.HandedOff}},
	"bot_takeovers_count":      {kind: report.BotLeft, classes: []report.Class{report.TakenOver}},
	"avg_bot_time":             {kind: report.BotLeft, average: true},
	"reopened_count":           {kind: report.Reopened},
	"reopened_after_bot_count": {kind: report.Reopened, classes: []report.Class{report.Contained}},
}

// kindFor is the event that a metric counts in a scope: an agent's and a
// team's conversations are those that they were given.
func (m metric) kindFor(s report.Scope) report.Kind {
	switch {
	case m.kind == report.Began && s.Agent != 0:
		return report.Assigned
	case m.kind == report.Began && s.Team != 0:
		return report.TeamAssigned
	}
	return m.kind
}

// pointJSON is one period. Times are averages in seconds, of count events.
type pointJSON struct {
	Value     float64 `json:"value"`
	Timestamp int64   `json:"timestamp" doc:"when the period begins"`
	Count     *int64  `json:"count,omitempty" doc:"of an average: how many it is of"`
}

func (d *Desk) reportSeries(ctx context.Context, in *reportSeries) ([]pointJSON, error) {
	zone, err := in.zone()
	if err != nil {
		return nil, err
	}
	of, err := d.reportFor(ctx, &in.reportScope)
	if err != nil {
		return nil, err
	}
	m, period := metrics[in.Metric], report.Period(cmp.Or(in.Period, string(report.Day)))
	points, err := d.points(ctx, of, m, period, zone)
	if err != nil {
		return nil, err
	}
	out := make([]pointJSON, 0, len(points))
	for _, p := range points {
		one := pointJSON{Value: float64(p.Count), Timestamp: p.At.Unix()}
		if m.average {
			one.Value, one.Count = p.Average(), &p.Count
		}
		out = append(out, one)
	}
	return out, nil
}

func (d *Desk) points(ctx context.Context, of asked, m metric, p report.Period, zone *time.Location) ([]report.Point, error) {
	if m.messages != nil {
		return d.router.Reports().Messages(ctx, m.messages, of.Scope, of.Range, p, zone)
	}
	return d.router.Reports().Series(ctx, of.question(m.kindFor(of.Scope), m.classes...), p, zone)
}

// value is one metric of a whole range.
func (d *Desk) value(ctx context.Context, of asked, name string) (float64, error) {
	m := metrics[name]
	if m.messages != nil {
		n, err := d.router.Reports().MessagesOf(ctx, m.messages, of.Scope, of.Range)
		return float64(n), err
	}
	f, err := d.router.Reports().Of(ctx, of.question(m.kindFor(of.Scope), m.classes...))
	if m.average {
		return f.Average(), err
	}
	return float64(f.Count), err
}

// mainFiguresJSON are the figures of a summary. Times are averages in seconds.
type mainFiguresJSON struct {
	Conversations    float64 `json:"conversations_count"`
	IncomingMessages float64 `json:"incoming_messages_count"`
	OutgoingMessages float64 `json:"outgoing_messages_count"`
	FirstResponse    float64 `json:"avg_first_response_time"`
	Resolution       float64 `json:"avg_resolution_time"`
	Resolutions      float64 `json:"resolutions_count"`
	ReplyTime        float64 `json:"reply_time"`
}

type summaryJSON struct {
	mainFiguresJSON
	Previous mainFiguresJSON `json:"previous"`
}

func (d *Desk) reportSummary(ctx context.Context, in *reportScope) (out summaryJSON, err error) {
	of, err := d.reportFor(ctx, in)
	if err != nil {
		return out, err
	}
	if out.mainFiguresJSON, err = d.mainFigures(ctx, of); err != nil {
		return out, err
	}
	out.Previous, err = d.mainFigures(ctx, of.before())
	return out, err
}

func (d *Desk) mainFigures(ctx context.Context, of asked) (f mainFiguresJSON, err error) {
	for name, to := range map[string]*float64{
		"conversations_count": &f.Conversations, "incoming_messages_count": &f.IncomingMessages, "outgoing_messages_count": &f.OutgoingMessages,
		"avg_first_response_time": &f.FirstResponse, "avg_resolution_time": &f.Resolution, "resolutions_count": &f.Resolutions, "reply_time": &f.ReplyTime,
	} {
		if *to, err = d.value(ctx, of, name); err != nil {
			return f, err
		}
	}
	return f, nil
}
