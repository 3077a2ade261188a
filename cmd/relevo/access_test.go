package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
	"relevo/router/routertest"
	"relevo/router/store"
)

// docs/access.md says of every address who may call it and what they get. The
// page is what the tests expect and what users read; with -access it is
// written anew from what the server does, for its difference to be judged.
const accessPage = "../../docs/access.md"

var writeAccess = flag.Bool("access", false, "write docs/access.md anew")

// The people of the page, one a column, in its order.
type person struct {
	column string
	kind   api.Caller
	inside bool   // what is asked for is theirs, or of an inbox of theirs
	key    string // names their secret in a scene: "" for none
	email  string // with which they sign in
}

var people = []person{
	{"nobody", api.Somebody, false, "", "ana@example.com"},
	{"visitor", api.Visitor, true, "{lucia}", "ana@example.com"},
	{"other visitor", api.Visitor, false, "{omar}", "ana@example.com"},
	{"agent", api.Agent, true, "token-ana", "berta@example.com"},
	{"agent outside", api.Agent, false, "token-berta", "berta@example.com"},
	{"administrator", api.Administrator, true, "token-jefa", "berta@example.com"},
	{"bot", api.Bot, true, "token-bot", "jefa@example.com"},
	{"bot outside", api.Bot, false, "token-stray", "jefa@example.com"},
}

// What somebody gets.
const (
	yes     = "yes"
	own     = "own" // an answer, but nothing of what others have
	no      = "no"  // refused
	missing = "404" // as if it were not there
)

// TestEveryAddressIsAnsweredAsThePageSays asks a whole server, with real rows
// behind every id, for every operation as everybody. Whoever is refused must
// have changed nothing, and nobody outside may read a word from inside.
func TestEveryAddressIsAnsweredAsThePageSays(t *testing.T) {
	page := readAccess(t)
	if *writeAccess {
		page = accessTable{rows: map[string][]string{}, mounted: page.mounted}
	}
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		s := newScene(t, db)
		known := map[string]bool{}
		for _, op := range s.server.Operations() {
			name := op.Method + " " + op.Path
			known[name] = true
			got := s.askAsEverybody(t, op)
			if *writeAccess {
				page.rows[name] = got
				continue
			}
			want, ok := page.rows[name]
			require.True(t, ok, "docs/access.md does not say who may call %s: go test ./cmd/relevo -run EveryAddress -access, and look at what it writes", name)
			require.Equal(t, labelled(want), labelled(got), name)
		}
		for _, name := range slices.Sorted(maps.Keys(page.rows)) {
			require.True(t, known[name], "docs/access.md speaks of %s, which nobody serves", name)
		}
	})
	if *writeAccess {
		writeAccessPage(t, page)
	}
}

// labelled makes a row readable where it differs.
func labelled(row []string) map[string]string {
	out := map[string]string{}
	for i, p := range people {
		if i < len(row) {
			out[p.column] = row[i]
		}
	}
	return out
}

// askAsEverybody returns what each of people gets from op, each on a house as
// it was built.
func (s *scene) askAsEverybody(t *testing.T, op api.Operation) []string {
	t.Helper()
	replies := make([]reply, len(people))
	someRead, someChanged := false, false
	for i, p := range people {
		r := s.ask(t, op, p)
		s.check(t, op, p, r)
		replies[i] = r
		someRead = someRead || r.reads
		someChanged = someChanged || r.changed
	}
	row := make([]string, len(people))
	for i, r := range replies {
		switch {
		case r.status == 404:
			row[i] = missing
		case r.status > 299:
			row[i] = no
		case !r.changed && (someChanged || someRead && !r.reads):
			row[i] = own
		default:
			row[i] = yes
		}
	}
	return row
}

