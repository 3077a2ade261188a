package router_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
)

func ptr[T any](v T) *T { return &v }

func TestAnAgentIsPresentAsChosenWithASignOfLife(t *testing.T) {
	for name, c := range map[string]struct {
		agent router.Agent
		want  string
	}{
		"online, seen a moment ago":        {router.Agent{Availability: router.Online, AutoOffline: true, SeenAt: ptr(monday.Add(-time.Minute))}, "online"},
		"online, seen too long ago":        {router.Agent{Availability: router.Online, AutoOffline: true, SeenAt: ptr(monday.Add(-time.Minute - time.Second))}, "offline"},
		"online, never seen":               {router.Agent{Availability: router.Online, AutoOffline: true}, "offline"},
		"online without auto offline":      {router.Agent{Availability: router.Online}, "online"},
		"busy, seen a moment ago":          {router.Agent{Availability: router.Busy, AutoOffline: true, SeenAt: &monday}, "busy"},
		"offline by choice, seen just now": {router.Agent{Availability: router.Offline, AutoOffline: true, SeenAt: &monday}, "offline"},
		"gone":                             {router.Agent{Availability: router.Online, RemovedAt: &monday}, "offline"},
	} {
		require.Equal(t, c.want, c.agent.Presence(monday), name)
	}
}

func TestAnAgentIsChangedFieldByField(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		a, err := d.UpdateAgent(t.Context(), d.anaID, router.AgentDraft{DisplayName: ptr("Ana de Soporte"), TimeZone: ptr("America/Bogota"),
			Availability: ptr("busy"), AutoOffline: ptr(false), Email: ptr(" ANA2@Example.com ")}, "")
		require.NoError(t, err)
		stored, err := d.Agent(t.Context(), d.anaID)
		require.NoError(t, err)
		require.Equal(t, a, stored)
		require.Equal(t, "Ana", stored.Name, "what is not said stays")
		require.Equal(t, "Ana de Soporte", stored.AvailableName())
		require.Equal(t, "ana2@example.com", stored.Email)
		require.Equal(t, "busy", stored.Presence(monday))
		found, err := d.AgentByEmail(t.Context(), "Ana2@example.com")
		require.NoError(t, err)
		require.Equal(t, d.anaID, found.ID)

		role := router.Role("chief")
		for name, draft := range map[string]router.AgentDraft{
			"blank name": {Name: ptr("  ")}, "no address": {Email: ptr("ana")}, "name beside the address": {Email: ptr("Ana <ana@example.com>")},
			"unknown role": {Role: &role}, "unknown state": {Availability: ptr("asleep")}, "unknown zone": {TimeZone: ptr("Mars/Base")},
			"the machine's zone": {TimeZone: ptr("Local")}, "NUL": {DisplayName: ptr("a\x00b")},
		} {
			_, err := d.UpdateAgent(t.Context(), d.anaID, draft, "")
			require.ErrorIs(t, err, fault.Invalid, name)
		}
		_, err = d.UpdateAgent(t.Context(), d.anaID, router.AgentDraft{Email: ptr("jefa@example.com")}, "")
		require.ErrorIs(t, err, fault.Taken)
		unchanged, err := d.Agent(t.Context(), d.anaID)
		require.NoError(t, err)
		require.Equal(t, stored, unchanged)
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		role := router.RoleAgent
		_, err := d.UpdateAgent(t.Context(), d.jefaID, router.AgentDraft{Role: &role}, "")
		require.ErrorContains(t, err, "last_administrator")
		require.ErrorContains(t, d.RemoveAgent(t.Context(), d.ana, d.jefaID), "last_administrator")
		require.ErrorContains(t, d.RemoveAgent(t.Context(), d.jefa, d.jefaID), "yourself")

		admin := router.RoleAdministrator
		_, err = d.UpdateAgent(t.Context(), d.anaID, router.AgentDraft{Role: &admin}, "")
		require.NoError(t, err)
		require.NoError(t, d.RemoveAgent(t.Context(), d.ana, d.jefaID))
	})
}

