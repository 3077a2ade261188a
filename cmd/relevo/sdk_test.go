package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/routertest"
	"relevo/router/store"
)

// requireNode turns the skip without Node into a failure.
const requireNode = "RELEVO_REQUIRE_NODE"

// TestAnSDKMadeForChatwoot drives the server with an SDK that others use
// against Chatwoot. What it calls, and what has to come back, is in
// testdata/sdk.
func TestAnSDKMadeForChatwoot(t *testing.T) {
	tests, err := filepath.Abs(filepath.Join("testdata", "sdk"))
	require.NoError(t, err)
	modules := nodeModules(t, tests)
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		s := newSDKServer(t, opts)
		script := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec")
		script.Dir = tests
		script.Env = append(os.Environ(), "NODE_PATH="+modules, "RELEVO_BASE="+s.base, "RELEVO_ADMIN_TOKEN="+s.admin, "RELEVO_AGENT_TOKEN="+s.agent)
		printed, err := script.CombinedOutput()
		require.NoError(t, err, "%s", printed)
		require.NotContains(t, string(printed), "tests 0\n", "it tested nothing")
	})
}

// nodeModules returns the folder of the packages that folder's lock file
// names. It is kept from one run to the next, outside the project.
func nodeModules(t *testing.T, folder string) string {
	t.Helper()
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	require.NoError(t, err)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	kept := filepath.Join(cache, fmt.Sprintf("relevo-sdk-%x", sha256.Sum256(lock)))
	_, err = exec.LookPath("node")
	if _, absent := os.Stat(kept); err == nil && absent != nil {
		err = install(t, folder, kept)
	}
	if err != nil {
		if os.Getenv(requireNode) == "1" {
			require.NoError(t, err)
		}
		t.Skipf("NOT TESTED: the SDK made for Chatwoot needs Node with npm, and its packages: %v", err)
	}
	return filepath.Join(kept, "node_modules")
}

// install gets what the lock file in folder names, and puts it where it is
// kept only when all of it is there.
func install(t *testing.T, folder, kept string) error {
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return err
	}
	half, err := os.MkdirTemp(filepath.Dir(kept), "relevo-sdk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(half)
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(half, name), text, 0o600); err != nil {
			return err
		}
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = half
	if printed, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, printed)
	}
	err = os.Rename(half, kept)
	if _, there := os.Stat(kept); there == nil {
		return nil // or another test put it there
	}
	return err
}

// sdkServer is `relevo serve` with an inbox of its file that has a bot, an
// administrator, and an agent of that inbox.
type sdkServer struct{ base, admin, agent string }

func newSDKServer(t *testing.T, opts store.Options) sdkServer {
	t.Helper()
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	database := fmt.Sprintf("driver: sqlite, path: %q", opts.Path)
	if opts.Driver == store.Postgres {
		database = fmt.Sprintf("driver: postgres, dsn: %q", opts.DSN)
	}
	file := filepath.Join(dir, "relevo.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
server: { listen: %q, public_url: "http://%s" }
database: { %s }
storage: { path: %q }
worker: { sweep: 50ms }
webhooks: { allow_private: [127.0.0.0/8] }
limits: { visitor_per_minute: 0, ip_per_minute: 0, messages_per_minute: 0 }
inboxes:
  - identifier: tienda
    name: Tienda
    channel: web_widget
    locale: es
    timezone: America/Mexico_City
    greeting: "¡Bienvenida, bienvenido!"
    bot: soporte
    debounce: { window: 0s, maximum: 0s }
flows:
  - name: soporte
    language: es
    steps:
      - say: "Soy el asistente de {{ inbox.name }}."
      - handoff: { say: "Te paso con una persona." }
`, address, address, database, filepath.Join(dir, "files")), 0o600))

	s := sdkServer{base: serveFile(t, file, address)}
	add := func(args ...string) string {
		status, token, problems := relevo(t, "", append([]string{"agent", "add", "--config", file}, args...)...)
		require.Zero(t, status, problems)
		return strings.TrimSpace(token)
	}
	s.admin = add("--email", "jefa@example.com", "--name", "Jefa", "--role", "administrator")
	s.agent = add("--email", "ana@example.com", "--name", "Ana", "--inbox", "tienda")
	return s
}

// serveFile runs `relevo serve` with that file until the test ends, and returns
// where it is reached.
func serveFile(t *testing.T, file, address string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var served sync.WaitGroup
	var status int
	var problems bytes.Buffer
	served.Go(func() {
		status = run(ctx, []string{"serve", "--config", file}, nil, strings.NewReader(""), io.Discard, &problems)
	})
	t.Cleanup(func() {
		stop()
		served.Wait()
		require.Zero(t, status, problems.String())
		if t.Failed() {
			t.Log(problems.String())
		}
	})
	base := "http://" + address
	require.Eventually(t, func() bool {
		res, err := http.Get(base + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond)
	return base
}
