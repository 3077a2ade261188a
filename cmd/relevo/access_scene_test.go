package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/agentdesk"
	"relevo/config"
	"relevo/fsm"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/files"
	"relevo/router/jobs"
	"relevo/router/live"
	"relevo/router/mail"
	"relevo/router/routertest"
	"relevo/router/store"
)

// scene is a whole server with something behind every address: Lucía's
// conversation in an inbox of Ana's, with a bot outside, and beside it Omar of
// the same inbox, Berta and a stray bot of another, and Jefa who administers.
type scene struct {
	db      *store.DB
	router  *router.Router
	server  *api.Server
	url     string
	values  map[string]string // "{conversation}" -> "1"
	secrets []string          // what only those inside may read
	tables  []string
}

type reply struct {
	status  int
	body    string
	reads   bool // a secret
	changed bool // some row
}

func newScene(t *testing.T, db *store.DB) *scene {
	c, err := config.Parse("relevo.yaml", []byte("limits: { visitor_per_minute: 0, ip_per_minute: 0 }\ninboxes:\n  - identifier: otra\n"), nil)
	require.NoError(t, err)
	clock := routertest.NewClock(time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC))
	folder, err := files.NewFolder(t.TempDir())
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	s := &scene{db: db, values: map[string]string{}}
	queue, err := jobs.New(jobs.Options{DB: db, Now: clock.Now, Logger: log})
	require.NoError(t, err)
	s.router = router.New(router.Options{DB: db, Jobs: queue, Mail: nobodysPost(), Now: clock.Now, Logger: log, Files: folder,
		FileLimits: router.FileLimits{Files: 1, EachSize: 1000, AllSize: 1000}})
	l, err := live.New(live.Options{Now: clock.Now, Logger: log, Agent: s.router.AgentByID})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, l.Close(context.WithoutCancel(t.Context())))
		require.NoError(t, folder.Close())
	})
	require.NoError(t, s.router.Wire(t.Context(), wiring(c)))
	s.build(t)
	s.fail(t, queue)
	s.keep(t)
	s.server, err = newServer(c, s.router, l, clock.Now, log)
	require.NoError(t, err)
	web := httptest.NewServer(apitest.Checked(t, s.server))
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func (s *scene) set(name string, id int64) { s.values["{"+name+"}"] = strconv.FormatInt(id, 10) }

// build makes everybody and everything.
func (s *scene) build(t *testing.T) {
	ctx, r := t.Context(), s.router
	must := func(err error) { t.Helper(); require.NoError(t, err) }
	name, address := "Entrada", "https://93.184.216.34/entrada"
	inbox, err := r.AddInbox(ctx, "api", router.InboxDraft{Name: &name, AutoAssign: new(bool), WebhookURL: &address})
	must(err)
	s.set("inbox", inbox.ID)
	s.values["{identifier}"] = inbox.Identifier
	other, err := r.InboxByIdentifier(ctx, "otra")
	must(err)

	password, err := agentdesk.HashPassword(ctx, "correct horse battery")
	must(err)
	by := map[string]router.By{}
	for _, a := range []struct {
		name    string
		role    router.Role
		inboxes []int64
	}{
		{"ana", router.RoleAgent, []int64{inbox.ID}}, {"berta", router.RoleAgent, []int64{other.ID}},
		{"jefa", router.RoleAdministrator, []int64{}}, {"dora", router.RoleAgent, []int64{}},
	} {
		agent, err := r.AddAgent(ctx, router.Agent{Name: a.name, Email: a.name + "@example.com", Role: a.role, PasswordHash: password, AutoOffline: true},
			agentdesk.HashToken("token-"+a.name), a.inboxes)
		must(err)
		r.Heartbeat(ctx, agent.ID) // now, so that what they ask for writes none
		s.set(a.name, agent.ID)
		by[a.name] = router.By{Actor: router.ActorFor(agent), Scope: router.Scope{All: a.role == router.RoleAdministrator, Inboxes: a.inboxes}}
	}
	for _, name := range []string{"bot", "stray"} {
		bot, err := r.AddAgentBot(ctx, router.AgentBot{Name: name, OutgoingURL: address}, agentdesk.HashToken("token-"+name))
		must(err)
		s.set(name, bot.ID)
		by[name] = router.By{Actor: router.ActorForBot(bot), Scope: router.Scope{Inboxes: []int64{inbox.ID}}}
		if name == "stray" {
			_, err = r.SetAgentBot(ctx, other.ID, &bot.ID)
		} else {
			_, err = r.SetAgentBot(ctx, inbox.ID, &bot.ID)
		}
		must(err)
	}
	inbox, err = r.InboxByID(ctx, inbox.ID)
	must(err)
	s.settings(t, by["jefa"])
	s.talk(t, inbox, by)
}

