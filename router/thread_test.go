package router_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// A page begins after any message id, be it of the conversation, of another
// one or of none.
func TestAPieceOfAThreadByAnyMessageID(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		here, there := d.visitor(d.correo), d.visitor(d.correo)
		var all []int64
		var conversation int64
		for range 6 { // the ids of two conversations alternate
			m := d.says(d.correo, here, "hola")
			conversation, all = m.ConversationID, append(all, m.ID)
			d.says(d.correo, there, "hello")
		}
		view, err := d.Conversation(t.Context(), d.ana, conversation)
		require.NoError(t, err)
		for id := int64(1); id <= all[5]+3; id++ {
			var older, newer []int64
			for _, known := range all {
				if known < id {
					older = append(older, known)
				}
				if known > id {
					newer = append(newer, known)
				}
			}
			for _, c := range []struct {
				page router.MessagePage
				want []int64
			}{{router.MessagePage{Before: id}, older}, {router.MessagePage{After: new(id)}, newer},
				{router.MessagePage{After: new(int64(1)), Before: id}, older[min(len(older), count(all, 1)):]}} {
				thread, err := d.MessagesOf(t.Context(), view, c.page)
				require.NoError(t, err)
				var got []int64
				for _, m := range thread {
					got = append(got, m.ID)
				}
				require.ElementsMatch(t, c.want, got, "%+v", c.page)
			}
		}
	})
}

// count is how many of ids are not greater than id.
func count(ids []int64, id int64) (n int) {
	for _, known := range ids {
		if known <= id {
			n++
		}
	}
	return n
}

// What came after the last message that somebody saw is found from its place,
// however long the thread is.
func TestWhatIsNewIsFoundFromItsPlace(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "hola")
		r, log := d.watched()
		found := log.of(func() {
			_, err := r.Messages(t.Context(), d.ana, m.ConversationID, router.MessagePage{After: new(m.ID)})
			require.NoError(t, err)
		}, "FROM messages")
		require.Len(t, found, 1)
		plan := d.plan(found[0], m.ConversationID, m.ID, m.ID, m.ConversationID, 100)
		require.Regexp(t, `\(conversation_id=\? AND seq>\?\)|Index Cond: .*conversation_id = .* AND \(seq > `, plan)
	})
}
