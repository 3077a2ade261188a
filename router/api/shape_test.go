package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASearchWithoutHitsKeepsItsShape(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const search = "/api/v1/accounts/1/search"
		empty := []any{}
		require.Equal(t, map[string]any{"conversations": empty, "contacts": empty, "messages": empty, "articles": empty},
			h.must("GET", search+"?q=zzzz", "token-jefa", "")["payload"])
		for _, kind := range []string{"conversations", "contacts", "messages"} {
			require.Equal(t, map[string]any{kind: empty}, h.must("GET", search+"/"+kind+"?q=zzzz", "token-jefa", "")["payload"])
		}
	})
}

func TestADraftIsForgottenOnlyWhenItIsSaid(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, agents := h.conversation(h.visitor("tienda"), "Hola")
		draft := agents + "/draft_messages"
		h.ask("PATCH", draft, "token-ana", `{"draft_message":{"message":"a medias"}}`)
		for _, body := range []string{`{}`, `{"draft_message":"x"}`, `{"draft_message":{}}`} {
			require.Equal(t, 422, h.ask("PATCH", draft, "token-ana", body).status, body)
			require.Equal(t, "a medias", h.must("GET", draft, "token-ana", "")["message"], body)
		}
		h.ask("PATCH", draft, "token-ana", `{"draft_message":{"message":""}}`)
		require.Equal(t, false, h.must("GET", draft, "token-ana", "")["has_draft"])
	})
}
