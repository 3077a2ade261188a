package router_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
	"relevo/router/store"
)

func text(s string) *string { return &s }

func (d *desk) contact(name, email string) *router.Contact {
	c, _, err := d.CreateContact(d.t.Context(), router.By{}, router.ContactDraft{Name: &name, Email: &email}, nil, nil, "")
	require.NoError(d.t, err)
	return c
}

func TestContactsAreFoundSortedAndPaged(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		for _, name := range []string{"Beatriz", "ana", "Carlos_1", "Carlos 2"} {
			d.contact(name, name[:1]+"@example.com")
			if name == "Carlos_1" {
				require.ErrorIs(t, func() error {
					_, _, err := d.CreateContact(t.Context(), router.By{}, router.ContactDraft{Email: text("c@example.com")}, nil, nil, "")
					return err
				}(), fault.Taken)
				_, err := d.UpdateContact(t.Context(), 3, router.ContactDraft{Email: text("")}, nil, nil)
				require.NoError(t, err)
			}
		}
		names := func(l router.ContactList) (out []string) {
			found, _, _, err := d.Contacts(t.Context(), l)
			require.NoError(t, err)
			for _, c := range found {
				out = append(out, c.Name)
			}
			return out
		}
		require.Equal(t, []string{"ana", "Beatriz", "Carlos 2", "Carlos_1"}, names(router.ContactList{Sort: "name"}))
		require.Equal(t, []string{"Carlos_1"}, names(router.ContactList{Search: "s_1"}), "signs of LIKE mean themselves")
		require.Equal(t, []string{"Beatriz"}, names(router.ContactList{Search: "B@EXAMPLE"}))
		require.Equal(t, []string{"Carlos_1"}, names(router.ContactList{Conditions: []router.Condition{
			{Attribute: "name", Operator: "contains", Values: []any{"carlos"}, Join: "AND"},
			{Attribute: "email", Operator: "is_not_present"}}}))
		_, err := d.SetContactLabels(t.Context(), 1, []string{"VIP"})
		require.NoError(t, err)
		require.Equal(t, []string{"Beatriz"}, names(router.ContactList{Labels: []string{"vip"}}))
		require.Empty(t, names(router.ContactList{Page: 2}))
	})
}

func TestAVisitorWhoIsOneCustomerBecomesNoOther(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		says := func(identifier, name string) error {
			_, err := d.UpdateVisitor(t.Context(), d.tienda, v, router.ContactDraft{Identifier: &identifier, Name: &name})
			return err
		}
		require.NoError(t, says("lucia-1", "Lucía"))
		require.NoError(t, says("lucia-1", "Lucía Pérez"), "the same one again")
		require.ErrorIs(t, says("omar-2", "Omar"), fault.OtherPerson)
		is, err := d.Visitor(t.Context(), d.tienda, v)
		require.NoError(t, err)
		require.Equal(t, "Lucía Pérez", is.Contact.Name, "nothing that the other said is kept")
		require.Equal(t, "lucia-1", *is.Contact.Identifier)

		name := "Lu"
		_, err = d.UpdateVisitor(t.Context(), d.tienda, v, router.ContactDraft{Name: &name})
		require.NoError(t, err, "who says nothing of who they are")
	})
}

func TestMergingLosesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		view, err := d.Conversation(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		typed := view.Contact.ID
		_, err = d.UpdateVisitor(t.Context(), d.tienda, v, router.ContactDraft{Email: text("lucia@example.com"), CustomAttributes: router.Attributes{"talla": "L", "color": "azul"}})
		require.NoError(t, err)
		known, _, err := d.CreateContact(t.Context(), router.By{}, router.ContactDraft{Name: text("Lucía Pérez"), Identifier: text("c-7"),
			CustomAttributes: router.Attributes{"talla": "M"}}, nil, nil, "")
		require.NoError(t, err)
		_, err = d.SetContactLabels(t.Context(), typed, []string{"web"})
		require.NoError(t, err)
		_, err = d.AddContactNote(t.Context(), d.ana, typed, "prefiere por la tarde")
		require.NoError(t, err)

		merged, err := d.MergeContacts(t.Context(), d.ana, known.ID, typed)
		require.NoError(t, err)
		require.Equal(t, "Lucía Pérez", merged.Name)
		require.Equal(t, "lucia@example.com", merged.Email)
		require.Equal(t, router.Attributes{"talla": "M", "color": "azul"}, merged.CustomAttributes)
		_, err = d.Contact(t.Context(), typed)
		require.ErrorIs(t, err, fault.NotFound)
		previous, err := d.ContactConversations(t.Context(), d.ana, known.ID, 1)
		require.NoError(t, err)
		require.Len(t, previous, 1)
		notes, err := d.ContactNotes(t.Context(), known.ID)
		require.NoError(t, err)
		require.Len(t, notes, 2)
		require.Equal(t, "Lo que decía Lucía, que se unió a este contacto:\n\nname: Lucía\ntalla: L", notes[0].Content, "what the merged contact says otherwise is kept")
		require.Equal(t, "prefiere por la tarde", notes[1].Content)
		labels, err := d.ContactLabels(t.Context(), known.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"web"}, labels)
		require.Contains(t, d.thread(m.ConversationID), "system: Ana unió a este cliente con el contacto Lucía")

		// The visitor's token still opens the conversation, and the bot goes on.
		d.attend()
		require.Equal(t, m.ConversationID, d.says(d.tienda, v, "¿Sigues?").ConversationID)
		_, err = d.MergeContacts(t.Context(), d.ana, known.ID, known.ID)
		require.ErrorIs(t, err, fault.Invalid)
	})
}

func TestMergesAndWordsAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		visitors, ids := make([]string, 4), make([]int64, 4)
		for i := range visitors {
			visitors[i] = d.visitor(d.tienda)
			v, err := d.Visitor(t.Context(), d.tienda, visitors[i])
			require.NoError(t, err)
			ids[i] = v.Contact.ID
			d.says(d.tienda, visitors[i], "uno")
		}
		var all sync.WaitGroup
		for i := range visitors {
			all.Go(func() {
				for range 10 {
					_, err := d.Receive(t.Context(), router.Inbound{Inbox: d.tienda, SourceID: visitors[i], Draft: router.Draft{Content: "más"}})
					require.NoError(t, err)
				}
			})
		}
		all.Go(func() {
			for _, pair := range [][2]int64{{ids[0], ids[1]}, {ids[2], ids[3]}, {ids[2], ids[0]}} {
				_, err := d.MergeContacts(t.Context(), d.ana, pair[0], pair[1])
				require.NoError(t, err)
			}
		})
		all.Wait()
		previous, err := d.ContactConversations(t.Context(), d.ana, ids[2], 1)
		require.NoError(t, err)
		require.Len(t, previous, 4)
		var words int
		require.NoError(t, d.db.Read().Raw("SELECT count(*) FROM messages WHERE message_type = 0").Scan(&words).Error)
		require.Equal(t, 44, words)
	})
}

