package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
)

// seen is a thread as texts, and whether each is only the place of one.
func seen(thread []*router.Message) (shown []string) {
	for _, m := range thread {
		shown = append(shown, m.Shown("es"))
	}
	return shown
}

func (d *desk) threads(visitor string, id int64) (agents, customer []string) {
	all, err := d.Messages(d.t.Context(), d.jefa, id, router.MessagePage{})
	require.NoError(d.t, err)
	his, err := d.VisitorMessages(d.t.Context(), d.correo, visitor, id, router.MessagePage{})
	require.NoError(d.t, err)
	return seen(all), seen(his)
}

func TestADeletedMessageLeavesItsPlaceToAgentsAndTheOriginalToAdministrators(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		visitor := d.visitor(d.correo)
		his := d.says(d.correo, visitor, "mi tarjeta es 4111")
		id := his.ConversationID
		ours, err := d.Reply(t.Context(), d.ana, id, router.Draft{Content: "tu clave es 1234", Files: []router.Upload{upload("clave.pdf", pdf)},
			ContentAttributes: router.Attributes{"in_reply_to": 1.0}})
		require.NoError(t, err)
		require.Equal(t, 1, kept())

		d.clock.Advance(time.Minute)
		gone, err := d.DeleteMessage(t.Context(), d.ana, id, ours.ID)
		require.NoError(t, err)
		require.True(t, gone.Deleted())
		require.Empty(t, gone.Attachments)
		require.Zero(t, kept(), "its file is gone")
		_, _, err = d.OpenAttachment(t.Context(), ours.Attachments[0].StorageKey)
		require.ErrorIs(t, err, fault.NotFound)

		agents, customer := d.threads(visitor, id)
		require.Equal(t, []string{"mi tarjeta es 4111", "Este mensaje se borró", "Ana deleted a message"}, agents)
		require.Equal(t, []string{"mi tarjeta es 4111"}, customer, "of an agent's deleted word customers see nothing")

		_, err = d.DeleteMessage(t.Context(), d.ana, id, his.ID)
		require.NoError(t, err)
		again, err := d.DeleteMessage(t.Context(), d.jefa, id, his.ID)
		require.NoError(t, err)
		require.True(t, again.Deleted())
		agents, customer = d.threads(visitor, id)
		require.Equal(t, []string{"Este mensaje se borró", "Este mensaje se borró", "Ana deleted a message", "Ana deleted a message"}, agents)
		require.Equal(t, []string{"Este mensaje se borró"}, customer, "his own leaves its place")

		o, err := d.Original(t.Context(), d.jefa, id, ours.ID)
		require.NoError(t, err)
		require.Equal(t, router.Original{MessageID: ours.ID, Content: "tu clave es 1234", ContentType: "text", DeletedBy: d.anaID, DeletedAt: o.DeletedAt,
			ContentAttributes: router.Attributes{"in_reply_to": 1.0,
				"attachments": []any{map[string]any{"file_name": "clave.pdf", "file_type": "file", "file_size": float64(len(pdf))}}}}, *o)
		require.WithinDuration(t, d.clock.Now(), o.DeletedAt, time.Millisecond)
		_, err = d.Original(t.Context(), d.jefa, id, ours.ID+100)
		require.ErrorIs(t, err, fault.NotFound)
	})
}

func TestWhoMayNotSeeAConversationDeletesNothingInIt(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "hola")
		other := d.says(d.correo, d.visitor(d.correo), "otra")
		outside := router.By{Actor: d.ana.Actor, Scope: router.Scope{Inboxes: []int64{d.tienda.ID}}}
		_, err := d.DeleteMessage(t.Context(), outside, m.ConversationID, m.ID)
		require.ErrorIs(t, err, fault.Forbidden)
		_, err = d.DeleteMessage(t.Context(), d.ana, m.ConversationID, other.ID)
		require.ErrorIs(t, err, fault.NotFound, "a message of another conversation")
		_, err = d.DeleteMessage(t.Context(), router.By{Actor: router.Actor{Kind: router.KindBot, ID: 1}, Scope: router.Scope{All: true}}, m.ConversationID, m.ID)
		require.ErrorIs(t, err, fault.Forbidden, "a bot")
		_, err = d.Resolve(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		line := d.last(m.ConversationID)
		_, err = d.DeleteMessage(t.Context(), d.ana, m.ConversationID, line.ID)
		require.ErrorIs(t, err, fault.NotFound, "what happened cannot be deleted")
	})
}

