package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

func (d *desk) contactOf(inbox *router.Inbox, visitor string) int64 {
	v, err := d.Visitor(d.t.Context(), inbox, visitor)
	require.NoError(d.t, err)
	return v.Contact.ID
}

func (d *desk) block(inbox *router.Inbox, visitor string) {
	_, err := d.Mute(d.t.Context(), d.jefa, d.says(inbox, visitor, "spam").ConversationID)
	require.NoError(d.t, err)
}

func TestHowAConversationThatAnAgentStartsBegins(t *testing.T) {
	word := func(text string) *router.Draft { return &router.Draft{Content: text} }
	later := monday.Add(48 * time.Hour)
	eachDatabase(t, func(t *testing.T, d *desk) {
		var ventas int64
		require.NoError(t, d.db.Read().Raw("SELECT id FROM teams").Row().Scan(&ventas))
		bridge := d.bridge()
		for name, tt := range map[string]struct {
			inbox    *router.Inbox
			blocked  bool
			with     router.NewConversation
			status   fsm.Status
			assignee *int64
			thread   []string
		}{
			"nothing said, bot":      {d.tienda, false, router.NewConversation{}, fsm.Pending, nil, nil},
			"nothing said, no bot":   {d.correo, false, router.NewConversation{}, fsm.Open, nil, nil},
			"open, bot":              {d.tienda, false, router.NewConversation{Status: fsm.Open}, fsm.Open, nil, nil},
			"pending, bot":           {d.tienda, false, router.NewConversation{Status: fsm.Pending}, fsm.Pending, nil, nil},
			"snoozed, bot":           {d.tienda, false, router.NewConversation{Status: fsm.Snoozed, SnoozedUntil: &later}, fsm.Snoozed, nil, []string{"system: Ana pospuso la conversación hasta el 25/11/2026 09:00 CST"}},
			"snoozed by a word":      {d.correo, false, router.NewConversation{Status: fsm.Snoozed, SnoozeWord: "next_reply"}, fsm.Snoozed, nil, []string{"system: Ana snoozed the conversation until the customer's next reply"}},
			"resolved, bot":          {d.tienda, false, router.NewConversation{Status: fsm.Resolved}, fsm.Resolved, nil, []string{"system: Ana marcó la conversación como resuelta"}},
			"resolved":               {d.correo, false, router.NewConversation{Status: fsm.Resolved}, fsm.Resolved, nil, []string{"system: Ana marked the conversation as resolved"}},
			"snoozed":                {d.correo, false, router.NewConversation{Status: fsm.Snoozed, SnoozedUntil: &later}, fsm.Snoozed, nil, []string{"system: Ana snoozed the conversation until Nov 25, 2026, 3:00 PM UTC"}},
			"a person first, bot":    {d.tienda, false, router.NewConversation{Message: word("Hola")}, fsm.Open, &d.anaID, []string{"agent: Hola", "system: Ana se asignó la conversación"}},
			"a person first":         {d.correo, false, router.NewConversation{Message: word("Hi")}, fsm.Open, nil, []string{"agent: Hi"}},
			"a note, bot":            {d.tienda, false, router.NewConversation{Message: &router.Draft{Content: "ojo", Private: true}}, fsm.Pending, nil, []string{"agent: ojo"}},
			"given to one, bot":      {d.tienda, false, router.NewConversation{AssigneeID: &d.jefaID}, fsm.Open, &d.jefaID, []string{"system: Ana asignó la conversación a Jefa"}},
			"given and said, bot":    {d.tienda, false, router.NewConversation{AssigneeID: &d.jefaID, Message: word("Hola")}, fsm.Open, &d.jefaID, []string{"system: Ana asignó la conversación a Jefa", "agent: Hola"}},
			"for a team, bot":        {d.tienda, false, router.NewConversation{TeamID: &ventas}, fsm.Pending, nil, []string{"system: Ana asignó la conversación al equipo ventas"}},
			"the customer's, bot":    {bridge, false, router.NewConversation{Message: word("Quiero algo"), Incoming: true}, fsm.Pending, nil, []string{"contact: Quiero algo", "system: ¡Bienvenida!"}},
			"a blocked customer":     {d.correo, true, router.NewConversation{Status: fsm.Open}, fsm.Resolved, nil, nil},
			"a blocked one, pending": {d.correo, true, router.NewConversation{Status: fsm.Pending}, fsm.Resolved, nil, nil},
		} {
			visitor := d.visitor(tt.inbox)
			if tt.blocked {
				d.block(tt.inbox, visitor)
			}
			tt.with.InboxID, tt.with.ContactID = tt.inbox.ID, d.contactOf(tt.inbox, visitor)
			tt.with.CustomAttributes, tt.with.AdditionalAttributes = router.Attributes{"pedido": "77"}, router.Attributes{"referer": "x"}
			c, err := d.CreateConversation(t.Context(), d.ana, tt.with)
			require.NoError(t, err, name)
			stored := d.row(c.ID)
			require.Equal(t, tt.status, stored.Status, name)
			require.Equal(t, tt.assignee, stored.AssigneeID, name)
			require.Equal(t, tt.thread, d.thread(c.ID), name)
			require.Equal(t, []router.Attributes{{"pedido": "77"}, {"referer": "x"}}, []router.Attributes{stored.CustomAttributes, stored.AdditionalAttributes}, name)
			view, err := d.Conversation(t.Context(), d.ana, c.ID)
			require.NoError(t, err)
			require.Equal(t, visitor, view.SourceID, "the visitor that the contact has, not a second one: %s", name)
		}
	})
}

