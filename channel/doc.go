// Package channel is the customers' door: the public client API under
// /public/api/v1. Whoever knows a visitor's token is that visitor, and sees
// what customers may see: no private note, no activity line, nothing that
// agents noted on a contact. It decides nothing about conversations; package
// router does.
//
// Start reading at channel.go, which has every route on one screen.
package channel
