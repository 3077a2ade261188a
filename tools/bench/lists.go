//go:build unix

package main

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

//go:embed sql/lists_people.sql
var listPeople string

//go:embed sql/lists.sql
var listRows string

// few and many are how many conversations there are to list.
const (
	few  = 10_000
	many = 1_000_000
)

// listKinds are the lists that are asked for, as a desk does.
var listKinds = []struct{ name, query string }{
	{openList, "status=open"},
	{"all statuses", "status=all"},
	{"resolved", "status=resolved"},
	{"nobody's", "status=resolved&assignee_type=unassigned"},
	{"an agent's", "status=all&assignee_type=me"},
	{"an inbox's", "status=all&inbox_id={inbox}"},
	{"an inbox's that nobody has", "status=open&inbox_id={inbox}&assignee_type=unassigned"},
	{"a team's", "status=all&team_id={team}"},
	{"with a common label", "status=resolved&labels[]=common"},
	{"with a rare label", "status=resolved&labels[]=rare"},
	{"by a deep cursor", "status=resolved&cursor={deep}"},
}

// costlyKinds are those whose cost grows with the table; the document says so.
var costlyKinds = []struct{ name, query string }{
	{"page 1,000", "status=resolved&page=1000"},
	{"by waiting time", "status=open&sort_by=waiting_since_asc"},
}

const openList = "open"

// listResult is how long lists took.
type listResult struct {
	raw, open map[int]sample // by how many conversations there are
	slowest   map[int]sample // the kind with the highest p99
	kind      map[int]string // its name
}

// firstActivity is when the first conversation was active; each next one is 3
// seconds later.
var firstActivity = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// lists measures lists of 10,000 and of 1,000,000 conversations, each beside
// the raw query of the ruler, one request at a time.
func (b *bench) lists(ctx context.Context, s *subject) (listResult, error) {
	r := listResult{map[int]sample{}, map[int]sample{}, map[int]sample{}, map[int]string{}}
	if err := s.script(ctx, listPeople, 0, 0); err != nil {
		return r, err
	}
	token, err := s.administrator(ctx)
	if err != nil {
		return r, err
	}
	for _, statement := range []string{ // of somebody who has conversations
		"UPDATE access_tokens SET agent_id = (SELECT min(id) FROM agents WHERE email LIKE 'listed-%')",
		"UPDATE agents SET role = 'administrator' WHERE id = (SELECT min(id) FROM agents WHERE email LIKE 'listed-%')",
	} {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return r, err
		}
	}
	from := 5 // the first five have no visitor
	for _, n := range []int{few, many} {
		began := time.Now()
		if err := s.script(ctx, listRows, from, n+4); err != nil {
			return r, err
		}
		if s.name != "SQLite" { // as PostgreSQL itself does after a while
			if _, err := s.db.ExecContext(ctx, "VACUUM ANALYZE"); err != nil {
				return r, err
			}
		}
		b.say("  %d conversations were made in %s", n, time.Since(began).Round(time.Second))
		from = n + 5
		if r.raw[n], err = s.rawLists(ctx, n, b.round/5); err != nil {
			return r, err
		}
		b.say("  the raw query of %d: %.0f/s, p50 %s, p99 %s", n, r.raw[n].perSecond, µs(r.raw[n].p50), µs(r.raw[n].p99))
		for i, kind := range append(listKinds, costlyKinds...) {
			got, err := s.list(ctx, token, kind.query, n, b.round/5)
			if err != nil {
				return r, err
			}
			b.say("  list of %d, %s: %.0f/s, p50 %s, p99 %s", n, kind.name, got.perSecond, ms(got.p50), ms(got.p99))
			if kind.name == openList {
				r.open[n] = got
			}
			if i < len(listKinds) && got.p50 > r.slowest[n].p50 {
				r.slowest[n], r.kind[n] = got, kind.name
			}
		}
	}
	return r, nil
}

// script runs one of the scripts above, each statement as its own transaction.
func (s *subject) script(ctx context.Context, text string, from, to int) error {
	at, json, timestamp := "to_timestamp("+strconv.FormatInt(firstActivity.Unix(), 10)+" + 3.0 * i)", "jsonb", "timestamptz"
	if s.name == "SQLite" {
		at = "strftime('%Y-%m-%d %H:%M:%S+00:00', " + strconv.FormatInt(firstActivity.Unix(), 10) + " + 3 * i, 'unixepoch')"
		json, timestamp = "text", "text"
	}
	text = strings.NewReplacer("{from}", strconv.Itoa(from), "{to}", strconv.Itoa(to), "{at}", at, "{json}", json, "{time}", timestamp).Replace(text)
	for _, statement := range statements(text) {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("conversations to list: %w", err)
		}
	}
	return nil
}

// rawLists asks the ruler's question: one page, from a random place on.
func (s *subject) rawLists(ctx context.Context, n int, d time.Duration) (sample, error) {
	statement, err := s.db.PrepareContext(ctx, s.bind(`SELECT id, inbox_id, contact_id, assignee_id, status, unread, contact_name, last_message,
		custom, last_activity_at FROM ruler_list WHERE status = 0 AND (last_activity_at, id) < (?, 9000000000000)
		ORDER BY last_activity_at DESC, id DESC LIMIT 25`))
	if err != nil {
		return sample{}, err
	}
	defer statement.Close()
	return repeat(ctx, d, func() error {
		var before any = firstActivity.Add(time.Duration(rand.IntN(3*n)) * time.Second)
		if s.name == "SQLite" {
			before = before.(time.Time).Format("2006-01-02 15:04:05-07:00")
		}
		rows, err := statement.QueryContext(ctx, before)
		if err != nil {
			return err
		}
		defer rows.Close()
		row := make([]any, 10)
		for i := range row {
			row[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(row...); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// list asks for one kind of list again and again.
func (s *subject) list(ctx context.Context, token, query string, n int, d time.Duration) (sample, error) {
	var inbox, team int64
	err := s.db.QueryRowContext(ctx, "SELECT (SELECT id FROM inboxes WHERE identifier = 'list-2'), (SELECT id FROM teams WHERE name = 'listed')").Scan(&inbox, &team)
	if err != nil {
		return sample{}, err
	}
	deep := fmt.Sprintf("%d-%d", firstActivity.Add(time.Duration(n)*time.Second).UnixMicro(), n) // a third from the end
	query = strings.NewReplacer("{inbox}", strconv.FormatInt(inbox, 10), "{team}", strconv.FormatInt(team, 10), "{deep}", deep).Replace(query)
	c, err := dial(ctx, s.address)
	if err != nil {
		return sample{}, err
	}
	defer c.conn.Close()
	c.token = token
	for range 8 { // until the database has settled on its plans
		if err := c.get(conversationsPath+"?"+query, nil); err != nil {
			return sample{}, err
		}
	}
	return repeat(ctx, d, func() error { return c.get(conversationsPath+"?"+query, nil) })
}

// conversationsPath is where agents work.
const conversationsPath = "/api/v1/accounts/1/conversations"

// repeat does one thing after the other for d.
func repeat(ctx context.Context, d time.Duration, do func() error) (sample, error) {
	var took []time.Duration
	start := time.Now()
	for time.Since(start) < d && ctx.Err() == nil {
		began := time.Now()
		if err := do(); err != nil {
			return sample{}, err
		}
		took = append(took, time.Since(began))
	}
	return newSample(took, time.Since(start)), ctx.Err()
}

func µs(d time.Duration) string { return fmt.Sprintf("%.0f µs", micros(d)) }