func TestWhatTheBotAnswersIsWhatTheCustomerSaid(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		c, err := d.CreateConversation(t.Context(), d.ana, router.NewConversation{SourceID: d.visitor(d.bridge()), Incoming: true, Message: &router.Draft{Content: "Quiero algo"}})
		require.NoError(t, err)
		d.attend()
		require.Equal(t, "bot: eco: Quiero algo", d.thread(c.ID)[2])
	})
}

// bridge makes an inbox whose customers write through a connector, with a bot.
func (d *desk) bridge() *router.Inbox {
	require.NoError(d.t, d.Wire(d.t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "puente", Name: "Puente", Channel: "api",
		Settings: d.tienda.Settings, Flow: &router.FlowText{Name: "eco", Source: []byte("name: eco\n")}}}}))
	inbox, err := d.InboxByIdentifier(d.t.Context(), "puente")
	require.NoError(d.t, err)
	return inbox
}

// Visitors of a web page speak for themselves: nobody puts words into their
// mouth, neither a person nor a bot with a token.
func TestOnlyConnectorsBringACustomersWord(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		v := d.visitor(d.tienda)
		id := d.says(d.tienda, v, "Hola").ConversationID
		thread, word := d.thread(id), router.Draft{Content: "quiero cancelar todo", SourceID: "wa-1"}
		bot := router.By{Actor: router.Actor{Kind: router.KindBot, ID: 1, Name: "eco"}, Scope: router.Scope{All: true}}
		for name, by := range map[string]router.By{"an agent": d.ana, "an administrator": d.jefa, "a bot": bot} {
			for _, files := range [][]router.Upload{nil, {upload("a.txt", "a")}} {
				word.Files = files
				_, err := d.ReceiveFor(t.Context(), by, id, word)
				require.Equal(t, fault.Invalid.Field("only_api_inboxes", "message_type").Error(), errorText(err), name)
				_, err = d.CreateConversation(t.Context(), by, router.NewConversation{SourceID: v, Incoming: true, Message: &word})
				require.Equal(t, fault.Invalid.Field("only_api_inboxes", "message.message_type").Error(), errorText(err), name)
			}
		}
		require.Zero(t, kept())
		require.Equal(t, thread, d.thread(id))
		var all int
		require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM conversations").Row().Scan(&all))
		require.Equal(t, 1, all)
	})
}

func TestAContactGetsADoorAtTheInboxWhereItHasNone(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.tienda)
		contact := d.contactOf(d.tienda, visitor)
		start := func(source string) (string, error) {
			c, err := d.CreateConversation(t.Context(), d.ana, router.NewConversation{InboxID: d.correo.ID, ContactID: contact, SourceID: source})
			if err != nil {
				return "", err
			}
			v, err := d.Conversation(t.Context(), d.ana, c.ID)
			return v.SourceID, err
		}
		first, err := start("")
		require.NoError(t, err)
		require.Len(t, first, 36)
		second, err := start("")
		require.NoError(t, err)
		require.Equal(t, first, second)
		third, err := start("wa-4711")
		require.NoError(t, err)
		require.Equal(t, "wa-4711", third)

		other := d.visitor(d.correo)
		_, err = start(other)
		require.ErrorIs(t, err, fault.Taken, "another contact's token")
	})
}

