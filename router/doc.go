// Package router is the hall of the house: it owns conversations, what is said
// in them and who holds them. Routing is of people, not of URLs; there is no
// HTTP in here.
//
// A conversation is one row and an append-only list of messages. The row says
// who holds it (status, assignee) and when the router must next look at it
// (due_at). Everything that happens is: someone writes to the row under its
// lock, and rows that tell of it are written in the same transaction. Nothing
// about who holds a conversation, or what it is owed, is decided in memory, so
// any number of processes may run and any of them may die.
//
// Start reading at router.go (change: the one helper that locks, writes,
// commits and wakes), then receive.go (a customer's word), attend.go (claim,
// ask the bot, settle), reply.go and transition.go (what agents do).
//
// The words used here: a customer writes, an agent answers, a bot holds
// pending conversations. One stay with the bot is an episode; one question to
// the bot is a turn; giving the conversation to a person is a handoff.
package router
