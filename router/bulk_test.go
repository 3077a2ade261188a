package router_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
)

func TestManyConversationsAreChangedEachForItself(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		pending := d.says(d.tienda, d.visitor(d.tienda), "hola").ConversationID
		open := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		_, err := d.SetLabels(t.Context(), d.ana, open, []string{"viejo", "queda"})
		require.NoError(t, err)
		var ventas int64
		require.NoError(t, d.db.Read().Raw("SELECT id FROM teams").Row().Scan(&ventas))
		before := len(d.thread(open))

		results, err := d.ChangeMany(t.Context(), d.ana, []int64{open, 999, pending, open}, router.Bulk{Assignee: &d.jefaID, Team: &ventas,
			AddLabels: []string{"Nuevo"}, RemoveLabels: []string{"viejo"}, Status: fsm.Snoozed, SnoozeWord: "tomorrow"})
		require.NoError(t, err)
		require.Equal(t, []int64{open, 999, pending}, []int64{results[0].ID, results[1].ID, results[2].ID}, "in order, each once")
		require.ErrorIs(t, results[1].Err, fault.NotFound)
		for _, i := range []int{0, 2} {
			require.NoError(t, results[i].Err)
			c := d.row(results[i].ID)
			require.Equal(t, fsm.Snoozed, c.Status)
			require.Equal(t, []*int64{&d.jefaID, &ventas}, []*int64{c.AssigneeID, c.TeamID})
			require.Equal(t, c.Version, results[i].Conversation.Version)
		}
		require.Equal(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), *d.row(open).SnoozedUntil, "in the inbox's zone")
		require.Equal(t, time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC), *d.row(pending).SnoozedUntil)
		labels, err := d.Labels(t.Context(), d.ana, open)
		require.NoError(t, err)
		require.Equal(t, []string{"nuevo", "queda"}, labels)
		require.Equal(t, []string{"system: Ana assigned the conversation to Jefa", "system: Ana assigned the conversation to the team ventas",
			"system: Ana added the label nuevo", "system: Ana removed the label viejo", "system: Ana snoozed the conversation until Nov 24, 2026, 9:00 AM UTC"}, d.thread(open)[before:])
	})
}

func TestOneThatFailsIsLeftAsItWas(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		first := d.says(d.tienda, d.visitor(d.tienda), "hola").ConversationID
		noBot := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		_, err := d.Resolve(t.Context(), d.ana, first)
		require.NoError(t, err)
		was := d.row(noBot)
		results, err := d.ChangeMany(t.Context(), d.ana, []int64{noBot, first}, router.Bulk{AddLabels: []string{"x"}, Status: fsm.Pending})
		require.NoError(t, err)
		require.ErrorIs(t, results[0].Err, fault.NoBot)
		require.Equal(t, was, d.row(noBot), "no label without the status")
		require.NoError(t, results[1].Err)
		require.Equal(t, fsm.Pending, d.status(first))

		outside := router.By{Actor: d.ana.Actor, Scope: router.Scope{Inboxes: []int64{d.correo.ID}}}
		results, err = d.ChangeMany(t.Context(), outside, []int64{first, noBot}, router.Bulk{Status: fsm.Resolved})
		require.NoError(t, err)
		require.ErrorIs(t, results[0].Err, fault.Forbidden)
		require.Equal(t, []fsm.Status{fsm.Pending, fsm.Resolved}, []fsm.Status{d.status(first), d.status(noBot)})
	})
}

func TestNobodyAndNoTeamInBulk(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "hi").ConversationID
		none := int64(0)
		_, err := d.Assign(t.Context(), d.ana, id, &d.anaID)
		require.NoError(t, err)
		_, err = d.ChangeMany(t.Context(), d.ana, []int64{id}, router.Bulk{Assignee: &none, Team: &none})
		require.NoError(t, err)
		require.Nil(t, d.row(id).AssigneeID)
	})
}

func TestABulkHasLimits(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ids := make([]int64, 101)
		for i := range ids {
			ids[i] = int64(i + 1)
		}
		for name, tt := range map[string]struct {
			ids  []int64
			bulk router.Bulk
			want string
		}{
			"none":                   {nil, router.Bulk{}, fault.Invalid.Field("required", "ids").Error()},
			"101":                    {ids, router.Bulk{}, fault.Invalid.Field(fault.Limit("too_many", 100), "ids").Error()},
			"nothing to do":          {ids[:1], router.Bulk{}, fault.Invalid.Field("required", "fields", "labels").Error()},
			"the bot's and a person": {ids[:1], router.Bulk{Status: fsm.Pending, Assignee: &d.anaID}, fault.Invalid.Field("not_allowed", "assignee_id").Error()},
			"a label too long":       {ids[:1], router.Bulk{AddLabels: []string{string(slices.Repeat([]byte("l"), 101))}}, fault.Invalid.Field(fault.Limit("too_long", 100), "labels").Error()},
		} {
			_, err := d.ChangeMany(t.Context(), d.ana, tt.ids, tt.bulk)
			require.Equal(t, tt.want, errorText(err), name)
		}
	})
}

// What is our own fault with one of many stands in the log, for whoever can
// mend it; what the caller did wrong does not.
func TestAFaultWithOneOfManyIsLogged(t *testing.T) {
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		var log strings.Builder
		r := router.New(router.Options{DB: f.db, Now: f.clock.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		id := f.opens()
		results, err := r.ChangeMany(t.Context(), f.jefa, []int64{999}, router.Bulk{Status: fsm.Resolved})
		require.NoError(t, err)
		require.ErrorIs(t, results[0].Err, fault.NotFound)
		require.Empty(t, log.String())

		f.sql("ALTER TABLE conversation_labels RENAME TO gone")
		results, err = r.ChangeMany(t.Context(), f.jefa, []int64{id}, router.Bulk{AddLabels: []string{"vip"}})
		require.NoError(t, err)
		require.Equal(t, fault.Internal.Code, fault.From(results[0].Err).Code)
		require.Contains(t, log.String(), "level=ERROR")
		require.Contains(t, log.String(), fmt.Sprintf("conversation=%d", id))
		require.Contains(t, log.String(), "conversation_labels")
	})
}
