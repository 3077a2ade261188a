package live_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/live"
	"relevo/router/store"
)

func TestAnAgentHearsWhatHappensInTheirInboxes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		ctx := t.Context()
		ana := n.agentSocket(t, "ana")
		v := n.visitor("tienda")
		m := n.says(v, "Hola")
		require.Equal(t, []live.Event{
			{Event: "conversation.created", Data: live.Data{Account: 1, Conversation: m.ConversationID, Inbox: m.InboxID, Seq: 1, Version: 1, Status: "open"}},
			{Event: "message.created", Data: live.Data{Account: 1, Conversation: m.ConversationID, Inbox: m.InboxID, Message: m.ID, Seq: 1, Version: 1}},
		}, n.heard(ana, "ana"))

		_, _, err := n.router.AssignAs(ctx, n.by("ana"), m.ConversationID, router.Assignment{Agent: &n.agents["jefa"].ID})
		require.NoError(t, err)
		require.Equal(t, []string{"message.created", "assignee.changed"}, names(n.heard(ana, "ana")))

		_, err = n.router.SetLabels(ctx, n.by("ana"), m.ConversationID, []string{"vip"})
		require.NoError(t, err)
		heard := n.heard(ana, "ana")
		require.Equal(t, []string{"message.created", "conversation.updated"}, names(heard))
		require.Equal(t, []router.Field{router.FieldLabels}, heard[1].Data.Changed)
		require.EqualValues(t, 3, heard[1].Data.Version)

		_, err = n.router.Resolve(ctx, n.by("ana"), m.ConversationID)
		require.NoError(t, err)
		heard = n.heard(ana, "ana")
		require.Equal(t, []string{"message.created", "conversation.status_changed"}, names(heard))
		require.EqualValues(t, "resolved", heard[1].Data.Status)

		require.NoError(t, n.router.CustomerSaw(ctx, n.inbox("tienda"), v.SourceID, m.ConversationID))
		_, err = n.router.AgentSaw(ctx, n.by("jefa"), m.ConversationID)
		require.NoError(t, err)
		heard = n.heard(ana, "ana")
		require.Equal(t, []string{"conversation.read", "conversation.read"}, names(heard))
		require.Equal(t, &live.By{Type: "contact", ID: v.Contact.ID}, heard[0].Data.By)
		require.Equal(t, &live.By{Type: "user", ID: n.agents["jefa"].ID}, heard[1].Data.By)

		_, err = n.router.MarkUnread(ctx, n.by("jefa"), m.ConversationID)
		require.NoError(t, err)
		heard = n.heard(ana, "ana")
		require.Equal(t, []string{"conversation.updated"}, names(heard))
		require.Equal(t, []router.Field{router.FieldUnread}, heard[0].Data.Changed)

		doomed := n.says(n.visitor("tienda"), "Adiós")
		n.heard(ana, "ana")
		require.NoError(t, n.router.DeleteConversation(ctx, n.by("jefa"), doomed.ConversationID))
		heard = n.heard(ana, "ana")
		require.Equal(t, []string{"conversation.deleted"}, names(heard))
		require.Equal(t, doomed.ConversationID, heard[0].Data.Conversation)

		require.NoError(t, n.router.CustomerTypes(ctx, n.inbox("tienda"), v.SourceID, m.ConversationID, true))
		require.NoError(t, n.router.CustomerTypes(ctx, n.inbox("tienda"), v.SourceID, m.ConversationID, false))
		require.Equal(t, []string{"conversation.typing_on", "conversation.typing_off"}, names(n.heard(ana, "ana")))
	})
}

func TestAnAgentOutsideTheInboxHearsNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		ana, beto, jefa := n.agentSocket(t, "ana"), n.agentSocket(t, "beto"), n.agentSocket(t, "jefa")
		m := n.says(n.visitor("tienda"), "Hola")
		n.reply("ana", m.ConversationID, "entre nosotros", true)
		require.Empty(t, n.heard(beto, "beto"))
		require.Equal(t, []string{"conversation.created", "message.created", "message.created"}, names(n.heard(ana, "ana")))
		require.Equal(t, []string{"conversation.created", "message.created", "message.created"}, names(n.heard(jefa, "jefa")), "administrators hear every inbox")
		n.says(n.visitor("correo"), "Buenas")
		require.Equal(t, []string{"conversation.created", "message.created"}, names(n.heard(beto, "beto")))
		require.Empty(t, n.heard(ana, "ana"))
	})
}

func TestAVisitorHearsHisOwnConversationsOnly(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		lucia, pedro := n.visitor("tienda"), n.visitor("tienda")
		his, other := n.visitorSocket(t, lucia), n.visitorSocket(t, pedro)
		m := n.says(lucia, "Hola")
		n.reply("ana", m.ConversationID, "¿En qué te ayudo?", false)
		require.Equal(t, []string{"conversation.created", "message.created", "message.created"}, names(n.visitorHeard(his, lucia)))
		require.Empty(t, n.visitorHeard(other, pedro))
	})
}

