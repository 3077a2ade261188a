package router

import (
	"relevo/fsm"
)

// consequences does what follows from a change, whatever path it took: a
// survey for what was resolved, an agent for what came open, those who follow
// it, and what agents are told. It stands between what was done and its
// storing, so that no path can forget it. The inbox's own words come first: that
// nobody is there, the box for an e-mail, the survey.
// A customer's word in a conversation that nobody has or follows costs no
// statement here.
func (ch *change) consequences() error {
	if ch.gone {
		return nil
	}
	for _, follow := range []func() error{ch.tellClosed, ch.askEmail, ch.askForRating, ch.keepToTeam, ch.assignOpened, ch.followAssignee, ch.readMentions, ch.notify, ch.report} {
		if err := follow(); err != nil {
			return err
		}
	}
	return nil
}

// actor is who made the change: the customer whose word it stores, whoever
// carried it, else who was permitted to, else the router itself.
func (ch *change) actor() Actor {
	switch {
	case ch.sender.Kind != "":
		return ch.sender
	case ch.by.Kind != "":
		return ch.by
	}
	return System
}

// cameOpen reports whether the conversation is open and was not before.
func (ch *change) cameOpen() bool {
	return ch.c.Status == fsm.Open && (ch.began || ch.was.Status != fsm.Open)
}

// changedHands reports whether another agent has it now, or nobody.
func (ch *change) changedHands() bool { return !sameID(ch.c.AssigneeID, ch.was.AssigneeID) }

func sameID(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
