package router_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/store"
)

const strayFor = 24 * time.Hour

// failCommit makes COMMIT fail, and only COMMIT, where a message of these words
// was written.
func (d *desk) failCommit(words string) {
	d.sql("CREATE TABLE aims (id integer PRIMARY KEY)")
	d.sql("CREATE TABLE shots (aim integer REFERENCES aims (id) DEFERRABLE INITIALLY DEFERRED)")
	if d.db.Dialect() == store.SQLite {
		d.sql("CREATE TRIGGER fail_commit AFTER INSERT ON messages WHEN NEW.content = '" + words + "' BEGIN INSERT INTO shots VALUES (1); END")
		return
	}
	d.sql("CREATE FUNCTION miss() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO shots VALUES (1); RETURN NULL; END'")
	d.sql("CREATE TRIGGER fail_commit AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.content = '" + words + "') EXECUTE FUNCTION miss()")
}

// Whether a COMMIT happened that failed, nobody knows: its answer may have been
// lost. So the file stays, until it is plain that no message has it.
func TestAFileStaysWhereItsMessageMayBeStored(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		visitor := d.visitor(d.tienda)
		id := d.says(d.tienda, visitor, "hola").ConversationID
		d.failCommit("mira")
		photo := router.Draft{Content: "mira", EchoID: "e1", Files: []router.Upload{upload("a.png", png)}}
		_, err := d.sends(visitor, photo)
		require.Error(t, err)
		_, err = d.Reply(t.Context(), d.ana, id, photo)
		require.Error(t, err)
		require.Equal(t, 2, kept())

		d.sql("INSERT INTO aims (id) VALUES (1)") // COMMIT works again
		m, err := d.sends(visitor, photo)
		require.NoError(t, err)
		require.Equal(t, 3, kept())
		d.clock.Advance(strayFor)
		require.NoError(t, d.Tidy(t.Context()))
		require.Equal(t, 3, kept(), "not yet")
		d.clock.Advance(time.Second)
		require.NoError(t, d.Tidy(t.Context()))
		require.Equal(t, 1, kept())
		_, content, err := d.OpenAttachment(t.Context(), m.Attachments[0].StorageKey)
		require.NoError(t, err)
		got, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		require.Equal(t, png, string(got))
	})
}

// Files that could not be removed when their message went are removed later;
// those of messages that stand never are, however old.
func TestOnlyFilesWithoutAMessageAreSwept(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx, kept := t.Context(), d.withFiles()
		send := func() *router.Message {
			m, err := d.sends(d.visitor(d.tienda), router.Draft{Files: []router.Upload{upload("a.png", png), upload("b.pdf", pdf)}})
			require.NoError(t, err)
			return m
		}
		stays, goes, whole := send(), send(), send()
		d.folder.stuck = true
		_, err := d.DeleteMessage(ctx, d.ana, goes.ConversationID, goes.ID)
		require.NoError(t, err)
		require.NoError(t, d.DeleteConversation(ctx, d.jefa, whole.ConversationID))
		_, err = d.Reply(ctx, router.By{Actor: d.ana.Actor}, stays.ConversationID, router.Draft{Files: []router.Upload{upload("c.png", png)}})
		require.Error(t, err, "an agent outside the inbox")
		require.Equal(t, 7, kept())

		d.clock.Advance(strayFor + time.Second)
		require.NoError(t, d.Tidy(ctx), "the folder is still stuck")
		d.folder.stuck = false
		require.NoError(t, d.Tidy(ctx))
		require.Equal(t, 7, kept(), "tried again a day later")
		d.clock.Advance(strayFor + time.Second)
		require.NoError(t, d.Tidy(ctx))
		require.Equal(t, 2, kept())
		for range 3 {
			d.clock.Advance(365 * 24 * time.Hour)
			require.NoError(t, d.Tidy(ctx))
		}
		for _, a := range stays.Attachments {
			_, content, err := d.OpenAttachment(ctx, a.StorageKey)
			require.NoError(t, err)
			require.NoError(t, content.Close())
		}
	})
}