// What agents say among each other, and what they do to a conversation, is
// not for its customer: not as an event, and not as a word in one.
func TestAVisitorNeverHearsWhatIsTheAgentsOwn(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		ctx := t.Context()
		v := n.visitor("tienda")
		m := n.says(v, "Hola")
		his := n.visitorSocket(t, v)
		id, ana := m.ConversationID, n.by("ana")

		n.reply("ana", id, "cuidado, es moroso", true)
		_, err := n.router.SetLabels(ctx, ana, id, []string{"moroso"})
		require.NoError(t, err)
		_, _, err = n.router.AssignAs(ctx, ana, id, router.Assignment{Agent: &n.agents["jefa"].ID})
		require.NoError(t, err)
		_, err = n.router.AgentSaw(ctx, ana, id)
		require.NoError(t, err)
		for _, private := range []bool{true, false} {
			n.live.Tell(router.Happened{Conversation: id, Inbox: m.InboxID, Visitor: v.ID, Typing: &router.Typing{Who: ana.Actor, On: true, Private: private}})
		}
		require.NoError(t, n.router.CustomerTypes(ctx, n.inbox("tienda"), v.SourceID, id, true))
		n.live.Tell(router.Happened{Conversation: id, Inbox: m.InboxID, Visitor: v.ID, Altered: []*router.Message{
			{ID: 5, Private: true}, {ID: 6, MessageType: router.Activity}}})
		n.reply("ana", id, "Ya te atiendo", false)
		_, err = n.router.Resolve(ctx, ana, id)
		require.NoError(t, err)

		require.Equal(t, []string{"conversation.typing_on", "message.created", "conversation.status_changed"}, names(n.visitorHeard(his, v)),
			"one typing: the public one of the agent, not the note's and not his own")
		for range len(his.raw) {
			text := <-his.raw
			for _, word := range []string{"moroso", "cuidado", "atiendo", "Hola", "labels", v.SourceID, v.PubsubToken} {
				require.NotContains(t, text, word)
			}
		}
	})
}

func TestNothingIsToldOfWhatWasRolledBack(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		v := n.visitor("tienda")
		m := n.says(v, "Hola")
		ana := n.agentSocket(t, "ana")
		refuseUpdates(t, n)
		_, err := n.router.Reply(t.Context(), n.by("ana"), m.ConversationID, router.Draft{Content: "no llega"})
		require.Error(t, err, "the message was stored, the conversation could not be")
		require.Empty(t, n.heard(ana, "ana"))
		var stored int
		require.NoError(t, n.db.Read().Raw("SELECT count(*) FROM messages WHERE content = 'no llega'").Scan(&stored).Error)
		require.Zero(t, stored)
	})
}

// refuseUpdates makes the database refuse every change of a conversation, at
// the end of its transaction.
func refuseUpdates(t *testing.T, n *node) {
	statements := []string{"CREATE TRIGGER refuse BEFORE UPDATE ON conversations BEGIN SELECT RAISE(ABORT, 'refused'); END"}
	if n.db.Dialect() == store.Postgres {
		statements = []string{
			"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
			"CREATE TRIGGER refuse BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION refuse()"}
	}
	for _, s := range statements {
		_, err := n.db.SQL().ExecContext(context.Background(), s)
		require.NoError(t, err)
	}
}

func TestAnAnsweredChoiceIsToldAsAChange(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		v := n.visitor("tienda")
		m := n.says(v, "Hola")
		asked, err := n.router.Reply(t.Context(), n.by("ana"), m.ConversationID, router.Draft{Content: "¿Correo?", ContentType: "form",
			ContentAttributes: router.Attributes{"items": []any{map[string]any{"name": "mail"}}}})
		require.NoError(t, err)
		his := n.visitorSocket(t, v)
		_, err = n.router.Submit(t.Context(), router.Inbound{Inbox: n.inbox("tienda"), SourceID: v.SourceID, Conversation: m.ConversationID}, asked.ID, map[string]any{"mail": "a@b.es"})
		require.NoError(t, err)
		heard := n.visitorHeard(his, v)
		require.Equal(t, []string{"message.updated"}, names(heard))
		require.Equal(t, asked.ID, heard[0].Data.Message)
		require.Equal(t, asked.Seq, heard[0].Data.Seq)
	})
}

func TestAContactsChangeIsToldToTheDesk(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		v := n.visitor("correo")
		ana, his := n.agentSocket(t, "ana"), n.visitorSocket(t, v)
		name := "Lucía"
		_, err := n.router.UpdateVisitor(t.Context(), n.inbox("correo"), v.SourceID, router.ContactDraft{Name: &name})
		require.NoError(t, err)
		e := ana.next()
		require.Equal(t, live.Event{Event: "contact.updated", Data: live.Data{Account: 1, Contact: v.Contact.ID}}, e)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		require.NotContains(t, string(text), name)
		require.Empty(t, n.visitorHeard(his, v))
	})
}
