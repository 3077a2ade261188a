package api_test

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/mail"
	"relevo/router/mail/mailtest"
	"relevo/router/routertest"
	"relevo/router/store"
)

// postHouse is a house whose mails go to a mail server over SMTP.
type postHouse struct {
	*house
	mail *mailtest.Server
}

func eachPostHouse(t *testing.T, test func(t *testing.T, h *postHouse)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		server := mailtest.Start(t, mailtest.Options{TLS: "starttls", Username: "relevo", Password: "geheim"})
		h := furnish(t, db, func(o *router.Options) {
			o.PublicURL = "https://chat.example"
			o.Mail = router.MailOptions{From: netmail.Address{Address: "hola@relevo.example"},
				Sender: mail.NewSMTP(mail.Server{Host: server.Host, Port: server.Port, Roots: server.Roots, TLS: mail.StartTLS,
					Username: "relevo", Password: "geheim", Timeout: 10 * time.Second})}
		})
		test(t, &postHouse{h, server})
	})
}

// send does what is to be done now, and returns the mails that came of it.
func (h *postHouse) send() []mailtest.Mail {
	h.t.Helper()
	before := len(h.mail.Mails())
	require.NoError(h.t, h.router.Jobs().Drain(h.t.Context()))
	return h.mail.Mails()[before:]
}

// lines is what agents see of a conversation, the last so many lines.
func (h *postHouse) lines(agents string, last int) []any {
	h.t.Helper()
	thread := h.must("GET", agents+"/messages", "token-jefa", "")["payload"].([]any)
	var out []any
	for _, m := range thread[max(len(thread)-last, 0):] {
		out = append(out, m.(map[string]any)["content"])
	}
	return out
}

// Section ENVIAR E-MAILS of the help page.
func TestEnviarEmails(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		// "Cuando el Usuario Final ha enviado su correo electrónico durante la
		// conversación": without one he is a visitor like any other.
		c := h.must("POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"name":"Lucía"}`)
		visitor := "/public/api/v1/inboxes/tienda/contacts/" + c["source_id"].(string)
		public, agents := h.conversation(visitor, "¿Hacen **envíos**?")
		h.must("PATCH", visitor, "", `{"email":"lucia@example.com"}`)

		// "El Email ID se verá listado en el apartado de información del
		// cliente justo debajo de su nombre."
		sender := h.must("GET", agents, "token-ana", "")["meta"].(map[string]any)["sender"].(map[string]any)
		require.Equal(t, []any{"Lucía", "lucia@example.com"}, []any{sender["name"], sender["email"]})

		// "El Email ID se agregará automáticamente a la lista de contactos
		// también."
		contacts := h.must("GET", "/api/v1/accounts/1/contacts", "token-ana", "")["payload"].([]any)
		require.Equal(t, "lucia@example.com", contacts[0].(map[string]any)["email"])

		h.must("POST", agents+"/messages", "token-ana", `{"content":"Sí, a todo México."}`)
		h.must("POST", agents+"/messages", "token-ana", `{"content":"ojo: pregunta cada semana","private":true}`)
		wrong := h.must("POST", agents+"/messages", "token-ana", `{"content":"Cuesta cien dólares"}`)
		h.ask("DELETE", fmt.Sprintf("%s/messages/%v", agents, wrong["id"]), "token-ana", "")
		typo := h.must("POST", public+"/messages", "", `{"content":"mi clave es 1234"}`)
		h.ask("DELETE", fmt.Sprintf("%s/messages/%v", agents, typo["id"]), "token-ana", "")
		assignee := fmt.Sprintf(`{"assignee_id":%d}`, h.agents["ana"].ID)
		h.must("POST", agents+"/assignments", "token-ana", assignee)

		// "Se abre una nueva ventana con 3 opciones que son: Enviar
		// transcripción al cliente, al agente asignado, a otra dirección de
		// correo"; "la persona seleccionada va a recibir la transcripción de la
		// conversación en su correo".
		for _, to := range []string{sender["email"].(string), h.agents["ana"].Email, "archivo@otra.example"} {
			require.Empty(t, h.ask("POST", agents+"/transcript", "token-ana", `{"email":"`+to+`"}`).body)
			require.Equal(t, "ana envió la transcripción de la conversación a "+to, h.lines(agents, 1)[0], "it is on record to whom")
			mails := h.send()
			require.Len(t, mails, 1)
			m := mails[0]
			require.Equal(t, []any{to, "hola@relevo.example", true}, []any{m.To, m.From, m.Encrypted})
			require.Equal(t, `"Tienda" <hola@relevo.example>`, m.Decoded("From"))
			id := agents[strings.LastIndex(agents, "/")+1:]
			require.Equal(t, "[#"+id+"] Transcripción de la conversación con Tienda", m.Decoded("Subject"))
			require.Equal(t, "es", m.Header.Get("Content-Language"))
			for _, look := range []string{m.Text, m.HTML} {
				for _, word := range []string{"Lucía", "envíos", "¡Bienvenida!", "Tienda", "Asistente", "¿Talla?", "Grande", "ana", "Sí, a todo México.",
					"23/11/2026 09:00 CST", "America/Mexico_City"} {
					require.Contains(t, look, word)
				}
				for _, inner := range []string{"ojo", "cada semana", "cien dólares", "1234", "envió la transcripción", "asignó", "tomó la conversación"} {
					require.NotContains(t, look, inner)
				}
			}
			require.Contains(t, m.HTML, "<strong>envíos</strong>")
		}

		page := h.ask("GET", agents+"/transcript", "token-ana", "")
		require.Equal(t, []string{"text/html; charset=utf-8", "attachment; filename=transcript-" + agents[strings.LastIndex(agents, "/")+1:] + ".html"},
			[]string{page.header.Get("Content-Type"), page.header.Get("Content-Disposition")})
		require.Equal(t, h.mail.Mails()[0].HTML, strings.TrimSuffix(page.body, "\r\n"), "the same as a page to keep")
		require.Empty(t, h.send(), "and no mail of it")

		h.must("POST", agents+"/transcript", "token-ana", `{"email":" Archivo@Otra.EXAMPLE "}`)
		require.Equal(t, "Archivo@otra.example", h.send()[0].To)
	})
}

