// Package live pushes what the router did to those who look: to agents what
// happens in their inboxes, to a visitor what happens in his conversations. A
// push carries ids, seq and version and never a word that somebody wrote; who
// needs the words fetches them, with the rights that they have.
//
// A push is a hint. It is sent after the commit, by a queue that nobody waits
// for, and may be lost; the seq that each one carries shows the gap, and the
// API fills it.
//
// Start reading at event.go (who is told what), then publish.go (how), then
// connect.go (who may listen).
package live
