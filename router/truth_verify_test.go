package router_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
)

// verify compares the database with what the command should have made of it.
// Nothing but x's conversation may have changed; with a nil x, nothing at all.
func (p *play) verify(t *rapid.T, x *want) {
	after := p.lookAgain(t, p.people, p.before)
	if x != nil && x.fresh {
		for id := range after {
			if p.before[id] == nil {
				require.Zero(t, x.s.id, "more than one conversation was made")
				x.s.id = id
			}
		}
		require.NotZero(t, x.s.id, "no conversation was made")
		p.stories = append(p.stories, x.s)
	}
	require.Len(t, after, len(p.stories))
	for id, c := range after {
		if x != nil && id == x.s.id {
			continue
		}
		if !reflect.DeepEqual(p.before[id], c) {
			require.Equal(t, p.before[id], c, "conversation %d changed although nothing happened to it", id)
		}
	}
	if x != nil {
		old := p.before[x.s.id]
		if old == nil {
			old = nothingYet
		}
		p.compare(t, x, old, after[x.s.id])
	}
	p.before = after
}

// compare checks what the command wanted and what must always be true.
func (p *play) compare(t *rapid.T, x *want, old, now *picture) {
	c := &now.row
	if c.AssigneeID != nil && !reflect.DeepEqual(old.row.AssigneeID, c.AssigneeID) {
		x.s.given++
	}
	require.Equal(t, x.status, c.Status, "status")
	require.Equal(t, x.assignee, c.AssigneeID, "assignee")
	require.Equal(t, x.team, c.TeamID, "team")
	require.Equal(t, x.priority, c.Priority, "priority")
	require.ElementsMatch(t, x.labels, now.labels, "labels")
	if x.memory != nil {
		require.JSONEq(t, *x.memory, string(c.Memory), "memory")
	}
	if x.reason != "" {
		var b router.Brief
		require.NoError(t, json.Unmarshal(c.Handoff, &b))
		require.Equal(t, x.reason, b.Reason, "reason of the handoff")
	}
	p.compareThread(t, x, old, now)
	compareDecisions(t, x, old, now)
	compareAttending(t, x, old, now)
}

// compareThread: no message is lost, doubled or out of order, and those that
// came are those that should.
func (p *play) compareThread(t *rapid.T, x *want, old, now *picture) {
	var said []spoken
	var lastWord, customer int64
	silent := map[int64]bool{}
	for _, w := range x.s.with(muted) {
		silent[w.seq] = true
	}
	for i, m := range now.messages {
		require.EqualValues(t, i+1, m.Seq, "a gap in the thread")
		require.Equal(t, now.row.ID, m.ConversationID)
		if i > 0 {
			require.False(t, m.CreatedAt.Before(now.messages[i-1].CreatedAt), "message %d is older than the one before it", m.Seq)
		}
		if m.MessageType != router.Activity {
			lastWord = m.Seq
		}
		if m.MessageType == router.Incoming && !silent[m.Seq] {
			customer = m.Seq
		}
		if i < len(old.messages) || m.MessageType == router.Activity {
			continue
		}
		one := spoken{kind: m.MessageType, by: m.SenderType, id: m.SenderID, text: m.Content, private: m.Private}
		if m.Episode != nil && m.Turn != nil {
			one.episode, one.turn = *m.Episode, *m.Turn
		}
		said = append(said, one)
	}
	require.Equal(t, x.said, said, "what was said")
	c := now.row
	require.EqualValues(t, len(now.messages), c.Seq, "seq")
	require.Equal(t, lastWord, c.LastWordSeq, "last_word_seq")
	require.Equal(t, customer, c.CustomerSeq, "customer_seq")
	require.Equal(t, x.s.human, c.HumanSeq, "human_seq")
	if len(now.messages) > len(old.messages) {
		require.Equal(t, now.messages[len(now.messages)-1].CreatedAt, c.LastActivityAt, "last_activity_at")
		x.s.active = p.now()
	} else if x.fresh {
		x.s.active = p.now()
	}
	require.True(t, x.s.active.Equal(c.LastActivityAt), "last_activity_at is %s, not %s", c.LastActivityAt, x.s.active)
}

// compareDecisions: the version grows exactly with status, assignee, team,
// labels and priority, and each change of these leaves a line.
func compareDecisions(t *rapid.T, x *want, old, now *picture) {
	was, c := &old.row, &now.row
	var lines []string
	for _, m := range now.messages[len(old.messages):] {
		if m.MessageType == router.Activity {
			require.NotNil(t, m.Activity, "a line without its key")
			lines = append(lines, *m.Activity)
		}
	}
	told := func(what string, starts ...string) {
		found := slices.ContainsFunc(lines, func(l string) bool {
			return slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(l, s) })
		})
		require.True(t, found, "%s changed and no line says so: %v", what, lines)
	}
	if x.fresh {
		require.EqualValues(t, 1, c.Version)
		require.Empty(t, lines)
		return
	}
	changed := false
	if c.Status != was.Status {
		changed = true
		told("the status", map[fsm.Status][]string{
			fsm.Open: {"opened.", "reopened.agent", "reopened.customer"}, fsm.Pending: {"pending.", "reopened.customer_to_bot"},
			fsm.Snoozed: {"snoozed."}, fsm.Resolved: {"resolved."}}[c.Status]...)
	}
	if !reflect.DeepEqual(c.AssigneeID, was.AssigneeID) {
		changed = true
		told("the assignee", "assigned.", "unassigned.", "opened.", "reopened.", "pending.")
	}
	if !reflect.DeepEqual(c.TeamID, was.TeamID) {
		changed = true
		told("the team", "team.")
	}
	if !reflect.DeepEqual(c.Priority, was.Priority) {
		changed = true
		told("the priority", "priority.")
	}
	if !slices.Equal(now.labels, old.labels) {
		changed = true
		told("labels", "labels.")
	}
	version := was.Version
	if changed {
		version++
	} else if !x.noted {
		require.Empty(t, lines, "nothing was decided, yet lines were left")
	}
	require.Equal(t, version, c.Version, "version")
}