// Section ENVIAR EMAIL DESDE WIDGET of the help page.
func TestEnviarEmailDesdeWidget(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "Hola")

		// "Una vez que la conversación se marcó como “Resuelta” por el agente,
		// aparecerá una opción": not before.
		refused := h.ask("POST", public+"/transcript", "", "")
		require.Equal(t, []any{422, "transition_not_allowed"}, []any{refused.status, refused.json(t)["code"]})
		require.Equal(t, 422, h.ask("GET", public+"/transcript", "", "").status)
		require.Equal(t, false, h.must("GET", public, "", "")["can_request_transcript"])
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		require.Equal(t, true, h.must("GET", public, "", "")["can_request_transcript"])

		// "El cliente puede dar clic ahí y guardar la transcripción de la
		// conversación."
		page := h.ask("GET", public+"/transcript", "", "")
		require.Equal(t, 200, page.status)
		require.True(t, strings.HasPrefix(page.header.Get("Content-Disposition"), "attachment;"))
		require.Contains(t, page.body, "¡Bienvenida!")
		require.NotContains(t, page.body, "marcó la conversación")

		// "Si el cliente da clic ahí se enviará la transcripción a la cuenta de
		// correo de cliente y aparecerá un mensaje en la parte superior que dirá
		// “La transcripción ha sido enviada”".
		require.Equal(t, map[string]any{"message": "La transcripción ha sido enviada", "email": "lucia@example.com"}, h.must("POST", public+"/transcript", "", ""))
		mails := h.send()
		require.Len(t, mails, 1)
		require.Equal(t, "lucia@example.com", mails[0].To)
		require.Equal(t, page.body, mails[0].HTML)
		require.Equal(t, "Lucía pidió la transcripción de la conversación, enviada a lucia@example.com", h.lines(agents, 1)[0])
		require.Equal(t, "resolved", h.must("GET", public, "", "")["status"], "asking for it is no word")

		other := h.ask("POST", public+"/transcript", "", `{"email":"otra@example.com"}`)
		require.Equal(t, []any{422, []any{"email"}}, []any{other.status, other.json(t)["attributes"]}, "where one is known, it goes there")
		require.Empty(t, h.send())
	})
}

// "asks for an address where none is known".
func TestSinCorreoConocidoSePideUno(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		c := h.must("POST", "/public/api/v1/inboxes/tienda/contacts", "", `{"name":"Rosa"}`)
		visitor := "/public/api/v1/inboxes/tienda/contacts/" + c["source_id"].(string)
		public, agents := h.conversation(visitor, "Hola")
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)

		for body, want := range map[string]string{"": "email is required", `{"email":null}`: "email is required", `{"email":"rosa"}`: "email is not a valid e-mail address",
			`{"email":"rosa@example.com\r\nBcc: x@example.com"}`: "email is not a valid e-mail address"} {
			refused := h.ask("POST", public+"/transcript", "", body)
			require.Equal(t, 422, refused.status, body)
			require.Equal(t, want, refused.json(t)["message"], body)
		}
		require.Nil(t, h.must("GET", visitor, "", "")["email"])
		require.Equal(t, "rosa@example.com", h.must("POST", public+"/transcript", "", `{"email":" Rosa@Example.com "}`)["email"])
		require.Equal(t, "rosa@example.com", h.must("GET", visitor, "", "")["email"], "it is known from now on")
		require.Equal(t, "rosa@example.com", h.send()[0].To)
	})
}

