package router_test

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

// The commands of customers, and of connectors that carry their words.

// text is a new word; no two are the same.
func (p *play) text(kind string) string {
	p.names++
	return fmt.Sprintf("%s %d", kind, p.names)
}

func (p *play) process(t *rapid.T) *router.Router {
	return p.procs[rapid.IntRange(0, len(p.procs)-1).Draw(t, "process")]
}

func (p *play) anyPerson(t *rapid.T) *person {
	return p.people[rapid.IntRange(0, len(p.people)-1).Draw(t, "visitor")]
}

// anyStory draws a conversation; without one the command is skipped.
func (p *play) anyStory(t *rapid.T) *story {
	if len(p.stories) == 0 {
		t.Skip("no conversation yet")
	}
	return p.stories[rapid.IntRange(0, len(p.stories)-1).Draw(t, "conversation")]
}

func (p *play) ofPerson(v *person) []*story {
	var own []*story
	for _, s := range p.stories {
		if s.person == v {
			own = append(own, s)
		}
	}
	return own
}

// customerSays is a word into the current conversation, or into any.
func (p *play) customerSays(t *rapid.T) {
	v := p.anyPerson(t)
	own := p.ofPerson(v)
	in := router.Inbound{Inbox: v.inbox, SourceID: v.SourceID, Draft: router.Draft{Content: p.text("palabra")}}
	named := p.name(t, &in.Draft)
	var x *want
	switch {
	case len(own) > 0 && rapid.IntRange(0, 3).Draw(t, "named conversation") == 0:
		x = p.expect(own[rapid.IntRange(0, len(own)-1).Draw(t, "conversation")])
		in.Conversation = x.s.id
		if x.status == fsm.Resolved && !v.blocked && v.inbox.Settings.AfterResolved == router.AfterResolvedNew {
			if x = p.expect(own[len(own)-1]); x.status == fsm.Resolved {
				x = nil
			}
		}
	case len(own) > 0:
		current := p.expect(own[len(own)-1])
		if current.status != fsm.Resolved || v.blocked || v.inbox.Settings.AfterResolved != router.AfterResolvedNew {
			x = current
		}
	}
	if x == nil {
		x = p.expectNew(v)
	}
	m, err := p.process(t).Receive(t.Context(), in)
	require.NoError(t, err)
	if named {
		v.sent = append(v.sent, sent{to: in.Conversation, draft: in.Draft, message: m.ID})
	}
	p.hear(t, x, m.Seq, in.Draft.Content, false)
	p.verify(t, x)
}

// name gives a draft an echo id, a source id, or none.
func (p *play) name(t *rapid.T, d *router.Draft) bool {
	switch rapid.SampledFrom([]string{"none", "echo", "source"}).Draw(t, "named") {
	case "echo":
		d.EchoID = d.Content
	case "source":
		d.SourceID = fmt.Sprintf("%s of %d", d.Content, p.people[0].ID)
	default:
		return false
	}
	return true
}

// customerRepeats sends a word again that had arrived: whatever happened
// meanwhile, the first is returned, and another body is refused.
func (p *play) customerRepeats(t *rapid.T) {
	v := p.anyPerson(t)
	if len(v.sent) == 0 {
		t.Skip("nothing to repeat")
	}
	again := v.sent[rapid.IntRange(0, len(v.sent)-1).Draw(t, "word")]
	differs := rapid.IntRange(0, 3).Draw(t, "another body") == 0
	if differs {
		again.draft.Content += " (otra)"
	}
	var m *router.Message
	var err error
	if again.connector {
		m, err = p.process(t).ReceiveFor(t.Context(), p.agents[0], again.to, again.draft)
	} else {
		m, err = p.process(t).Receive(t.Context(), router.Inbound{Inbox: v.inbox, SourceID: v.SourceID, Conversation: again.to, Draft: again.draft})
	}
	if differs {
		require.ErrorIs(t, err, fault.EchoConflict)
	} else {
		require.NoError(t, err)
		require.Equal(t, again.message, m.ID)
	}
	p.verify(t, nil)
}

