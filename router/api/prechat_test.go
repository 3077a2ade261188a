package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/hours"
	"relevo/router/prechat"
)

const webInbox = "/public/api/v1/inboxes/web"

// openWeb adds a widget where people answer: with a form, the e-mail box, and
// closed at night.
func (h *house) openWeb(form prechat.Form) {
	h.t.Helper()
	require.NoError(h.t, h.router.Wire(h.t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "web", Name: "Web", Channel: "web_widget",
		Settings: router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", Greeting: "¡Hola! Bienvenida.", NoAutoAssign: true, PreChat: form,
			EmailCollect: router.EmailCollect{Enabled: true}, Hours: router.OpeningHours{Enabled: true, Hours: hours.Office(), Message: "Estamos cerrados."}}}}}))
}

// stranger is a visitor of whom nothing is known.
func (h *house) stranger() string {
	h.t.Helper()
	return h.must("POST", webInbox+"/contacts", "", "{}")["source_id"].(string)
}

var preForm = prechat.Form{Enabled: true, Message: "Antes de empezar:", Fields: []prechat.Field{
	{Name: "fullName", Type: "text", Required: true}, {Name: "emailAddress", Type: "email", Required: true},
	{Name: "pedido", Label: "Número de pedido", Type: "text", Pattern: "^[A-Z]{2}-[0-9]{4}$", PatternHint: "AB-1234", SavedOn: "conversation"},
	{Name: "talla", Label: "Talla", Type: "list", Values: []string{"S", "L"}, SavedOn: "contact"},
}}

// said are the contents of a thread that a visitor sees.
func (h *house) said(conversation string) []string {
	h.t.Helper()
	var lines []string
	for _, m := range h.list("GET", conversation+"/messages", "") {
		lines = append(lines, m["content"].(string))
	}
	return lines
}

// FORMULARIO PRE CHAT of the help page: the widget asks for name and e-mail
// with a box for the message, and the agent sees on the right what the contact
// filled in.
func TestElFormularioPreChat(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(preForm)
		v := h.stranger()
		inbox := h.must("GET", webInbox+"?contact_identifier="+v, "", "")
		require.Equal(t, true, inbox["pre_chat_form_enabled"])
		form := inbox["pre_chat_form_options"].(map[string]any)
		require.Equal(t, "Antes de empezar:", form["pre_chat_message"])
		require.Equal(t, []string{"Nombre", "Correo", "Número de pedido", "Talla"}, fieldsOf(form, "label"))
		require.Equal(t, []string{"standard", "standard", "conversation_attribute", "contact_attribute"}, fieldsOf(form, "field_type"))

		begin := `{"message":{"content":"Mi pedido no llega","echo_id":"uno"},
			"pre_chat":{"fullName":"Lucía Gómez","emailAddress":"Lucia@Example.com","pedido":"AB-1234","talla":"L"}}`
		c := h.must("POST", webInbox+"/contacts/"+v+"/conversations", "", begin)
		one := fmt.Sprintf("%s/contacts/%s/conversations/%v", webInbox, v, c["id"])
		require.Equal(t, []string{"Mi pedido no llega", "¡Hola! Bienvenida."}, h.said(one), "who gave an e-mail is not asked for it")
		require.Equal(t, c["id"], h.must("POST", webInbox+"/contacts/"+v+"/conversations", "", begin)["id"], "sent twice, it is one")
		require.Len(t, h.said(one), 2)

		seen := h.must("GET", fmt.Sprintf("%s/%v", desk, c["id"]), "token-jefa", "")
		who := seen["meta"].(map[string]any)["sender"].(map[string]any)
		require.Equal(t, []any{"Lucía Gómez", "lucia@example.com", map[string]any{"talla": "L"}}, []any{who["name"], who["email"], who["custom_attributes"]})
		require.Equal(t, map[string]any{"pedido": "AB-1234"}, seen["custom_attributes"])

		again := h.must("GET", webInbox+"?contact_identifier="+v, "", "")["pre_chat_form_options"].(map[string]any)
		require.Equal(t, []string{"pedido"}, fieldsOf(again, "name"), "what is known is not asked again")
		require.Len(t, fieldsOf(h.must("GET", webInbox+"?contact_identifier=nadie", "", "")["pre_chat_form_options"].(map[string]any), "name"), 4)
	})
}

func fieldsOf(form map[string]any, key string) []string {
	var all []string
	for _, f := range form["pre_chat_fields"].([]any) {
		all = append(all, f.(map[string]any)[key].(string))
	}
	return all
}

// Clients that do not know the form, as those of Chatwoot's public API, write
// as ever; theirs is the contact beside the message.
func TestQuienNoConoceElFormularioEscribeIgual(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(preForm)
		v := webInbox + "/contacts/" + h.stranger()
		c := h.must("POST", v+"/conversations", "", "")
		h.must("POST", fmt.Sprintf("%s/conversations/%v/messages", v, c["id"]), "", `{"content":"Hola"}`)

		w := webInbox + "/contacts/" + h.stranger()
		h.must("POST", w+"/conversations", "", `{"contact":{"name":"Ana","email":"ana@example.com"},"message":{"content":"Hola"},"custom_attributes":{"pedido":"12"}}`)
		known := h.must("GET", w, "", "")
		require.Equal(t, []any{"Ana", "ana@example.com"}, []any{known["name"], known["email"]})
	})
}