// fax is something to be done later that cannot be done.
type fax struct{}

// Kind implements jobs.Job.
func (fax) Kind() string { return "fax" }

// nobodysPost is a mail server that is never called: nothing is done later here.
func nobodysPost() router.MailOptions {
	return router.MailOptions{Sender: mail.NewSMTP(mail.Server{Host: "127.0.0.1"}), From: netmail.Address{Address: "hola@example.com"}}
}

// fail makes a job that failed for good.
func (s *scene) fail(t *testing.T, queue *jobs.Queue) {
	jobs.Handle(queue, jobs.Policy{Tries: 1}, func(jobs.Context, fax) error { return errors.New("no line") })
	require.NoError(t, s.db.Tx(t.Context(), func(tx *gorm.DB) error { return queue.Insert(tx, jobs.Entry{Job: fax{}}) }))
	require.NoError(t, queue.Drain(t.Context()))
	failed, err := queue.Failed(t.Context(), 0)
	require.NoError(t, err)
	s.set("job", failed[0].ID)
}

// settings makes a team, a label, a canned response and a contact that nobody
// talks to.
func (s *scene) settings(t *testing.T, jefa router.By) {
	ctx, r := t.Context(), s.router
	name := "ventas"
	team, err := r.AddTeam(ctx, router.TeamDraft{Name: &name})
	require.NoError(t, err)
	s.set("team", team.ID)
	ana, err := strconv.ParseInt(s.values["{ana}"], 10, 64)
	require.NoError(t, err)
	_, err = r.SetTeamMembers(ctx, team.ID, []int64{ana}, router.Join)
	require.NoError(t, err)
	title := "vip"
	label, err := r.AddLabel(ctx, router.LabelDraft{Title: &title})
	require.NoError(t, err)
	s.set("label", label.ID)
	address := "https://93.184.216.34/"
	hook, err := r.AddWebhook(ctx, router.WebhookDraft{URL: &address, Subscriptions: router.WebhookEvents{router.EventWidgetTriggered}})
	require.NoError(t, err)
	s.set("webhook", hook.ID)
	canned, err := r.AddCannedResponse(ctx, "hola", "Hola, {{contact.name}}")
	require.NoError(t, err)
	s.set("canned", canned.ID)
	web, err := r.InboxByIdentifier(ctx, "otra")
	require.NoError(t, err)
	s.set("web", web.ID)
	campaign, page := "Rebajas", "https://tienda.example/*"
	made, err := r.AddCampaign(ctx, router.CampaignDraft{InboxID: &web.ID, Title: &campaign, Message: &campaign, URL: &page})
	require.NoError(t, err)
	s.set("campaign", made.ID)
	who, err := r.Agent(ctx, ana)
	require.NoError(t, err)
	macro, err := r.AddMacro(ctx, who, router.MacroDraft{Name: &title, Actions: &[]router.MacroAction{{Name: "resolve_conversation"}}})
	require.NoError(t, err)
	s.set("macro", macro.ID)
	filter, err := r.AddSavedFilter(ctx, ana, router.FilterDraft{Name: &title, Query: map[string]any{"payload": []any{}},
		Conditions: []router.Condition{{Attribute: "status", Operator: "equal_to", Values: []any{"open"}}}})
	require.NoError(t, err)
	s.set("filter", filter.ID)
	definition, err := r.AddAttributeDefinition(ctx, router.AttributeDraft{Key: &title, DisplayName: &title})
	require.NoError(t, err)
	s.set("definition", definition.ID)
	lonely := "Nadie"
	contact, _, err := r.CreateContact(ctx, router.By{}, router.ContactDraft{Name: &lonely}, nil, nil, "")
	require.NoError(t, err)
	s.set("lonely", contact.ID)
}

