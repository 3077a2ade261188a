package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/mail/mailtest"
)

// TestTheWidgetsFeaturesInABrowser plays whole conversations in Chromium: with
// the emulated Dialogflow, a mail server, campaigns, opening hours and
// customers whom the business knows. What has to be seen is in
// web/widget/test/features.test.mjs; the mail that arrives is looked at here.
func TestTheWidgetsFeaturesInABrowser(t *testing.T) {
	post := mailtest.Start(t, mailtest.Options{})
	base, token := newFeatureServer(t, post)
	inBrowser(t, "features.test.mjs", "RELEVO_BASE="+base, "RELEVO_AGENT_TOKEN="+token, "RELEVO_HMAC_SECRET="+featureSecret)

	mail := mailTo(t, post, "lucia@example.com")
	for _, part := range []string{mail.Text, mail.HTML} {
		require.Contains(t, part, "A-1234", "what the visitor said")
		require.Contains(t, part, "Tu pedido sale hoy", "what the agent said")
		require.NotContains(t, part, "solo para nosotros", "a note")
	}
	require.Contains(t, mailTo(t, post, "tecleada@example.com").Text, "¿Me mandan esto?")
}

// mailTo waits for the transcript that a visitor asked for.
func mailTo(t *testing.T, post *mailtest.Server, reader string) (mail mailtest.Mail) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, m := range post.Mails() {
			if m.To == reader {
				mail = m
			}
		}
		return mail.To != ""
	}, 30*time.Second, 50*time.Millisecond, "the transcript for %s", reader)
	return mail
}

const featureSecret = "no-lo-digas-a-nadie-0123456789abcdef"

// newFeatureServer serves the inboxes of features.test.mjs.
func newFeatureServer(t *testing.T, post *mailtest.Server) (string, string) {
	t.Helper()
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	secret := filepath.Join(dir, "hmac")
	require.NoError(t, os.WriteFile(secret, []byte(featureSecret), 0o600))
	file := filepath.Join(dir, "relevo.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, featureYAML, address, filepath.Join(dir, "relevo.db"), filepath.Join(dir, "files"),
		post.Host, post.Port, inThreeDays(), secret), 0o600))
	base := serveFile(t, file, address)
	status, token, problems := relevo(t, "", "agent", "add", "--config", file, "--email", "ana@example.com", "--name", "Ana", "--role", "administrator")
	require.Zero(t, status, problems)
	return base, strings.TrimSpace(token)
}

// inThreeDays is the day of the week on which a shop opens that is closed until
// then.
func inThreeDays() string {
	return strings.ToLower(time.Now().UTC().AddDate(0, 0, 3).Format("Mon"))
}

const featureYAML = `
server: { listen: %q }
database: { driver: sqlite, path: %q }
storage: { path: %q, max_file: 2MB }
worker: { sweep: 50ms }
limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }
realtime: { connections_per_ip: 1000 }
mail: { driver: smtp, host: %s, port: %d, tls: none, from: "Tienda <hola@tienda.example>" }
inboxes:
  - identifier: whole
    name: Tienda
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    greeting: "¡Bienvenida, bienvenido!"
    bot: soporte
    auto_assign: false
    after_resolved: new
    debounce: { window: 0s, maximum: 0s }
    survey: { enabled: true, question: "¿Cómo te atendimos?" }
    widget: { color: "#0b6e4f", welcome_title: "Bienvenida a la tienda", welcome_tagline: "Contestamos en minutos", position: left }
  - identifier: closed
    name: Tienda cerrada
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    bot: soporte
    auto_assign: false
    debounce: { window: 0s, maximum: 0s }
    hours: { closed_message: "Ahora no hay nadie.", days: { %s: ["09:00-10:00"] } }
  - identifier: known
    name: Tienda con cuentas
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    email_collect: { enabled: false }
    hmac_secret_file: %q
  - identifier: offers
    name: Tienda con ofertas
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    email_collect: { enabled: false }
  - identifier: narrow
    name: Tienda de pocos
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    widget: { allowed_domains: [tienda.example] }
  - identifier: silent
    name: Tienda sin botón
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    bot: soporte
    auto_assign: false
    talk_to_person: false
    debounce: { window: 0s, maximum: 0s }
bots:
  - { name: tienda, provider: dialogflow_es, language: es, emulator: demo }
flows:
  - name: soporte
    language: es
    steps:
      - collect: email
        ask: "¿A qué correo te escribimos si se corta la conversación?"
        attempts: 3
        otherwise: continue
      - dialogflow:
          agent: tienda
          welcome: WELCOME
          handoff: { on: [live_agent_handoff, payload], fallbacks: 3 }
      - handoff: { say: "Te paso con una persona." }
`