// check holds what is so whatever the page says.
func (s *scene) check(t *testing.T, op api.Operation, p person, r reply) {
	t.Helper()
	what := fmt.Sprintf("%s %s as %s: %d %s", op.Method, op.Path, p.column, r.status, r.body)
	if r.status > 299 {
		require.False(t, r.changed, "refused, and yet something changed: %s", what)
		require.Contains(t, []int{401, 404}, r.status, "neither answered nor refused: %s", what)
	}
	if !p.inside {
		require.False(t, r.reads, "somebody outside reads what is inside: %s", what)
	}
	if !op.Access.Allows(p.kind) {
		require.NotContains(t, []int{200, 204}, r.status, "the declaration says no: %s", what)
	}
	switch {
	case r.status != 401:
	case p.kind == api.Somebody || p.kind == api.Visitor:
		require.Contains(t, r.body, `"unauthenticated"`, what)
	case op.Access.Allows(p.kind) || p.kind == api.Agent:
		require.Contains(t, r.body, `"forbidden"`, what)
	default:
		require.Contains(t, r.body, `"not_for_bots"`, what)
	}
}

// forBots is what the dialect lets bots do, and nothing else.
var forBots = []string{
	"GET /:conversation_id", "PATCH /:conversation_id", "POST ", "POST /:conversation_id/toggle_status", "POST /:conversation_id/toggle_priority",
	"POST /:conversation_id/toggle_typing_status", "POST /:conversation_id/custom_attributes", "POST /:conversation_id/messages",
	"POST /:conversation_id/assignments", "GET /:conversation_id/labels", "POST /:conversation_id/labels",
}

// The page is written by a program, so what must never stand in it is said
// here once more.
func TestThePageGivesNobodyTooMuch(t *testing.T) {
	const account = "/api/v1/accounts/:account_id"
	bots := []string{}
	for name, row := range readAccess(t).rows {
		method, path, _ := strings.Cut(name, " ")
		cell := labelled(row)
		if strings.HasPrefix(path, "/api/v1/") {
			for _, p := range []string{"nobody", "visitor", "other visitor"} {
				require.Equal(t, no, cell[p], "%s as %s", name, p)
			}
			require.Contains(t, []string{no, missing}, cell["bot outside"], name)
			if cell["bot"] != no {
				bots = append(bots, method+" "+strings.TrimPrefix(path, account+"/conversations"))
			}
		}
		if strings.Contains(path, "/:contact_identifier") && !strings.Contains(path, "/campaigns/") { // it has a campaign of another inbox
			require.Equal(t, yes, cell["visitor"], "what is a visitor's own is theirs: %s", name)
		}
		if strings.Contains(path, "/:conversation_id") {
			for _, p := range people {
				if !p.inside {
					require.Contains(t, []string{no, missing}, cell[p.column], "%s as %s", name, p.column)
				}
			}
		}
		for _, settings := range []string{"/agents", "/inboxes", "/inbox_members", "/agent_bots", "/teams", "/labels"} {
			if rest, ok := strings.CutPrefix(path, account+settings); ok && method != "GET" && (rest == "" || rest[0] == '/') {
				require.Equal(t, no, cell["agent"], "agents do not manage: %s", name)
			}
		}
	}
	require.ElementsMatch(t, forBots, bots)
}

// What is mounted beside the operations has a sentence in place of a row, and
// preflights (OPTIONS) are answered to everybody, with nothing.
func TestThePageLeavesNoAddressOut(t *testing.T) {
	page := readAccess(t)
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		s := newScene(t, db)
		mounted := map[string]bool{}
		for _, r := range s.server.Routes() {
			name := r.Method + " " + r.Path
			if _, operation := page.rows[name]; operation {
				continue
			}
			if r.Method == "OPTIONS" {
				got := s.send(t, r.Method, s.path(r.Method, r.Path, people[0]), "", "")
				require.Contains(t, []int{200, 204}, got.status, name)
				require.Empty(t, got.body, name)
				continue
			}
			mounted[name] = true
			require.NotEmpty(t, page.mounted[name], "docs/access.md does not say, in its second table, who may call %s", name)
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(mounted)), slices.Collect(maps.Keys(page.mounted)), "docs/access.md speaks of what nobody serves")

		for _, open := range []string{"GET /healthz", "GET /readyz", "GET /attachments/:key/:name"} {
			method, path, _ := strings.Cut(open, " ")
			require.Equal(t, 200, s.send(t, method, s.path(method, path, people[0]), "", "").status, open)
		}
		require.Equal(t, 404, s.send(t, "GET", "/attachments/not-the-key/nota.txt", "", "").status)
		for _, stream := range []string{"", `,"token":"token-jefa"`, `,"token":"` + s.values["{lucia}"] + `"`} {
			got := s.send(t, "POST", "/realtime/http_stream", "", `{"id":1,"connect":{"name":"js"`+stream+`}}`)
			require.NotContains(t, got.body, `"client"`, "a socket without a token of ours: %s", stream)
		}
	})
}

