//go:build unix

// Command bench measures what Relevo costs, as ratios taken in one run on one
// machine: a raw transaction of the database and the same message sent to a
// real `relevo serve` over HTTP, in turn. It never fails because something is
// slow. `make bench` runs it; docs/performance.md quotes what it prints.
//
// bench.go says what is measured, in order. ruler_*.go are the databases' own
// speed, relevo.go the server, load.go the HTTP client, inbound.go,
// replies.go, answered.go, overhead.go, sockets.go and lists.go the
// measurements, report.go the table. weight.go weighs what browsers load.
package main
