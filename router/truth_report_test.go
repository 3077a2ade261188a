package router_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/report"
)

// Reports are reconciled with a slow recount: what happened to a conversation
// is read once more from its messages and activity lines, by rules of their
// own, and must be what the events say.

// counted is an event as both ways of counting know it.
type counted struct {
	kind   report.Kind
	class  report.Class
	reason string
	agent  int64
	millis int64 // -1: took no time
	hours  int64 // of these, within the inbox's hours; -1 where it has none, or they are not reckoned
	at     time.Time
}

// recounted is what all histories should have left.
type recounted struct {
	events   []counted
	stays    []counted // at: when it began; without a class where it is not over
	messages map[report.MessageKind]int64
	pending  int64
	begun    int64
}

// told is a message as the recount reads it.
type told struct {
	Seq         int64
	MessageType router.MessageType
	SenderType  router.ActorKind
	SenderID    int64
	Private     bool
	CreatedAt   time.Time
	Activity    *string
	Reason      *string
}

const toldOf = `SELECT m.seq, m.message_type, m.sender_type, m.sender_id, m.private, m.created_at, m.content_attributes->'activity'->>'key' AS activity,
	m.content_attributes->'handoff'->>'reason' AS reason FROM messages m WHERE m.conversation_id = $1 ORDER BY m.seq`

// A line of the thread that changes the status says which it is now.
var statusAfter = map[string]fsm.Status{
	"opened.bot": fsm.Open, "opened.asked": fsm.Open, "pending.customer": fsm.Pending, "opened.bot_outside": fsm.Open, "opened.agent": fsm.Open, "opened.takeover": fsm.Open, "opened.takeover_assigned": fsm.Open,
	"opened.customer": fsm.Open, "opened.snooze_ended": fsm.Open, "reopened.agent": fsm.Open, "reopened.customer": fsm.Open,
	"reopened.customer_to_bot": fsm.Pending, "pending.agent": fsm.Pending, "snoozed.until_reply": fsm.Snoozed, "snoozed.until_time": fsm.Snoozed,
	"resolved.agent": fsm.Resolved, "resolved.customer": fsm.Resolved, "resolved.bot_finished": fsm.Resolved,
	"resolved.bot_idle": fsm.Resolved, "resolved.idle": fsm.Resolved, "resolved.blocked": fsm.Resolved,
}

// A line of the thread that resolves what a bot had says what became of it.
var classAfter = map[string]report.Class{"resolved.bot_finished": report.Contained, "resolved.bot_idle": report.Abandoned, "resolved.idle": report.Abandoned,
	"resolved.customer": report.EndedByCustomer, "resolved.agent": report.Closed, "resolved.blocked": report.Closed}

// teller tells a conversation's story once more.
type teller struct {
	inbox  router.InboxSettings
	events []counted
	stays  []counted
	status fsm.Status
	class  report.Class
	muted  []int64

	since, round, opened, waiting time.Time // zero: not
	answered                      bool
}

func (n *teller) add(kind report.Kind, class report.Class, reason string, agent int64, from, at time.Time) {
	e := counted{kind: kind, class: class, reason: reason, agent: agent, millis: -1, hours: -1, at: at}
	if !from.IsZero() {
		e.millis = at.Sub(from).Milliseconds()
	}
	if slices.Contains([]report.Kind{report.FirstResponse, report.ReplyTime, report.Resolved}, kind) {
		e.hours = n.open(from, at)
	}
	n.events = append(n.events, e)
}

// open is how many milliseconds of a time the inbox was open, quarter by
// quarter: its hours change at no other time.
func (n *teller) open(from, to time.Time) (millis int64) {
	if !n.inbox.Hours.Enabled {
		return -1
	}
	for from.Before(to) {
		next := from.Truncate(15 * time.Minute).Add(15 * time.Minute)
		if next.After(to) {
			next = to
		}
		if n.inbox.OpenAt(from) {
			millis += next.Sub(from).Milliseconds()
		}
		from = next
	}
	return millis
}

func withPersons(s fsm.Status) bool { return s == fsm.Open || s == fsm.Snoozed }

