package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/bot/flow"
)

// allKeys returns the path of every key without list positions:
// "inboxes.debounce.window". What stands in a flow is package flow's.
func allKeys(t reflect.Type, path string) []string {
	var paths []string
	for _, k := range keysOf(t) {
		at := join(path, k.name)
		paths = append(paths, at)
		inner := k.typ
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if isSection(inner) {
			paths = append(paths, allKeys(inner, at)...)
		}
	}
	return paths
}

func TestTheExampleLoadsAndSaysTheDefaults(t *testing.T) {
	c, err := Parse("relevo.example.yaml", Example, nil)
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	d := Default()
	require.Equal(t, d.Server, c.Server)
	require.Equal(t, d.Database, c.Database)
	require.Equal(t, d.Worker, c.Worker)
	require.Equal(t, d.Limits, c.Limits)
	require.Equal(t, d.Storage, c.Storage)
	require.Equal(t, d.Webhooks, c.Webhooks)
	require.Equal(t, d.Log, c.Log)

	var in Inbox
	in.setDefaults()
	got := c.Inboxes[0]
	require.Equal(t, in.Debounce, got.Debounce)
	require.Equal(t, []string{in.Channel, in.AfterResolved}, []string{got.Channel, got.AfterResolved})
	require.Equal(t, in.AutoAssign, got.AutoAssign)
	require.Equal(t, in.MaxAssignments, got.MaxAssignments)
	var b Bot
	b.setDefaults()
	require.Equal(t, b.Timeout, c.Bots[0].Timeout)
	require.Equal(t, b.RatePerMinute, c.Bots[0].RatePerMinute)
	require.Equal(t, []string{b.Provider, b.Location, b.Environment}, []string{c.Bots[0].Provider, c.Bots[0].Location, c.Bots[0].Environment})
}

func TestTheExampleMentionsEveryKeyWithAComment(t *testing.T) {
	comments := commentsOf(Example)
	for _, path := range allKeys(reflect.TypeFor[Config](), "") {
		require.NotEmpty(t, comments[path], "%s has no comment in the example", path)
	}
	require.Len(t, comments, len(allKeys(reflect.TypeFor[Config](), "")), "the example mentions a key that does not exist")
}

// With everything switched on the example contradicts itself, but every key of
// it is known.
func TestTheExampleSwitchedOnHasNoUnknownKey(t *testing.T) {
	all := regexp.MustCompile(`(?m)^( *)#([a-z_]+:)`).ReplaceAll(Example, []byte("$1$2"))
	require.NotEqual(t, Example, all)
	_, err := Parse("relevo.example.yaml", all, nil)
	require.Error(t, err, "dsn beside dsn_env cannot be right")
	require.NotContains(t, err.Error(), "unknown")
	require.NotContains(t, err.Error(), "not valid YAML")
}

func TestTheDemoIsWhatMakeRunShows(t *testing.T) {
	c, err := Parse("demo.yaml", Demo, []string{"RELEVO_SERVER_LISTEN=127.0.0.1:9999"})
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	require.Equal(t, "127.0.0.1:9999", c.Server.Listen)
	require.Equal(t, ".demo/relevo.db", c.Database.Path)
	in := c.Inbox("demo")
	require.NotNil(t, in)
	require.Equal(t, []string{"es", "America/Mexico_City"}, []string{in.Locale, in.Timezone})
	f := c.Flow(in.Bot)
	require.NotNil(t, f)
	kinds := []string{}
	for _, step := range f.Steps {
		kinds = append(kinds, step.Do.Kind())
	}
	require.Equal(t, []string{"say", "collect", "dialogflow", "handoff"}, kinds)
	require.Equal(t, []string{"tienda"}, f.Agents())
	require.Equal(t, EmulatorDemo, c.Bot("tienda").Emulator)
	require.Nil(t, c.Inbox("other"))
	require.Nil(t, c.Bot("other"))
	require.Nil(t, c.Flow("other"))
}