func TestWithoutMailATranscriptIsRefusedAndCanBeKept(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		before := h.stored()
		for _, ask := range [][2]string{{agents, "token-ana"}, {public, ""}} {
			refused := h.ask("POST", ask[0]+"/transcript", ask[1], `{"email":"lucia@example.com"}`, "Accept-Language", "es")
			require.Equal(t, []any{422, "no_mail", "El envío de correos no está configurado en este servidor."},
				[]any{refused.status, refused.json(t)["code"], refused.json(t)["error"]})
			require.Equal(t, 200, h.ask("GET", ask[0]+"/transcript", ask[1], "").status)
		}
		require.Equal(t, before, h.stored())
		require.Equal(t, false, h.must("GET", public, "", "")["can_request_transcript"])
	})
}

func TestWhoMayAskForATranscript(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "Hola")
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		stranger := h.visitor("tienda") + public[len(visitor):]
		for _, ask := range []struct {
			path, token string
			status      int
		}{{agents, "token-berta", 401}, {agents, "", 401}, {stranger, "", 404}, {desk + "/999", "token-jefa", 404}} {
			require.Equal(t, ask.status, h.ask("POST", ask.path+"/transcript", ask.token, `{"email":"lucia@example.com"}`).status, ask)
			require.Equal(t, ask.status, h.ask("GET", ask.path+"/transcript", ask.token, "").status, ask)
		}
		h.must("POST", agents+"/mute", "token-ana", "")
		require.Equal(t, 401, h.ask("POST", public+"/transcript", "", "").status, "who is blocked sends nothing")
		require.Empty(t, h.send())
	})
}

// Nobody's mailbox is filled by somebody who knows its address.
func TestTranscriptBombing(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		victim := func(i int) string {
			c := h.must("POST", "/public/api/v1/inboxes/correo/contacts", "", `{"name":"X"}`)
			visitor := "/public/api/v1/inboxes/correo/contacts/" + c["source_id"].(string)
			public, _ := h.conversation(visitor, "compra ya")
			h.must("POST", public+"/toggle_status", "", "")
			return public
		}
		ask := func(public, email string) answer {
			h.clock.Advance(5 * time.Second) // that the address does not ask too often is not the question here
			return h.ask("POST", public+"/transcript", "", `{"email":"`+email+`"}`)
		}
		// Ever new visitors, and ever new spellings of the same address.
		for i := range 5 {
			require.Equal(t, 200, ask(victim(i), fmt.Sprintf("victim+%d@example.com", i)).status)
		}
		refused := ask(victim(5), "Victim@example.com")
		require.Equal(t, []string{"429", "3575"}, []string{fmt.Sprint(refused.status), refused.header.Get("Retry-After")}, "the first was asked for 25 seconds ago")
		require.Equal(t, []any{"too_many_transcripts", "All transcripts that are allowed within an hour have been asked for. Try again later."},
			[]any{refused.json(t)["code"], refused.json(t)["error"]})
		// One visitor, one conversation.
		mine := victim(6)
		for range 3 {
			require.Equal(t, 200, ask(mine, "me@example.com").status)
		}
		require.Equal(t, 429, ask(mine, "me@example.com").status)
		require.Len(t, h.send(), 8)
		// An agent is limited, too, but not by what customers did to others.
		conversation := desk + mine[strings.LastIndex(mine, "/"):]
		for i := range 7 {
			require.Equal(t, 200, h.ask("POST", conversation+"/transcript", "token-jefa", fmt.Sprintf(`{"email":"a%d@example.com"}`, i)).status)
		}
		require.Equal(t, 429, h.ask("POST", conversation+"/transcript", "token-jefa", `{"email":"b@example.com"}`).status)
		h.clock.Advance(time.Hour)
		require.Equal(t, 200, h.ask("POST", conversation+"/transcript", "token-jefa", `{"email":"b@example.com"}`).status)
		require.Equal(t, 200, ask(mine, "me@example.com").status)
	})
}

