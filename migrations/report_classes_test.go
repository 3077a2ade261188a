package migrations_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router/store"
)

// What was counted before the classes were told apart is told apart by who did
// it, and what was reopened by the resolution before.
func TestOldReportsTellApartWhatBotsHad(t *testing.T) {
	databases(t, func(t *testing.T, db *store.DB, dialect string) {
		files, _ := known(t, dialect)
		_, err := migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		require.NoError(t, migrations.DownTo(t.Context(), db.SQL(), dialect, files, 15))
		run := func(statement string) {
			_, err := db.SQL().ExecContext(t.Context(), statement)
			require.NoError(t, err, statement)
		}
		const now = "'2026-11-23T12:00:00Z'"
		run("INSERT INTO inboxes (id, identifier, name, channel, origin, settings, created_at, updated_at) VALUES (1, 'i', 'I', 'api', 'api', '{}', " + now + ", " + now + ")")
		run("INSERT INTO contacts (id, custom_attributes, additional_attributes, created_at, updated_at) VALUES (1, '{}', '{}', " + now + ", " + now + ")")
		run("INSERT INTO contact_inboxes (id, contact_id, inbox_id, source_id, pubsub_token, created_at) VALUES (1, 1, 1, 's', 'p', " + now + ")")
		event := func(conversation int, kind, class, reason string) {
			run(fmt.Sprintf("INSERT INTO report_events (kind, conversation_id, inbox_id, class, reason, at) VALUES ('%s', %d, 1, '%s', '%s', %s)", kind, conversation, class, reason, now))
		}
		for i, who := range []string{"bot", "contact", "system", "agent"} {
			id := i + 1
			class := map[bool]string{true: "closed", false: "contained"}[who == "agent"]
			run(fmt.Sprintf(`INSERT INTO conversations (id, uuid, inbox_id, contact_id, contact_inbox_id, status, round_class, custom_attributes, additional_attributes, last_activity_at,
				created_at, updated_at) VALUES (%d, 'u%d', 1, 1, 1, 'resolved', '%s', '{}', '{}', %s, %s, %s)`, id, id, class, now, now, now))
			event(id, "conversation_bot_left", "resolved", who)
			event(id, "conversation_resolved", class, who)
			event(id, "conversation_reopened", class, "contact")
			event(id, "conversation_bot_left", "handed_off", "idle")
			event(id, "conversation_resolved", "handed_off", "agent")
		}
		classes := func() (all []string) {
			rows, err := db.SQL().QueryContext(t.Context(), `SELECT conversation_id, id, class FROM report_events UNION ALL SELECT id, 1000, round_class FROM conversations ORDER BY 1, 2`)
			require.NoError(t, err)
			defer rows.Close()
			line, last := "", 0
			for rows.Next() {
				var conversation, id int
				var class string
				require.NoError(t, rows.Scan(&conversation, &id, &class))
				if conversation != last && last != 0 {
					all, line = append(all, line), ""
				}
				line, last = line+class+" ", conversation
			}
			require.NoError(t, rows.Err())
			return append(all, line)
		}
		before := classes()
		_, err = migrations.Up(t.Context(), db.SQL(), dialect)
		require.NoError(t, err)
		const after = " handed_off handed_off "
		require.Equal(t, []string{
			"contained contained contained" + after + "handed_off ",
			"ended_by_customer ended_by_customer ended_by_customer" + after + "handed_off ",
			"abandoned abandoned abandoned" + after + "handed_off ",
			"closed closed closed" + after + "closed ",
		}, classes())
		require.NoError(t, migrations.DownTo(t.Context(), db.SQL(), dialect, files, 15))
		for i, line := range classes() {
			require.Equal(t, before[i][:len("resolved contained")], line[:len("resolved contained")])
		}
	})
}
