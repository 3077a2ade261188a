package router_test

import (
	"log/slog"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// watched is a router on d's database, and the statements that it runs.
func (d *desk) watched() (*router.Router, *statements) {
	log := &statements{Handler: slog.DiscardHandler}
	opts := d.db.Options()
	opts.Logger, opts.SlowQuery = slog.New(enabled{log}), time.Nanosecond
	return router.New(router.Options{DB: routertest.Open(d.t, opts), Bot: d.bot, Now: d.clock.Now}), log
}

// plan is the way that the database goes for a statement, on PostgreSQL as
// though the tables were long.
func (d *desk) plan(sql string, args ...any) string {
	tx, err := d.db.SQL().BeginTx(d.t.Context(), nil)
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, tx.Rollback()) }()
	explain := "EXPLAIN QUERY PLAN "
	if d.db.Dialect() == store.Postgres {
		explain = "EXPLAIN "
		_, err := tx.Exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
		require.NoError(d.t, err)
	}
	rows, err := tx.Query(explain+sql, args...)
	require.NoError(d.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(d.t, err)
	var lines []string
	for rows.Next() {
		var line string
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		row[len(row)-1] = &line // what comes last says it
		require.NoError(d.t, rows.Scan(row...))
		lines = append(lines, line)
	}
	require.NoError(d.t, rows.Err())
	return strings.Join(lines, "\n")
}