// connectorBrings is a customer's word with an agent's token, which only
// inboxes of channel "api" take.
func (p *play) connectorBrings(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	d := router.Draft{Content: p.text("mensaje")}
	named := p.name(t, &d)
	var m *router.Message
	do := func(r *router.Router, by router.By) (err error) {
		m, err = r.ReceiveFor(t.Context(), by, x.s.id, d)
		return err
	}
	if x.s.person.inbox.Channel != "api" {
		p.refused(t, do, fault.Invalid)
		return
	}
	p.asAgent(t, x, do, func(router.By) {
		if named {
			v := x.s.person
			v.sent = append(v.sent, sent{to: x.s.id, connector: true, draft: d, message: m.ID})
		}
		p.hear(t, x, m.Seq, d.Content, false)
	})
}

// customerChooses clicks one of the choices that the bot offered.
func (p *play) customerChooses(t *rapid.T) {
	s := p.anyStory(t)
	var offers []line
	for _, m := range p.before[s.id].messages {
		if m.ContentType == "input_select" {
			offers = append(offers, m)
		}
	}
	if len(offers) == 0 {
		t.Skip("nothing was offered")
	}
	offer := offers[rapid.IntRange(0, len(offers)-1).Draw(t, "offer")]
	value := rapid.SampledFrom([]string{"uno", "dos"}).Draw(t, "value")
	in := router.Inbound{Inbox: s.person.inbox, SourceID: s.person.SourceID, Conversation: s.id}
	m, err := p.process(t).Submit(t.Context(), in, offer.ID, []map[string]any{{"title": "El " + value, "value": value}})
	if before, done := s.submitted[offer.ID]; done {
		if before == value {
			require.NoError(t, err)
			require.Equal(t, offer.ID, m.ID)
		} else {
			require.ErrorIs(t, err, fault.Answered)
		}
		p.verify(t, nil)
		return
	}
	require.NoError(t, err)
	s.submitted[offer.ID] = value
	x := p.expect(s)
	p.hear(t, x, p.before[s.id].row.Seq+1, "El "+value, true)
	if !s.person.blocked {
		s.words[len(s.words)-1].text = value
	}
	// A click may reopen, so the word need not be the only message; it is the first.
	p.verify(t, x)
}

// customerStarts begins a conversation in which nothing is said.
func (p *play) customerStarts(t *rapid.T) {
	v := p.anyPerson(t)
	x := p.expectNew(v)
	if s := p.silent(v); s != nil { // one in which nothing was said is used
		x = p.expect(s)
	}
	_, err := p.process(t).Start(t.Context(), v.inbox, v.SourceID, router.Attributes{"page": "/"})
	require.NoError(t, err)
	p.verify(t, x)
}

// silent is the visitor's newest conversation in which nothing was said yet.
func (p *play) silent(v *person) *story {
	for _, s := range slices.Backward(p.stories) {
		before := p.before[s.id]
		if s.person == v && before.row.Seq == 0 && before.row.Status != fsm.Resolved {
			return s
		}
	}
	return nil
}

// customerResolves ends a conversation; what he was owed he gave up himself.
func (p *play) customerResolves(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	v := x.s.person
	_, err := p.process(t).ResolveByCustomer(t.Context(), v.inbox, v.SourceID, x.s.id)
	require.NoError(t, err)
	p.move(t, x, fsm.Resolve)
	p.verify(t, x)
}

// somebodySaw notes that a thread was read.
func (p *play) somebodySaw(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	v := x.s.person
	var err error
	if rapid.Bool().Draw(t, "the customer") {
		err = p.process(t).CustomerSaw(t.Context(), v.inbox, v.SourceID, x.s.id)
	} else {
		_, err = p.process(t).AgentSaw(t.Context(), p.agents[0], x.s.id)
	}
	require.NoError(t, err)
	p.verify(t, x)
}

// customerIsBlocked blocks or unblocks, which the desk will do one day.
func (p *play) customerIsBlocked(t *rapid.T) {
	v := p.anyPerson(t)
	v.blocked = !v.blocked
	_, err := p.db.SQL().ExecContext(t.Context(), "UPDATE contacts SET blocked = $1 WHERE id = $2", v.blocked, v.Contact.ID)
	require.NoError(t, err)
	p.verify(t, nil)
}
