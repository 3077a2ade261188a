package router_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/hours"
	"relevo/router/report"
	"relevo/router/routertest"
	"relevo/router/store"
)

const (
	processes  = 3
	turnLease  = 30 * time.Second
	turnTries  = 3
	worldStart = "2026-11-23T15:00:00Z"
)

// world is one database with several processes on it. It outlives the runs of
// the model: each run brings visitors of its own.
type world struct {
	db       *store.DB
	clock    *routertest.Clock
	procs    []*router.Router
	inboxes  []*router.Inbox
	agents   []router.By
	stranger router.By // an agent who may see no inbox
	teams    map[string]int64
	prepared map[string]*sql.Stmt
	truth    recounted // of all histories
}

func newWorld(t *testing.T, db *store.DB) *world {
	start, err := time.Parse(time.RFC3339, worldStart)
	require.NoError(t, err)
	w := &world{db: db, clock: routertest.NewClock(start), teams: map[string]int64{}, prepared: map[string]*sql.Stmt{},
		truth: recounted{messages: map[report.MessageKind]int64{}}}
	for range processes {
		w.procs = append(w.procs, router.New(router.Options{DB: db, Now: w.clock.Now, Lease: turnLease, Tries: turnTries}))
	}
	w.wire(t)
	first := w.procs[0]
	var all []int64
	for _, i := range w.inboxes {
		all = append(all, i.ID)
	}
	for n, a := range []router.Agent{
		{Name: "Ana", Email: "ana@example.com", Role: router.RoleAgent},
		{Name: "Jefa", Email: "jefa@example.com", Role: router.RoleAdministrator},
		{Name: "Leo", Email: "leo@example.com", Role: router.RoleAgent},
	} {
		member := all
		if a.Name == "Leo" {
			member = []int64{}
		}
		stored, err := first.AddAgent(t.Context(), a, fmt.Sprintf("hash-%d", n), member)
		require.NoError(t, err)
		_, scope, err := first.AgentByToken(t.Context(), fmt.Sprintf("hash-%d", n))
		require.NoError(t, err)
		w.agents = append(w.agents, router.By{Actor: router.ActorFor(stored), Scope: scope})
	}
	w.stranger = w.agents[2]
	w.agents = w.agents[:2]
	return w
}

// wire declares the inboxes: with and without a bot, a greeting, a pause for
// more words, a new conversation after a resolved one, an end by silence.
func (w *world) wire(t *testing.T) {
	flow := &router.FlowText{Name: "truth", Source: []byte("name: truth\n")}
	settings := func(after, greeting string, d router.Debounce) router.InboxSettings {
		return router.InboxSettings{Locale: "es", TimeZone: "America/Mexico_City", AfterResolved: after, Greeting: greeting, Debounce: d,
			NoAutoAssign: true}
	}
	pause := router.Debounce{Window: 2 * time.Second, Maximum: 8 * time.Second}
	silent := func(s router.InboxSettings, a router.AutoResolve) router.InboxSettings {
		s.AutoResolve = a
		return s
	}
	// It is a Monday morning there. The night counts to the day before, and Tuesday is a holiday.
	open := func(s router.InboxSettings) router.InboxSettings {
		s.Hours = router.OpeningHours{Enabled: true, Hours: hours.Hours{Holidays: []hours.Date{{Year: 2026, Month: 11, Day: 24}}}}
		for day := range s.Hours.Week {
			s.Hours.Week[day] = []hours.Span{{From: 8 * 60, To: 9*60 + 15}, {From: 16*60 + 30, To: 26 * 60}}
		}
		return s
	}
	wiring := router.Wiring{Teams: []router.Team{{Name: "ventas"}, {Name: "soporte"}}, Inboxes: []router.InboxWiring{
		{Identifier: "bot", Name: "Bot", Channel: "web_widget", Flow: flow, Settings: open(settings("", "¡Bienvenida!", router.Debounce{}))},
		{Identifier: "pausa", Name: "Pausa", Channel: "api", Flow: flow, Settings: silent(settings("reopen", "", pause),
			router.AutoResolve{OpenAfter: 26 * time.Hour, PendingAfter: 16 * time.Minute, Message: "Cerramos por hoy.", Label: "inactiva"})},
		{Identifier: "nueva", Name: "Nueva", Channel: "web_widget", Flow: flow, Settings: silent(settings("new", "Hola", pause), router.AutoResolve{PendingAfter: 10 * time.Minute})},
		{Identifier: "gente", Name: "Gente", Channel: "api", Settings: open(silent(settings("reopen", "", router.Debounce{}), router.AutoResolve{OpenAfter: 20 * time.Minute, Waiting: true}))},
		{Identifier: "gente-nueva", Name: "Gente nueva", Channel: "api", Settings: silent(settings("new", "", router.Debounce{}), router.AutoResolve{OpenAfter: 25 * time.Hour, Label: "inactiva"})},
	}}
	require.NoError(t, w.procs[0].Wire(t.Context(), wiring))
	for _, i := range wiring.Inboxes {
		inbox, err := w.procs[0].InboxByIdentifier(t.Context(), i.Identifier)
		require.NoError(t, err)
		w.inboxes = append(w.inboxes, inbox)
	}
	var teams []router.Team
	require.NoError(t, w.db.Read().Raw("SELECT * FROM teams").Scan(&teams).Error)
	for _, team := range teams {
		w.teams[team.Name] = team.ID
	}
}

