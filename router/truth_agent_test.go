package router_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

// The commands of agents.

// asAgent does something as some agent. One who may not see the inbox, or saw
// another version, is refused and nothing changes; else then says what should
// have come of it.
func (p *play) asAgent(t *rapid.T, x *want, do func(*router.Router, router.By) error, then func(router.By)) {
	by := p.anyAgent(t)
	var refusal error
	version := p.before[x.s.id].row.Version
	switch rapid.SampledFrom([]string{"", "", "", "", "", "", "", "", "", "fresh", "stale", "stranger"}).Draw(t, "permission") {
	case "fresh":
		by.IfVersion = &version
	case "stale":
		version--
		by.IfVersion, refusal = &version, fault.Stale
	case "stranger":
		by, refusal = p.stranger, fault.Forbidden
	}
	err := do(p.process(t), by)
	if refusal != nil {
		require.ErrorIs(t, err, refusal)
		p.verify(t, nil)
		return
	}
	require.NoError(t, err)
	then(by)
	p.verify(t, x)
}

func (p *play) anyAgent(t *rapid.T) router.By {
	return p.agents[rapid.IntRange(0, len(p.agents)-1).Draw(t, "agent")]
}

// refused is for what no agent may do.
func (p *play) refused(t *rapid.T, do func(*router.Router, router.By) error, want error) {
	require.ErrorIs(t, do(p.process(t), p.anyAgent(t)), want)
	p.verify(t, nil)
}

func (p *play) agentReplies(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	d := router.Draft{Content: p.text("respuesta"), Private: rapid.IntRange(0, 3).Draw(t, "private") == 0}
	named := p.name(t, &d)
	var m *router.Message
	p.asAgent(t, x, func(r *router.Router, by router.By) (err error) {
		m, err = r.Reply(t.Context(), by, x.s.id, d)
		return err
	}, func(by router.By) {
		if named {
			by.IfVersion = nil
			x.s.replies = append(x.s.replies, reply{by, d, m.ID})
		}
		x.said = []spoken{{kind: router.Outgoing, by: router.KindAgent, id: by.Actor.ID, text: d.Content, private: d.Private}}
		if d.Private {
			return
		}
		x.s.human, x.s.waiting = m.Seq, false
		if x.status == fsm.Pending {
			p.takes(t, x, by)
		}
	})
}

// takes opens the conversation and makes it the agent's.
func (p *play) takes(t *rapid.T, x *want, by router.By) {
	if p.move(t, x, fsm.OpenUp) || x.assignee == nil {
		x.assignee = &by.Actor.ID
	}
}

func (p *play) agentRepeats(t *rapid.T) {
	s := p.anyStory(t)
	if len(s.replies) == 0 {
		t.Skip("nothing to repeat")
	}
	again := s.replies[rapid.IntRange(0, len(s.replies)-1).Draw(t, "reply")]
	differs := rapid.IntRange(0, 3).Draw(t, "another body") == 0
	if differs {
		again.draft.Private = !again.draft.Private
	}
	m, err := p.process(t).Reply(t.Context(), again.by, s.id, again.draft)
	if differs {
		require.ErrorIs(t, err, fault.EchoConflict)
	} else {
		require.NoError(t, err)
		require.Equal(t, again.message, m.ID)
	}
	p.verify(t, nil)
}

func (p *play) agentOpens(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	p.asAgent(t, x, func(r *router.Router, by router.By) error {
		_, err := r.Open(t.Context(), by, x.s.id)
		return err
	}, func(by router.By) { p.takes(t, x, by) })
}

func (p *play) agentGivesBack(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	do := func(r *router.Router, by router.By) error {
		_, err := r.MarkPending(t.Context(), by, x.s.id)
		return err
	}
	if !x.s.person.inbox.HasBot() {
		p.refused(t, do, fault.NoBot)
		return
	}
	p.asAgent(t, x, do, func(router.By) { p.move(t, x, fsm.MarkPending) })
}

func (p *play) agentResolves(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	p.asAgent(t, x, func(r *router.Router, by router.By) error {
		_, err := r.Resolve(t.Context(), by, x.s.id)
		return err
	}, func(router.By) { p.move(t, x, fsm.Resolve) })
}

func (p *play) agentSnoozes(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	var until *time.Time
	var do func(*router.Router, router.By) error
	if word := rapid.SampledFrom([]string{"", "next_reply", "tomorrow", "next_week", "someday"}).Draw(t, "word"); word != "" {
		until, _ = router.SnoozeTime(word, p.now(), x.s.person.inbox.Settings.Location())
		do = func(r *router.Router, by router.By) error {
			_, err := r.SnoozeUntil(t.Context(), by, x.s.id, word)
			return err
		}
		if word == "someday" {
			p.refused(t, do, fault.Invalid)
			return
		}
	} else {
		d := rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 100 * time.Hour, 0, -time.Second, 10 * 366 * 24 * time.Hour}).Draw(t, "for")
		at := p.now().Add(d)
		until = &at
		do = func(r *router.Router, by router.By) error {
			_, err := r.Snooze(t.Context(), by, x.s.id, until)
			return err
		}
		if d <= 0 || d > 5*366*24*time.Hour {
			p.refused(t, do, fault.Invalid)
			return
		}
	}
	p.asAgent(t, x, do, func(router.By) {
		p.move(t, x, fsm.Snooze)
		x.s.snooze, x.noted = until, true
	})
}

func (p *play) agentAssigns(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	var to *int64
	unknown := int64(1 << 40)
	choices := map[string]*int64{"nobody": nil, "Ana": &p.agents[0].Actor.ID, "Jefa": &p.agents[1].Actor.ID,
		"no member": &p.stranger.Actor.ID, "unknown": &unknown}
	choice := rapid.SampledFrom([]string{"nobody", "Ana", "Ana", "Jefa", "no member", "unknown"}).Draw(t, "to")
	to = choices[choice]
	do := func(r *router.Router, by router.By) error {
		_, err := r.Assign(t.Context(), by, x.s.id, to)
		return err
	}
	if choice == "no member" || choice == "unknown" {
		p.refused(t, do, fault.Invalid)
		return
	}
	p.asAgent(t, x, do, func(router.By) {
		if to != nil && x.status == fsm.Pending {
			p.move(t, x, fsm.OpenUp)
		}
		x.assignee = to
	})
}

func (p *play) agentAssignsTeam(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	ventas, soporte, unknown := p.teams["ventas"], p.teams["soporte"], int64(1<<40)
	to := rapid.SampledFrom([]*int64{nil, &ventas, &soporte, &unknown}).Draw(t, "team")
	do := func(r *router.Router, by router.By) error {
		_, err := r.AssignTeam(t.Context(), by, x.s.id, to)
		return err
	}
	if to == &unknown {
		p.refused(t, do, fault.Invalid)
		return
	}
	p.asAgent(t, x, do, func(router.By) {
		x.team = to // the teams have no members: a team of nobody takes a conversation from nobody
	})
}

func (p *play) agentLabels(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	labels := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"mayoreo", "queja", "vip"}), 0, 2, rapid.ID[string]).Draw(t, "labels")
	p.asAgent(t, x, func(r *router.Router, by router.By) error {
		_, err := r.SetLabels(t.Context(), by, x.s.id, append(slices.Clone(labels), labels...))
		return err
	}, func(router.By) { x.labels = labels })
}