// compareAttending: what the bot owes, when somebody looks, and who may.
func compareAttending(t *rapid.T, x *want, old, now *picture) {
	was, c, s := &old.row, &now.row, x.s
	require.True(t, fsm.Valid(c.Status))
	require.Equal(t, s.due(c.Status), c.DueAt, "due_at")
	require.Equal(t, s.lease, c.LeaseUntil, "lease_until")
	require.Equal(t, s.tries, c.Tries, "tries")
	require.LessOrEqual(t, c.Tries, turnTries)
	require.GreaterOrEqual(t, c.BotSeq, was.BotSeq, "bot_seq went back")
	require.GreaterOrEqual(t, c.Turn, was.Turn, "turn went back")
	episode := was.Episode
	if c.Status == fsm.Pending && was.Status != fsm.Pending {
		episode++
	}
	require.Equal(t, episode, c.Episode, "episode")
	debts := s.with(owed)
	if c.Status != fsm.Pending {
		require.Empty(t, debts)
		return
	}
	require.Nil(t, c.AssigneeID, "the bot does not hold it alone")
	require.Equal(t, len(debts) > 0, c.CustomerSeq > c.BotSeq, "what the bot owes")
	if len(debts) > 0 {
		require.NotNil(t, c.DueAt, "the customer waits and nobody will look")
		require.Greater(t, debts[0].seq, c.BotSeq)
	}
}

// finish checks the whole history once more, in the end: no message was
// touched, each word of the customer had one fate, each answer one turn.
func (p *play) finish(t *rapid.T) {
	if len(p.stories) > 0 {
		require.Equal(t, p.before, p.look(t, p.people))
	}
	p.recount(t)
	for _, s := range p.stories {
		c := p.before[s.id]
		require.Empty(t, s.with(owed), "conversation %d waits for a bot that never answers", s.id)
		shown := map[int64]loggedTurn{}
		last := int64(0)
		logged := map[int64]string{}
		for _, turn := range p.turns(t, s.id) {
			logged[turn.Turn] = turn.Outcome
			if turn.Outcome == "superseded" || turn.Outcome == "lost" {
				continue
			}
			shown[turn.Turn] = turn
			if router.Reason(turn.Reason).Failure() {
				continue // it spoke, but answered nothing
			}
			require.GreaterOrEqual(t, turn.FromSeq, last, "words were answered twice")
			last = max(last, turn.ToSeq)
		}
		require.Equal(t, s.ended, logged, "turns of conversation %d", s.id)
		for _, w := range s.words {
			n := 0
			for _, turn := range shown {
				if turn.FromSeq < w.seq && w.seq <= turn.ToSeq && !router.Reason(turn.Reason).Failure() {
					n++
				}
			}
			switch w.fate {
			case answered:
				require.Equal(t, 1, n, "word %d (%s)", w.seq, w.fate)
			case handedOver, muted:
				require.LessOrEqual(t, n, 1, "word %d (%s)", w.seq, w.fate)
			default:
				require.Zero(t, n, "word %d (%s)", w.seq, w.fate)
			}
		}
		for _, m := range c.messages {
			if m.SenderType != router.KindBot {
				continue
			}
			turn, ok := shown[*m.Turn]
			require.True(t, ok, "message %d is of turn %d, which showed nothing", m.Seq, *m.Turn)
			require.Equal(t, turn.Episode, *m.Episode)
		}
		p.finishVisitor(t, s, c)
	}
}

// finishVisitor checks what the customer is shown, and that nobody else is.
func (p *play) finishVisitor(t *rapid.T, s *story, c *picture) {
	ctx := t.Context()
	r, v := p.procs[0], s.person
	known, err := r.Visitor(ctx, v.inbox, v.SourceID)
	require.NoError(t, err)
	require.Equal(t, v.email, known.Contact.Email, "what the bots learned of the customer")
	var public []string
	for _, m := range c.messages {
		if m.MessageType != router.Activity && !m.Private {
			public = append(public, fmt.Sprint(m.Seq, m.Content))
		}
	}
	var shown []string
	for before := int64(1 << 60); ; {
		page, err := r.VisitorMessages(ctx, v.inbox, v.SourceID, s.id, router.MessagePage{Before: before})
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		before = page[0].ID
		var lines []string
		for _, m := range page {
			lines = append(lines, fmt.Sprint(m.Seq, m.Content))
		}
		shown = append(lines, shown...)
	}
	require.Equal(t, public, shown, "what the customer is shown")
	for _, other := range p.people {
		if other != v {
			_, err := r.VisitorMessages(ctx, other.inbox, other.SourceID, s.id, router.MessagePage{})
			require.ErrorContains(t, err, "not_found")
		}
	}
}
