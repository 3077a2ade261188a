// Package routertest helps tests to run on real databases and to move the
// clock. It stores and checks nothing of its own.
//
// Start with Databases and Clock.
package routertest
