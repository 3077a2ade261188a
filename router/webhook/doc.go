// Package webhook delivers what happened to addresses of others, over HTTP. It
// signs what it sends and connects to public addresses only: every connection
// is checked when it is made, so that neither a name that leads elsewhere the
// next moment nor a redirect takes it into a private network.
//
// What is delivered, and when it is tried again, is the router's business.
package webhook