func TestConversationsAreFiltered(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a := d.says(d.tienda, d.visitor(d.tienda), "Hola").ConversationID
		d.clock.Advance(48 * time.Hour)
		b := d.says(d.correo, d.visitor(d.correo), "Hello").ConversationID
		c := d.says(d.correo, d.visitor(d.correo), "Hi").ConversationID
		_, err := d.Assign(ctx, d.jefa, b, &d.anaID)
		require.NoError(t, err)
		_, err = d.SetLabels(ctx, d.ana, c, []string{"pagos"})
		require.NoError(t, err)
		one := func(attribute, operator string, values ...any) router.Condition {
			return router.Condition{Attribute: attribute, Operator: operator, Values: values}
		}
		for _, tt := range []struct {
			name       string
			conditions []router.Condition
			want       []int64
		}{
			{"status", []router.Condition{one("status", "equal_to", "pending")}, []int64{a}},
			{"not that status", []router.Condition{one("status", "not_equal_to", "pending")}, []int64{c, b}},
			{"all", []router.Condition{one("status", "equal_to", "all")}, []int64{c, b, a}},
			{"assignee", []router.Condition{one("assignee_id", "equal_to", float64(d.anaID))}, []int64{b}},
			{"not that assignee: nobody is not Ana", []router.Condition{one("assignee_id", "not_equal_to", d.anaID)}, []int64{c, a}},
			{"nobody", []router.Condition{one("assignee_id", "is_not_present")}, []int64{c, a}},
			{"labels", []router.Condition{one("labels", "equal_to", "pagos")}, []int64{c}},
			{"no label", []router.Condition{one("labels", "is_not_present")}, []int64{b, a}},
			{"older than a day", []router.Condition{one("created_at", "days_before", "1")}, []int64{a}},
			{"since", []router.Condition{one("created_at", "is_greater_than", "2026-11-24")}, []int64{c, b}},
			{"AND binds tighter than OR", []router.Condition{
				{Attribute: "status", Operator: "equal_to", Values: []any{"pending"}, Join: "OR"},
				{Attribute: "inbox_id", Operator: "equal_to", Values: []any{d.correo.ID}, Join: "AND"},
				{Attribute: "labels", Operator: "equal_to", Values: []any{"pagos"}}}, []int64{c, a}},
			{"custom", []router.Condition{{Attribute: `ta"lla`, Operator: "equal_to", Values: []any{"L"}, Custom: true}}, nil},
		} {
			list, counts, err := d.Conversations(ctx, d.ana, router.Filter{Conditions: tt.conditions})
			require.NoError(t, err, tt.name)
			var got []int64
			for _, v := range list {
				got = append(got, v.Conversation.ID)
			}
			require.Equal(t, tt.want, got, tt.name)
			require.Equal(t, len(tt.want), counts.All, tt.name)
		}
		for _, bad := range []router.Condition{
			one("password", "equal_to", "x"), one("status", "contains", "x"), one("status", "equal_to", "closed"), one("inbox_id", "equal_to", "1 OR 1=1"),
			one("created_at", "is_greater_than", "yesterday"), one("created_at", "days_before", "-1"), one("status", "equal_to"),
			{Attribute: "status", Operator: "equal_to", Values: []any{"open"}, Join: "XOR"},
		} {
			_, _, err := d.Conversations(ctx, d.ana, router.Filter{Conditions: []router.Condition{bad, one("status", "equal_to", "open")}})
			require.ErrorIs(t, err, fault.Invalid, bad.Attribute)
		}
		outside := d.ana
		outside.Scope = router.Scope{Inboxes: []int64{d.tienda.ID}}
		list, _, err := d.Conversations(ctx, outside, router.Filter{Conditions: []router.Condition{
			{Attribute: "status", Operator: "equal_to", Values: []any{"open"}, Join: "OR"}, one("status", "equal_to", "all")}})
		require.NoError(t, err)
		require.Len(t, list, 1, "no OR leads out of one's inboxes")
	})
}

func TestEveryOrderHasEveryRowOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		for range 5 {
			d.says(d.correo, d.visitor(d.correo), "Hi")
		}
		for _, sort := range []string{"", "created_at_asc", "priority_desc", "waiting_since_asc", "waiting_since_desc", "last_activity_at_asc", "nonsense"} {
			list, _, err := d.Conversations(t.Context(), d.ana, router.Filter{Statuses: []fsm.Status{fsm.Open}, Sort: sort})
			require.NoError(t, err, sort)
			require.Len(t, list, 5)
		}
	})
}

func TestSearch(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.tienda, d.visitor(d.tienda), "Busco una bicicleta ROJA al 100%")
		found, err := d.SearchMessages(t.Context(), d.ana, "roja", 1)
		require.NoError(t, err)
		require.Len(t, found, 1)
		found, err = d.SearchMessages(t.Context(), d.ana, "0%", 1)
		require.NoError(t, err)
		require.Len(t, found, 1)
		outside := d.ana
		outside.Scope = router.Scope{Inboxes: []int64{d.correo.ID}}
		found, err = d.SearchMessages(t.Context(), outside, "roja", 1)
		require.NoError(t, err)
		require.Empty(t, found)
		conversations, err := d.SearchConversations(t.Context(), d.ana, "lucía", 1)
		require.NoError(t, err)
		require.Len(t, conversations, 1)
		require.Equal(t, m.ConversationID, conversations[0].Conversation.ID)
		_, err = d.SearchMessages(t.Context(), d.ana, " ", 1)
		require.ErrorIs(t, err, fault.Invalid)
	})
}

