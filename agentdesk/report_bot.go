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
	Resolutions float64 `json:"bot_resolutions_count" doc:"rounds that the bot resolved because it was done; those that silence ended are not among them"`
	Handoffs    float64 `json:"bot_handoffs_count"`
}

type botSummaryJSON struct {
	botFiguresJSON
	Previous botFiguresJSON `json:"previous"`
}

func (d *Desk) botSummary(ctx context.Context, in *reportScope) (out botSummaryJSON, err error) {
	of, err := d.reportFor(ctx, in)
	if err != nil {
		return out, err
	}
	if out.botFiguresJSON, err = d.botFigures(ctx, of); err != nil {
		return out, err
	}
	out.Previous, err = d.botFigures(ctx, of.before())
	return out, err
}

func (d *Desk) botFigures(ctx context.Context, of asked) (f botFiguresJSON, err error) {
	if f.Resolutions, err = d.value(ctx, of, "bot_resolutions_count"); err != nil {
		return f, err
	}
	f.Handoffs, err = d.value(ctx, of, "bot_handoffs_count")
	return f, err
}

// botMetricsJSON is how much bots did. Rates are whole percents.
type botMetricsJSON struct {
	Conversations  int64 `json:"conversation_count" doc:"that began with a bot"`
	Messages       int64 `json:"message_count" doc:"that bots said"`
	ResolutionRate int64 `json:"resolution_rate" doc:"contained, in percent of the stays with bots that began in the time and are over"`
	HandoffRate    int64 `json:"handoff_rate" doc:"handed_off, in percent of the same"`
}

func (d *Desk) botMetrics(ctx context.Context, in *reportScope) (out botMetricsJSON, err error) {
	of, err := d.reportFor(ctx, in)
	if err != nil {
		return out, err
	}
	begun, err := d.router.Reports().Of(ctx, of.question(report.Began, report.WithBot))
	if err != nil {
		return out, err
	}
	out.Conversations = begun.Count
	if out.Messages, err = d.router.Reports().MessagesOf(ctx, []report.MessageKind{report.ByBot}, of.Scope, of.Range); err != nil {
		return out, err
	}
	stays, err := d.router.Reports().Stays(ctx, of.Scope, of.Range)
	out.ResolutionRate = wholePercent(stays.Ended[report.Contained].Count, stays.Over().Count)
	out.HandoffRate = wholePercent(stays.Ended[report.HandedOff].Count, stays.Over().Count)
	return out, err
}

// wholePercent is a share in whole percents; 0 of nothing.
func wholePercent(part, of int64) int64 {
	if of == 0 {
		return 0
	}
	return (part*100 + of/2) / of
}

// endsJSON divides what bots had by what became of it: each time is of exactly
// one of the classes.
type endsJSON struct {
	Contained       int64 `json:"contained" doc:"the bot resolved it because it was done"`
	EndedByCustomer int64 `json:"ended_by_customer" doc:"the customer resolved it while the bot had it"`
	Abandoned       int64 `json:"abandoned" doc:"nobody wrote any more: silence resolved it while the bot had it, and no person was asked for"`
	Closed          int64 `json:"closed" doc:"an agent resolved it while the bot had it"`
	HandedOff       int64 `json:"handed_off" doc:"the bot gave it to people"`
	TakenOver       int64 `json:"taken_over" doc:"a person took it from the bot"`
}

func presentEnds(classes map[report.Class]report.Figure) endsJSON {
	return endsJSON{classes[report.Contained].Count, classes[report.EndedByCustomer].Count, classes[report.Abandoned].Count,
		classes[report.Closed].Count, classes[report.HandedOff].Count, classes[report.TakenOver].Count}
}

// staysJSON is what became of the conversations that came to bots.
type staysJSON struct {
	All int64 `json:"all" doc:"how often a bot got a conversation: the sum of all below"`
	endsJSON
	StillThere int64 `json:"with_bot" doc:"a bot has it still"`
}

// roundsJSON divides the conversations that were resolved.
type roundsJSON struct {
	All int64 `json:"all" doc:"how often a conversation was resolved: the sum of all below"`
	endsJSON
	ByPeople int64 `json:"person" doc:"it began without a bot"`
}

// botReportJSON is what became of conversations that bots had.
type botReportJSON struct {
	Stays            staysJSON         `json:"came" doc:"the times that a bot got a conversation, and what has become of each by now"`
	Handoffs         []reasonCountJSON `json:"handoffs_by_reason" doc:"they sum to came.handed_off"`
	Containment      int64             `json:"containment_rate" doc:"came.contained, in percent of those that are over"`
	AverageTime      float64           `json:"avg_bot_time" doc:"of those that are over: seconds from getting a conversation to having it no longer"`
	Rounds           roundsJSON        `json:"resolutions" doc:"what was resolved in the time, by what the first bot made of it"`
	ReopenedAfterBot int64             `json:"reopened_after_bot" doc:"how often a contained conversation was reopened in the time"`
}

type reasonCountJSON struct {
	Reason string `json:"reason"`
	Text   string `json:"reason_text" doc:"in the reader's language"`
	Count  int64  `json:"count"`
}

func (d *Desk) botReport(ctx context.Context, in *reportScope) (out botReportJSON, err error) {
	of, err := d.reportFor(ctx, in)
	if err != nil {
		return out, err
	}
	stays, err := d.router.Reports().Stays(ctx, of.Scope, of.Range)
	if err != nil {
		return out, err
	}
	over := stays.Over()
	out.Stays = staysJSON{stays.All(), presentEnds(stays.Ended), stays.StillThere}
	out.Containment, out.AverageTime = wholePercent(out.Stays.Contained, over.Count), over.Average()
	out.Handoffs = handoffsByReason(ctx, stays)
	rounds, err := d.router.Reports().ByClass(ctx, of.question(report.Resolved))
	if err != nil {
		return out, err
	}
	out.Rounds = roundsJSON{0, presentEnds(rounds), rounds[report.ByPeople].Count}
	for _, f := range rounds {
		out.Rounds.All += f.Count
	}
	again, err := d.router.Reports().Of(ctx, of.question(report.Reopened, report.Contained))
	out.ReopenedAfterBot = again.Count
	return out, err
}

// handoffsByReason lists the most frequent reason first.
func handoffsByReason(ctx context.Context, stays report.Stays) []reasonCountJSON {
	list := []reasonCountJSON{}
	for reason, f := range stays.Handoffs {
		list = append(list, reasonCountJSON{reason, texts.Say(api.Language(ctx), "reason."+reason, nil), f.Count})
	}
	slices.SortFunc(list, func(a, b reasonCountJSON) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
