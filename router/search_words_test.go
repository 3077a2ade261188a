package router_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// Who looks for "jose nunez" finds José Núñez, and who looks for "Lucía" the
// customer who gave her name as LUCIA.
func TestPeopleAndWordsAreFoundWithoutTheirAccents(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		text := func(s string) *string { return &s }
		for name, looksFor := range map[string]string{"José Núñez": "jose nunez", "LUCIA MUÑOZ": "Lucía muñoz"} {
			v, err := f.CreateVisitor(t.Context(), f.correo, "", router.ContactDraft{Name: text(name)})
			require.NoError(t, err)
			m := f.says(f.correo, v.SourceID, "¿Dónde está mi pedido, "+name+"?")

			people, n, _, err := f.Contacts(t.Context(), router.ContactList{Search: looksFor})
			require.NoError(t, err)
			require.Equal(t, 1, n, looksFor)
			require.Equal(t, name, people[0].Name)
			people, _, _, err = f.Contacts(t.Context(), router.ContactList{Conditions: []router.Condition{
				{Attribute: "name", Operator: "contains", Values: []any{looksFor}}}})
			require.NoError(t, err)
			require.Len(t, people, 1)
			found, err := f.SearchConversations(t.Context(), f.jefa, looksFor, 1)
			require.NoError(t, err)
			require.Len(t, found, 1)
			words, err := f.SearchMessages(t.Context(), f.jefa, "donde ESTA mi pedido, "+looksFor, 1)
			require.NoError(t, err)
			require.Len(t, words, 1)
			require.Equal(t, m.ID, words[0].ID)
		}
	})
}
