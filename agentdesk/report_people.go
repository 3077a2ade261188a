package agentdesk

import (
	"context"

	"relevo/router/report"
)

// ownerFiguresJSON are the figures of one agent, inbox, team or label. Times are
// averages in seconds, null where there is nothing to average.
type ownerFiguresJSON struct {
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Conversations int64    `json:"conversations_count"`
	Resolved      int64    `json:"resolved_conversations_count"`
	Resolution    *float64 `json:"avg_resolution_time"`
	FirstResponse *float64 `json:"avg_first_response_time"`
	ReplyTime     *float64 `json:"avg_reply_time"`
}

// owner is whose figures are told, and what came to them.
type owner struct {
	by     report.Owner
	begins report.Kind
}

var (
	byAgents  = owner{report.Agents, report.Assigned}
	byInboxes = owner{report.Inboxes, report.Began}
	byTeams   = owner{report.Teams, report.TeamAssigned}
	byLabels  = owner{report.Labels, report.Began}
)

// named is somebody who has a name.
type named struct {
	id   int64
	name string
}

// ownerFigures returns the figures of each of list, in its order.
func (d *Desk) ownerFigures(ctx context.Context, in *reportRange, o owner, list []named) ([]ownerFiguresJSON, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: *in})
	if err != nil {
		return nil, err
	}
	found := map[report.Kind]map[int64]report.Figure{}
	for _, kind := range []report.Kind{o.begins, report.Resolved, report.FirstResponse, report.ReplyTime} {
		if found[kind], err = d.router.Reports().By(ctx, of.question(kind), o.by); err != nil {
			return nil, err
		}
	}
	out := make([]ownerFiguresJSON, 0, len(list))
	for _, one := range list {
		out = append(out, ownerFiguresJSON{ID: one.id, Name: one.name, Conversations: found[o.begins][one.id].Count, Resolved: found[report.Resolved][one.id].Count,
			Resolution: average(found[report.Resolved][one.id]), FirstResponse: average(found[report.FirstResponse][one.id]), ReplyTime: average(found[report.ReplyTime][one.id])})
	}
	return out, nil
}

func average(f report.Figure) *float64 {
	if f.Timed == 0 {
		return nil
	}
	seconds := f.Average()
	return &seconds
}

func (d *Desk) agentSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	list, err := d.namedAgents(ctx)
	if err != nil {
		return nil, err
	}
	return d.ownerFigures(ctx, in, byAgents, list)
}

func (d *Desk) inboxSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	list, err := d.namedInboxes(ctx)
	if err != nil {
		return nil, err
	}
	return d.ownerFigures(ctx, in, byInboxes, list)
}

func (d *Desk) teamSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	list, err := d.namedTeams(ctx)
	if err != nil {
		return nil, err
	}
	return d.ownerFigures(ctx, in, byTeams, list)
}

func (d *Desk) labelSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	labels, err := d.router.AccountLabels(ctx)
	if err != nil {
		return nil, err
	}
	var list []named
	for _, l := range labels {
		list = append(list, named{l.ID, l.Title})
	}
	return d.ownerFigures(ctx, in, byLabels, list)
}

func (d *Desk) namedAgents(ctx context.Context) (list []named, err error) {
	agents, err := d.router.Agents(ctx)
	for _, a := range agents {
		list = append(list, named{a.ID, a.Name})
	}
	return list, err
}

func (d *Desk) namedInboxes(ctx context.Context) (list []named, err error) {
	inboxes, err := d.router.Inboxes(ctx)
	for _, i := range inboxes {
		list = append(list, named{i.ID, i.Name})
	}
	return list, err
}

func (d *Desk) namedTeams(ctx context.Context) (list []named, err error) {
	teams, err := d.router.Teams(ctx)
	for _, t := range teams {
		list = append(list, named{t.ID, t.Name})
	}
	return list, err
}
