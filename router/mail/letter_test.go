package mail_test

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/mail"
)

// Whatever people are called and whatever they say, a mail has the headers
// that we give it, and each once.
func TestNobodyWritesHeaders(t *testing.T) {
	known := map[string]bool{}
	plain, err := letter().Bytes()
	require.NoError(t, err)
	parsed, err := netmail.ReadMessage(bytes.NewReader(plain))
	require.NoError(t, err)
	for name := range parsed.Header {
		known[name] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		nasty := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\r\n\x00\u2028:<>\"\\,;@ ")), rapid.SampledFrom([]rune("Bcc: x@y.z"))))
		l := letter()
		l.Subject, l.From.Name, l.Text = nasty.Draw(t, "subject"), nasty.Draw(t, "name"), nasty.Draw(t, "text")
		if rapid.Bool().Draw(t, "header") {
			l.Subject += "\r\nBcc: victim@example.com\r\n\r\nBody"
			l.From.Name += "\r\nBcc: victim@example.com"
		}
		raw, err := l.Bytes()
		require.NoError(t, err)
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		require.NoError(t, err)
		for name, values := range m.Header {
			require.True(t, known[name], "a header %q", name)
			require.Len(t, values, 1, name)
		}
		from, err := netmail.ParseAddress(m.Header.Get("From"))
		require.NoError(t, err)
		require.Equal(t, "hola@tienda.example", from.Address)
	})
}

func TestAddresses(t *testing.T) {
	for _, good := range []string{"lucia@example.com", "lucia.prado+tienda@mail.example.com", "a_b-c@x-y.mx", "o'brien@example.ie", "lucia@ñandú.example"} {
		require.True(t, mail.CheckAddress(good), good)
	}
	for _, bad := range []string{"", "lucia", "lucia@", "@example.com", "lucia@localhost", "Lucía <lucia@example.com>", "lucia@example.com, otra@example.com",
		"lucia@example.com\r\nRCPT TO:<otra@example.com>", "lucia@example.com>", "<lucia@example.com>", "lucia@exa mple.com", "ñandú@example.com",
		`"lucia prado"@example.com`, "lucia@[10.0.0.1]", "lucia@example.com.", strings.Repeat("x", 250) + "@example.com", "a@b@example.com"} {
		require.False(t, mail.CheckAddress(bad), bad)
	}
	require.Equal(t, mail.SameReader("lucia@example.com"), mail.SameReader("Lucia+123@Example.com"))
	require.NotEqual(t, mail.SameReader("lucia@example.com"), mail.SameReader("luciana@example.com"))
}

func TestAThreadInItsLanguageAndZone(t *testing.T) {
	zone, err := time.LoadLocation("America/Mexico_City")
	require.NoError(t, err)
	for lang, want := range map[string][]string{
		"es": {"[#12] Transcripción de la conversación con Tienda", "America/Mexico_City", "23/11/2026 06:00 CST"},
		"en": {"[#12] Transcript of the conversation with Tienda", "America/Mexico_City", "Nov 23, 2026, 6:00 AM CST"},
	} {
		thread := mail.Thread{Language: lang, Inbox: "Tienda", Number: 12, Customer: "Lucía <b>", Zone: zone, Words: []mail.Word{
			{Who: "Lucía", Mine: true, At: noon, Text: "¿**Hay** <script>alert(1)</script>?"},
			{Who: "Asistente", At: noon.Add(time.Hour), Text: "¿Talla?", Choices: []string{"Grande", "Chica"}},
			{Who: "Ana", At: noon.Add(time.Hour), Files: []mail.File{{Name: "foto.png", URL: "https://chat.example/attachments/x/foto.png"}, {Name: "<nota>.txt"}}},
		}}
		c, err := thread.Mail()
		require.NoError(t, err)
		require.Equal(t, want[0], c.Subject)
		for _, look := range []string{c.Text, c.HTML} {
			require.Contains(t, look, want[1])
			require.Contains(t, look, want[2])
			require.Contains(t, look, "Grande")
			require.Contains(t, look, "foto.png")
		}
		require.Contains(t, c.HTML, "<strong>Hay</strong>")
		require.NotContains(t, c.HTML, "<script")
		require.NotContains(t, c.HTML, "<b>")
		require.NotContains(t, c.HTML, "<nota>")
		require.Contains(t, c.Text, "¿Hay <script>alert(1)</script>?", "without the signs of Markdown; what it is not is as it was written")
		page, err := thread.Page()
		require.NoError(t, err)
		require.Equal(t, c.HTML, string(page))
	}
}

func TestANotice(t *testing.T) {
	c, err := mail.Notice{Language: "es", Subject: "Te mencionaron en la conversación #3 de Tienda", Reader: "Ana", Who: "Beto", Text: "¿La *ves*, [@Ana](mention://user/1/Ana)?",
		URL: "https://chat.example/app/accounts/1/conversations/3"}.Mail()
	require.NoError(t, err)
	for _, look := range []string{c.Text, c.HTML} {
		require.Contains(t, look, "Hola, Ana:")
		require.Contains(t, look, "Te mencionaron en la conversación #3 de Tienda.")
		require.Contains(t, look, "Beto")
		require.Contains(t, look, "https://chat.example/app/accounts/1/conversations/3")
	}
	require.Contains(t, c.Text, "¿La ves, @Ana?")
	require.Contains(t, c.HTML, "<em>ves</em>")
}
