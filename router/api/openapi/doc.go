// Package openapi writes the API document (OpenAPI 3.1) of a server from what
// the server is made of: the record of its operations, the types that they
// take and answer, and the rules that inputs are bound by. It also shows the
// document, at /docs.
//
// Start reading at document.go; operation.go writes one operation, input.go
// what it takes, schema.go the shape of a Go type.
package openapi
