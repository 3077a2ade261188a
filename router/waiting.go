package router

import (
	"context"
	"fmt"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/store"
)

// Holder is who has a conversation, as its customer is told.
type Holder string

// The holders.
const (
	HeldByBot    Holder = "bot"
	HeldByQueue  Holder = "waiting" // the customer waits for a person
	HeldByAgent  Holder = "agent"   // somebody has it, or has answered
	HeldByNobody Holder = "nobody"  // it is resolved, or nothing was said yet
)

// Enum lists the holders, for the API document.
func (Holder) Enum() []any { return []any{HeldByBot, HeldByQueue, HeldByAgent, HeldByNobody} }

// Holder says who has the conversation.
func (c *Conversation) Holder() Holder {
	switch {
	case c.Status == fsm.Pending:
		return HeldByBot
	case c.Status == fsm.Resolved:
		return HeldByNobody
	case c.AssigneeID != nil || c.Status == fsm.Snoozed:
		return HeldByAgent
	case c.WaitingSince != nil:
		return HeldByQueue
	case c.HumanSeq > 0:
		return HeldByAgent
	}
	return HeldByNobody
}

// OffersPerson reports whether the customer of c may ask for a person now.
func (i *Inbox) OffersPerson(c *Conversation) bool {
	return !i.Settings.NoTalkToPerson && c.Status == fsm.Pending
}

// OffersCancel reports whether the customer of c may stop waiting for a person
// and go back to the bot: since it handed over, nobody has answered, and nobody
// has the conversation.
func (i *Inbox) OffersCancel(c *Conversation) bool {
	if i.Settings.NoTalkToPerson || !i.HasBot() || c.Holder() != HeldByQueue {
		return false
	}
	b := c.Brief()
	return b != nil && b.Episode == c.Episode && c.HumanSeq <= b.ToSeq
}

// TalkToPerson hands a conversation that the bot has over to people, at its
// customer's wish. One that people have stays as it is, and a blocked customer
// changes nothing. An inbox that does not offer it answers fault.NotOffered.
func (r *Router) TalkToPerson(ctx context.Context, inbox *Inbox, sourceID string, id int64) (*View, error) {
	return r.wish(ctx, inbox, sourceID, id, (*change).talkToPerson)
}

// CancelWaiting gives a conversation that waits for a person back to the bot,
// at its customer's wish. Where a person has it or has answered, it is
// fault.PersonHasIt; one that the bot has stays as it is.
func (r *Router) CancelWaiting(ctx context.Context, inbox *Inbox, sourceID string, id int64) (*View, error) {
	return r.wish(ctx, inbox, sourceID, id, (*change).cancelWaiting)
}

// wish does what a customer may want of who has the conversation.
func (r *Router) wish(ctx context.Context, inbox *Inbox, sourceID string, id int64, do func(*change) error) (*View, error) {
	var who listener
	_, err := r.change(ctx, byVisitor(inbox, sourceID, id, &who), func(ch *change) error {
		switch {
		case ch.inbox.Settings.NoTalkToPerson:
			return fault.NotOffered
		case who.Blocked:
			return nil
		}
		ch.movedBy = KindContact
		return do(ch)
	})
	if err != nil {
		return nil, err
	}
	return r.VisitorConversation(ctx, inbox, sourceID, id)
}

// talkToPerson leaves BotSeq where it is: what the bot owes nobody has
// answered, and given back it is owed again.
func (ch *change) talkToPerson() error {
	c := ch.c
	from := c.BotSeq + 1
	moved, err := ch.move(fsm.HandOff)
	if err != nil || !moved {
		return err
	}
	ch.letGo = ReasonAsked
	err = ch.note("opened.asked", map[string]any{"customer": ch.contactName()}, Attributes{"handoff": map[string]any{"reason": string(ReasonAsked)}})
	if err != nil {
		return err
	}
	c.Handoff, err = store.ToJSON(Brief{Reason: ReasonAsked, Episode: c.Episode, Turn: c.Turn, FromSeq: from, ToSeq: c.Seq, At: ch.now})
	return err
}

func (ch *change) cancelWaiting() error {
	switch {
	case ch.c.Status == fsm.Pending:
		return nil
	case !ch.inbox.HasBot():
		return fault.NoBot
	case ch.c.Status == fsm.Resolved:
		return fault.NotAllowed.With("status", string(ch.c.Status)).With("event", string(fsm.MarkPending))
	case !ch.inbox.OffersCancel(ch.c):
		return fault.PersonHasIt
	}
	if _, err := ch.move(fsm.MarkPending); err != nil {
		return err
	}
	return ch.note("pending.customer", map[string]any{"customer": ch.contactName()}, nil)
}

// MostWaiting is how far WaitingBefore counts: so many, or more.
const MostWaiting = 99

// WaitingBefore says how many customers of the inbox have waited longer for a
// person than c's, at most MostWaiting: nobody has their conversations, and
// those came to people earlier. It reads that many rows of an index and no more.
func (r *Router) WaitingBefore(ctx context.Context, c *Conversation) (int, error) {
	var n int
	err := r.db.Read().WithContext(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM conversations WHERE status = 'open' AND assignee_id IS NULL
		AND waiting_since IS NOT NULL AND inbox_id = ? AND (opened_at, id) < (?, ?) LIMIT ?) AS older`,
		c.InboxID, c.OpenedAt, c.ID, MostWaiting).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("waiting before conversation %d: %w", c.ID, err)
	}
	return n, nil
}