// person is a visitor of a run.
type person struct {
	*router.Visitor
	inbox   *router.Inbox
	blocked bool
	email   string
	sent    []sent
}

// sent is a word that was received under a name of its own.
type sent struct {
	to        int64 // the conversation asked for; 0: the current one
	connector bool
	draft     router.Draft
	message   int64
}

func (w *world) visitor(t require.TestingT, inbox *router.Inbox) *person {
	name := "Lucía"
	v, err := w.procs[0].CreateVisitor(context.Background(), inbox, uuid.NewString(), router.ContactDraft{Name: &name})
	require.NoError(t, err)
	return &person{Visitor: v, inbox: inbox}
}

// picture is a conversation as the database has it.
type picture struct {
	row      router.Conversation
	labels   []string
	messages []line
}

// line is what never changes of a message, and the key of an activity line.
type line struct {
	ID, ConversationID, Seq int64
	MessageType             router.MessageType
	Content, ContentType    string
	Private                 bool
	SenderType              router.ActorKind
	SenderID                int64
	EchoID                  *string
	Episode                 *int
	Turn                    *int64
	CreatedAt               time.Time
	Activity                *string
}

var nothingYet = &picture{row: router.Conversation{Status: fsm.New}}

// The statements of look are prepared once, because it asks after every step.
const (
	rowsOf  = `SELECT * FROM conversations WHERE contact_inbox_id BETWEEN $1 AND $2 ORDER BY id`
	linesOf = `SELECT m.id, m.conversation_id, m.seq, m.message_type, m.content, m.content_type, m.private, m.sender_type, m.sender_id,
		m.echo_id, m.episode, m.turn, m.created_at, m.content_attributes->'activity'->>'key' AS activity
		FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.contact_inbox_id BETWEEN $1 AND $2 AND m.id > $3 ORDER BY m.conversation_id, m.seq`
	labelsOf = `SELECT l.conversation_id, l.label FROM conversation_labels l JOIN conversations c ON c.id = l.conversation_id
		WHERE c.contact_inbox_id BETWEEN $1 AND $2 ORDER BY l.label`
)

// look reads all conversations of the visitors, who were made one after the
// other.
func (w *world) look(t require.TestingT, people []*person) map[int64]*picture {
	return w.lookAgain(t, people, nil)
}

// lookAgain is look for one who has seen the messages of before already.
func (w *world) lookAgain(t require.TestingT, people []*person, before map[int64]*picture) map[int64]*picture {
	first, last := people[0].ID, people[len(people)-1].ID
	pictures, seen := map[int64]*picture{}, int64(0)
	for _, c := range read[router.Conversation](t, w, rowsOf, first, last) {
		pictures[c.ID] = &picture{row: c}
		if old := before[c.ID]; old != nil && len(old.messages) > 0 {
			pictures[c.ID].messages = slices.Clip(old.messages)
			seen = max(seen, old.messages[len(old.messages)-1].ID)
		}
	}
	for _, l := range read[line](t, w, linesOf, first, last, seen) {
		pictures[l.ConversationID].messages = append(pictures[l.ConversationID].messages, l)
	}
	for _, l := range read[labelled](t, w, labelsOf, first, last) {
		pictures[l.ConversationID].labels = append(pictures[l.ConversationID].labels, l.Label)
	}
	return pictures
}

type labelled struct {
	ConversationID int64
	Label          string
}

// read runs a query that is prepared when it comes for the first time.
func read[T any](t require.TestingT, w *world, query string, args ...any) []T {
	statement := w.prepared[query]
	if statement == nil {
		pool, err := w.db.Read().DB()
		require.NoError(t, err)
		statement, err = pool.PrepareContext(context.Background(), query)
		require.NoError(t, err)
		w.prepared[query] = statement
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	require.NoError(t, err)
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		require.NoError(t, w.db.Read().ScanRows(rows, &one))
		all = append(all, one)
	}
	require.NoError(t, rows.Err())
	return all
}

// loggedTurn is a line of a conversation's turn log.
type loggedTurn struct {
	Turn           int64
	Episode, Try   int
	Outcome        string
	Reason         string
	FromSeq, ToSeq int64
}

func (w *world) turns(t require.TestingT, conversation int64) []loggedTurn {
	var turns []loggedTurn
	require.NoError(t, w.db.Read().Raw("SELECT turn, episode, try, outcome, reason, from_seq, to_seq FROM bot_turns WHERE conversation_id = ? ORDER BY turn",
		conversation).Scan(&turns).Error)
	return turns
}
func (l line) String() string { return fmt.Sprintf("%d %s: %s", l.Seq, l.SenderType, l.Content) }
