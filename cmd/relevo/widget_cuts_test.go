package main

import (
	"context"
	"encoding/json"
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

// TestTheWidgetWhileNetworksAndServersFail opens the widget in a real Chromium
// and kills the real server, and cuts the network, while a visitor talks. What
// it does and what has to be seen is in web/widget/test/cuts.test.mjs.
func TestTheWidgetWhileNetworksAndServersFail(t *testing.T) {
	inBrowser(t, "cuts.test.mjs", "RELEVO_SERVERS="+planned(t, noLimits, noLimits))
}

const noLimits = "limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }"

// serverPlan tells a browser's test how to start a server, which has an inbox
// of people alone, and where it is found.
type serverPlan struct {
	Base  string    `json:"base"`
	Token string    `json:"token"` // an administrator's
	Env   serverEnv `json:"env"`
}

// serverEnv is how this program becomes that server.
type serverEnv struct {
	Program  string `json:"program"`
	Variable string `json:"variable"`
	Config   string `json:"config"`
}

// planned describes a server for each limits, in JSON.
func planned(t *testing.T, limits ...string) string {
	t.Helper()
	var plans []serverPlan
	for _, l := range limits {
		plans = append(plans, newServerPlan(t, l))
	}
	text, err := json.Marshal(plans)
	require.NoError(t, err)
	return string(text)
}

func newServerPlan(t *testing.T, limits string) serverPlan {
	t.Helper()
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	file := filepath.Join(dir, "relevo.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
server: { listen: %q, trusted_proxies: [127.0.0.1] }
database: { driver: sqlite, path: %q }
storage: { path: %q, max_file: 2MB }
worker: { sweep: 50ms }
%s
realtime: { connections_per_ip: 1000 }
inboxes:
  - { identifier: people, name: Tienda, channel: web_widget, locale: es, timezone: America/Mexico_City, email_collect: { enabled: false } }
`, address, filepath.Join(dir, "relevo.db"), filepath.Join(dir, "files"), limits), 0o600))
	status, token, problems := relevo(t, "", "agent", "add", "--config", file, "--email", "ana@example.com", "--name", "Ana", "--role", "administrator")
	require.Zero(t, status, problems)
	return serverPlan{Base: "http://" + address, Token: strings.TrimSpace(token), Env: serverEnv{os.Args[0], serveVariable, file}}
}

// inBrowser runs a script of web/widget/test with the variables that it needs.
// It has one try: what fails now and then has a cause.
func inBrowser(t *testing.T, script string, variables ...string) {
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
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", "widget/test/"+script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), variables...)
	printed, err := cmd.CombinedOutput()
	t.Logf("%s", printed)
	require.NoError(t, err, "see above")
	require.NotContains(t, string(printed), "tests 0\n", "it tested nothing")
}