// Who is told when to come back is served then, and not a second before.
func TestWhenTheNextTranscriptIsSent(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.resolve(agents)
		ask := func() answer { return h.ask("POST", public+"/transcript", "", "", "Accept-Language", "es") }
		for range 3 {
			require.Equal(t, 200, ask().status)
			h.clock.Advance(15 * time.Minute)
		}
		h.clock.Advance(14*time.Minute + 30*time.Second)
		refused := ask()
		require.Equal(t, []string{"429", "30"}, []string{fmt.Sprint(refused.status), refused.header.Get("Retry-After")})
		require.Equal(t, "Ya se pidieron todas las transcripciones que se permiten en una hora. Inténtalo más tarde.", refused.json(t)["error"])
		h.clock.Advance(29 * time.Second)
		require.Equal(t, "1", ask().header.Get("Retry-After"))
		h.clock.Advance(time.Second)
		require.Equal(t, 200, ask().status)
		require.Equal(t, "900", ask().header.Get("Retry-After"))
	})
}

// One rule at every door: an address that no mail can be sent to is refused
// where it is typed; one from before that rule is as good as none.
func TestAnAddressThatCannotBeMailed(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		visitor := h.visitor("tienda")
		for _, door := range [][3]string{{"POST", "/public/api/v1/inboxes/tienda/contacts", ""}, {"PATCH", visitor, ""}, {"POST", "/api/v1/accounts/1/contacts", "token-jefa"}} {
			refused := h.ask(door[0], door[1], door[2], `{"name":"José","email":"josé@example.com"}`)
			require.Equal(t, []any{422, "email is not a valid e-mail address"}, []any{refused.status, refused.json(t)["message"]}, door)
		}
		public, agents := h.conversation(visitor, "Hola")
		_, err := h.db.SQL().ExecContext(t.Context(), "UPDATE contacts SET email = 'josé@example.com'")
		require.NoError(t, err)
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		require.Equal(t, true, h.must("GET", public, "", "")["can_request_transcript"])
		refused := h.ask("POST", public+"/transcript", "", "")
		require.Equal(t, []any{422, "email is required"}, []any{refused.status, refused.json(t)["message"]})
		require.Equal(t, "jose@example.com", h.must("POST", public+"/transcript", "", `{"email":"jose@example.com"}`)["email"])
		require.Equal(t, "jose@example.com", h.must("GET", visitor, "", "")["email"], "it is known from now on")
		require.Equal(t, "jose@example.com", h.send()[0].To)
	})
}

// Mails are passed on: who has one cannot rate in the customer's name.
func TestATranscriptIsNoKeyToTheSurvey(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		h.shop(router.SurveySettings{Enabled: true})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		uuid := h.must("GET", public, "", "")["uuid"].(string)
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 1)
		h.must("POST", agents+"/transcript", "token-ana", `{"email":"tercero@example.com"}`)
		m := h.send()[0]
		require.Contains(t, m.Text, "Hola")
		for _, part := range []string{string(m.Raw), m.Text, m.HTML, h.ask("GET", public+"/transcript", "", "").body} {
			require.NotContains(t, part, uuid)
			require.NotContains(t, part, "valoras")
			require.NotContains(t, part, router.SurveyPath)
		}
	})
}

// Whoever asks again because the answer was lost is sent one transcript.
func TestATranscriptWithAKeyIsSentOnce(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		_, others := h.conversation(h.visitor("tienda"), "Hola")
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
		for _, c := range []struct{ path, token, body, other string }{
			{agents + "/transcript", "token-ana", `{"email":"luz@example.com"}`, `{"email":"mar@example.com"}`},
			{public + "/transcript", "", `{}`, `{"email":"lucia@example.com"}`},
		} {
			var all sync.WaitGroup
			answers := make([]answer, 4)
			for i := range answers {
				all.Go(func() { answers[i] = h.ask("POST", c.path, c.token, c.body, "Idempotency-Key", "k1") })
			}
			all.Wait()
			for _, got := range answers {
				require.Equal(t, 200, got.status, got.body)
				require.Equal(t, answers[0].body, got.body)
			}
			require.Len(t, h.send(), 1, c.path)
			reused := h.ask("POST", c.path, c.token, c.other, "Idempotency-Key", "k1")
			require.Equal(t, []any{409, "idempotency_key_reused"}, []any{reused.status, reused.json(t)["code"]})
			require.Equal(t, 200, h.ask("POST", c.path, c.token, c.body, "Idempotency-Key", "k2").status)
			require.Len(t, h.send(), 1)
		}
		require.Equal(t, 409, h.ask("POST", others+"/transcript", "token-ana", `{"email":"luz@example.com"}`, "Idempotency-Key", "k1").status, "of another conversation")
		require.Equal(t, 422, h.ask("POST", agents+"/transcript", "token-ana", `{"email":"no"}`, "Idempotency-Key", "k3").status)
		require.Equal(t, 200, h.ask("POST", agents+"/transcript", "token-ana", `{"email":"luz@example.com"}`, "Idempotency-Key", "k3").status, "what was refused used no key up")
	})
}
