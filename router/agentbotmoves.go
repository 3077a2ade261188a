package router

import (
	"time"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/store"
)

// patience is how long a customer waits for a bot outside before a person is
// called. Nobody knows whether it is still there.
const patience = 2 * time.Minute

// outside reports whether a bot outside, which speaks through the API, holds
// the conversation: the router cannot ask it, only wait for it.
func (ch *change) outside() bool {
	return ch.c.Status == fsm.Pending && ch.c.FlowHash == nil && ch.inbox.AgentBotID != nil
}

// awaitOutside makes a person be called unless the bot outside answers in time,
// counted from the first unanswered word.
func (ch *change) awaitOutside() {
	due := ch.now.Add(patience)
	ch.c.ReplyDueAt = earlier(ch.c.ReplyDueAt, &due)
	ch.c.ReplyLatestAt, ch.c.IdleAt = ch.c.ReplyDueAt, nil
}

// held reports whether a person has the conversation at hand: no bot answers
// over them.
func (ch *change) held() bool {
	return ch.c.AssigneeID != nil && (ch.c.Status == fsm.Open || ch.c.Status == fsm.Snoozed)
}

// speakAsBot stores what a bot outside says. It is no person's word: it takes
// nothing over. On a pending conversation it answers what the customer said;
// where a person has it, it may leave a note only (fault.PersonHasIt).
func (ch *change) speakAsBot(by Actor, d Draft) (*Message, error) {
	c := ch.c
	if !d.Private && ch.held() {
		return nil, ch.unlessSaid(fault.PersonHasIt, by, d)
	}
	episode, turn := c.Episode, c.Turn
	m := d.message(Outgoing, by)
	m.Episode, m.Turn = &episode, &turn
	ch.sender = by
	said, err := ch.say(m)
	if err == nil && !d.Private && ch.outside() {
		c.BotSeq = max(c.BotSeq, c.CustomerSeq)
		c.ReplyDueAt, c.ReplyLatestAt = nil, nil
	}
	return said, err
}

// handOffByBot opens a pending conversation at the wish of a bot outside.
func (ch *change) handOffByBot(by Actor) error {
	c := ch.c
	from := c.BotSeq + 1
	if _, err := ch.move(fsm.HandOff); err != nil {
		return err
	}
	ch.letGo = ReasonBotHandoff
	c.BotSeq = max(c.BotSeq, c.CustomerSeq)
	err := ch.note("opened.bot_outside", map[string]any{"bot": by.Name}, Attributes{"handoff": map[string]any{"reason": string(ReasonBotHandoff)}})
	if err != nil {
		return err
	}
	c.Handoff, err = store.ToJSON(Brief{Reason: ReasonBotHandoff, Trigger: by.Name, Episode: c.Episode, Turn: c.Turn,
		FromSeq: from, ToSeq: c.Seq, At: ch.now})
	return err
}
