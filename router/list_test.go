package router_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// listed is a conversation as a list can tell it from others.
type listed struct {
	id, inbox, assignee, team int64
	status                    fsm.Status
	label                     string
	at                        time.Time
}

// crowd makes n conversations of every kind, many of them with the same time.
func crowd(t *testing.T, f *floor, n int) []listed {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	pick := rand.New(rand.NewPCG(seed, 0))
	team := f.ventas("Ana")
	var all []listed
	for range n {
		c := listed{inbox: f.correo.ID, status: fsm.Statuses[pick.IntN(4)], at: f.clock.Now().Add(time.Duration(pick.IntN(20)) * time.Minute)}
		inbox := f.correo
		if pick.IntN(3) == 0 {
			inbox, c.inbox = f.tienda, f.tienda.ID
		}
		c.id = f.says(inbox, f.visitor(inbox), "Hola").ConversationID
		var assignee, of *int64
		if c.status != fsm.Pending && pick.IntN(2) == 0 {
			c.assignee = f.id([]string{"Ana", "Beto"}[pick.IntN(2)])
			assignee = &c.assignee
		}
		if pick.IntN(3) == 0 {
			c.team, of = team, &team
		}
		f.sql("UPDATE conversations SET status = ?, assignee_id = ?, team_id = ?, last_activity_at = ?, bot_seq = customer_seq, due_at = NULL WHERE id = ?",
			string(c.status), assignee, of, c.at, c.id)
		if pick.IntN(3) == 0 {
			c.label = "pagos"
			f.sql("INSERT INTO conversation_labels (conversation_id, label) VALUES (?, ?)", c.id, c.label)
		}
		all = append(all, c)
	}
	return all
}

// Whatever is asked for, in whatever way it is found, a list shows what matches
// and nothing else, in order, each once, by pages and by cursors, and its
// counts are those of what it shows.
func TestListsShowWhatMatches(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		all := crowd(t, f, 80)
		everything := f.by["Ana"]
		everything.Scope = router.Scope{All: true}
		oneInbox := f.by["Ana"]
		oneInbox.Scope = router.Scope{Inboxes: []int64{f.correo.ID}}
		both := f.by["Ana"]
		both.Scope = router.Scope{Inboxes: []int64{f.tienda.ID, f.correo.ID, f.tienda.ID}}
		nowhere := f.by["Ana"]
		nowhere.Scope = router.Scope{}

		n := 0
		for _, by := range []router.By{everything, oneInbox, both, nowhere} {
			for _, statuses := range [][]fsm.Status{nil, {fsm.Open}, {fsm.Open, fsm.Resolved, fsm.Open}} {
				for _, assignee := range []string{"", "me", "assigned", "unassigned"} {
					for _, narrow := range []router.Filter{{}, {InboxID: f.tienda.ID}, {TeamID: 1}, {Labels: []string{"pagos", "otra"}},
						{Conditions: []router.Condition{{Attribute: "inbox_id", Operator: "equal_to", Values: []any{float64(f.correo.ID)}}}}} {
						filter := narrow
						filter.Statuses, filter.Assignee = statuses, assignee
						if filter.TeamID != 0 {
							filter.TeamID = all[slices.IndexFunc(all, func(c listed) bool { return c.team != 0 })].team
						}
						filter.Sort = []string{"", "last_activity_at_asc", "created_at_desc", "created_at_asc"}[n%4]
						if n++; n%3 == 0 { // each with each, in turn; all of them take long
							f.lists(by, filter, all)
						}
					}
				}
			}
		}
	})
}

// lists compares a list with what stands in all.
func (f *floor) lists(by router.By, filter router.Filter, all []listed) {
	name := fmt.Sprintf("%+v of %+v", filter, by.Scope)
	matches := func(c listed, assignee string) bool {
		return by.Scope.Allows(c.inbox) && (len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, c.status)) &&
			(filter.InboxID == 0 || c.inbox == filter.InboxID) && (filter.TeamID == 0 || c.team == filter.TeamID) &&
			(len(filter.Labels) == 0 || c.label != "") && (len(filter.Conditions) == 0 || c.inbox == f.correo.ID) &&
			map[string]bool{"": true, "me": c.assignee == by.Actor.ID, "assigned": c.assignee != 0, "unassigned": c.assignee == 0}[assignee]
	}
	var want []listed
	counts := map[string]int{}
	for _, c := range all {
		if matches(c, filter.Assignee) {
			want = append(want, c)
		}
		for _, a := range []string{"", "me", "assigned", "unassigned"} {
			if matches(c, a) {
				counts[a]++
			}
		}
	}
	slices.SortFunc(want, func(a, b listed) int {
		byTime := cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
		return map[string]int{"": -byTime, "last_activity_at_asc": byTime,
			"created_at_desc": -cmp.Compare(a.id, b.id), "created_at_asc": cmp.Compare(a.id, b.id)}[filter.Sort]
	})
	var ids, paged, followed []int64
	for _, c := range want {
		ids = append(ids, c.id)
	}
	for filter.Page = 1; ; filter.Page++ {
		views, got, err := f.Conversations(f.t.Context(), by, filter)
		require.NoError(f.t, err, name)
		require.Equal(f.t, router.Counts{Mine: counts["me"], Assigned: counts["assigned"], Unassigned: counts["unassigned"], All: counts[""]}, got, name)
		if len(views) == 0 {
			break
		}
		paged = append(paged, idsOf(views)...)
	}
	filter.Page = 0
	for {
		views, _, err := f.Conversations(f.t.Context(), by, filter)
		require.NoError(f.t, err, name)
		followed = append(followed, idsOf(views)...)
		if filter.Cursor = filter.NextCursor(views); filter.Cursor == "" {
			break
		}
	}
	require.Equal(f.t, ids, paged, name)
	require.Equal(f.t, ids, followed, "by cursors: "+name)
}

