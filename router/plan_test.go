package router_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/report"
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

// Each look-up has an index of its own; a sort that an index gives reads a page
// and no more.
func TestLookUpsHaveAnIndex(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		r, log := d.watched()
		ctx := t.Context()
		v := d.visitor(d.correo)
		d.says(d.correo, v, "hola")
		for index, c := range map[string]struct {
			table string
			do    func() error
			args  []any
		}{
			"contacts_last_activity": {"ORDER BY", func() error { _, _, _, err := r.Contacts(ctx, router.ContactList{}); return err }, []any{15, 0}},
			"contacts_name":          {"ORDER BY", func() error { _, _, _, err := r.Contacts(ctx, router.ContactList{Sort: "-name"}); return err }, []any{15, 0}},
			"contacts_phone_number": {"phone_number = ", func() error {
				phone := "+5215512345678"
				_, _, err := r.CreateContact(ctx, d.ana, router.ContactDraft{PhoneNumber: &phone}, nil, nil, "")
				return err
			}, []any{"+52", 0}},
		} {
			found := log.of(func() { require.NoError(t, c.do(), index) }, c.table)
			require.NotEmpty(t, found, index)
			plan := d.plan(found[len(found)-1], c.args...)
			require.Contains(t, plan, index)
			require.NotRegexp(t, `(?i)sort|temp b-tree`, plan, index)
		}
		for index, sql := range map[string]string{
			"contact_inboxes_source": "SELECT inbox_id FROM contact_inboxes WHERE source_id = 'x' LIMIT 2",
			"notifications_message":  "DELETE FROM notifications WHERE message_id = 5",
		} {
			require.Contains(t, d.plan(sql), index)
		}
	})
}

// A report reads the events of its time and kind, and of what a bot had the
// end of each stay; none reads all events.
func TestReportsReadTheirTimeOnly(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		r, log := d.watched()
		ctx, reports := t.Context(), r.Reports()
		month := report.Range{Since: monday.AddDate(0, -1, 0), Until: monday}
		q := report.Question{Kind: report.Resolved, Range: month}
		times := []any{month.Since, month.Until}
		for name, c := range map[string]struct {
			do      func() error
			args    []any
			indexes []string
		}{
			"a figure":         {func() error { _, err := reports.Of(ctx, q); return err }, append(times, q.Kind), []string{"report_events_kind"}},
			"each agent's":     {func() error { _, err := reports.By(ctx, q, report.Agents); return err }, append(times, q.Kind), []string{"report_events_kind"}},
			"each label's":     {func() error { _, err := reports.By(ctx, q, report.Labels); return err }, append(times, q.Kind), []string{"report_events_kind"}},
			"period by period": {func() error { _, err := reports.Series(ctx, q, report.Day, time.UTC); return err }, append(times, q.Kind), []string{"report_events_kind"}},
			"what bots had": {func() error { _, err := reports.Stays(ctx, report.Scope{}, month); return err },
				append(append([]any{report.BotLeft}, times...), report.BotEntered), []string{"report_events_kind", "report_events_conversation"}},
			"the events": {func() error { _, _, err := reports.Events(ctx, report.Question{Range: month}, 1); return err }, times, []string{"report_events_at"}},
		} {
			found := log.of(func() { require.NoError(t, c.do(), name) }, "report_events")
			require.NotEmpty(t, found, name)
			plan := d.plan(found[0], c.args...)
			for _, index := range c.indexes {
				require.Contains(t, plan, index, name)
			}
			require.NotRegexp(t, `(?i)seq scan on report_events|scan e\b`, plan, name)
		}
	})
}
