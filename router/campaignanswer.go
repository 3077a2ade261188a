package router

import (
	"context"
	"fmt"

	"relevo/fsm"
)

// AnswerCampaign stores a visitor's answer to a campaign: a new conversation
// that begins with the campaign's message, the bot's or the sender's, as the
// campaign is. Who talks already, in this tab or another, says it there: a
// visitor has one conversation at a time. That a campaign ended while they
// wrote loses nobody's word: who had been shown it answers it all the same,
// anybody else says an ordinary word. The same EchoID again returns the message
// that is there.
func (r *Router) AnswerCampaign(ctx context.Context, inbox *Inbox, sourceID string, id int64, d Draft) (*Message, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	var who listener
	var answered *Campaign
	lock := func(ch *change) (err error) {
		answered, err = ch.lockForAnswer(inbox, sourceID, id, d, &who)
		return err
	}
	return r.deliver(ctx, lock, d, func(ch *change) (*Message, error) {
		if answered != nil {
			if err := ch.beginWithCampaign(answered); err != nil {
				return nil, err
			}
		}
		return ch.hear(who, d, false)
	})
}

// lockForAnswer locks the conversation that an answer is for, or begins it; the
// campaign is returned where the conversation is to begin with its message.
func (ch *change) lockForAnswer(inbox *Inbox, sourceID string, id int64, d Draft, who *listener) (*Campaign, error) {
	v, err := ch.lockVisitor(inbox, sourceID)
	if err != nil {
		return nil, err
	}
	*who = listener{v.Contact.ID, v.Contact.Blocked, &v.Contact}
	current, there, err := ch.current(v, d)
	if err != nil {
		return nil, err
	}
	if there {
		return nil, byID(current)(ch)
	}
	c, err := ch.campaignOf(inbox, id)
	if err != nil {
		return nil, err
	}
	shown, err := ch.wasShown(c, v)
	if err != nil {
		return nil, err
	}
	if !shown {
		return nil, Inbound{Inbox: inbox, SourceID: sourceID, Draft: d}.lock(who)(ch)
	}
	running, err := ch.runningOf(v)
	switch {
	case err != nil:
		return nil, err
	case running != 0:
		return nil, byID(running)(ch)
	case v.Contact.Blocked:
		return nil, ch.begin(inbox, v, nil)
	}
	ev := fsm.StartWithoutBot
	switch {
	case c.ByPerson():
		ev = fsm.StartByAgent
	case inbox.HasBot():
		ev = fsm.StartWithBot
	}
	return c, ch.beginWith(ev, inbox, v, nil)
}

// wasShown reports whether a visitor reads a campaign: whoever had it before it
// ended, and anybody while it runs.
func (ch *change) wasShown(c *Campaign, v *Visitor) (shown bool, err error) {
	if !c.ended() {
		return true, nil
	}
	err = ch.tx.Raw("SELECT EXISTS (SELECT 1 FROM campaign_visitors WHERE campaign_id = ? AND contact_inbox_id = ?)", c.ID, v.ID).Scan(&shown).Error
	if err != nil {
		return false, fmt.Errorf("who was shown campaign %d: %w", c.ID, err)
	}
	return shown, nil
}

// beginWithCampaign writes what the visitor has answered, and gives a person's
// campaign to that person. It is no answer of a person: nobody has replied yet.
func (ch *change) beginWithCampaign(c *Campaign) error {
	ch.c.CampaignID = &c.ID
	m := Message{MessageType: Outgoing, SenderType: KindSystem, Content: c.Message, ContentAttributes: Attributes{"campaign_id": c.ID}}
	if c.AgentID != nil {
		m.SenderType, m.SenderID = KindAgent, *c.AgentID
	}
	if _, err := ch.say(m); err != nil {
		return err
	}
	err := ch.tx.Exec(`INSERT INTO campaign_visitors (campaign_id, contact_inbox_id, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		c.ID, ch.c.ContactInboxID, ch.now).Error
	if err != nil {
		return fmt.Errorf("campaign %d was seen: %w", c.ID, err)
	}
	if c.AgentID == nil {
		return nil
	}
	// The sender answers, if they are still here: looked at once more, under
	// the lock of their row.
	var here int64
	err = ch.tx.Raw(`SELECT a.id FROM agents a WHERE a.id = ? AND a.removed_at IS NULL AND (a.role = ?
		OR EXISTS (SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?))`+ch.agentLock(),
		*c.AgentID, string(RoleAdministrator), ch.c.InboxID).Scan(&here).Error
	if err != nil {
		return fmt.Errorf("sender of campaign %d: %w", c.ID, err)
	}
	if here == 0 || c.Sender == nil {
		return nil
	}
	ch.c.AssigneeID = &here
	return ch.note("assigned.campaign", map[string]any{"assignee": c.Sender.Name}, nil)
}