func TestTwoAdministratorsCannotRemoveEachOther(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		admin := router.RoleAdministrator
		_, err := d.UpdateAgent(t.Context(), d.anaID, router.AgentDraft{Role: &admin}, "")
		require.NoError(t, err)
		var wait sync.WaitGroup
		errs := make([]error, 2)
		wait.Go(func() { errs[0] = d.RemoveAgent(t.Context(), d.ana, d.jefaID) })
		wait.Go(func() { errs[1] = d.RemoveAgent(t.Context(), d.jefa, d.anaID) })
		wait.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "%v, %v", errs[0], errs[1])
		agents, err := d.Agents(t.Context())
		require.NoError(t, err)
		require.Len(t, agents, 1)
	})
}

func TestNoConversationIsGivenToWhoIsBeingRemoved(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var ids []int64
		for range 12 {
			ids = append(ids, d.says(d.correo, d.visitor(d.correo), "Hello").ConversationID)
		}
		var wait sync.WaitGroup
		for i, id := range ids {
			wait.Go(func() {
				if i == len(ids)/2 {
					assert.NoError(t, d.RemoveAgent(ctx, d.jefa, d.anaID))
				}
				_, _ = d.Open(ctx, d.ana, id)              // refused after the removal
				_, _ = d.Assign(ctx, d.jefa, id, &d.anaID) // likewise
			})
		}
		wait.Wait()
		for _, id := range ids {
			require.NotEqual(t, &d.anaID, d.row(id).AssigneeID)
		}
	})
}

func TestARemovedAgentLeavesMessagesButNoOpenConversation(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var open []int64
		for range 3 {
			m := d.says(d.correo, d.visitor(d.correo), "Hello")
			_, err := d.Reply(ctx, d.ana, m.ConversationID, router.Draft{Content: "Hi"})
			require.NoError(t, err)
			_, err = d.Assign(ctx, d.jefa, m.ConversationID, &d.anaID)
			require.NoError(t, err)
			open = append(open, m.ConversationID)
		}
		_, err := d.Snooze(ctx, d.ana, open[1], nil)
		require.NoError(t, err)
		_, err = d.Resolve(ctx, d.ana, open[2])
		require.NoError(t, err)
		_, err = d.StartSession(ctx, d.anaID, "cookie")
		require.NoError(t, err)

		require.NoError(t, d.RemoveAgent(ctx, d.jefa, d.anaID))

		const line = "system: The conversation was left without an assigned agent because Jefa removed Ana"
		for _, id := range open[:2] {
			require.Nil(t, d.row(id).AssigneeID)
			thread := d.thread(id)
			require.Equal(t, line, thread[len(thread)-1])
		}
		require.Equal(t, &d.anaID, d.row(open[2]).AssigneeID, "who resolved it is remembered")
		require.NotContains(t, d.thread(open[2]), line)
		messages, err := d.Messages(ctx, d.jefa, open[0], router.MessagePage{})
		require.NoError(t, err)
		agents, _, err := d.Senders(ctx, messages)
		require.NoError(t, err)
		require.Equal(t, "Ana", agents[d.anaID].Name)

		_, _, err = d.AgentByToken(ctx, "hash-ana")
		require.ErrorIs(t, err, fault.Unauthenticated)
		_, _, err = d.AgentBySession(ctx, "cookie")
		require.ErrorIs(t, err, fault.Unauthenticated)
		_, err = d.Agent(ctx, d.anaID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = d.Assign(ctx, d.jefa, open[0], &d.anaID)
		require.ErrorContains(t, err, "unknown_agent")
		require.NoError(t, d.RemoveAgent(ctx, d.jefa, d.anaID), "again")
	})
}