const accessHead = `# Who may call what

Every address, asked as everybody on a server with real conversations in it. The tests compare this page with what the
server does; it is written by ` + "`go test ./cmd/relevo -run EveryAddress -access`" + `.

| column | |
|---|---|
| nobody | no token; where the address holds a visitor's token, one that nobody has |
| visitor | whose conversation it is, by their ` + "`source_id`" + ` |
| other visitor | of the same inbox, by their own ` + "`source_id`" + `, after the visitor's conversation |
| agent, agent outside | by token; a member of the conversation's inbox, and of another inbox only |
| administrator | by token; a member of no inbox |
| bot, bot outside | by token; a bot outside that is attached to the inbox, and one that is not |

**yes**: it is done. **own**: answered, with nothing but what is the caller's own or may be seen by them. **no**: refused
with 401, and nothing changes. **404**: as if it were not there.

`

// placeOf finds what an address has a row's id for.
var placeOf = regexp.MustCompile(`:([a-z_]+)`)

type accessTable struct {
	rows    map[string][]string // "GET /path" -> what each person gets
	mounted map[string]string   // "GET /path" -> who may call it
}

// readAccess reads the page's two tables.
func readAccess(t *testing.T) accessTable {
	t.Helper()
	text, err := os.ReadFile(accessPage)
	require.NoError(t, err)
	table := accessTable{map[string][]string{}, map[string]string{}}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		cells[0] = strings.NewReplacer("{", ":", "}", "").Replace(cells[0])
		method, path, _ := strings.Cut(cells[0], " ")
		switch {
		case !strings.HasPrefix(path, "/") || method != strings.ToUpper(method):
		case len(cells) == len(people)+1:
			table.rows[cells[0]] = cells[1:]
		case len(cells) == 2:
			table.mounted[cells[0]] = cells[1]
		default:
			require.Fail(t, "docs/access.md has a row that nobody can read", line)
		}
	}
	return table
}

func writeAccessPage(t *testing.T, table accessTable) {
	t.Helper()
	var b strings.Builder
	b.WriteString(accessHead + "|")
	for _, p := range people {
		b.WriteString(" | " + p.column)
	}
	b.WriteString(" |\n|---" + strings.Repeat("|---", len(people)) + "|\n")
	byPath := func(a, b string) int {
		methodA, pathA, _ := strings.Cut(a, " ")
		methodB, pathB, _ := strings.Cut(b, " ")
		if pathA != pathB {
			return strings.Compare(pathA, pathB)
		}
		return strings.Compare(methodA, methodB)
	}
	for _, name := range slices.SortedFunc(maps.Keys(table.rows), byPath) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", placeOf.ReplaceAllString(name, "{$1}"), strings.Join(table.rows[name], " | "))
	}
	b.WriteString("\nBeside the operations:\n\n| | who |\n|---|---|\n")
	for _, name := range slices.SortedFunc(maps.Keys(table.mounted), byPath) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", placeOf.ReplaceAllString(name, "{$1}"), table.mounted[name])
	}
	require.NoError(t, os.WriteFile(accessPage, []byte(b.String()), 0o644))
}