// arrive is that somebody else has it now.
func (n *teller) arrive(s fsm.Status, at time.Time) {
	switch {
	case s == fsm.Pending:
		n.stays = append(n.stays, counted{at: at})
		n.add(report.BotEntered, "", "", 0, time.Time{}, at)
	case withPersons(s) && !withPersons(n.status):
		n.opened = at
		n.add(report.Opened, "", "", 0, time.Time{}, at)
	}
	n.status, n.since = s, at
}

func classAtBegin(s fsm.Status) report.Class {
	return map[fsm.Status]report.Class{fsm.Pending: report.WithBot, fsm.Resolved: report.Blocked}[s]
}

func (n *teller) begin(s fsm.Status, at time.Time) {
	n.class, n.round = cmp.Or(classAtBegin(s), report.ByPeople), at
	n.add(report.Began, n.class, "", 0, time.Time{}, at)
	n.arrive(s, at)
}

// turn is a change of status.
func (n *teller) turn(key string, to fsm.Status, m told) {
	who := map[string]string{"opened.bot": "bot", "resolved.bot_finished": "bot", "resolved.bot_idle": "bot", "resolved.customer": "contact", "resolved.idle": "system",
		"reopened.customer": "contact", "reopened.customer_to_bot": "contact"}[key]
	who = cmp.Or(who, "agent")
	switch n.status {
	case fsm.Resolved:
		n.add(report.Reopened, n.class, who, 0, n.since, m.CreatedAt)
		n.class, n.round = cmp.Or(classAtBegin(to), report.ByPeople), m.CreatedAt
	case fsm.Pending:
		left, reason := report.TakenOver, ""
		if to == fsm.Resolved {
			left, reason = classAfter[key], who
		} else if key == "opened.bot" || key == "opened.asked" {
			left, reason = report.HandedOff, *m.Reason
			if n.waiting.IsZero() {
				n.waiting = m.CreatedAt
			}
		}
		n.add(report.BotLeft, left, reason, 0, n.since, m.CreatedAt)
		stay := &n.stays[len(n.stays)-1]
		stay.class, stay.reason, stay.millis = left, reason, m.CreatedAt.Sub(stay.at).Milliseconds()
		if n.class == report.WithBot {
			n.class = left
		}
	}
	if to == fsm.Resolved {
		n.waiting = time.Time{}
		n.add(report.Resolved, n.class, who, 0, n.round, m.CreatedAt)
	}
	n.arrive(to, m.CreatedAt)
}

func (n *teller) hear(m told) {
	switch {
	case m.Activity != nil:
		if to, moves := statusAfter[*m.Activity]; moves {
			n.turn(*m.Activity, to, m)
		}
	case m.SenderType == router.KindContact && !slices.Contains(n.muted, m.Seq):
		if n.waiting.IsZero() {
			n.waiting = m.CreatedAt
		}
	case m.SenderType == router.KindAgent && !m.Private:
		if !n.waiting.IsZero() {
			from := n.waiting
			for _, t := range []time.Time{n.opened, n.round} {
				if t.After(from) {
					from = t
				}
			}
			kind := report.FirstResponse
			if n.answered {
				kind = report.ReplyTime
			}
			n.add(kind, "", "", m.SenderID, from, m.CreatedAt)
		}
		n.answered, n.waiting = true, time.Time{}
	}
}

