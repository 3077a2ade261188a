// Package store is the database: PostgreSQL or SQLite behind one gorm face,
// with what differs between the two kept in here. It knows pools, transactions,
// errors, times and clocks; it knows no table of ours, and it applies no
// migrations (package migrations does).
//
// Start with Open, DB.Tx and DB.Read.
//
// Rules for callers:
//
//   - Every write goes through Tx; every query outside a transaction through
//     Read. On SQLite there is one writing connection, so a query through
//     anything else but tx inside a Tx would not see what tx has written.
//   - Raw SQL is written once, with "?" for parameters, and runs on both.
//   - Times are compared and computed in Go, not in SQL, and come from a Clock:
//     the databases' own functions and defaults for "now" are not used.
//     Package migrations says how columns are declared for that.
package store
