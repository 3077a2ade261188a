package router_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/store"
)

func (f *floor) user(name string) string {
	return fmt.Sprintf("[@%s](mention://user/%d/%s)", name, f.id(name), name)
}

// mentioned lists who was ever mentioned in a conversation, by name.
func (f *floor) mentioned(id int64) []string {
	names := []string{}
	err := f.db.Read().Raw("SELECT a.name FROM mentions m JOIN agents a ON a.id = m.agent_id WHERE m.conversation_id = ? ORDER BY a.name", id).Scan(&names).Error
	require.NoError(f.t, err)
	return names
}

func (f *floor) following(id int64) []string {
	agents, err := f.Participants(f.t.Context(), f.jefa, id)
	require.NoError(f.t, err)
	names := []string{}
	for _, a := range agents {
		names = append(names, a.Name)
	}
	return names
}

func TestWhoCanBeMentioned(t *testing.T) {
	for name, tt := range map[string]struct {
		note func(f *floor) string
		want []string
	}{
		"a member of the inbox":    {func(f *floor) string { return "¿Lo ves, " + f.user("Beto") + "?" }, []string{"Beto"}},
		"an administrator":         {func(f *floor) string { return f.user("Jefa") }, []string{"Jefa"}},
		"nobody outside the inbox": {func(f *floor) string { return f.user("Leo") }, []string{}},
		"several, each once":       {func(f *floor) string { return f.user("Beto") + f.user("Carla") + f.user("Beto") }, []string{"Beto", "Carla"}},
		"a team, its members of the inbox": {func(f *floor) string {
			return fmt.Sprintf("[@ventas](mention://team/%d/ventas)", f.ventas("Carla", "Leo"))
		}, []string{"Carla"}},
		"a team's id is no agent's": {func(f *floor) string {
			return fmt.Sprintf("(mention://team/%d/x)", f.id("Beto"))
		}, []string{}},
		"somebody removed": {func(f *floor) string {
			f.sql("UPDATE agents SET removed_at = created_at WHERE id = ?", f.id("Beto"))
			return f.user("Beto")
		}, []string{}},
		"an id that is none": {func(*floor) string { return "(mention://user/999999999999999999/x) (mention://user/0/x)" }, []string{}},
		"what is no mention": {func(f *floor) string {
			return fmt.Sprintf("mention://user/%d/Beto (mention://user/x/Beto)", f.id("Beto"))
		}, []string{}},
		"a name with an escape": {func(f *floor) string {
			return fmt.Sprintf("[@B](mention://user/%d/Beto%%20P%%C3%%A9rez)", f.id("Beto"))
		}, []string{"Beto"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
				id := f.opens()
				f.note("Ana", id, tt.note(f))
				require.Equal(t, tt.want, f.mentioned(id))
				require.ElementsMatch(t, tt.want, f.following(id), "who is mentioned follows")
				for agent := range f.by {
					told := []router.NotificationKind{}
					for _, w := range tt.want {
						if w == agent {
							told = []router.NotificationKind{router.NotifyMention}
						}
					}
					require.Equal(t, told, f.told(agent), agent)
				}
			})
		})
	}
}

func TestAMentionIsForNotesAlone(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		f.reply("Ana", id, "Pregúntale a "+f.user("Beto"))
		f.says(f.correo, f.visitor(f.correo), "Hola "+f.user("Beto"))
		require.Empty(t, f.mentioned(id))
		require.Empty(t, f.told("Beto"))

		f.note("Beto", id, "me lo apunto: "+f.user("Beto"))
		require.Equal(t, []string{"Beto"}, f.mentioned(id))
		require.Empty(t, f.told("Beto"), "nobody is told of what they say themselves")
	})
}

func TestAMentionOnWhatTheBotHas(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		v := f.visitor(f.tienda)
		id := f.says(f.tienda, v, "Hola").ConversationID
		f.note("Ana", id, f.user("Beto"))
		require.Equal(t, []router.NotificationKind{router.NotifyMention}, f.told("Beto"))
		f.heard()
		f.says(f.tienda, v, "¿Hay alguien?")
		f.attend()
		require.Empty(t, f.told("Beto"), "the bot's talk is nobody's concern")
	})
}

func TestAMentionAgainIsNewer(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		f.note("Ana", id, f.user("Beto"))
		f.clock.Advance(time.Hour)
		f.note("Carla", id, f.user("Beto"))
		var row struct{ At store.Time }
		require.NoError(t, f.db.Read().Raw("SELECT max(mentioned_at) AS at FROM mentions").Scan(&row).Error)
		require.Equal(t, monday.Add(time.Hour), row.At.Time)
		list, counts, err := f.Notifications(t.Context(), f.by["Beto"], router.NotificationFilter{})
		require.NoError(t, err)
		require.Equal(t, 1, counts.Unread, "one unread of a kind")
		require.Equal(t, "Carla", list[0].Actor.Name)
		require.Equal(t, f.user("Beto"), list[0].Message.Content)
	})
}

func TestANoteOfManyMentionsIsBounded(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		var b strings.Builder
		for n := range 2000 {
			fmt.Fprintf(&b, "(mention://user/%d/x)", 1_000_000+n)
		}
		f.note("Ana", id, b.String()+f.user("Beto"))
		require.Empty(t, f.mentioned(id))
	})
}