// A key with two letters swapped is known for what it was meant to be, on
// every level, with its line.
func TestEveryMisspeltKeyIsRecognised(t *testing.T) {
	for _, path := range allKeys(reflect.TypeFor[Config](), "") {
		parts := strings.Split(path, ".")
		right := parts[len(parts)-1]
		wrong := right[:1] + string(right[2]) + string(right[1]) + right[3:]
		if wrong == right || len(right) == 3 { // "tuh" may be Tuesday
			wrong = right + "z"
		}
		var file strings.Builder
		key, indent := "", ""
		for i, part := range parts[:len(parts)-1] {
			fmt.Fprintf(&file, "%s%s:\n", indent, part)
			indent += "  "
			key += part
			if isList(strings.Join(parts[:i+1], ".")) {
				file.WriteString(indent + "-\n")
				indent, key = indent+"  ", key+"[0]"
			}
			key += "."
		}
		fmt.Fprintf(&file, "%s%s: 1\n", indent, wrong)

		_, err := Parse("relevo.yaml", []byte(file.String()), nil)

		line := strings.Count(file.String(), "\n")
		require.ErrorContains(t, err, fmt.Sprintf("relevo.yaml:%d: %s%s: unknown key, did you mean %q?", line, key, wrong, right), file.String())
	}
}

// isList reports whether a key holds a list of sections.
func isList(path string) bool {
	t := reflect.TypeFor[Config]()
	for part := range strings.SplitSeq(path, ".") {
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		k, _ := named(keysOf(t), part)
		t = k.typ
	}
	return t.Kind() == reflect.Slice && isSection(t.Elem())
}

func TestTheDocumentListsEveryKey(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	sections := map[string]string{}
	for part := range strings.SplitSeq(string(text), "\n## ") {
		title, body, _ := strings.Cut(part, "\n")
		sections[strings.Trim(title, "`")] = body
	}
	for _, path := range allKeys(reflect.TypeFor[Config](), "") {
		section, name, _ := strings.Cut(path, ".")
		require.Contains(t, sections, section, "no heading for %s", section)
		if name != "" {
			require.Contains(t, sections[section], "| `"+name+"` |", "%s is not documented", path)
		}
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|")
	known := allKeys(reflect.TypeFor[Config](), "")
	for section, body := range sections {
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			require.Contains(t, known, section+"."+m[1], "the document lists a key that does not exist")
		}
	}
}

func TestPrintedConfigurationLoadsAgain(t *testing.T) {
	for name, source := range map[string][]byte{"example": Example, "demo": Demo, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			c, err := Parse("x.yaml", source, []string{"RELEVO_SERVER_TRUSTED_PROXIES=10.0.0.1,10.0.0.2"})
			require.NoError(t, err)
			var out strings.Builder
			require.NoError(t, c.Print(&out))
			again, err := Parse("x.yaml", []byte(out.String()), nil)
			require.NoError(t, err, out.String())
			require.Len(t, again.Flows, len(c.Flows))
			for i, f := range c.Flows {
				require.Equal(t, flow.Hash(f.Source()), flow.Hash(again.Flows[i].Source()), "a flow's hash outlives printing")
			}
			again.origins, again.Flows, c.origins, c.Flows = nil, nil, nil, nil
			if len(c.Teams)+len(c.Inboxes)+len(c.Bots) == 0 {
				c.Teams, c.Inboxes, c.Bots = []Team{}, []Inbox{}, []Bot{}
			}
			require.Equal(t, c, again)
		})
	}
}

func TestPrintSaysWhereAValueIsFrom(t *testing.T) {
	c, err := Parse("x.yaml", []byte("log:\n  level: warn\n"), []string{"RELEVO_SERVER_LISTEN=:1"})
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, c.Print(&out))
	require.Contains(t, out.String(), "level: warn\n")
	require.Contains(t, out.String(), "format: text # default\n")
	require.Contains(t, out.String(), "listen: :1 # from RELEVO_SERVER_LISTEN\n")
}

