// Package mail writes mails and hands them over: transcripts of conversations
// and what agents are told. It knows how mails look and how a mail server is
// spoken to; who is sent what, and that it happens once, is package router's
// care.
package mail