// recount compares each conversation's events with its thread.
func (p *play) recount(t *rapid.T) {
	for _, s := range p.stories {
		c := p.before[s.id].row
		n := &teller{inbox: s.person.inbox.Settings}
		for _, w := range s.with(muted) {
			n.muted = append(n.muted, w.seq)
		}
		n.begin(s.began, c.CreatedAt)
		for _, m := range read[told](t, p.world, toldOf, s.id) {
			n.hear(m)
			p.count(m)
		}
		require.Equal(t, c.Status, n.status, "the thread of conversation %d ends elsewhere", s.id)
		var got []counted
		given := 0
		events, err := p.procs[0].Reports().OfConversation(t.Context(), s.id)
		require.NoError(t, err)
		for _, e := range events {
			one := counted{kind: e.Kind, class: e.Class, reason: e.Reason, millis: -1, hours: -1, at: e.At}
			if e.BusinessMillis != nil {
				one.hours = *e.BusinessMillis
			}
			if e.Millis != nil {
				one.millis = *e.Millis
				require.Equal(t, one.millis, e.At.Sub(*e.StartedAt).Milliseconds())
			}
			switch e.Kind {
			case report.Assigned:
				given++
				continue
			case report.TeamAssigned:
				continue
			case report.FirstResponse, report.ReplyTime:
				one.agent = *e.AgentID
			}
			got = append(got, one)
		}
		require.ElementsMatch(t, n.events, got, "conversation %d", s.id)
		require.Equal(t, s.given, given, "how often it was given to somebody")
		p.truth.events = append(p.truth.events, n.events...)
		p.truth.stays = append(p.truth.stays, n.stays...)
		p.truth.begun++
		if c.Status == fsm.Pending {
			p.truth.pending++
		}
	}
}

func (p *play) count(m told) {
	switch {
	case m.MessageType == router.Incoming:
		p.truth.messages[report.Incoming]++
	case m.MessageType == router.Outgoing && !m.Private && m.SenderType == router.KindBot:
		p.truth.messages[report.ByBot]++
	case m.MessageType == router.Outgoing && !m.Private:
		p.truth.messages[report.Outgoing]++
	}
}

// reconcileStays compares what became of the stays that began in a range with
// the recounts.
func (w *world) reconcileStays(t *testing.T, name string, r report.Range) {
	want, all := report.Stays{Ended: map[report.Class]report.Figure{}, Handoffs: map[string]report.Figure{}}, int64(0)
	for _, s := range w.truth.stays {
		if s.at.Before(r.Since) || !s.at.Before(r.Until) {
			continue
		}
		all++
		if s.class == "" {
			want.StillThere++
			continue
		}
		more := func(f report.Figure) report.Figure {
			return report.Figure{Count: f.Count + 1, Timed: f.Timed + 1, Total: f.Total + time.Duration(s.millis)*time.Millisecond}
		}
		want.Ended[s.class] = more(want.Ended[s.class])
		if s.class == report.HandedOff {
			want.Handoffs[s.reason] = more(want.Handoffs[s.reason])
		}
	}
	got, err := w.procs[0].Reports().Stays(t.Context(), report.Scope{}, r)
	require.NoError(t, err)
	require.Equal(t, want, got, "stays: %s", name)
	require.Equal(t, all, got.All(), "the classes and those still there are all stays: %s", name)
	t.Logf("stays %s: %d, of these still there %d, %v", name, all, got.StillThere, got.Ended)
}