func TestNoWayOfShowingAConfigurationShowsASecret(t *testing.T) {
	const secret = "hunter2"
	c, err := Parse("x.yaml", []byte(`
database: {driver: postgres, dsn_env: URL}
inboxes: [{identifier: a, hmac_secret_env: HMAC}]
bots: [{name: b, project: shop, language: es, credentials_env: KEY}]
`), []string{"URL=postgres://relevo:hunter2@db/relevo?sslpassword=hunter2", "HMAC=hunter2", `KEY={"private_key":"hunter2"}`})
	require.NoError(t, err)
	require.Contains(t, c.Database.DSN.Reveal(), secret)
	require.Equal(t, secret, c.Inboxes[0].HMACSecret.Reveal())
	require.Contains(t, c.Bots[0].Credentials.Reveal(), secret)

	var printed, logged strings.Builder
	require.NoError(t, c.Print(&printed))
	slog.New(slog.NewTextHandler(&logged, nil)).Info("config", "all", c, "dsn", c.Database.DSN, "hmac", c.Inboxes[0].HMACSecret)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("config", "database", c.Database, "hmac", c.Inboxes[0].HMACSecret, "bots", c.Bots)
	asJSON, err := json.Marshal(c.Bots)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"print": printed.String(),
		"log":   logged.String(),
		"json":  string(asJSON),
		"%v":    fmt.Sprintf("%v %v", *c, c.Inboxes),
		"%+v":   fmt.Sprintf("%+v %+v", *c, c.Bots),
		"%#v":   fmt.Sprintf("%#v %#v", c.Database, c.Bots),
		"%s":    fmt.Sprintf("%s %s", c.Database.DSN, c.Inboxes[0].HMACSecret),
	} {
		require.NotContains(t, text, secret, name)
	}
	require.Contains(t, printed.String(), "postgres://relevo:xxxxx@db/relevo?sslpassword=xxxxx")
}

func TestDSNIsShownWithoutPasswords(t *testing.T) {
	for dsn, shown := range map[string]string{
		"":                                    "",
		"postgres://u@h/d":                    "postgres://u@h/d",
		"postgresql://u:p%40ss@h:5432/d":      "postgresql://u:xxxxx@h:5432/d",
		"postgres://h/d?user=u&password=pass": "postgres://h/d?password=xxxxx&user=u",
		"host=h password=pass dbname=d":       "host=h password=xxxxx dbname=d",
		`host=h password = 'it\'s a' user=u`:  "host=h password = xxxxx user=u",
		"host=h PASSWORD=pa\\ ss sslmode=off": "host=h PASSWORD=xxxxx sslmode=off",
		"host=h password='open end":           "host=h password=xxxxx",
		"postgres://u:p%zz@h/d":               hidden,
		"pass word":                           hidden,
	} {
		require.Equal(t, shown, NewDSN(dsn).String(), dsn)
	}
}

func TestSecretsComeFromVariablesAndFiles(t *testing.T) {
	c, err := Load("testdata/good.yaml", []string{"HMAC=from-env"})
	require.NoError(t, err)
	require.Equal(t, "postgres://relevo:from-file@db/relevo", c.Database.DSN.Reveal())
	require.Equal(t, "from-env", c.Inbox("a").HMACSecret.Reveal())
	require.JSONEq(t, `{"type":"service_account","project_id":"shop"}`, c.Bot("tienda").Credentials.Reveal())
	require.True(t, c.Bot("propia").Credentials.IsZero(), "the machine's own account")
	require.Equal(t, "testdata/files", c.Bot("local").Emulator, "found from the file's folder")

	require.NotNil(t, c.Flow("soporte"), "a flow in a file of its own")
	require.Equal(t, []string{
		`testdata/files/soporte.yaml:6: steps[1].handoff.team: team "ventas" is not declared under teams; if the desk has none of that name, the flow hands off without a team`,
		`testdata/good.yaml:19: bots[1].timeout: longer than worker.lease (5s): slow answers will be thrown away and asked for again`,
		`testdata/good.yaml:22: bots[2].endpoint: customers' words travel there without encryption; leave endpoint out to use Dialogflow itself`,
		`testdata/good.yaml:23: bots[2].timeout: longer than worker.lease (5s): slow answers will be thrown away and asked for again`,
	}, sortedLines(c.Warnings), "doubts do not keep it from starting")
}

func sortedLines(p Problems) []string {
	lines := strings.Split(p.Error(), "\n")
	slices.Sort(lines)
	return lines
}
