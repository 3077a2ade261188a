package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// relevo runs one command and returns its status and what it printed.
func relevo(t *testing.T, input string, args ...string) (int, string, string) {
	t.Helper()
	var out, problems bytes.Buffer
	status := run(t.Context(), args, nil, strings.NewReader(input), &out, &problems)
	return status, out.String(), problems.String()
}

func TestAnAgentIsGivenAPasswordOnStandardInput(t *testing.T) {
	dir := t.TempDir()
	file, path := filepath.Join(dir, "relevo.yaml"), filepath.Join(dir, "relevo.db")
	require.NoError(t, os.WriteFile(file, []byte("database: {path: "+path+"}\ninboxes:\n  - identifier: tienda\n"), 0o600))

	status, token, problems := relevo(t, "correct horse battery\n", "agent", "add", "--config", file, "--email", "ana@example.com", "--name", "Ana",
		"--time-zone", "America/Bogota", "--password-stdin")
	require.Zero(t, status, problems)
	stored := func() *router.Agent {
		db := routertest.Open(t, store.Options{Driver: store.SQLite, Path: path})
		defer db.Close()
		r := router.New(router.Options{DB: db})
		_, scope, err := r.AgentByToken(t.Context(), agentdesk.HashToken(strings.TrimSpace(token)))
		require.NoError(t, err)
		require.Len(t, scope.Inboxes, 1, "of every inbox")
		a, err := r.AgentByEmail(t.Context(), "ana@example.com")
		require.NoError(t, err)
		return a
	}
	first := stored()
	require.Equal(t, "America/Bogota", first.TimeZone)
	require.Contains(t, first.PasswordHash, "$argon2id$")

	status, out, problems := relevo(t, "another horse battery", "agent", "password", "--config", file, "--email", "Ana@example.com")
	require.Zero(t, status, problems)
	require.Empty(t, out)
	require.NotEqual(t, first.PasswordHash, stored().PasswordHash)

	for name, c := range map[string]struct{ email, input, says string }{
		"too short": {"ana@example.com", "short\n", "password must have at least 8 characters"},
		"nothing":   {"ana@example.com", "", "no password on standard input"},
		"nobody":    {"berta@example.com", "correct horse battery\n", "not found"},
	} {
		status, _, problems := relevo(t, c.input, "agent", "password", "--config", file, "--email", c.email)
		require.Equal(t, 1, status, name)
		require.Contains(t, problems, c.says, name)
		require.NotContains(t, problems, "horse", name)
	}
}

func TestAnAgentWhoIsThereIsAddedToMoreInboxes(t *testing.T) {
	dir := t.TempDir()
	file, path := filepath.Join(dir, "relevo.yaml"), filepath.Join(dir, "relevo.db")
	require.NoError(t, os.WriteFile(file, []byte("database: {path: "+path+"}\ninboxes:\n  - identifier: tienda\n  - identifier: correo\n  - identifier: banco\n"), 0o600))
	add := func(input string, flags ...string) (int, string, string) {
		return relevo(t, input, append([]string{"agent", "add", "--config", file, "--email", "ana@example.com", "--name", "Ana"}, flags...)...)
	}
	status, token, problems := add("", "--inbox", "tienda")
	require.Zero(t, status, problems)
	inboxes := func() int {
		db := routertest.Open(t, store.Options{Driver: store.SQLite, Path: path})
		defer db.Close()
		_, scope, err := router.New(router.Options{DB: db}).AgentByToken(t.Context(), agentdesk.HashToken(strings.TrimSpace(token)))
		require.NoError(t, err)
		return len(scope.Inboxes)
	}
	require.Equal(t, 1, inboxes())

	status, out, problems := add("", "--inbox", "correo", "--role", "administrator")
	require.Zero(t, status, problems)
	require.Empty(t, out, "no second token")
	require.Contains(t, problems, "is there already")
	require.Equal(t, 2, inboxes(), "and no administrator, who would see all")
	status, _, problems = add("")
	require.Zero(t, status, problems)
	require.Equal(t, 3, inboxes())

	status, _, problems = add("correct horse battery\n", "--password-stdin")
	require.Equal(t, 1, status, "a password is not changed in passing")
	require.Contains(t, problems, "email is already in use")
	status, _, _ = add("", "--inbox", "nowhere")
	require.Equal(t, 1, status)
}
