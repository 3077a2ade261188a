// Package emulator is a Dialogflow that runs in this process: a gRPC server
// that loads agents exported from Dialogflow ES and answers the official
// client as the real service does.
//
// It is not a language model and not a copy of Google's: it finds the intent
// by comparing words and letters, deterministically, so that a test that
// passes today passes tomorrow. README.md says what is imitated and what not.
//
// The package imports nothing else of this module, and knows none of its
// words. Start reading at Server.DetectIntent in server.go, then turn.run in
// detect.go. Only the ES API (v2) is spoken; what belongs to a session of any
// kind is in session.go, what belongs to ES alone in detect.go and slots.go.
package emulator
