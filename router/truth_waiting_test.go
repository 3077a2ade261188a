package router_test

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

// customerAsksForPerson hands over what the bot has. Nobody has answered what
// the bot owed: given back, it is owed again.
func (p *play) customerAsksForPerson(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	v := x.s.person
	_, err := p.process(t).TalkToPerson(t.Context(), v.inbox, v.SourceID, x.s.id)
	switch {
	case v.blocked || x.status == fsm.Open:
		require.NoError(t, err)
	case x.status != fsm.Pending:
		require.ErrorIs(t, err, fault.NotAllowed)
	default:
		require.NoError(t, err)
		p.move(t, x, fsm.HandOff)
		x.reason = router.ReasonAsked
	}
	p.verify(t, x)
}

// customerStopsWaiting gives what nobody has taken or answered since the bot
// let go of it back to the bot.
func (p *play) customerStopsWaiting(t *rapid.T) {
	x := p.expect(p.anyStory(t))
	v := x.s.person
	_, err := p.process(t).CancelWaiting(t.Context(), v.inbox, v.SourceID, x.s.id)
	switch {
	case v.blocked || x.status == fsm.Pending:
		require.NoError(t, err)
	case !v.inbox.HasBot():
		require.ErrorIs(t, err, fault.NoBot)
	case x.status == fsm.Resolved:
		require.ErrorIs(t, err, fault.NotAllowed)
	case x.status != fsm.Open || x.assignee != nil || !x.s.letGo || x.s.human > x.s.queued || !x.s.waiting:
		require.ErrorIs(t, err, fault.PersonHasIt)
	default:
		require.NoError(t, err)
		p.move(t, x, fsm.MarkPending)
	}
	p.verify(t, x)
}
