package router_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// Merging locks the contacts in the order of their ids, whichever is kept, and
// their conversations only after both: while it waits for a contact, everything
// that comes later in the order is free. Turned round, two changes would now and
// then wait for each other.
func TestMergingLocksInTheOrderOfTheHouse(t *testing.T) {
	onPostgres(t, func(t *testing.T, d *desk) {
		for _, keepsFirst := range []bool{true, false} {
			one, two := d.visitor(d.correo), d.visitor(d.correo)
			in := []int64{d.says(d.correo, one, "Hola").ConversationID, d.says(d.correo, two, "Hola").ConversationID}
			first, second := d.contactOf(d.correo, one), d.contactOf(d.correo, two)
			base, other := first, second
			if !keepsFirst {
				base, other = second, first
			}

			held := d.begin(t)
			lock(t, held, "SELECT id FROM contacts WHERE id = $1 FOR UPDATE", first)
			merged := make(chan error, 1)
			go func() { _, err := d.MergeContacts(t.Context(), d.jefa, base, other); merged <- err }()
			d.untilWaiting(t, 1, merged)
			require.Empty(t, merged, "it does not wait for the contact")

			looking := d.begin(t)
			lock(t, looking, "SELECT id FROM contacts WHERE id = $1 FOR UPDATE NOWAIT", second)
			for _, id := range in {
				lock(t, looking, "SELECT id FROM conversations WHERE id = $1 FOR UPDATE NOWAIT", id)
			}
			require.NoError(t, looking.Rollback())
			require.NoError(t, held.Rollback())
			require.NoError(t, <-merged)
		}
	})
}

func (d *desk) begin(t *testing.T) *sql.Tx {
	t.Helper()
	tx, err := d.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func lock(t *testing.T, tx *sql.Tx, query string, id int64) {
	t.Helper()
	var locked int64
	require.NoError(t, tx.QueryRowContext(t.Context(), query, id).Scan(&locked), query)
}