// talk is the conversation: words, a handoff, a note, a file, a choice, a
// deleted message, something unsent, a notification.
func (s *scene) talk(t *testing.T, inbox *router.Inbox, by map[string]router.By) {
	ctx, r := t.Context(), s.router
	must := func(err error) { t.Helper(); require.NoError(t, err) }
	s.visitor(t, inbox, "omar", "Omar")
	lucia := s.visitor(t, inbox, "lucia", "Lucía")
	before, err := r.Receive(ctx, router.Inbound{Inbox: inbox, SourceID: lucia.SourceID, Draft: router.Draft{Content: "otra zarzaparrilla"}})
	must(err)
	_, err = r.Resolve(ctx, by["ana"], before.ConversationID)
	must(err)
	s.set("resolved", before.ConversationID)
	queued, err := r.Start(ctx, inbox, lucia.SourceID, nil)
	must(err)
	_, err = r.Receive(ctx, router.Inbound{Inbox: inbox, SourceID: lucia.SourceID, Conversation: queued.ID, Draft: router.Draft{Content: "una persona, por favor"}})
	must(err)
	_, err = r.TalkToPerson(ctx, inbox, lucia.SourceID, queued.ID)
	must(err)
	s.set("queued", queued.ID)
	begun, err := r.Start(ctx, inbox, lucia.SourceID, nil)
	must(err)
	word, err := r.Receive(ctx, router.Inbound{Inbox: inbox, SourceID: lucia.SourceID, Conversation: begun.ID, Draft: router.Draft{Content: "zarzaparrilla"}})
	must(err)
	id := word.ConversationID
	s.set("conversation", id)
	s.set("contact", lucia.Contact.ID)
	c, err := r.Open(ctx, by["bot"], id)
	must(err)
	require.Equal(t, fsm.Open, c.Status)
	say := func(name string, d router.Draft) {
		t.Helper()
		m, err := r.Reply(ctx, by["ana"], id, d)
		must(err)
		s.set(name, m.ID)
	}
	say("deleted", router.Draft{Content: "palabra borrada"})
	_, err = r.DeleteMessage(ctx, by["ana"], id, s.id(t, "deleted"))
	must(err)
	say("answer", router.Draft{Content: "respuesta de Ana", Files: []router.Upload{{Name: "nota.txt", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("una nota")), nil
	}}}})
	say("choice", router.Draft{Content: "¿Talla?", ContentType: "input_select",
		ContentAttributes: router.Attributes{"items": []any{map[string]any{"title": "Grande", "value": "L"}}}})
	say("question", router.Draft{Content: "¿Qué tal?", ContentType: "input_csat"})
	s.values["{uuid}"] = s.scan(t, "SELECT uuid FROM conversations WHERE id = ?", id)
	say("unsent", router.Draft{Content: "no llegó"})
	_, err = r.SetMessageStatus(ctx, by["ana"], id, s.id(t, "unsent"), "failed", "")
	must(err)
	say("note", router.Draft{Content: "apunte privado", Private: true})
	say("last", router.Draft{Content: "última de Ana"})
	must(r.KeepUnsent(ctx, by["ana"], id, "borrador de Ana"))
	note, err := r.AddContactNote(ctx, by["ana"], lucia.Contact.ID, "una clienta")
	must(err)
	s.set("note", note.ID)
	ana := s.id(t, "ana")
	_, _, err = r.AssignAs(ctx, by["jefa"], id, router.Assignment{Agent: new(int64)})
	must(err)
	_, _, err = r.AssignAs(ctx, by["jefa"], id, router.Assignment{Agent: &ana})
	must(err)
	s.values["{notification}"] = s.scan(t, "SELECT id FROM notifications WHERE agent_id = ? ORDER BY id DESC LIMIT 1", ana)
	s.values["{file}"] = "/attachments/" + s.scan(t, "SELECT storage_key FROM attachments") + "/nota.txt"
	s.secrets = []string{"zarzaparrilla", "respuesta de Ana", "última de Ana", "apunte privado", "palabra borrada", "borrador de Ana", lucia.SourceID, lucia.PubsubToken}
}

