package agentdesk

import (
	"context"
	"slices"
	"time"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/report"
)

// channelFiguresJSON are the conversations of a channel that began in the
// time, by the status that they have now.
type channelFiguresJSON struct {
	Open     int64 `json:"open"`
	Resolved int64 `json:"resolved"`
	Pending  int64 `json:"pending"`
	Snoozed  int64 `json:"snoozed"`
	Total    int64 `json:"total"`
}

func (d *Desk) channelSummaries(ctx context.Context, in *reportRange) (map[string]channelFiguresJSON, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: *in})
	if err != nil {
		return nil, err
	}
	channels, err := d.channels(ctx)
	if err != nil {
		return nil, err
	}
	began, err := d.router.Reports().BeganAs(ctx, of.Range)
	out := map[string]channelFiguresJSON{}
	for inbox, n := range began {
		f := out[channels[inbox]]
		f.Open, f.Resolved, f.Pending, f.Snoozed = f.Open+n["open"], f.Resolved+n["resolved"], f.Pending+n["pending"], f.Snoozed+n["snoozed"]
		f.Total = f.Open + f.Resolved + f.Pending + f.Snoozed
		out[channels[inbox]] = f
	}
	return out, err
}

// responseTimesJSON is how many first answers took how long.
type responseTimesJSON struct {
	ToOne        int64 `json:"0-1h"`
	ToFour       int64 `json:"1-4h"`
	ToEight      int64 `json:"4-8h"`
	ToTwentyFour int64 `json:"8-24h"`
	FromADay     int64 `json:"24h+"`
}

func (d *Desk) responseTimes(ctx context.Context, in *reportRange) (map[string]responseTimesJSON, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: *in})
	if err != nil {
		return nil, err
	}
	channels, err := d.channels(ctx)
	if err != nil {
		return nil, err
	}
	spread, err := d.router.Reports().Spread(ctx, of.question(report.FirstResponse), []time.Duration{time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour})
	out := map[string]responseTimesJSON{}
	for inbox, n := range spread {
		f := out[channels[inbox]]
		out[channels[inbox]] = responseTimesJSON{f.ToOne + n[0], f.ToFour + n[1], f.ToEight + n[2], f.ToTwentyFour + n[3], f.FromADay + n[4]}
	}
	return out, err
}

// reportMatrix asks for conversations by inbox and label.
type reportMatrix struct {
	reportRange
	Inboxes []string `query:"inbox_ids" maxLength:"20" items:"integer" json:"inbox_ids" doc:"all where it is left out"`
	Labels  []string `query:"label_ids" maxLength:"20" items:"integer" json:"label_ids" doc:"all where it is left out"`
}

// matrixJSON counts the conversations that began in the time: matrix[i][j] are
// those of inboxes[i] that carry labels[j] now.
type matrixJSON struct {
	Inboxes []namedJSON  `json:"inboxes"`
	Labels  []titledJSON `json:"labels"`
	Matrix  [][]int64    `json:"matrix"`
}

type namedJSON struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type titledJSON struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

func (d *Desk) inboxLabelMatrix(ctx context.Context, in *reportMatrix) (out matrixJSON, err error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: in.reportRange})
	if err != nil {
		return out, err
	}
	out.Inboxes, out.Labels, out.Matrix = []namedJSON{}, []titledJSON{}, [][]int64{}
	inboxes, err := d.router.Inboxes(ctx)
	if err != nil {
		return out, err
	}
	err = wanted(in.Inboxes, "inbox_ids", inboxes, func(i *router.Inbox) int64 { return i.ID }, func(i *router.Inbox) {
		out.Inboxes = append(out.Inboxes, namedJSON{i.ID, i.Name})
	})
	if err != nil {
		return out, err
	}
	labels, err := d.router.AccountLabels(ctx)
	if err != nil {
		return out, err
	}
	err = wanted(in.Labels, "label_ids", labels, func(l *router.Label) int64 { return l.ID }, func(l *router.Label) {
		out.Labels = append(out.Labels, titledJSON{l.ID, l.Title})
	})
	if err != nil {
		return out, err
	}
	counts, err := d.router.Reports().ByInboxAndLabel(ctx, of.question(report.Began))
	for _, i := range out.Inboxes {
		line := make([]int64, len(out.Labels))
		for n, l := range out.Labels {
			line[n] = counts[i.ID][l.Title]
		}
		out.Matrix = append(out.Matrix, line)
	}
	return out, err
}

// wanted takes those of list whose ids are asked for, all where none are.
func wanted[T any](ids []string, field string, list []T, id func(T) int64, take func(T)) error {
	only, err := idsOf(ids, field)
	for _, one := range list {
		if len(only) == 0 || slices.Contains(only, id(one)) {
			take(one)
		}
	}
	return err
}

// reportOutgoing asks for messages to customers.
type reportOutgoing struct {
	reportRange
	By string `query:"group_by" required:"true" enum:"agent,team,inbox,label" json:"group_by" doc:"a label's messages are not known: refused"`
}

// outgoingJSON is how many messages went out: of agents, those that they wrote;
// of teams and inboxes, those of bots too.
type outgoingJSON struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Messages int64  `json:"outgoing_messages_count"`
}

func (d *Desk) outgoingMessages(ctx context.Context, in *reportOutgoing) ([]outgoingJSON, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: in.reportRange})
	if err != nil {
		return nil, err
	}
	by, kinds := report.Inboxes, []report.MessageKind{report.Outgoing, report.ByBot}
	list, err := d.namedInboxes(ctx)
	switch in.By {
	case "agent":
		by, kinds = report.Agents, kinds[:1]
		list, err = d.namedAgents(ctx)
	case "team":
		by = report.Teams
		list, err = d.namedTeams(ctx)
	case "label":
		return nil, fault.Invalid.Field("not_counted", "group_by")
	}
	if err != nil {
		return nil, err
	}
	counts, err := d.router.Reports().MessagesBy(ctx, kinds, by, of.Range)
	out := make([]outgoingJSON, 0, len(list))
	for _, one := range list {
		out = append(out, outgoingJSON{one.id, one.name, counts[one.id]})
	}
	return out, err
}
