package router_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
)

const (
	asks = "system: Déjanos una forma de contactarte."
	box  = "system: Tu correo, por si se corta la conversación"
)

// eachBoxDesk is a desk with a widget where people answer, and that asks for
// the e-mail.
func eachBoxDesk(t *testing.T, e router.EmailCollect, test func(t *testing.T, d *desk, web *router.Inbox)) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		require.NoError(t, d.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "web", Name: "Web", Channel: "web_widget",
			Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC", Greeting: "¡Bienvenida!", NoAutoAssign: true, EmailCollect: e}}}}))
		web, err := d.InboxByIdentifier(t.Context(), "web")
		require.NoError(t, err)
		test(t, d, web)
	})
}

// boxOf is the e-mail box of a conversation.
func (d *desk) boxOf(c int64) *router.Message {
	d.t.Helper()
	messages, err := d.Messages(d.t.Context(), d.jefa, c, router.MessagePage{})
	require.NoError(d.t, err)
	for _, m := range messages {
		if m.ContentType == "input_email" {
			return m
		}
	}
	d.t.Fatal("no box for an e-mail")
	return nil
}

func TestTheFirstWordIsAskedForAnAddress(t *testing.T) {
	eachBoxDesk(t, router.EmailCollect{Enabled: true, Thanks: "¡Gracias!"}, func(t *testing.T, d *desk, web *router.Inbox) {
		v := d.visitor(web)
		c := d.says(web, v, "Hola").ConversationID
		require.Equal(t, []string{"contact: Hola", "system: ¡Bienvenida!", asks, box}, d.thread(c))
		d.says(web, v, "¿Hay alguien?")
		require.Len(t, d.thread(c), 5, "it is asked for once")

		in := router.Inbound{Inbox: web, SourceID: v, Conversation: c}
		m, err := d.Submit(t.Context(), in, d.boxOf(c).ID, map[string]any{"email": " Lucia@Example.com "})
		require.NoError(t, err)
		require.Equal(t, "lucia@example.com", m.ContentAttributes["submitted_email"])
		known, err := d.Visitor(t.Context(), web, v)
		require.NoError(t, err)
		require.Equal(t, "lucia@example.com", known.Contact.Email)
		require.Equal(t, "system: ¡Gracias!", d.thread(c)[5])

		_, err = d.Submit(t.Context(), in, m.ID, []any{map[string]any{"name": "email", "value": "lucia@example.com"}})
		require.NoError(t, err, "sent twice")
		_, err = d.Submit(t.Context(), in, m.ID, "otra@example.com")
		require.ErrorIs(t, err, fault.Answered)
		require.Len(t, d.thread(c), 6)
	})
}

func TestWhoIsNotAsked(t *testing.T) {
	eachBoxDesk(t, router.EmailCollect{Enabled: true}, func(t *testing.T, d *desk, web *router.Inbox) {
		email := "lucia@example.com"
		v, err := d.CreateVisitor(t.Context(), web, "", router.ContactDraft{Email: &email})
		require.NoError(t, err)
		require.NotContains(t, d.thread(d.says(web, v.SourceID, "Hola").ConversationID), box, "who is known")
		require.NotContains(t, d.thread(d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID), box, "who talks to a bot")
		require.NotContains(t, d.thread(d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID), box, "whom a connector brings")
	})
	eachBoxDesk(t, router.EmailCollect{}, func(t *testing.T, d *desk, web *router.Inbox) {
		require.Len(t, d.thread(d.says(web, d.visitor(web), "Hola").ConversationID), 2, "where it is off")
	})
	eachBoxDesk(t, router.EmailCollect{Enabled: true, Ask: "¿Tu correo?", Box: "Correo"}, func(t *testing.T, d *desk, web *router.Inbox) {
		require.Equal(t, []string{"system: ¿Tu correo?", "system: Correo"}, d.thread(d.says(web, d.visitor(web), "Hola").ConversationID)[2:], "texts of one's own")
	})
}

// An address is the visitor's own word: it joins nobody, and shows nothing of
// another contact that has the same.
func TestATypedAddressOpensNothing(t *testing.T) {
	eachBoxDesk(t, router.EmailCollect{Enabled: true}, func(t *testing.T, d *desk, web *router.Inbox) {
		email := "ana@example.com"
		victim, err := d.CreateVisitor(t.Context(), web, "", router.ContactDraft{Email: &email})
		require.NoError(t, err)
		secret := d.says(web, victim.SourceID, "Mi contraseña es…").ConversationID
		v := d.visitor(web)
		c := d.says(web, v, "Hola").ConversationID
		in := router.Inbound{Inbox: web, SourceID: v, Conversation: c}
		_, err = d.Submit(t.Context(), in, d.boxOf(c).ID, email)
		require.NoError(t, err)
		_, err = d.VisitorMessages(t.Context(), web, v, secret, router.MessagePage{})
		require.ErrorIs(t, err, fault.NotFound)
		mine, err := d.Visitor(t.Context(), web, v)
		require.NoError(t, err)
		require.NotEqual(t, victim.Contact.ID, mine.Contact.ID)
		require.Equal(t, email, mine.Contact.Email)
	})
}

func TestWhatIsNoAddress(t *testing.T) {
	eachBoxDesk(t, router.EmailCollect{Enabled: true}, func(t *testing.T, d *desk, web *router.Inbox) {
		v := d.visitor(web)
		c := d.says(web, v, "Hola").ConversationID
		in := router.Inbound{Inbox: web, SourceID: v, Conversation: c}
		for _, values := range []any{"", "lucia", "a@b", "a@example.com\nBcc: b@example.com", "<script>@example.com", "a@example.com,b@example.com",
			strings.Repeat("a", 300) + "@example.com", "a\x00@example.com", nil, 7.0, true, map[string]any{}, map[string]any{"email": []any{"a@example.com"}},
			[]any{}, []any{"a@example.com", "b@example.com"}} {
			_, err := d.Submit(t.Context(), in, d.boxOf(c).ID, values)
			require.ErrorIs(t, err, fault.Invalid, "%v", values)
		}
		other := d.visitor(web)
		_, err := d.Submit(t.Context(), router.Inbound{Inbox: web, SourceID: other, Conversation: c}, d.boxOf(c).ID, "a@example.com")
		require.ErrorIs(t, err, fault.NotFound, "somebody else's box")
		require.Empty(t, d.boxOf(c).ContentAttributes)
	})
}