func TestAReopenedConversationDoesNotGoBackToWhoLeft(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v := d.visitor(d.correo)
		c := d.says(d.correo, v, "Hello").ConversationID
		_, err := d.Assign(ctx, d.jefa, c, &d.anaID)
		require.NoError(t, err)
		_, err = d.Resolve(ctx, d.ana, c)
		require.NoError(t, err)
		require.NoError(t, d.RemoveAgent(ctx, d.jefa, d.anaID))
		d.says(d.correo, v, "One more thing")
		require.NotEqual(t, &d.anaID, d.row(c).AssigneeID)
		require.Contains(t, d.thread(c), "system: The conversation was left without an assigned agent because Ana no longer answers here")
	})
}

func TestWhoComesBackIsTheSamePersonWithoutTheOldKeys(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, err := d.UpdateAgent(ctx, d.anaID, router.AgentDraft{PasswordHash: ptr("secret")}, "")
		require.NoError(t, err)
		_, err = d.AddAgent(ctx, router.Agent{Name: "Impostor", Email: "ANA@example.com", Role: router.RoleAgent}, "", []int64{})
		require.ErrorIs(t, err, fault.Taken)
		require.NoError(t, d.RemoveAgent(ctx, d.jefa, d.anaID))
		back, err := d.AddAgent(ctx, router.Agent{Name: "Ana María", Email: "ana@example.com", Role: router.RoleAgent}, "", []int64{})
		require.NoError(t, err)
		require.Equal(t, d.anaID, back.ID)
		stored, err := d.Agent(ctx, d.anaID)
		require.NoError(t, err)
		require.Equal(t, "Ana María", stored.Name)
		require.Empty(t, stored.PasswordHash)
		_, _, err = d.AgentByToken(ctx, "hash-ana")
		require.ErrorIs(t, err, fault.Unauthenticated)
	})
}

func TestASessionLastsWhileItIsUsed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, hash := range []string{"used", "forgotten", "ended"} {
			_, err := d.StartSession(ctx, d.anaID, hash)
			require.NoError(t, err)
		}
		require.NoError(t, d.EndSession(ctx, "ended"))
		_, _, err := d.AgentBySession(ctx, "ended")
		require.ErrorIs(t, err, fault.Unauthenticated)
		for range 4 {
			d.clock.Advance(29 * 24 * time.Hour)
			a, scope, err := d.AgentBySession(ctx, "used")
			require.NoError(t, err)
			require.Equal(t, d.anaID, a.ID)
			require.Equal(t, []int64{d.tienda.ID, d.correo.ID}, scope.Inboxes)
		}
		for _, hash := range []string{"forgotten", "unknown"} {
			_, _, err = d.AgentBySession(ctx, hash)
			require.ErrorIs(t, err, fault.Unauthenticated, hash)
		}
		d.clock.Advance(30 * 24 * time.Hour)
		_, _, err = d.AgentBySession(ctx, "used")
		require.ErrorIs(t, err, fault.Unauthenticated)
	})
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, hash := range []string{"mine", "theirs"} {
			_, err := d.StartSession(ctx, d.anaID, hash)
			require.NoError(t, err)
		}
		_, err := d.UpdateAgent(ctx, d.anaID, router.AgentDraft{PasswordHash: ptr("new")}, "mine")
		require.NoError(t, err)
		_, _, err = d.AgentBySession(ctx, "mine")
		require.NoError(t, err)
		_, _, err = d.AgentBySession(ctx, "theirs")
		require.ErrorIs(t, err, fault.Unauthenticated)
	})
}

func TestTomorrowIsTheAgentsTomorrow(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		m := d.says(d.correo, d.visitor(d.correo), "Hello")
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		require.NoError(t, err)
		by := d.ana
		by.Zone = tokyo
		c, err := d.SnoozeUntil(t.Context(), by, m.ConversationID, "tomorrow")
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 11, 25, 9, 0, 0, 0, tokyo).UTC(), *c.SnoozedUntil, "it is Tuesday in Tokyo already")
	})
}
