// Package api is what both HTTP doors, channel and agentdesk, share: the gin
// engine and its middleware, typed operations, the dialect that callers speak,
// and the one place that answers errors. It knows nothing of conversations.
//
// Start reading at operation.go (how an operation is declared and run), then
// params.go (the dialect: JSON, multipart and form bodies, wrapped or not) and
// bind.go (from those to a typed input).
//
// Operations are bound here and not by huma: clients of this dialect send
// numbers as strings, wrap bodies or not, and put body fields in the query, so
// every request would have to be rewritten by schema before huma reads it, and
// its English validation sentences matched back to fields. What huma does well,
// the document, is made from Server.Operations.
package api
