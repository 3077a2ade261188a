// Package agentdesk is the agents' door: the application API under /api, for
// people at the desk and for integrations that carry an agent's token. It
// checks who calls and speaks the dialect; what happens to conversations is
// package router's.
//
// Start reading at desk.go, which has every route on one screen.
package agentdesk
