package router_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/texts"
)

// The steps of attending, the clock, and processes that die.

// processClaims lets a process look at a conversation. It may have it when it
// is due and nobody else has.
func (p *play) processClaims(t *rapid.T) {
	s := p.anyStory(t)
	if rapid.IntRange(0, 3).Draw(t, "somewhere") > 0 { // most often one that is due
		due := slices.DeleteFunc(slices.Clone(p.stories), func(s *story) bool {
			at := s.due(p.before[s.id].row.Status)
			return at == nil || at.After(p.now())
		})
		if len(due) > 0 {
			s = due[rapid.IntRange(0, len(due)-1).Draw(t, "due")]
		}
	}
	p.claims(t, rapid.IntRange(0, processes-1).Draw(t, "process"), s)
}

func (p *play) claims(t *rapid.T, process int, s *story) *hand {
	old, x := p.before[s.id].row, p.expect(s)
	due := s.due(x.status)
	claim, err := p.procs[process].ClaimTurn(t.Context(), s.id)
	require.NoError(t, err)
	switch {
	case due == nil || due.After(p.now()):
		require.Nil(t, claim, "claimed before its time")
		p.verify(t, nil)
		return nil
	case x.status == fsm.Snoozed:
		require.Nil(t, claim)
		p.move(t, x, fsm.Wake)
		p.verify(t, x)
		return nil
	}
	if at := s.resolves(x.status); at != nil && at.Equal(*due) && s.lease == nil && (s.botDue() == nil || at.Before(*s.botDue())) {
		require.Nil(t, claim, "a silence that ends asks nobody")
		p.endsBySilence(t, x)
		return nil
	}
	if s.lease != nil {
		s.ended[old.Turn] = "lost"
	}
	if s.tries+1 >= turnTries {
		require.Nil(t, claim, "the third claim asks nobody")
		p.givesUp(t, x, old)
		return nil
	}
	require.NotNil(t, claim)
	require.Equal(t, old.Turn+1, claim.Number)
	require.Equal(t, old.Episode, claim.Episode)
	s.tries++
	require.Equal(t, s.tries, claim.Try)
	h := &hand{process: process, claim: claim, story: s, words: s.with(owed), cause: s.cause(p.now())}
	require.Equal(t, h.cause, claim.Cause)
	require.Equal(t, textsOf(h.words), p.asked(claim, s))
	until := p.now().Add(turnLease)
	s.lease, s.reply, s.first, s.held = &until, nil, nil, h
	p.hands = append(p.hands, h)
	p.verify(t, x)
	return h
}

// endsBySilence is what comes of a conversation that nobody writes in.
func (p *play) endsBySilence(t *rapid.T, x *want) {
	rules := x.s.person.inbox.Settings.AutoResolve
	if rules.Message != "" {
		x.said = []spoken{{kind: router.Template, by: router.KindSystem, text: rules.Message}}
	}
	if rules.Label != "" {
		x.addLabels([]string{rules.Label})
	}
	p.move(t, x, fsm.Resolve)
	p.verify(t, x)
}

// cause says why a bot is asked that owes words, was idle for too long, or
// got the conversation back.
func (s *story) cause(now time.Time) router.Cause {
	switch {
	case len(s.with(owed)) > 0:
		return router.CauseWords
	case s.idle != nil && !s.idle.After(now):
		return router.CauseIdle
	}
	return router.CauseResumed
}

func textsOf(words []*word) []string {
	all := []string{}
	for _, w := range words {
		all = append(all, w.text)
	}
	return all
}

// asked are the words that a bot is asked, without those that the customer
// said while he was blocked.
func (p *play) asked(claim *router.Claim, s *story) []string {
	silent := map[int64]bool{}
	for _, w := range s.with(muted) {
		silent[w.seq] = true
	}
	asked := []string{}
	for _, w := range claim.Words {
		if !silent[w.Seq] {
			asked = append(asked, w.Text)
		}
	}
	return asked
}

// givesUp is what the third claim does: what is owed goes to a person.
func (p *play) givesUp(t *rapid.T, x *want, old router.Conversation) {
	s, number := x.s, old.Turn+1
	if len(s.with(owed)) > 0 {
		x.said = []spoken{{kind: router.Outgoing, by: router.KindBot, text: texts.Say("es", "bot.trouble", nil), episode: old.Episode, turn: number}}
	}
	s.ended[number] = "handed_off" // of a failure: given back, the words are owed again
	x.reason = router.ReasonBotLost
	p.move(t, x, fsm.HandOff)
	p.verify(t, x)
}

// botAnswers settles any claim that some process still holds, however late.
func (p *play) botAnswers(t *rapid.T) {
	if len(p.hands) == 0 {
		t.Skip("nobody holds a claim")
	}
	i := rapid.IntRange(0, len(p.hands)-1).Draw(t, "claim")
	h := p.hands[i]
	p.hands = slices.Delete(p.hands, i, i+1)
	p.settles(t, h, p.outcome(t))
}