func (d *desk) last(id int64) *router.Message {
	v, err := d.Conversation(d.t.Context(), d.jefa, id)
	require.NoError(d.t, err)
	return v.LastMessage
}

func TestNobodyCanSendAMessageThatLooksDeleted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hola").ConversationID
		m, err := d.Reply(t.Context(), d.ana, id, router.Draft{Content: "hola", ContentAttributes: router.Attributes{"deleted": true, "a": "b"}})
		require.NoError(t, err)
		require.False(t, m.Deleted())
		require.Equal(t, router.Attributes{"a": "b"}, m.ContentAttributes)
	})
}

func TestTheBotIsNotAskedDeletedWords(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.tienda)
		first := d.says(d.tienda, visitor, "mi clave es 1234")
		second := d.says(d.tienda, visitor, "quiero una camisa")
		_, err := d.DeleteMessage(t.Context(), d.ana, first.ConversationID, first.ID)
		require.NoError(t, err)
		d.attend()
		require.Equal(t, []router.Word{{Seq: second.Seq, Text: "quiero una camisa"}}, d.bot.last().Words)

		asked := len(d.bot.turns)
		third := d.says(d.tienda, visitor, "y mi PIN es 99")
		_, err = d.DeleteMessage(t.Context(), d.ana, third.ConversationID, third.ID)
		require.NoError(t, err)
		d.attend()
		require.Len(t, d.bot.turns, asked, "nothing is left to ask")
		require.Nil(t, d.row(third.ConversationID).DueAt)
		fourth := d.says(d.tienda, visitor, "¿siguen ahí?")
		d.attend()
		require.Equal(t, []router.Word{{Seq: fourth.Seq, Text: "¿siguen ahí?"}}, d.bot.last().Words)
	})
}

func TestADeletedConversationIsGoneWithItsFiles(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		visitor := d.visitor(d.tienda)
		m, err := d.sends(visitor, router.Draft{Content: "mira", Files: []router.Upload{upload("a.png", png)}})
		require.NoError(t, err)
		id := m.ConversationID
		require.NoError(t, d.KeepUnsent(t.Context(), d.ana, id, "casi"))
		_, err = d.SetLabels(t.Context(), d.ana, id, []string{"ventas"})
		require.NoError(t, err)
		require.ErrorIs(t, d.DeleteConversation(t.Context(), router.By{Actor: d.ana.Actor}, id), fault.Forbidden)

		require.NoError(t, d.DeleteConversation(t.Context(), d.jefa, id))
		_, err = d.Conversation(t.Context(), d.jefa, id)
		require.ErrorIs(t, err, fault.NotFound)
		require.Zero(t, kept())
		for _, table := range []string{"messages", "attachments", "drafts", "conversation_labels"} {
			var n int
			require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM "+table).Scan(&n).Error)
			require.Zero(t, n, table)
		}
		require.ErrorIs(t, d.DeleteConversation(t.Context(), d.jefa, id), fault.NotFound)
		d.attend()
		require.NotEqual(t, id, d.says(d.tienda, visitor, "hola otra vez").ConversationID, "the visitor begins anew")
	})
}

// What was taken back is nothing to fill in any more.
func TestNothingIsSubmittedIntoADeletedMessage(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.correo)
		id := d.says(d.correo, visitor, "hola").ConversationID
		form, err := d.Reply(t.Context(), d.ana, id, router.Draft{Content: "¿Tu correo?", ContentType: "form",
			ContentAttributes: router.Attributes{"items": []any{map[string]any{"name": "mail", "type": "email"}}}})
		require.NoError(t, err)
		_, err = d.DeleteMessage(t.Context(), d.ana, id, form.ID)
		require.NoError(t, err)
		_, err = d.Submit(t.Context(), router.Inbound{Inbox: d.correo, SourceID: visitor, Conversation: id}, form.ID, map[string]any{"mail": "a@example.com"})
		require.ErrorIs(t, err, fault.NotFound)
		left, err := d.Messages(t.Context(), d.jefa, id, router.MessagePage{})
		require.NoError(t, err)
		require.Equal(t, router.Attributes{"deleted": true}, left[1].ContentAttributes, "only its place is left")
	})
}