// Who wrote last stands first, and a lively talk writes the contact's row only
// once a minute.
func TestContactsAreSortedByWhatTheyWrote(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		first, second := d.visitor(d.correo), d.visitor(d.correo)
		m := d.says(d.correo, first, "Hola")
		require.NoError(t, d.StoreSeen(t.Context()))
		d.clock.Advance(time.Hour)
		d.says(d.correo, second, "Hola")
		seen := func() (order []int64, last map[int64]time.Time) {
			require.NoError(t, d.StoreSeen(t.Context()))
			found, _, _, err := d.Contacts(t.Context(), router.ContactList{Sort: "-last_activity_at"})
			require.NoError(t, err)
			last = map[int64]time.Time{}
			for _, c := range found {
				require.NotNil(t, c.LastActivityAt)
				order, last[c.ID] = append(order, c.ID), *c.LastActivityAt
			}
			return order, last
		}
		one, two := m.SenderID, d.contactOf(d.correo, second)
		order, _ := seen()
		require.Equal(t, []int64{two, one}, order)

		wrote := d.clock.Advance(time.Hour)
		d.says(d.correo, first, "¿Siguen ahí?")
		require.NoError(t, d.StoreSeen(t.Context()))
		d.clock.Advance(time.Minute - time.Second)
		d.says(d.correo, first, "¿Hola?")
		order, last := seen()
		require.Equal(t, []int64{one, two}, order)
		require.Equal(t, wrote, last[one].UTC())
		now := d.clock.Advance(time.Second)
		_, err := d.ReceiveFor(t.Context(), d.ana, m.ConversationID, router.Draft{Content: "por el conector"})
		require.NoError(t, err)
		_, last = seen()
		require.Equal(t, now, last[one].UTC())
	})
}

// Whoever holds the contact's row, as a merge does, may wait for the
// conversation that a word holds: the word must not wait for them.
func TestAWordDoesNotWaitForItsContact(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		if d.db.Dialect() == store.SQLite {
			t.Skip("SQLite has one writer, so nobody holds a row meanwhile")
		}
		v := d.visitor(d.correo)
		id := d.says(d.correo, v, "Hola").ConversationID
		d.clock.Advance(time.Hour)
		require.NoError(t, d.db.Tx(t.Context(), func(tx *gorm.DB) error {
			require.NoError(t, tx.Exec("SELECT id FROM contacts FOR UPDATE").Error)
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_, err := d.Receive(ctx, router.Inbound{Inbox: d.correo, SourceID: v, Conversation: id, Draft: router.Draft{Content: "¿Hola?"}})
			require.NoError(t, err)
			return d.StoreSeen(ctx)
		}))
	})
}

// A piece of a name is looked for among the newest 100,000 customers, so that
// a word that nobody has costs no more than that. An address is found however
// old its customer is.
func TestASearchOfCustomersHasAnEnd(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		text := func(s string) *string { return &s }
		old, err := f.CreateVisitor(t.Context(), f.correo, "", router.ContactDraft{Name: text("Renata Vieja"), Email: text("Renata@example.com"),
			PhoneNumber: text("+525512345678"), Identifier: text("Cliente-7")})
		require.NoError(t, err)
		id := f.says(f.correo, old.SourceID, "hola").ConversationID
		find := func(q string) (contacts, conversations int) {
			found, n, _, err := f.Contacts(t.Context(), router.ContactList{Search: q})
			require.NoError(t, err)
			require.Len(t, found, n)
			views, err := f.SearchConversations(t.Context(), f.jefa, q, 1)
			require.NoError(t, err)
			for _, v := range views {
				require.Equal(t, id, v.Conversation.ID)
			}
			return n, len(views)
		}
		for _, beyond := range []int64{99_999, 100_000} {
			f.sql(`INSERT INTO contacts (id, name, custom_attributes, additional_attributes, created_at, updated_at) VALUES (?, 'Nueva', '{}', '{}', ?, ?)`,
				old.Contact.ID+beyond, f.clock.Now(), f.clock.Now())
			for _, q := range []string{"renata@example.com", "+525512345678", "Cliente-7"} {
				contacts, conversations := find(q)
				require.Equal(t, []int{1, 1}, []int{contacts, conversations}, "%s, %d later", q, beyond)
			}
			contacts, conversations := find("vieja")
			want := 1
			if beyond == 100_000 {
				want = 0
			}
			require.Equal(t, []int{want, want}, []int{contacts, conversations}, "%d later", beyond)
		}
	})
}
