package agentdesk

import (
	"cmp"
	"context"
	"slices"

	"relevo/router/api"
	"relevo/router/report"
	"relevo/router/texts"
)

// botFiguresJSON is how often bots ended conversations, and gave them up.
type botFiguresJSON struct {
	Resolutions float64 `json:"bot_resolutions_count"`
	Handoffs    float64 `json:"bot_handoffs_count"`
}

type botSummaryJSON struct {
	botFiguresJSON
	Previous botFiguresJSON `json:"previous"`
}

func (d *Desk) botSummary(ctx context.Context, in *reportScope) (out botSummaryJSON, err error) {
	times, err := in.times(d.clock())
	if err != nil {
		return out, err
	}
	scope, err := d.reportScope(ctx, in)
	if err != nil {
		return out, err
	}
	for r, to := range map[report.Range]*botFiguresJSON{times: &out.botFiguresJSON, times.Before(): &out.Previous} {
		if to.Resolutions, err = d.value(ctx, in, "bot_resolutions_count", scope, r); err != nil {
			return out, err
		}
		if to.Handoffs, err = d.value(ctx, in, "bot_handoffs_count", scope, r); err != nil {
			return out, err
		}
	}
	return out, nil
}

// botMetricsJSON is how much bots did. Rates are whole percents.
type botMetricsJSON struct {
	Conversations  int64 `json:"conversation_count"`
	Messages       int64 `json:"message_count"`
	ResolutionRate int64 `json:"resolution_rate"`
	HandoffRate    int64 `json:"handoff_rate"`
}

func (d *Desk) botMetrics(ctx context.Context, in *reportScope) (out botMetricsJSON, err error) {
	times, err := in.times(d.clock())
	if err != nil {
		return out, err
	}
	scope, err := d.reportScope(ctx, in)
	if err != nil {
		return out, err
	}
	begun, err := d.router.Reports().Of(ctx, in.question(report.Began, scope, times, report.WithBot))
	if err != nil {
		return out, err
	}
	out.Conversations = begun.Count
	if out.Messages, err = d.router.Reports().MessagesOf(ctx, []report.MessageKind{report.ByBot}, scope, times); err != nil {
		return out, err
	}
	rounds, left, err := d.roundsAndEnds(ctx, &in.reportRange, scope, times)
	if err != nil {
		return out, err
	}
	out.ResolutionRate = wholePercent(rounds.Contained, rounds.withBot())
	out.HandoffRate = wholePercent(left.HandedOff, left.all())
	return out, nil
}

// wholePercent is a share in whole percents; 0 of nothing.
func wholePercent(part, of int64) int64 {
	if of == 0 {
		return 0
	}
	return (part*100 + of/2) / of
}

// roundsJSON is what became of the conversations that were resolved: each time
// is of exactly one of the classes, which sum to all.
type roundsJSON struct {
	All       int64 `json:"all"`
	Contained int64 `json:"contained" doc:"began with a bot, resolved without any person"`
	Closed    int64 `json:"closed" doc:"began with a bot, resolved by a person who did not take it"`
	HandedOff int64 `json:"handed_off" doc:"began with a bot, which gave it to people"`
	TakenOver int64 `json:"taken_over" doc:"began with a bot, from which a person took it"`
	ByPeople  int64 `json:"person" doc:"began without a bot"`
}

func (r roundsJSON) withBot() int64 { return r.Contained + r.Closed + r.HandedOff + r.TakenOver }

// endsJSON is how bots' times with conversations ended.
type endsJSON struct {
	HandedOff int64 `json:"handed_off"`
	TakenOver int64 `json:"taken_over"`
	Resolved  int64 `json:"resolved"`
}

func (e endsJSON) all() int64 { return e.HandedOff + e.TakenOver + e.Resolved }

func (d *Desk) roundsAndEnds(ctx context.Context, in *reportRange, s report.Scope, r report.Range) (rounds roundsJSON, ends endsJSON, err error) {
	classes, err := d.router.Reports().ByClass(ctx, in.question(report.Resolved, s, r))
	if err != nil {
		return rounds, ends, err
	}
	left, err := d.router.Reports().ByClass(ctx, in.question(report.BotLeft, s, r))
	for _, f := range classes {
		rounds.All += f.Count
	}
	rounds.Contained, rounds.Closed = classes[report.Contained].Count, classes[report.Closed].Count
	rounds.HandedOff, rounds.TakenOver = classes[report.HandedOff].Count, classes[report.TakenOver].Count
	rounds.ByPeople = classes[report.ByPeople].Count
	return rounds, endsJSON{left[report.HandedOff].Count, left[report.TakenOver].Count, left[report.EndedInBot].Count}, err
}

// botReportJSON is what became of conversations that bots had.
type botReportJSON struct {
	Entered          int64             `json:"entered" doc:"how often a bot got a conversation"`
	Left             int64             `json:"left" doc:"how often it no longer had one: the sum of ended"`
	Ended            endsJSON          `json:"ended"`
	Handoffs         []reasonCountJSON `json:"handoffs_by_reason" doc:"they sum to ended.handed_off"`
	AverageTime      float64           `json:"avg_bot_time" doc:"seconds from getting a conversation to having it no longer"`
	Rounds           roundsJSON        `json:"resolutions"`
	Containment      int64             `json:"containment_rate" doc:"contained, in percent of all resolved that began with a bot"`
	ReopenedAfterBot int64             `json:"reopened_after_bot" doc:"how often a contained conversation was reopened"`
}

type reasonCountJSON struct {
	Reason string `json:"reason"`
	Text   string `json:"reason_text" doc:"in the reader's language"`
	Count  int64  `json:"count"`
}

func (d *Desk) botReport(ctx context.Context, in *reportScope) (out botReportJSON, err error) {
	times, err := in.times(d.clock())
	if err != nil {
		return out, err
	}
	scope, err := d.reportScope(ctx, in)
	if err != nil {
		return out, err
	}
	for _, one := range []struct {
		kind    report.Kind
		classes []report.Class
		take    func(report.Figure)
	}{
		{report.BotEntered, nil, func(f report.Figure) { out.Entered = f.Count }},
		{report.BotLeft, nil, func(f report.Figure) { out.Left, out.AverageTime = f.Count, f.Average() }},
		{report.Reopened, []report.Class{report.Contained}, func(f report.Figure) { out.ReopenedAfterBot = f.Count }},
	} {
		f, err := d.router.Reports().Of(ctx, in.question(one.kind, scope, times, one.classes...))
		if err != nil {
			return out, err
		}
		one.take(f)
	}
	if out.Rounds, out.Ended, err = d.roundsAndEnds(ctx, &in.reportRange, scope, times); err != nil {
		return out, err
	}
	out.Containment = wholePercent(out.Rounds.Contained, out.Rounds.withBot())
	reasons, err := d.router.Reports().ByReason(ctx, in.question(report.BotLeft, scope, times, report.HandedOff))
	out.Handoffs = []reasonCountJSON{}
	for reason, f := range reasons {
		out.Handoffs = append(out.Handoffs, reasonCountJSON{reason, texts.Say(api.Language(ctx), "reason."+reason, nil), f.Count})
	}
	slices.SortFunc(out.Handoffs, func(a, b reasonCountJSON) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return out, err
}
