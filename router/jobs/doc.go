// Package jobs is work that is done later: mail, webhooks, exports. A job is
// stored in the transaction of the change that makes it necessary, so that it
// is done if and only if the change is committed, by any process that shares
// the database. The queue is River, on both databases.
//
// A job is done at least once: a process that dies in the midst of it leaves it
// to another, minutes later. What must not happen twice is the handler's care.
//
// Turns of bots are no jobs: they need an order per conversation, which the
// conversation's row gives; see package router.
package jobs