// What is refused leaves nothing behind: no contact's name, no conversation.
func TestLoQueElFormularioNoAcepta(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(preForm)
		v := webInbox + "/contacts/" + h.stranger()
		before := h.stored()
		for body, wrong := range map[string][]any{
			`{}`: {"fullName", "emailAddress"},
			`{"fullName":"Ana","emailAddress":"ana"}`:                                        {"emailAddress"},
			`{"fullName":["Ana"],"emailAddress":{"$ne":""}}`:                                 {"fullName", "emailAddress"},
			`{"fullName":"Ana","emailAddress":"a@example.com","pedido":"1234"}`:              {"pedido"},
			`{"fullName":"Ana","emailAddress":"a@example.com","talla":"XXL"}`:                {"talla"},
			`{"fullName":"` + strings.Repeat("a", 300) + `","emailAddress":"a@example.com"}`: {"fullName"},
			`{"fullName":"Ana","emailAddress":"a@example.com\r\nBcc: b@example.com"}`:        {"emailAddress"},
			`{"fullName":"Ana","emailAddress":"a@example.com","pedido":{"toString":"evil"}}`: {"pedido"},
		} {
			got := h.ask("POST", v+"/conversations", "", `{"message":{"content":"Hola"},"pre_chat":`+body+`}`, "Accept-Language", "es")
			require.Equal(t, 422, got.status, "%s: %s", body, got.body)
			require.Equal(t, wrong, got.json(t)["attributes"], body)
		}
		refused := h.ask("POST", v+"/conversations", "", `{"message":{"content":"Hola"},"pre_chat":{"fullName":"Ana","emailAddress":"ana","pedido":"1234"}}`, "Accept-Language", "es")
		require.Equal(t, "Correo no es una dirección de correo válida; Número de pedido no tiene la forma que se pide: AB-1234", refused.json(t)["message"],
			"in the words of the form")
		for _, body := range []string{`{"pre_chat":[]}`, `{"pre_chat":"Ana"}`, `{"message":"Hola"}`, `{"message":{"content":7}}`, `{"message":{"content":""}}`,
			`{"contact":{"name":{}}}`, `{"contact":{"custom_attributes":[]}}`, `{"contact":{"email":"nada"}}`} {
			got := h.ask("POST", v+"/conversations", "", body)
			require.Equal(t, 422, got.status, "%s: %s", body, got.body)
		}
		require.Equal(t, before, h.stored())
	})
}

// A script is a name like any other: kept, and sent so that no page runs it.
func TestUnGuionEsUnTexto(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(preForm)
		v := webInbox + "/contacts/" + h.stranger()
		h.must("POST", v+"/conversations", "", `{"message":{"content":"Hola"},"pre_chat":{"fullName":"<script>alert(1)</script>","emailAddress":"a@example.com"}}`)
		got := h.ask("GET", v, "", "")
		require.Equal(t, "<script>alert(1)</script>", got.json(t)["name"])
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	})
}

// "Adicional a eso el bot enviará otros mensajes recolectando información
// adicional del cliente como – email id": after the greeting, the box.
func TestLaCajaDelCorreo(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(prechat.Form{})
		v := webInbox + "/contacts/" + h.stranger()
		c := h.must("POST", v+"/conversations", "", `{"message":{"content":"Hola"}}`)
		one := fmt.Sprintf("%s/conversations/%v", v, c["id"])
		require.Equal(t, []string{"Hola", "¡Hola! Bienvenida.", "Déjanos una forma de contactarte.", "Tu correo, por si se corta la conversación"}, h.said(one))
		thread := h.list("GET", one+"/messages", "")
		box := thread[3]
		require.Equal(t, []any{"input_email", 3.0}, []any{box["content_type"], box["message_type"]})
		at := fmt.Sprintf("%s/messages/%v", one, box["id"])
		for _, body := range []string{`{}`, `{"submitted_email":""}`, `{"submitted_email":"nada"}`, `{"submitted_values":{"email":7}}`, `{"submitted_values":[]}`} {
			require.Equal(t, 422, h.ask("PATCH", at, "", body).status, body)
		}
		filled := h.must("PATCH", at, "", `{"submitted_email":"Lucia@Example.com"}`)
		require.Equal(t, map[string]any{"submitted_email": "lucia@example.com"}, filled["content_attributes"])
		h.must("PATCH", at, "", `{"submitted_values":{"email":"lucia@example.com"}}`)
		require.Equal(t, 409, h.ask("PATCH", at, "", `{"submitted_email":"otra@example.com"}`).status)
		seen := h.must("GET", fmt.Sprintf("%s/%v", desk, c["id"]), "token-jefa", "")
		require.Equal(t, "lucia@example.com", seen["meta"].(map[string]any)["sender"].(map[string]any)["email"], "the agent sees it beside the name")
		next := h.must("POST", v+"/conversations", "", `{"message":{"content":"Otra cosa"}}`)
		require.Len(t, next["messages"], 2, "known by now")
	})
}

// The widget says when people answer, and at night the customer is told.
func TestElHorarioSeVe(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.openWeb(prechat.Form{})
		day := h.must("GET", webInbox, "", "")
		require.Equal(t, []any{true, true, nil}, []any{day["working_hours_enabled"], day["open_now"], day["opens_at"]})
		monday := day["working_hours"].([]any)[1].(map[string]any)
		require.Equal(t, map[string]any{"day_of_week": 1.0, "closed_all_day": false, "open_hour": 9.0, "open_minutes": 0.0, "close_hour": 17.0, "close_minutes": 0.0,
			"open_all_day": false, "spans": []any{"09:00-17:00"}}, monday)
		h.clock.Advance(12 * time.Hour)
		night := h.must("GET", webInbox, "", "")
		require.Equal(t, []any{false, float64(time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC).Unix())}, []any{night["open_now"], night["opens_at"]})
		c := h.must("POST", webInbox+"/contacts/"+h.stranger()+"/conversations", "", `{"message":{"content":"Hola"}}`)
		require.Equal(t, "Estamos cerrados.", c["messages"].([]any)[1].(map[string]any)["content"])
	})
}