func (s *scene) visitor(t *testing.T, inbox *router.Inbox, key, name string) *router.Visitor {
	v, err := s.router.CreateVisitor(t.Context(), inbox, "", router.ContactDraft{Name: &name})
	require.NoError(t, err)
	s.values["{"+key+"}"] = v.SourceID
	return v
}

func (s *scene) id(t *testing.T, name string) int64 {
	id, err := strconv.ParseInt(s.values["{"+name+"}"], 10, 64)
	require.NoError(t, err)
	return id
}

func (s *scene) scan(t *testing.T, query string, args ...any) (found string) {
	require.NoError(t, s.db.Read().Raw(query, args...).Scan(&found).Error)
	require.NotEmpty(t, found, query)
	return found
}

// keep copies every table, so that changes can be seen and undone.
func (s *scene) keep(t *testing.T) {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if s.db.Dialect() == store.Postgres {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
	}
	require.NoError(t, s.db.Read().Raw(query).Scan(&s.tables).Error)
	require.Greater(t, len(s.tables), 20)
	require.NoError(t, s.db.Tx(t.Context(), func(tx *gorm.DB) error {
		for _, table := range s.tables {
			if err := tx.Exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// changed names the tables that are not as they were kept.
func (s *scene) changed(t *testing.T) (names []string) {
	var parts []string
	for _, table := range s.tables {
		differ := "SELECT 1 FROM (SELECT * FROM %[1]s EXCEPT SELECT * FROM %[2]s) d"
		parts = append(parts, fmt.Sprintf("SELECT '%[1]s' AS name WHERE EXISTS ("+differ+") OR EXISTS (", table, "kept_"+table)+
			fmt.Sprintf(differ, "kept_"+table, table)+")")
	}
	require.NoError(t, s.db.Read().Raw(strings.Join(parts, " UNION ALL ")).Scan(&names).Error)
	return names
}

// restore makes every table as it was kept.
func (s *scene) restore(t *testing.T) {
	rules := "PRAGMA defer_foreign_keys = ON"
	if s.db.Dialect() == store.Postgres {
		rules = "SET LOCAL session_replication_role = replica" // no foreign keys
	}
	require.NoError(t, s.db.Tx(t.Context(), func(tx *gorm.DB) error {
		statements := []string{rules}
		for _, table := range s.tables {
			statements = append(statements, "DELETE FROM "+table)
		}
		for _, table := range s.tables {
			statements = append(statements, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
		}
		for _, statement := range statements {
			if err := tx.Exec(statement).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, s.router.Wire(t.Context(), router.Wiring{})) // reads the inboxes anew
}

// fill puts the scene's ids where "{name}" stands.
func (s *scene) fill(text string) string {
	for name, value := range s.values {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// ask sends an operation as p, and undoes what it did.
func (s *scene) ask(t *testing.T, op api.Operation, p person) reply {
	t.Helper()
	token := p.key
	if strings.HasPrefix(token, "{") {
		token = s.fill(token)
	}
	body := strings.NewReplacer("{email}", p.email, "{private}", strconv.FormatBool(p.kind == api.Bot)).Replace(bodies[short(op)]) // to a customer whom a person has, bots do not speak
	r := s.send(t, op.Method, s.path(op.Method, op.Path, p)+s.fill(queries[short(op)]), token, s.fill(body))
	require.Less(t, r.status, 500, "%s %s as %s: %s", op.Method, op.Path, p.column, r.body)
	r.reads = s.reads(op, r.body)
	if r.changed = len(s.changed(t)) > 0; r.changed {
		s.restore(t)
	}
	return r
}

// reads reports whether an answer holds anything that only those inside may
// read. Of agents and bots that is more: which inboxes there are, and how many
// conversations.
func (s *scene) reads(op api.Operation, body string) bool {
	secrets := s.secrets
	if strings.HasPrefix(op.Path, "/api/v1/") || strings.HasPrefix(op.Path, "/api/v2/") {
		secrets = append([]string{`"name":"Entrada"`, `"all_count":2`}, secrets...)
	}
	return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(body, secret) })
}

func (s *scene) send(t *testing.T, method, path, token, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("api_access_token", token)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	require.NoError(t, err)
	return reply{status: res.StatusCode, body: string(text)}
}
