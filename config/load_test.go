package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// variablesOf returns the environment that a fixture asks for in its comments.
func variablesOf(source []byte) (env []string) {
	for line := range strings.Lines(string(source)) {
		if variable, ok := strings.CutPrefix(line, "# env: "); ok {
			env = append(env, strings.TrimSpace(variable))
		}
	}
	return env
}

func TestEveryProblemOfABadFileIsNamed(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			require.NoError(t, err)

			c, err := Load(file, variablesOf(source))

			require.Nil(t, c)
			var problems Problems
			require.ErrorAs(t, err, &problems)
			golden := strings.TrimSuffix(file, ".yaml") + ".problems"
			got := strings.ReplaceAll(problems.Error(), "testdata/bad/", "") + "\n"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestNoFileAndNoVariableGivesTheDefaults(t *testing.T) {
	c, err := Load("", nil)
	require.NoError(t, err)
	want := Default()
	want.origins = c.origins
	require.Equal(t, want, c)
}

func TestItStartsFromTheEnvironmentAlone(t *testing.T) {
	c, err := Load("", []string{
		"RELEVO_SERVER_LISTEN=0.0.0.0:9000",
		"RELEVO_SERVER_TRUSTED_PROXIES=10.0.0.0/8, 127.0.0.1",
		"RELEVO_SERVER_BODY_LIMIT=512KB",
		"RELEVO_DATABASE_DRIVER=postgres",
		"RELEVO_DATABASE_DSN=postgres://relevo:pw@db/relevo",
		"RELEVO_WORKER_LEASE=2s",
		"RELEVO_LIMITS_IP_PER_MINUTE=0",
		"RELEVO_LOG_FORMAT=json",
		"RELEVO_LOG_LEVEL=", // empty is not set
	})
	require.NoError(t, err)
	require.Equal(t, "0.0.0.0:9000", c.Server.Listen)
	require.Equal(t, []string{"10.0.0.0/8", "127.0.0.1"}, c.Server.TrustedProxies)
	require.Equal(t, int64(512_000), c.Server.BodyLimit.Bytes())
	require.Equal(t, "postgres://relevo:pw@db/relevo", c.Database.DSN.Reveal())
	require.Equal(t, 2*time.Second, c.Worker.Lease.D())
	require.Zero(t, c.Limits.IPPerMinute)
	require.Equal(t, "json", c.Log.Format)
	require.Equal(t, "info", c.Log.Level)
}

// Every key of every section has its variable, the variable wins over the
// file, and the file over the default.
func TestFileWinsOverDefaultAndVariableOverFile(t *testing.T) {
	values := map[string][2]string{ // in the file, in the environment
		"server.listen":                 {"127.0.0.1:1", "127.0.0.1:2"},
		"server.public_url":             {"https://a.example", "https://b.example"},
		"server.trusted_proxies":        {"[10.0.0.1, 10.0.0.2]", "10.0.0.3"},
		"server.nodes":                  {"2", "3"},
		"server.read_header_timeout":    {"1s", "2s"},
		"server.shutdown_timeout":       {"0s", "2s"},
		"server.body_limit":             {"2MB", "3MB"},
		"database.driver":               {"postgres", "postgres"},
		"database.path":                 {"a.db", "b.db"},
		"database.dsn":                  {"host=a", "host=b"},
		"database.dsn_env":              {"A_DSN", "B_DSN"},
		"database.dsn_file":             {"testdata/files/dsn", "testdata/files/dsn"},
		"database.max_connections":      {"5", "6"},
		"worker.concurrency":            {"5", "6"},
		"worker.sweep":                  {"100ms", "200ms"},
		"worker.lease":                  {"10s", "20s"},
		"worker.tries":                  {"4", "5"},
		"worker.jobs":                   {"4", "5"},
		"limits.visitor_per_minute":     {"0", "6"},
		"limits.ip_per_minute":          {"0", "6"},
		"limits.messages_per_minute":    {"0", "6"},
		"storage.path":                  {"a", "b"},
		"storage.max_file":              {"2MB", "3MB"},
		"storage.max_total":             {"50MB", "60MB"},
		"storage.max_files":             {"2", "0"},
		"realtime.redis":                {"redis://a:1", "redis://b:2"},
		"realtime.redis_env":            {"A_REDIS", "B_REDIS"},
		"realtime.redis_file":           {"testdata/files/redis", "testdata/files/redis"},
		"realtime.secret_env":           {"A_SECRET", "B_SECRET"},
		"realtime.secret_file":          {"testdata/files/realtime", "testdata/files/realtime"},
		"realtime.connections_per_user": {"5", "6"},
		"realtime.connections_per_ip":   {"5", "6"},
		"webhooks.allow_private":        {"[10.0.0.0/8, 10.9.0.1]", "10.1.0.0/16"},
		"webhooks.timeout":              {"4s", "6s"},
		"mail.driver":                   {"smtp", "smtp"},
		"mail.host":                     {"mail.a.example", "mail.b.example"},
		"mail.port":                     {"26", "27"},
		"mail.tls":                      {"tls", "none"},
		"mail.username":                 {"ana", "berta"},
		"mail.password_env":             {"A_SECRET", "B_SECRET"},
		"mail.password_file":            {"testdata/files/realtime", "testdata/files/realtime"},
		"mail.from":                     {"a@a.example", "b@b.example"},
		"mail.timeout":                  {"5s", "6s"},
		"mail.conversation_url":         {"https://a.example/{id}", "https://b.example/{id}"},
		"log.level":                     {"warn", "error"},
		"log.format":                    {"json", "text"},
	}
	for _, s := range settings {
		t.Run(s.path, func(t *testing.T) {
			pair, ok := values[s.path]
			require.True(t, ok, "no values for this key: add them")
			section, name, _ := strings.Cut(s.path, ".")
			file := fmt.Sprintf("%s:\n  %s: %s\n", section, name, pair[0])
			env := []string{"A_DSN=host=a", "B_DSN=host=b", "A_REDIS=redis://a", "B_REDIS=redis://b",
				"A_SECRET=" + strings.Repeat("a", 32), "B_SECRET=" + strings.Repeat("b", 32)}
			if !strings.HasPrefix(s.path, "database.dsn") { // that the database is complete is not the question here
				env = append(env, "RELEVO_DATABASE_DSN=host=z")
			}
			if s.path == "mail.driver" { // what it takes beside that
				env = append(env, "RELEVO_MAIL_HOST=mail.example", "RELEVO_MAIL_FROM=a@a.example")
			}
			if s.path != "database.driver" {
				env = append(env, "RELEVO_DATABASE_DRIVER=postgres")
			}
			shown := func(env ...string) string {
				c, err := Parse("relevo.yaml", []byte(file), env)
				require.NoError(t, err)
				var out strings.Builder
				require.NoError(t, c.Print(&out))
				return out.String()
			}
			inFile := strings.Trim(strings.Split(pair[0], ",")[0], "[]")
			require.Contains(t, shown(env...), inFile)
			require.Contains(t, shown(append(env, s.variable+"="+pair[1])...), pair[1])
			require.Contains(t, shown(append(env, s.variable+"="+pair[1])...), "# from "+s.variable)
		})
	}
}

func TestAVariableForTheDatabaseReplacesWhatTheFileSays(t *testing.T) {
	file := []byte("database:\n  driver: postgres\n  dsn_file: nowhere\n")
	c, err := Parse("relevo.yaml", file, []string{"RELEVO_DATABASE_DSN=host=env"})
	require.NoError(t, err)
	require.Equal(t, "host=env", c.Database.DSN.Reveal())

	c, err = Parse("relevo.yaml", file, []string{"RELEVO_DATABASE_DSN_ENV=URL", "URL=host=url"})
	require.NoError(t, err)
	require.Equal(t, "host=url", c.Database.DSN.Reveal())

	c, err = Parse("elsewhere/relevo.yaml", file, []string{"RELEVO_DATABASE_DSN_FILE=testdata/files/dsn"})
	require.NoError(t, err, "a file that a variable names is looked for from where one stands")
	require.Equal(t, "postgres://relevo:from-file@db/relevo", c.Database.DSN.Reveal())

	file = []byte("database:\n  driver: postgres\n  dsn: host=a\n")
	c, err = Parse("relevo.yaml", file, []string{"RELEVO_DATABASE_DRIVER=sqlite"})
	require.NoError(t, err, "a look at one's own file with SQLite needs no other change")
	require.Equal(t, SQLite, c.Database.Driver)
}

func TestWhatIsNoConfigurationIsRefusedInOneLine(t *testing.T) {
	big := filepath.Join(t.TempDir(), "relevo.yaml")
	require.NoError(t, os.WriteFile(big, []byte(strings.Repeat("# x\n", 1<<18)+"#"), 0o600))
	for _, tt := range []struct{ name, path, source, want string }{
		{"missing", "nowhere.yaml", "", "nowhere.yaml: there is no such file"},
		{"folder", t.TempDir(), "", "cannot be read: is a directory"},
		{"large", big, "", "larger than 1MiB"},
		{"binary", "", "\x00\x01\x02", "holds a NUL character, is this a text file?"},
		{"Latin-1", "", "log: # \xe1\n", "not text in UTF-8"},
		{"deep", "", strings.Repeat("[", 1<<20), "x.yaml:1: not valid YAML: more than 1000 brackets or dashes are open"},
		{"deep list", "", "log:\n" + strings.Repeat("- ", 1<<18), "x.yaml:2: not valid YAML"},
		{"a text", "", "just words", "x.yaml:1: must hold keys and values"},
		{"a list", "", "- a\n- b\n", "x.yaml:1: must hold keys and values"},
		{"NUL escape", "", "log:\n  level: \"\\0\"\n", "x.yaml:2: log.level: must be one of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.path != "" {
				_, err = Load(tt.path, nil)
			} else {
				_, err = Parse("x.yaml", []byte(tt.source), nil)
			}
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestEmptyAndForeignFilesLoad(t *testing.T) {
	for name, source := range map[string]string{
		"empty":         "",
		"comments":      "# nothing\n",
		"null sections": "server:\nlog: ~\ninboxes:\nflows:\n",
		"BOM and CRLF":  "\ufefflog:\r\n  level: debug\r\nteams:\r\n  - name: ventas\r\n",
		"one document":  "---\nlog:\n  level: warn\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("x.yaml", []byte(source), nil)
			require.NoError(t, err)
		})
	}
}

func TestFindLooksInOrder(t *testing.T) {
	root := t.TempDir()
	env := []string{"RELEVO_CONFIG=named.yaml"}
	require.Equal(t, "flag.yaml", find("flag.yaml", env, root))
	require.Equal(t, "named.yaml", find("", env, root))
	require.Empty(t, find("", nil, root))

	etc := filepath.Join(root, "etc/relevo/relevo.yaml")
	require.NoError(t, os.MkdirAll(filepath.Dir(etc), 0o700))
	require.NoError(t, os.WriteFile(etc, nil, 0o600))
	require.Equal(t, etc, find("", nil, root))

	here := filepath.Join(root, "relevo.yaml")
	require.NoError(t, os.WriteFile(here, nil, 0o600))
	require.Equal(t, here, find("", nil, root))
}