// outcome draws what a bot wants.
func (p *play) outcome(t *rapid.T) router.Outcome {
	p.names++
	o := router.Outcome{Memory: json.RawMessage(fmt.Sprintf(`{"n":%d}`, p.names))}
	for range rapid.IntRange(0, 2).Draw(t, "texts") {
		u := router.Utterance{Content: p.text("bot")}
		if rapid.Bool().Draw(t, "choice") {
			u.ContentType = "input_select"
			u.ContentAttributes = map[string]any{"items": []any{map[string]any{"title": "El uno", "value": "uno"}, map[string]any{"title": "El dos", "value": "dos"}}}
		}
		o.Say = append(o.Say, u)
	}
	switch rapid.SampledFrom([]string{"", "", "", "idle", "idle", "handoff", "resolve"}).Draw(t, "end") {
	case "idle":
		o.IdleAfter = rapid.SampledFrom([]time.Duration{time.Second, 15 * time.Minute}).Draw(t, "idle")
	case "handoff":
		o.Handoff = &router.Handoff{Reason: rapid.SampledFrom([]router.Reason{router.ReasonBotHandoff, router.ReasonFlowFinished, router.ReasonBotTimeout}).Draw(t, "reason"),
			Team:     rapid.SampledFrom([]string{"", "ventas", "no existe"}).Draw(t, "team"),
			Priority: rapid.SampledFrom([]string{"", "urgent", "ninguna"}).Draw(t, "priority"),
			Labels:   rapid.SliceOfN(rapid.SampledFrom([]string{"vip", "Queja"}), 0, 2).Draw(t, "labels")}
	case "resolve":
		o.Resolve = &router.Resolution{Labels: rapid.SliceOfN(rapid.Just("vip"), 0, 1).Draw(t, "labels")}
	}
	if rapid.IntRange(0, 3).Draw(t, "learns") == 0 {
		o.Contact.Email = fmt.Sprintf("c%d@example.com", p.names)
	}
	return o
}

// settles writes an outcome and says whether it should have been shown.
func (p *play) settles(t *rapid.T, h *hand, o router.Outcome) {
	s := h.story
	require.NoError(t, p.procs[h.process].SettleTurn(t.Context(), h.claim, o))
	number := h.claim.Number
	if s.held != h { // a person spoke, or another process has it: nothing is shown
		s.ended[number] = "superseded"
		p.verify(t, nil)
		return
	}
	x := p.expect(s)
	s.held, s.lease, s.tries = nil, nil, 0
	if h.cause != router.CauseWords && len(s.with(owed)) > 0 { // he was not silent after all
		s.ended[number] = "superseded"
		p.verify(t, x)
		return
	}
	for _, w := range h.words {
		require.Equal(t, owed, w.fate, "word %d is answered twice", w.seq)
		w.fate = answered
		if o.Handoff != nil && o.Handoff.Reason.Failure() { // nobody has answered it
			w.fate = withPeople
		}
	}
	for _, u := range o.Say {
		x.said = append(x.said, spoken{kind: router.Outgoing, by: router.KindBot, text: u.Content, episode: h.claim.Episode, turn: number})
	}
	memory := string(o.Memory)
	x.memory, s.idle, s.ended[number] = &memory, nil, "answered"
	if s.person.email == "" {
		s.person.email = o.Contact.Email
	}
	switch {
	case o.Handoff != nil:
		p.granted(t, x, *o.Handoff)
		s.ended[number] = "handed_off"
	case o.Resolve != nil:
		x.addLabels(o.Resolve.Labels)
		if len(s.with(owed)) == 0 {
			p.move(t, x, fsm.Resolve)
			s.ended[number] = "resolved"
		}
	case o.IdleAfter > 0 && len(s.with(owed)) == 0:
		at := p.now().Add(o.IdleAfter)
		s.idle = &at
	}
	p.verify(t, x)
}

// granted is what a handoff asks for and gets.
func (p *play) granted(t *rapid.T, x *want, h router.Handoff) {
	if !h.Reason.Failure() {
		x.s.turn(owed, handedOver)
	}
	p.move(t, x, fsm.HandOff)
	x.reason = h.Reason
	if id, ok := p.teams[h.Team]; ok {
		x.team = &id
	}
	if slices.Contains(router.Priorities, h.Priority) {
		x.priority = &h.Priority
	}
	x.addLabels(h.Labels)
}

func (x *want) addLabels(labels []string) {
	for _, l := range labels {
		if l == "Queja" {
			l = "queja" // labels have no capitals
		}
		if !slices.Contains(x.labels, l) {
			x.labels = append(slices.Clone(x.labels), l)
		}
	}
}

// processDies forgets what a process had in hand.
func (p *play) processDies(t *rapid.T) {
	if len(p.hands) == 0 {
		t.Skip("nobody holds a claim")
	}
	process := p.hands[rapid.IntRange(0, len(p.hands)-1).Draw(t, "claim")].process
	p.hands = slices.DeleteFunc(p.hands, func(h *hand) bool { return h.process == process })
}

// timePasses moves the clock, by a while or to the moment that somebody waits
// for, or just before it.
func (p *play) timePasses(t *rapid.T) {
	whiles := []time.Duration{time.Millisecond, time.Second, 3 * time.Second, turnLease, turnLease + 1, 16 * time.Minute, 26 * time.Hour, 8 * 24 * time.Hour}
	if len(p.stories) > 0 && rapid.Bool().Draw(t, "to a deadline") {
		s := p.anyStory(t)
		due := s.due(p.before[s.id].row.Status)
		if due != nil && due.After(p.now()) {
			p.clock.Set(due.Add(-time.Microsecond * time.Duration(rapid.IntRange(0, 1).Draw(t, "just before"))))
			return
		}
	}
	p.clock.Advance(rapid.SampledFrom(whiles).Draw(t, "while"))
}
