package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/config"
)

// readme returns the blocks of one language that stand under a heading.
func readme(t *testing.T, heading, language string) []string {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, m[1])
	}
	require.NotEmpty(t, blocks)
	return blocks
}

// TestReadmeSteps does what a newcomer does: it starts the demonstration and
// copies the five steps into a shell.
func TestReadmeSteps(t *testing.T) {
	steps := readme(t, "Five first steps", "sh")
	require.Len(t, steps, 5)
	base := demoServer(t)
	sh := newShell(t)

	say := func(step int) string {
		block := strings.ReplaceAll(steps[step], "API=http://127.0.0.1:8080", "API="+base)
		return sh.run(pauses.ReplaceAllString(block, "")) // the test looks instead
	}
	until := func(words string) {
		t.Helper()
		// The desk is asked, because a visitor may not ask so often.
		thread := base + "/api/v1/accounts/1/conversations/1/messages"
		require.Eventually(t, func() bool { return strings.Contains(get(t, thread), words) }, 30*time.Second, 20*time.Millisecond, words)
	}
	require.Contains(t, say(0), "¿a qué hora abren?")
	until("¿A qué correo")
	require.Contains(t, say(1), "lucia@example.com")
	until("Abrimos de lunes a viernes")
	say(2)
	until("Te paso con una persona")
	agent := say(3)
	require.Contains(t, agent, `"status":"open"`)
	require.Contains(t, agent, `"reason":"asked_for_person"`)
	last := say(4)
	require.Contains(t, last, "soy Diego")
	require.Contains(t, last, `"current_status":"pending"`)
}

// TestReadmeWiring: the YAML that the README shows can be used as it is.
func TestReadmeWiring(t *testing.T) {
	key := filepath.Join(t.TempDir(), "dialogflow.json")
	require.NoError(t, os.WriteFile(key, []byte(`{"type":"service_account"}`), 0o600))
	yaml := strings.ReplaceAll(readme(t, "The wiring", "yaml")[0], "/run/secrets/dialogflow.json", key)
	_, err := config.Parse("relevo.yaml", []byte(yaml), []string{"RELEVO_DSN=postgres://localhost/relevo"})
	require.NoError(t, err)
}

var pauses = regexp.MustCompile(`(?m)^sleep .*$`)

// TestTheDemoStartsAgain on the database that it left, and from scratch.
func TestTheDemoStartsAgain(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"serve", "--demo"}, {"serve", "--demo"}, {"serve", "--demo", "--reset"}} {
		ctx, stop := context.WithCancel(context.Background())
		out, in := io.Pipe()
		var served sync.WaitGroup
		served.Go(func() {
			defer in.Close()
			assert.Zero(t, run(ctx, args, []string{"PORT=0"}, strings.NewReader(""), in, io.Discard), args)
		})
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.Contains(lines.Text(), "Relevo is running") {
		}
		stop()
		_, _ = io.Copy(io.Discard, out)
		served.Wait()
	}
}

// demoServer runs `relevo serve --demo` in an empty folder and returns its
// address.
func demoServer(t *testing.T) string {
	t.Chdir(t.TempDir())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, _ := net.SplitHostPort(free.Addr().String())
	require.NoError(t, free.Close())

	ctx, stop := context.WithCancel(context.Background())
	var served sync.WaitGroup
	var status int
	served.Go(func() {
		status = run(ctx, []string{"serve", "--demo"}, []string{"PORT=" + port}, strings.NewReader(""), io.Discard, io.Discard)
	})
	t.Cleanup(func() {
		stop()
		served.Wait()
		require.Zero(t, status)
	})
	base := "http://127.0.0.1:" + port
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

func get(t *testing.T, url string) string {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("api_access_token", "demo-agent")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}

// shell is a bash that keeps its variables from one block to the next.
type shell struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func newShell(t *testing.T) *shell {
	if _, err := exec.LookPath("curl"); err != nil {
		require.NotEqual(t, "1", os.Getenv("RELEVO_REQUIRE_CURL"), "there is no curl")
		t.Skip("NOT TESTED: the README's steps need curl, which is not on this machine")
	}
	bash := exec.CommandContext(t.Context(), "bash")
	in, err := bash.StdinPipe()
	require.NoError(t, err)
	out, err := bash.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, bash.Start())
	t.Cleanup(func() { _ = in.Close(); _ = bash.Wait() })
	return &shell{t, in, bufio.NewReader(out)}
}

// run runs a block and returns what it printed.
func (s *shell) run(block string) string {
	const end = "-- end of block --"
	_, err := fmt.Fprintf(s.in, "%s\necho; echo '%s'\n", block, end)
	require.NoError(s.t, err)
	var printed strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		require.NoError(s.t, err)
		if strings.TrimSpace(line) == end {
			return printed.String()
		}
		printed.WriteString(line)
	}
}