// reconcile compares the figures of all histories with the recounts.
func (w *world) reconcile(t *testing.T) {
	ctx, reports := t.Context(), w.procs[0].Reports()
	ever := report.Range{Since: w.clock.Now().AddDate(-5, 0, 0), Until: w.clock.Now().AddDate(5, 0, 0)}
	within := false // the inbox's hours, where it has any
	ask := func(kind report.Kind, classes ...report.Class) report.Question {
		return report.Question{Kind: kind, Classes: classes, Range: ever, BusinessHours: within}
	}
	figure := func(q report.Question) report.Figure {
		f, err := reports.Of(ctx, q)
		require.NoError(t, err)
		return f
	}
	want := func(kind report.Kind, fits func(counted) bool) (f report.Figure) {
		for _, e := range w.truth.events {
			if e.kind != kind || !fits(e) {
				continue
			}
			f.Count++
			if e.millis >= 0 {
				f.Timed++
				took := e.millis
				if within && e.hours >= 0 {
					took = e.hours
				}
				f.Total += time.Duration(took) * time.Millisecond
			}
		}
		return f
	}
	any := func(counted) bool { return true }
	for _, kind := range []report.Kind{report.Began, report.Reopened, report.Opened, report.BotEntered, report.BotLeft,
		report.FirstResponse, report.ReplyTime, report.Resolved} {
		require.Equal(t, want(kind, any), figure(ask(kind)), "%s", kind)
		byAgent, err := reports.By(ctx, ask(kind), report.Inboxes)
		require.NoError(t, err)
		var sum report.Figure
		for _, f := range byAgent {
			sum = report.Figure{Count: sum.Count + f.Count, Timed: sum.Timed + f.Timed, Total: sum.Total + f.Total}
		}
		require.Equal(t, figure(ask(kind)), sum, "%s: the inboxes sum to the whole", kind)
		points, err := reports.Series(ctx, ask(kind), report.Month, time.UTC)
		require.NoError(t, err)
		sum = report.Figure{}
		for _, p := range points {
			sum = report.Figure{Count: sum.Count + p.Count, Timed: sum.Timed + p.Timed, Total: sum.Total + p.Total}
		}
		require.Equal(t, figure(ask(kind)), sum, "%s: the months sum to the whole", kind)
	}
	all := map[report.Kind]report.Figure{}
	for _, kind := range []report.Kind{report.FirstResponse, report.ReplyTime, report.Resolved} {
		all[kind] = figure(ask(kind))
	}
	within = true
	for kind, f := range all {
		require.Equal(t, want(kind, any), figure(ask(kind)), "%s within hours", kind)
		require.LessOrEqual(t, figure(ask(kind)).Total, f.Total, "%s: no inbox is open for longer than time passes", kind)
	}
	require.Less(t, figure(ask(report.Resolved)).Total, all[report.Resolved].Total, "inboxes are not always open")
	within = false
	require.Equal(t, w.truth.begun, figure(ask(report.Began)).Count)

	var resolved int64
	for _, class := range report.Classes {
		f := figure(ask(report.Resolved, class))
		require.Equal(t, want(report.Resolved, func(e counted) bool { return e.class == class }), f, "%s", class)
		resolved += f.Count
	}
	require.Equal(t, figure(ask(report.Resolved)).Count, resolved, "the classes of rounds sum to the whole")

	reasons, err := reports.ByReason(ctx, ask(report.BotLeft, report.HandedOff))
	require.NoError(t, err)
	var left int64
	for reason, f := range reasons {
		require.Equal(t, want(report.BotLeft, func(e counted) bool { return e.class == report.HandedOff && e.reason == reason }), f, reason)
		left += f.Count
	}
	for _, class := range report.StayClasses {
		if f := figure(ask(report.BotLeft, class)); class != report.HandedOff {
			left += f.Count
		}
		require.Equal(t, want(report.BotLeft, func(e counted) bool { return e.class == class }), figure(ask(report.BotLeft, class)), "stays that ended %s", class)
	}
	require.Equal(t, figure(ask(report.BotLeft)).Count, left, "the ends of the bot's time sum to the whole")
	require.Equal(t, figure(ask(report.BotEntered)).Count, left+w.truth.pending, "who came to the bot left it, or is there")

	start, err := time.Parse(time.RFC3339, worldStart)
	require.NoError(t, err)
	for name, r := range map[string]report.Range{"all": ever, "of the first minute": {Since: start, Until: start.Add(time.Minute)},
		"of later": {Since: start.Add(time.Minute), Until: ever.Until}} {
		w.reconcileStays(t, name, r)
	}

	for _, when := range []string{"not counted yet", "counted", "counted again"} {
		for _, kind := range []report.MessageKind{report.Incoming, report.Outgoing, report.ByBot} {
			n, err := reports.MessagesOf(ctx, []report.MessageKind{kind}, report.Scope{}, ever)
			require.NoError(t, err)
			require.Equal(t, w.truth.messages[kind], n, "%s messages, %s", kind, when)
		}
		w.clock.Advance(3650 * 24 * time.Hour) // all that was said has settled
		require.NoError(t, reports.Tally(ctx))
	}
	t.Log(fmt.Sprintf("reconciled: %d conversations, %d events, %d rounds resolved, %d left the bot", w.truth.begun, len(w.truth.events), resolved, left))
}