func idsOf(views []router.View) (ids []int64) {
	for _, v := range views {
		ids = append(ids, v.Conversation.ID)
	}
	return ids
}

// A page costs as many statements as a row does, and says who said the last
// word, whatever came after it.
func TestAListCostsNoStatementPerRow(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		f := newFloor(t, db, router.InboxSettings{NoAutoAssign: true})
		for range 30 {
			id := f.opens()
			f.assign("Ana", id, "Ana") // a line after the word
		}
		log := &statements{Handler: slog.DiscardHandler}
		opts := db.Options()
		opts.Logger, opts.SlowQuery = slog.New(enabled{log}), time.Nanosecond
		r := router.New(router.Options{DB: routertest.Open(t, opts), Now: f.clock.Now})
		by := f.by["Ana"]
		by.Scope = router.Scope{All: true}
		list := func(status fsm.Status, rows int) []string {
			return log.of(func() {
				views, _, err := r.Conversations(t.Context(), by, router.Filter{Statuses: []fsm.Status{status}})
				require.NoError(t, err)
				require.Len(t, views, rows)
				for _, v := range views {
					require.Equal(t, "Hola", v.LastWord.Content)
					require.Equal(t, router.Activity, v.LastMessage.MessageType)
				}
			}, "SELECT")
		}
		list(fsm.Open, 25) // reads the inboxes, which are remembered
		require.Len(t, list(fsm.Open, 25), 7, "counts, rows, customers, assignees, messages, their files, labels")
		require.Len(t, list(fsm.Resolved, 0), 1, "counts")
	})
}

// Counts are exact up to 1,000 and then say so; lists go on.
func TestCountsStopAtAThousand(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		id := f.opens()
		const copied = `INSERT INTO conversations (uuid, inbox_id, contact_id, contact_inbox_id, status, custom_attributes, additional_attributes,
			last_activity_at, created_at, updated_at)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			SELECT 'copy-' || ? || n.i, inbox_id, contact_id, contact_inbox_id, 'resolved', '{}', '{}', last_activity_at, created_at, updated_at
			FROM conversations, n WHERE id = ?`
		by := f.by["Ana"]
		by.Scope = router.Scope{All: true}
		resolved := router.Filter{Statuses: []fsm.Status{fsm.Resolved}}

		f.sql(copied, 1000, "a", id)
		counts, err := f.Counts(t.Context(), by, resolved)
		require.NoError(t, err)
		require.Equal(t, router.Counts{Unassigned: 1000, All: 1000}, counts)

		f.sql(copied, 1, "b", id)
		views, counts, err := f.Conversations(t.Context(), by, router.Filter{Statuses: resolved.Statuses, Page: 41})
		require.NoError(t, err)
		require.Equal(t, router.Counts{Unassigned: 1000, All: 1000, Capped: true}, counts)
		require.Len(t, views, 1, "the 1,001st is shown although it is not counted")

		// Where many have the labels, they are found another way than where few do.
		many := []string{"uno", "dos", "tres", "cuatro", "cinco", "seis"}
		for _, label := range many {
			f.sql("INSERT INTO conversation_labels (conversation_id, label) SELECT c.id, ? FROM conversations c WHERE c.uuid LIKE 'copy-a%'", label)
		}
		f.sql("INSERT INTO conversation_labels (conversation_id, label) SELECT c.id, 'pocas' FROM conversations c WHERE c.uuid LIKE 'copy-b%'")
		for _, tt := range []struct {
			labels []string
			want   int
		}{{many, 1000}, {many[:1], 1000}, {[]string{"pocas"}, 1}} {
			views, counts, err := f.Conversations(t.Context(), by, router.Filter{Statuses: resolved.Statuses, Labels: tt.labels})
			require.NoError(t, err)
			require.Equal(t, router.Counts{Unassigned: tt.want, All: tt.want}, counts)
			require.Len(t, views, min(25, tt.want))
			for _, v := range views {
				require.Subset(t, v.Labels, tt.labels)
			}
		}
	})
}

func TestACursorIsOneThatWasGiven(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		for _, filter := range []router.Filter{{Cursor: "x"}, {Cursor: "1"}, {Cursor: "1-x"}, {Cursor: "1-2", Sort: "priority_desc"}} {
			_, _, err := f.Conversations(t.Context(), f.by["Ana"], filter)
			require.ErrorContains(t, err, "cursor", filter.Cursor)
		}
	})
}

// Of each conversation the customer is shown the last that is meant for him.
func TestLastPublic(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		noted, answered, silent := f.opens(), f.opens(), f.opens()
		f.note("Ana", noted, "¿Quién es?")
		f.assign("Ana", answered, "Ana")
		f.reply("Ana", answered, "Dígame")
		f.sql("DELETE FROM messages WHERE conversation_id = ?", silent)
		last, err := f.LastPublic(t.Context(), []int64{noted, answered, silent})
		require.NoError(t, err)
		require.Len(t, last, 2)
		require.Equal(t, "Hola", last[noted].Content)
		require.Equal(t, "Dígame", last[answered].Content)
	})
}
