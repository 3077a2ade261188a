package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheWidgetInABrowser opens the widget in a real Chromium, on pages of
// another origin, against the real server with the emulator. What it does and
// what has to be seen is in web/widget/test.
func TestTheWidgetInABrowser(t *testing.T) {
	base, token := newWidgetServer(t)
	inBrowser(t, "browser.test.mjs", "RELEVO_BASE="+base, "RELEVO_AGENT_TOKEN="+token)
}

// newWidgetServer serves an inbox with people alone and one with the
// demonstration's bot, and returns its address and an agent's token.
func newWidgetServer(t *testing.T) (string, string) {
	t.Helper()
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	file := filepath.Join(dir, "relevo.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
server: { listen: %q }
database: { driver: sqlite, path: %q }
storage: { path: %q, max_file: 2MB }
worker: { sweep: 50ms }
limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }
realtime: { connections_per_ip: 1000 }
inboxes:
  - { identifier: people, name: Tienda, channel: web_widget, locale: es, timezone: America/Mexico_City, after_resolved: new, email_collect: { enabled: false } }
  - identifier: asks
    name: Tienda que pregunta
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    email_collect: { enabled: true, ask: "Déjanos tu correo.", thanks: "¡Anotado!" }
    survey: { enabled: true, question: "¿Cómo te atendimos?" }
  - identifier: form
    name: Tienda con formulario
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    email_collect: { enabled: false }
    pre_chat:
      enabled: true
      message: "Cuéntanos quién eres."
      fields:
        - { name: fullName, label: Nombre, type: text, required: true }
        - { name: emailAddress, label: Correo, type: email, required: true }
        - { name: tema, label: Tema, type: list, values: [Pedidos, Taller], saved_on: conversation }
        - { name: pedido, label: Pedido, type: text, pattern: "[A-Z]-[0-9]+", pattern_hint: "Como A-12.", saved_on: conversation }
  - identifier: bot
    name: Tienda con asistente
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    greeting: "¡Bienvenida, bienvenido!"
    bot: soporte
    debounce: { window: 0s, maximum: 0s }
bots:
  - { name: tienda, provider: dialogflow_es, language: es, emulator: demo }
flows:
  - name: soporte
    language: es
    steps:
      - say: "Soy el asistente de {{ inbox.name }}."
      - collect: email
        ask: "¿A qué correo te escribimos si se corta la conversación?"
        attempts: 3
        otherwise: continue
      - dialogflow:
          agent: tienda
          welcome: WELCOME
          handoff: { on: [live_agent_handoff, payload], fallbacks: 3 }
      - handoff: { say: "Te paso con una persona." }
`, address, filepath.Join(dir, "relevo.db"), filepath.Join(dir, "files")), 0o600))
	base := serveFile(t, file, address)
	status, token, problems := relevo(t, "", "agent", "add", "--config", file, "--email", "ana@example.com", "--name", "Ana", "--role", "administrator")
	require.Zero(t, status, problems)
	return base, strings.TrimSpace(token)
}
