package api_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever an integrator makes with a key is made once, however often and
// however much at a time the request comes.
func TestWhatIsMadeWithAKeyIsMadeOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const account = "/api/v1/accounts/1"
		created := h.must("POST", account+"/contacts", "token-ana", `{"name":"Rosa"}`)
		contact := fmt.Sprint(created["payload"].(map[string]any)["contact"].(map[string]any)["id"])
		inbox := fmt.Sprint(h.inboxID("tienda"))
		for name, c := range map[string]struct{ path, body, other, bad, table string }{
			"contact":      {"/contacts", `{"name":"Luz","email":"luz@example.com","inbox_id":` + inbox + `}`, `{"name":"Mar"}`, `{"email":"no"}`, "contacts"},
			"conversation": {"/conversations", `{"contact_id":` + contact + `,"inbox_id":` + inbox + `,"message":{"content":"Hola"}}`, `{"contact_id":` + contact + `,"inbox_id":` + inbox + `}`, `{"status":"no"}`, "conversations"},
			"note":         {"/contacts/" + contact + "/notes", `{"content":"clienta"}`, `{"content":"otra"}`, `{"content":""}`, "contact_notes"},
		} {
			t.Run(name, func(t *testing.T) {
				before := h.count(c.table)
				var all sync.WaitGroup
				answers := make([]answer, 4)
				for i := range answers {
					all.Go(func() { answers[i] = h.ask("POST", account+c.path, "token-ana", c.body, "Idempotency-Key", "k1") })
				}
				all.Wait()
				for _, got := range answers {
					require.Equal(t, 200, got.status, got.body)
					require.Equal(t, answers[0].body, got.body)
				}
				require.Equal(t, before+1, h.count(c.table))

				other := h.ask("POST", account+c.path, "token-ana", c.other, "Idempotency-Key", "k1")
				require.Equal(t, 409, other.status, other.body)
				require.Equal(t, "idempotency_key_reused", other.json(t)["code"])
				require.Equal(t, before+1, h.count(c.table))

				mine := h.ask("POST", account+c.path, "token-jefa", c.other, "Idempotency-Key", "k1")
				require.Equal(t, 200, mine.status, "a key is its caller's own: %s", mine.body)
				require.Equal(t, before+2, h.count(c.table))
				require.Equal(t, 422, h.ask("POST", account+c.path, "token-ana", c.bad, "Idempotency-Key", "k2").status)
				require.Equal(t, 200, h.ask("POST", account+c.path, "token-ana", c.other, "Idempotency-Key", "k2").status, "what was refused used no key up")
			})
		}
	})
}

// Whichever tab of a visitor sends the first word, and however often, it stands
// once, and the conversation that it began is the answer: whatever was said or
// done there since, and whatever began beside it.
func TestAFirstWordBeginsOneConversation(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		visitor := h.visitor("tienda")
		begin := func(word, echo string) answer {
			return h.ask("POST", visitor+"/conversations", "", fmt.Sprintf(`{"message":{"content":%q,"echo_id":%q}}`, word, echo))
		}
		silent := h.must("POST", visitor+"/conversations", "", "")["id"]
		var all sync.WaitGroup
		answers := make([]answer, 4)
		for i := range answers {
			all.Go(func() { answers[i] = begin("Hola", "e1") })
		}
		all.Wait()
		for _, got := range answers {
			require.Equal(t, 200, got.status, got.body)
			require.Equal(t, silent, got.json(t)["id"], "nothing was said there before")
		}
		one := fmt.Sprintf("%s/conversations/%v", visitor, silent)
		own := func() (words []string) {
			for _, m := range h.list("GET", one+"/messages", "") {
				if m["message_type"] == 0.0 {
					words = append(words, m["content"].(string))
				}
			}
			return words
		}
		require.Equal(t, []string{"Hola"}, own())

		h.must("POST", one+"/messages", "", `{"content":"¿Hay alguien?"}`)
		other := begin("Otra cosa", "e2")
		require.Equal(t, 200, other.status, other.body)
		require.NotEqual(t, silent, other.json(t)["id"])
		require.Equal(t, silent, begin("Hola", "e1").json(t)["id"])
		h.resolve(fmt.Sprintf("%s/%v", desk, silent))
		again := begin("Hola", "e1").json(t)
		require.Equal(t, []any{silent, "resolved"}, []any{again["id"], again["status"]}, "a word that comes again wakes nobody")
		require.Equal(t, []string{"Hola", "¿Hay alguien?"}, own())
		require.Equal(t, 409, begin("Adiós", "e1").status, "the same word is not another")
		require.Len(t, h.list("GET", visitor+"/conversations", ""), 2)
	})
}

// A key is forgotten after a day, and one that names what is gone makes
// nothing in its place.
func TestAKeyIsKeptForADay(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const notes = "/api/v1/accounts/1/contacts"
		make := func() answer { return h.ask("POST", notes, "token-jefa", `{"name":"Luz"}`, "Idempotency-Key", "k") }
		first := make()
		id := fmt.Sprint(first.json(t)["payload"].(map[string]any)["contact"].(map[string]any)["id"])
		require.Equal(t, first.body, make().body)
		h.must("DELETE", notes+"/"+id, "token-jefa", "")
		require.Equal(t, 404, make().status)
		h.clock.Advance(24*time.Hour + time.Second)
		require.Equal(t, 200, make().status)
		require.Equal(t, int64(1), h.count("idempotency_keys"))
	})
}

func (h *house) count(table string) (n int64) {
	h.t.Helper()
	require.NoError(h.t, h.db.Read().Raw("SELECT count(*) FROM "+table).Scan(&n).Error)
	return n
}

func (h *house) inboxID(identifier string) int64 {
	h.t.Helper()
	i, err := h.router.InboxByIdentifier(h.t.Context(), identifier)
	require.NoError(h.t, err)
	return i.ID
}
