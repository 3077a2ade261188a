// Package routertest helps tests to run on real databases, to move the clock,
// and to check a database at rest. It stores nothing of its own.
//
// Start with Databases, Clock and RequireWhole.
package routertest
