package router_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/store"
)

// These tests are about two who write at the same moment. Only PostgreSQL lets
// them: SQLite's writers take turns.

func onPostgres(t *testing.T, test func(t *testing.T, d *desk)) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		if d.db.Dialect() != store.Postgres {
			t.Skip("SQLite's writers take turns")
		}
		test(t, d)
	})
}

// meanwhile runs first in a transaction that is committed only when second
// waits for it, or has ended, and returns what second returned.
func (d *desk) meanwhile(t *testing.T, first string, args []any, second func(ctx context.Context) error) error {
	t.Helper()
	tx, err := d.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), first, args...)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- second(t.Context()) }()
	d.untilWaiting(t, 1, ended)
	require.NoError(t, tx.Commit())
	return <-ended
}

// untilWaiting returns when so many statements wait for others' locks, or done
// has something.
func (d *desk) untilWaiting(t *testing.T, statements int, done chan error) {
	t.Helper()
	require.Eventually(t, func() bool {
		if len(done) > 0 {
			return true
		}
		var waiting int
		err := d.db.Read().Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting).Error
		return err == nil && waiting >= statements
	}, 20*time.Second, 2*time.Millisecond)
}

func TestAnAnswerSentAgainIsTheOneThatIsThereWhateverTheVersion(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "hola")
		seen, err := d.Conversation(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		by := d.ana
		by.IfVersion = &seen.Conversation.Version
		answer := router.Draft{Content: "yo atiendo", EchoID: "e1"}
		first, err := d.Reply(t.Context(), by, m.ConversationID, answer)
		require.NoError(t, err)

		again, err := d.Reply(t.Context(), by, m.ConversationID, answer)
		require.NoError(t, err, "it took the conversation over, and so the version grew: by itself")
		require.Equal(t, first.ID, again.ID)
		_, err = d.Reply(t.Context(), by, m.ConversationID, router.Draft{Content: "otra cosa", EchoID: "e1"})
		require.ErrorIs(t, err, fault.EchoConflict)
		_, err = d.Reply(t.Context(), by, m.ConversationID, router.Draft{Content: "y esto", EchoID: "e2"})
		require.ErrorIs(t, err, fault.Stale, "another message is another matter")
	})
}

func TestWhoLeavesAnInboxKeepsNothingThatIsGivenThemMeanwhile(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "hola")
		_, err := d.SetInboxMembers(t.Context(), d.jefa, d.correo.ID, []int64{d.anaID}, router.Join)
		require.NoError(t, err)

		// The assignment is held up at its very end, Ana's leaving begins.
		left := make(chan error, 1)
		hold, err := d.db.SQL().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = hold.ExecContext(t.Context(), "INSERT INTO participants (conversation_id, agent_id, created_at) VALUES ($1, $2, now())", m.ConversationID, d.anaID)
		require.NoError(t, err)
		given := make(chan error, 1)
		go func() { _, err := d.Assign(t.Context(), d.jefa, m.ConversationID, &d.anaID); given <- err }()
		d.untilWaiting(t, 1, given)
		go func() {
			_, err := d.SetInboxMembers(t.Context(), d.jefa, d.correo.ID, []int64{d.anaID}, router.Leave)
			left <- err
		}()
		d.untilWaiting(t, 2, left)
		require.NoError(t, hold.Rollback())
		require.NoError(t, <-given)
		require.NoError(t, <-left)
		c, err := d.Conversation(t.Context(), d.jefa, m.ConversationID)
		require.NoError(t, err)
		require.Nil(t, c.Conversation.AssigneeID, "she would never see it")
	})
}

func TestNobodyIsGivenAConversationOfAnInboxThatTheyAreLeaving(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "hola")
		_, err := d.SetInboxMembers(t.Context(), d.jefa, d.correo.ID, []int64{d.anaID}, router.Join)
		require.NoError(t, err)
		err = d.meanwhile(t, "WITH locked AS (SELECT id FROM agents WHERE id = $1 FOR NO KEY UPDATE) DELETE FROM inbox_members WHERE agent_id IN (SELECT id FROM locked)",
			[]any{d.anaID}, func(ctx context.Context) error {
				_, err := d.Assign(ctx, d.jefa, m.ConversationID, &d.anaID)
				return err
			})
		require.ErrorIs(t, err, fault.Invalid)
	})
}

func TestMergingLosesNothingThatIsWrittenMeanwhile(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		for _, written := range []string{
			"INSERT INTO contact_notes (contact_id, agent_id, content, created_at, updated_at) VALUES ($1, 1, 'importante', now(), now())",
			"INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at) VALUES ($1, 2, 'nueva', 'nueva', now())",
			"INSERT INTO contact_labels (contact_id, label) VALUES ($1, 'vip')",
		} {
			base, _, err := d.CreateContact(t.Context(), d.ana, router.ContactDraft{}, nil, nil, "")
			require.NoError(t, err)
			other, _, err := d.CreateContact(t.Context(), d.ana, router.ContactDraft{}, nil, nil, "")
			require.NoError(t, err)
			require.NoError(t, d.meanwhile(t, written, []any{other.ID}, func(ctx context.Context) error {
				_, err := d.MergeContacts(ctx, d.ana, base.ID, other.ID)
				return err
			}), written)
			var rows int
			require.NoError(t, d.db.Read().Raw(`SELECT (SELECT count(*) FROM contact_notes WHERE contact_id = @id) +
				(SELECT count(*) FROM contact_inboxes WHERE contact_id = @id) + (SELECT count(*) FROM contact_labels WHERE contact_id = @id)`,
				map[string]any{"id": base.ID}).Scan(&rows).Error)
			require.Equal(t, 1, rows, written)
		}
	})
}

func TestWhatIsWrittenForAContactThatIsBeingMergedAwayIsRefused(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		for _, write := range []func(ctx context.Context, id int64) error{
			func(ctx context.Context, id int64) error {
				_, err := d.AddContactNote(ctx, d.ana, id, "importante")
				return err
			},
			func(ctx context.Context, id int64) error {
				_, err := d.ConnectContact(ctx, d.correo, id, "")
				return err
			},
		} {
			gone, _, err := d.CreateContact(t.Context(), d.ana, router.ContactDraft{}, nil, nil, "")
			require.NoError(t, err)
			err = d.meanwhile(t, "DELETE FROM contacts WHERE id = $1", []any{gone.ID}, func(ctx context.Context) error { return write(ctx, gone.ID) })
			require.ErrorIs(t, err, fault.NotFound)
		}
	})
}

func TestOfTwoWhoChangeATeamNeitherOverwritesTheOther(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		teams, err := d.Teams(t.Context())
		require.NoError(t, err)
		id, no := teams[0].ID, false
		require.NoError(t, d.meanwhile(t, "UPDATE teams SET description = 'nueva' WHERE id = $1", []any{id}, func(ctx context.Context) error {
			_, err := d.UpdateTeam(ctx, id, router.TeamDraft{AllowAutoAssign: &no})
			return err
		}))
		got, err := d.Team(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "nueva", got.Description)
		require.False(t, got.AllowAutoAssign)
	})
}