func TestWhatCannotBeStarted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitor := d.visitor(d.correo)
		contact := d.contactOf(d.correo, visitor)
		nobody, outside := int64(999), router.By{Actor: d.ana.Actor, Scope: router.Scope{Inboxes: []int64{d.tienda.ID}}}
		_, err := d.CreateVisitor(t.Context(), d.tienda, "the-same-token-twice-over", router.ContactDraft{})
		require.NoError(t, err)
		_, err = d.CreateVisitor(t.Context(), d.correo, "the-same-token-twice-over", router.ContactDraft{})
		require.NoError(t, err)
		past := monday.Add(-time.Hour)
		for name, tt := range map[string]struct {
			by   router.By
			n    router.NewConversation
			want error
		}{
			"no customer":            {d.ana, router.NewConversation{InboxID: d.correo.ID}, fault.Invalid.Field("required", "source_id")},
			"a contact nowhere":      {d.ana, router.NewConversation{ContactID: contact}, fault.Invalid.Field("required", "inbox_id")},
			"no such contact":        {d.ana, router.NewConversation{InboxID: d.correo.ID, ContactID: 999}, fault.Invalid.Field("unknown_contact", "contact_id")},
			"no such inbox":          {d.ana, router.NewConversation{InboxID: 999, ContactID: contact}, fault.Invalid.Field("unknown_inbox", "inbox_id")},
			"no such visitor":        {d.ana, router.NewConversation{SourceID: "nobody"}, fault.NotFound},
			"a token of two inboxes": {d.ana, router.NewConversation{SourceID: "the-same-token-twice-over"}, fault.Invalid.Field("required", "inbox_id")},
			"an inbox of others":     {outside, router.NewConversation{SourceID: visitor}, fault.Forbidden},
			"pending without a bot":  {d.ana, router.NewConversation{SourceID: visitor, Status: fsm.Pending}, fault.NoBot},
			"for nobody we know":     {d.ana, router.NewConversation{SourceID: visitor, AssigneeID: &nobody}, fault.Invalid.Field("unknown_agent", "assignee_id")},
			"for a team that is not": {d.ana, router.NewConversation{SourceID: visitor, TeamID: &nobody}, fault.Invalid.Field("unknown_team", "team_id")},
			"a blank word":           {d.ana, router.NewConversation{SourceID: visitor, Message: &router.Draft{Content: " "}}, fault.Invalid.Field("blank", "content")},
			"asleep until yesterday": {d.ana, router.NewConversation{SourceID: visitor, Status: fsm.Snoozed, SnoozedUntil: &past}, fault.Invalid.Field("in_the_past", "snoozed_until")},
			"and where a bot is":     {d.ana, router.NewConversation{InboxID: d.tienda.ID, SourceID: d.visitor(d.tienda), Status: fsm.Snoozed, SnoozedUntil: &past}, fault.Invalid.Field("in_the_past", "snoozed_until")},
			"open until some day":    {d.ana, router.NewConversation{SourceID: visitor, Status: fsm.Open, SnoozeWord: "tomorrow"}, fault.Invalid.Field("not_allowed", "snoozed_until")},
			"a source id with a NUL": {d.ana, router.NewConversation{SourceID: "a\x00"}, fault.Invalid.Field("bad_character", "source_id")},
			"attributes with a NUL":  {d.ana, router.NewConversation{SourceID: visitor, CustomAttributes: router.Attributes{"a": "\x00"}}, fault.Invalid.Field("nul_byte", "custom_attributes")},
		} {
			_, err := d.CreateConversation(t.Context(), tt.by, tt.n)
			require.Equal(t, tt.want.Error(), errorText(err), name)
		}
		var n int
		require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM conversations").Scan(&n).Error)
		require.Zero(t, n, "what was refused left nothing")
	})
}
