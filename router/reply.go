package router

import (
	"context"

	"relevo/fsm"
)

// Reply stores what an agent says: to the customer, or, where d is private, to
// the other agents only. Any public word on a pending conversation takes it
// over: it is open, the agent's, and the bot says no more.
func (r *Router) Reply(ctx context.Context, by By, id int64, d Draft) (*Message, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	d, err := r.keepFiles(ctx, d)
	if err != nil {
		return nil, err
	}
	return r.deliver(ctx, byID(id), d, func(ch *change) (*Message, error) {
		if err := ch.permit(by); err != nil {
			return nil, ch.unlessStored(err, by.Actor, d)
		}
		return ch.reply(by.Actor, d)
	})
}

// reply stores an agent's word or note and does what it does to the
// conversation.
func (ch *change) reply(by Actor, d Draft) (*Message, error) {
	if by.Kind == KindBot {
		return ch.speakAsBot(by, d)
	}
	ch.sender = by
	m, err := ch.say(d.message(Outgoing, by))
	if err != nil || d.Private {
		return m, err
	}
	c := ch.c
	c.HumanSeq = m.Seq
	c.WaitingSince = nil
	c.Unread = 0
	if c.FirstReplyCreatedAt == nil {
		c.FirstReplyCreatedAt = &ch.now
	}
	if c.Status != fsm.Pending {
		return m, nil
	}
	if _, err := ch.takeOver(by); err != nil {
		return nil, err
	}
	return m, ch.note("opened.takeover", map[string]any{"agent": by.Name}, nil)
}
