package router

import "context"

// Attending as three steps, so that tests can put anything between them.

// Claim is a turn in hand.
type Claim = claim

// ClaimTurn takes a conversation if it is due, as the sweep does.
func (r *Router) ClaimTurn(ctx context.Context, id int64) (*Claim, error) {
	return r.claim(ctx, id, false)
}

// SettleTurn writes what the bot answered.
func (r *Router) SettleTurn(ctx context.Context, c *Claim, o Outcome) error {
	return r.settle(ctx, c, o)
}

// Attend does one conversation as Run does it when it was nudged.
func (r *Router) Attend(ctx context.Context, id int64) error { return r.attend(ctx, id, true) }

// WakeNotifications tells of snoozed notifications as Run does every minute.
func (r *Router) WakeNotifications(ctx context.Context) error { return r.wakeNotifications(ctx) }

// Tidy removes what is old as Run does every hour.
func (r *Router) Tidy(ctx context.Context) error { return r.tidy(ctx) }

// StoreSeen stores customers' last activity as Run does every second.
func (r *Router) StoreSeen(ctx context.Context) error { return r.storeSeen(ctx) }

// Assign is AssignAs for an agent alone, nil for nobody.
func (r *Router) Assign(ctx context.Context, by By, id int64, agentID *int64) (*Agent, error) {
	if agentID == nil {
		agentID = new(int64)
	}
	agent, _, err := r.AssignAs(ctx, by, id, Assignment{Agent: agentID})
	return agent, err
}

// AssignTeam is AssignAs for a team alone, nil for none.
func (r *Router) AssignTeam(ctx context.Context, by By, id int64, teamID *int64) (*Team, error) {
	if teamID == nil {
		teamID = new(int64)
	}
	_, team, err := r.AssignAs(ctx, by, id, Assignment{Team: teamID})
	return team, err
}
