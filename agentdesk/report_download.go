package agentdesk

import (
	"context"
	"slices"
	"strconv"

	"relevo/router/api"
	"relevo/router/report"
)

func (d *Desk) downloadAgents(ctx context.Context, in *reportRange) (api.Download, error) {
	figures, err := d.agentSummaries(ctx, in)
	return ownerTable(ctx, "agents_report.csv", []string{"agent", "assigned"}, figures, nil, err)
}

func (d *Desk) downloadTeams(ctx context.Context, in *reportRange) (api.Download, error) {
	figures, err := d.teamSummaries(ctx, in)
	return ownerTable(ctx, "teams_report.csv", []string{"team", "assigned"}, figures, nil, err)
}

func (d *Desk) downloadLabels(ctx context.Context, in *reportRange) (api.Download, error) {
	figures, err := d.labelSummaries(ctx, in)
	return ownerTable(ctx, "labels_report.csv", []string{"label", "conversations"}, figures, nil, err)
}

func (d *Desk) downloadInboxes(ctx context.Context, in *reportRange) (api.Download, error) {
	channels, err := d.channels(ctx)
	if err != nil {
		return api.Download{}, err
	}
	figures, err := d.inboxSummaries(ctx, in)
	return ownerTable(ctx, "inboxes_report.csv", []string{"inbox", "channel", "conversations"}, figures,
		func(id int64) []string { return []string{channels[id]} }, err)
}

// ownerTable has a line for each of figures: the name, what more says of its
// id, the figures. first are the keys of the headings up to the conversations.
func ownerTable(ctx context.Context, name string, first []string, figures []ownerFiguresJSON, more func(id int64) []string, err error) (api.Download, error) {
	if err != nil {
		return api.Download{}, err
	}
	var lines [][]string
	for _, f := range figures {
		line := []string{f.Name}
		if more != nil {
			line = append(line, more(f.ID)...)
		}
		lines = append(lines, append(line, number(f.Conversations), clock(f.FirstResponse), clock(f.Resolution), clock(f.ReplyTime), number(f.Resolved)))
	}
	return table(name, headings(ctx, "report.column.", append(first, "first_response", "resolution", "reply", "resolved")), lines)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// channels are the channels of inboxes, by id, in the dialect.
func (d *Desk) channels(ctx context.Context) (map[int64]string, error) {
	inboxes, err := d.router.Inboxes(ctx)
	out := map[int64]string{}
	for _, i := range inboxes {
		out[i.ID] = channelOf(i)
	}
	return out, err
}

func (d *Desk) downloadConversations(ctx context.Context, in *reportScope) (api.Download, error) {
	of, err := d.reportFor(ctx, in)
	if err != nil {
		return api.Download{}, err
	}
	f, err := d.mainFigures(ctx, of)
	if err != nil {
		return api.Download{}, err
	}
	whole := func(n float64) string { return number(int64(n)) }
	return table("conversations_summary_report.csv",
		headings(ctx, "report.column.", []string{"conversations", "incoming", "outgoing", "first_response", "resolution", "resolved", "reply"}),
		[][]string{{whole(f.Conversations), whole(f.IncomingMessages), whole(f.OutgoingMessages), clock(&f.FirstResponse), clock(&f.Resolution),
			whole(f.Resolutions), clock(&f.ReplyTime)}})
}

// downloadBots has a line for each inbox that a bot had a conversation of: what
// became of them, class by class.
func (d *Desk) downloadBots(ctx context.Context, in *reportRange) (api.Download, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: *in})
	if err != nil {
		return api.Download{}, err
	}
	inboxes, err := d.router.Inboxes(ctx)
	if err != nil {
		return api.Download{}, err
	}
	stays, err := d.router.Reports().StaysByInbox(ctx, of.Scope, of.Range)
	if err != nil {
		return api.Download{}, err
	}
	keys := []string{"inbox", "came"}
	for _, class := range report.StayClasses {
		keys = append(keys, string(class))
	}
	keys = slices.Concat(keys, []string{"with_bot", "bot_time"})
	var lines [][]string
	for _, i := range inboxes {
		s, had := stays[i.ID]
		if !had {
			continue
		}
		line := []string{i.Name, number(s.All())}
		for _, class := range report.StayClasses {
			line = append(line, number(s.Ended[class].Count))
		}
		lines = append(lines, append(line, number(s.StillThere), clock(average(s.Over()))))
	}
	return table("bots_report.csv", headings(ctx, "report.column.", keys), lines)
}
