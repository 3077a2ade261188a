package router_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// floor is a desk with automatic assignment: Ana, Beto and Carla answer in both
// inboxes, Leo in none, and Jefa administers. Nobody is there until they come.
type floor struct {
	*desk
	by map[string]router.By
}

func eachFloor(t *testing.T, settings router.InboxSettings, test func(t *testing.T, f *floor)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) { test(t, newFloor(t, db, settings)) })
}

func newFloor(t *testing.T, db *store.DB, settings router.InboxSettings) *floor {
	return furnish(t, db, settings, func(*router.Options) {})
}

// furnish is newFloor with a router that has more.
func furnish(t *testing.T, db *store.DB, settings router.InboxSettings, more func(*router.Options)) *floor {
	f := &floor{desk: &desk{t: t, db: db, clock: routertest.NewClock(monday), bot: &script{take: echo}}, by: map[string]router.By{}}
	options := router.Options{DB: db, Bot: f.bot, Now: f.clock.Now}
	more(&options)
	f.Router = router.New(options)
	settings.Locale, settings.TimeZone = "es", "UTC"
	ctx := t.Context()
	require.NoError(t, f.Wire(ctx, router.Wiring{Teams: []router.Team{{Name: "ventas"}},
		Inboxes: []router.InboxWiring{
			{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Settings: settings,
				Flow: &router.FlowText{Name: "eco", Source: []byte("name: eco\n")}},
			{Identifier: "correo", Name: "Correo", Channel: "api", Settings: settings},
		}}))
	var err error
	f.tienda, err = f.InboxByIdentifier(ctx, "tienda")
	require.NoError(t, err)
	f.correo, err = f.InboxByIdentifier(ctx, "correo")
	require.NoError(t, err)
	for _, name := range []string{"Ana", "Beto", "Carla", "Leo", "Jefa"} {
		a := router.Agent{Name: name, Email: name + "@example.com", Role: router.RoleAgent, AutoOffline: true}
		inboxes := []int64{f.tienda.ID, f.correo.ID}
		if name == "Leo" || name == "Jefa" {
			inboxes = []int64{}
		}
		if name == "Jefa" {
			a.Role = router.RoleAdministrator
		}
		stored, err := f.AddAgent(ctx, a, "hash-"+name, inboxes)
		require.NoError(t, err)
		_, scope, err := f.AgentByToken(ctx, "hash-"+name)
		require.NoError(t, err)
		f.by[name] = router.By{Actor: router.ActorFor(stored), Scope: scope}
	}
	f.jefa = f.by["Jefa"]
	return f
}

// come makes agents give a sign of life, in this order.
func (f *floor) come(names ...string) {
	for _, name := range names {
		f.Heartbeat(f.t.Context(), f.id(name))
	}
}

func (f *floor) id(name string) int64 { return f.by[name].Actor.ID }

// opens starts a conversation of a new customer in correo, which has no bot.
func (f *floor) opens() int64 { return f.says(f.correo, f.visitor(f.correo), "Hola").ConversationID }

// has returns the name of whoever has a conversation, "" for nobody.
func (f *floor) has(id int64) string {
	c := f.row(id)
	for name, by := range f.by {
		if c.AssigneeID != nil && *c.AssigneeID == by.Actor.ID {
			return name
		}
	}
	require.Nil(f.t, c.AssigneeID)
	return ""
}

func (f *floor) assignWaiting() int {
	n, err := f.AssignWaiting(f.t.Context())
	require.NoError(f.t, err)
	return n
}

func (f *floor) ventas(members ...string) int64 {
	var team int64
	require.NoError(f.t, f.db.Read().Raw("SELECT id FROM teams WHERE name = 'ventas'").Scan(&team).Error)
	for _, name := range members {
		f.sql("INSERT INTO team_members (team_id, agent_id) VALUES (?, ?)", team, f.id(name))
	}
	return team
}

// told lists the kinds of an agent's unread notifications, the oldest first.
func (f *floor) told(name string) []router.NotificationKind {
	list, _, err := f.Notifications(f.t.Context(), f.by[name], router.NotificationFilter{OldestFirst: true})
	require.NoError(f.t, err)
	kinds := []router.NotificationKind{}
	for _, n := range list {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

// heard makes everybody read what they were told.
func (f *floor) heard() {
	for _, by := range f.by {
		require.NoError(f.t, f.ReadAllNotifications(f.t.Context(), by, 0))
	}
}

func (f *floor) note(who string, id int64, text string) {
	_, err := f.Reply(f.t.Context(), f.by[who], id, router.Draft{Content: text, Private: true})
	require.NoError(f.t, err)
}

func (f *floor) reply(who string, id int64, text string) {
	_, err := f.Reply(f.t.Context(), f.by[who], id, router.Draft{Content: text})
	require.NoError(f.t, err)
}

func (f *floor) assign(who string, id int64, to string) {
	agent := f.id(to)
	_, err := f.Assign(f.t.Context(), f.by[who], id, &agent)
	require.NoError(f.t, err)
}

// runUntilTheEnd attends in the background as a process does.
func runUntilTheEnd(t *testing.T, r *router.Router) {
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}
