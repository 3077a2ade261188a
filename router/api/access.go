package api

import (
	"slices"

	"relevo/router/fault"
)

// Caller is what a guard found out of who sends a request.
type Caller string

// The callers.
const (
	Somebody      Caller = "somebody" // nothing is known of them
	Visitor       Caller = "visitor"  // names a visitor's token in the address; the operation looks whether it is one
	Agent         Caller = "agent"
	Administrator Caller = "administrator"
	Bot           Caller = "bot" // outside, with a token of its own
)

// Access is who may call the operations of a group. The server holds it before
// it reads a body. Which rows a caller gets then is for the router to say: a
// visitor their own, agents and bots those of their inboxes.
type Access []Caller

// The rights that there are.
var (
	ForEverybody      = Access{Somebody, Visitor, Agent, Administrator, Bot}
	ForVisitors       = Access{Visitor}
	ForAgents         = Access{Agent, Administrator}
	ForAgentsAndBots  = Access{Agent, Administrator, Bot}
	ForAdministrators = Access{Administrator}
)

// Allows reports whether c may call.
func (a Access) Allows(c Caller) bool { return slices.Contains(a, c) }

// check returns nil for those who may call, and for others the fault that they
// are answered with.
func (a Access) check(c Caller) error {
	switch {
	case a.Allows(c):
		return nil
	case c == Bot:
		return fault.NotForBots
	case c == Somebody || c == Visitor:
		return fault.Unauthenticated
	}
	return fault.Forbidden
}
