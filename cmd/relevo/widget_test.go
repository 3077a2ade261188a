package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/web"
)

// TestTheWidgetInABrowser opens the widget in a real Chromium, on pages of
// another origin, against the real server with the emulator. What it does and
// what has to be seen is in web/widget/test.
func TestTheWidgetInABrowser(t *testing.T) {
	folder := widgetFolder(t)
	base, token := newWidgetServer(t)
	ctx, stop := context.WithTimeout(t.Context(), 8*time.Minute)
	defer stop()
	var printed []byte
	var err error
	for try := 1; try <= browserTries; try++ {
		script := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", "widget/test/browser.test.mjs")
		script.Dir = folder
		script.Env = append(os.Environ(), "RELEVO_BASE="+base, "RELEVO_AGENT_TOKEN="+token)
		if printed, err = script.CombinedOutput(); err == nil {
			break
		}
		t.Logf("TRY %d FAILED:\n%s", try, printed)
	}
	require.NoError(t, err, "%d times in a row, see above", browserTries)
	require.NotContains(t, string(printed), "tests 0\n", "it tested nothing")
}

// widgetFolder is where the widget's tests run; without the widget or their
// packages there is none.
func widgetFolder(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", "..", "web"))
	require.NoError(t, err)
	_, absent := os.Stat(filepath.Join(folder, "node_modules", "playwright-core"))
	if !web.Built() || absent != nil {
		if os.Getenv(requireNode) == "1" {
			require.True(t, web.Built(), "the widget is not in this program: make web")
			require.NoError(t, absent, "its tests' packages are not there: make web")
		}
		t.Skip("NOT TESTED: the widget needs Node with npm, and `make web`")
	}
	return folder
}

// browserTries is how often the browser may fail to keep up: on a machine that
// is loaded, a page now and then misses what it would have seen a moment later.
// What fails for another reason fails each time.
const browserTries = 3

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
