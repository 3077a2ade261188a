package router_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

func TestWhatComesOpenGoesToWhoWasGivenOneLeastRecently(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		f.come("Carla", "Ana", "Leo")
		var got []string
		for range 4 {
			got = append(got, f.has(f.opens()))
		}
		require.Equal(t, []string{"Ana", "Carla", "Ana", "Carla"}, got, "online members in turn; Beto is away, Leo is no member")
		f.come("Beto")
		require.Equal(t, "Beto", f.has(f.opens()), "who never had one is next")
		require.Equal(t, "system: La conversación se asignó automáticamente a Ana", f.thread(1)[1])
		require.Equal(t, int64(2), f.row(1).Version)
	})
}

func TestWhoIsThere(t *testing.T) {
	for name, tt := range map[string]struct {
		change string // of Ana's row
		later  time.Duration
		want   string
	}{
		"just seen":               {"", 0, "Ana"},
		"seen 60 seconds ago":     {"", 60 * time.Second, "Ana"},
		"seen 61 seconds ago":     {"", 61 * time.Second, ""},
		"never offline by itself": {"auto_offline = false", time.Hour, "Ana"},
		"busy":                    {"availability = 'busy'", 0, ""},
		"offline by choice":       {"availability = 'offline'", 0, ""},
		"busy, never offline":     {"availability = 'busy', auto_offline = false", 0, ""},
		"removed":                 {"removed_at = seen_at", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
				f.come("Ana")
				if tt.change != "" {
					f.sql("UPDATE agents SET "+tt.change+" WHERE id = ?", f.id("Ana"))
				}
				f.clock.Advance(tt.later)
				require.Equal(t, tt.want, f.has(f.opens()))
			})
		})
	}
}

func TestAutomaticAssignmentLeavesAlone(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		ctx := t.Context()
		f.come("Ana", "Beto")

		pending := f.says(f.tienda, f.visitor(f.tienda), "Hola").ConversationID
		f.attend()
		require.Equal(t, fsm.Pending, f.status(pending))
		require.Empty(t, f.has(pending), "what belongs to the bot")
		require.Zero(t, f.assignWaiting())

		_, err := f.Open(ctx, f.by["Carla"], pending)
		require.NoError(t, err)
		require.Equal(t, "Carla", f.has(pending), "what an agent opened is that agent's")

		own := f.opens()
		require.Equal(t, "Ana", f.has(own))
		f.assign("Ana", own, "Carla")
		_, err = f.Resolve(ctx, f.by["Carla"], own)
		require.NoError(t, err)
		f.sql("UPDATE agents SET availability = 'offline' WHERE id = ?", f.id("Carla"))
		_, err = f.Snooze(ctx, f.by["Carla"], own, nil)
		require.NoError(t, err)
		require.Equal(t, "Carla", f.has(own), "what somebody has, there or not")
	})
	eachFloor(t, router.InboxSettings{NoAutoAssign: true}, func(t *testing.T, f *floor) {
		f.come("Ana")
		id := f.opens()
		require.Zero(t, f.assignWaiting())
		require.Empty(t, f.has(id), "an inbox where it is switched off")
	})
}

func TestEveryWayOfComingOpenFindsAnAgent(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		ctx := t.Context()
		f.come("Ana")
		f.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonAsked}}, nil
		}
		handed := f.says(f.tienda, f.visitor(f.tienda), "persona").ConversationID
		f.attend()
		require.Equal(t, "Ana", f.has(handed), "a handoff")

		v := f.visitor(f.correo)
		id := f.says(f.correo, v, "Hola").ConversationID
		require.Equal(t, "Ana", f.has(id), "a start without a bot")
		for what, leave := range map[string]func(){
			"a word into what was resolved": func() { _, err := f.Resolve(ctx, f.jefa, id); require.NoError(t, err) },
			"a word into a snooze":          func() { _, err := f.SnoozeUntil(ctx, f.jefa, id, "next_reply"); require.NoError(t, err) },
		} {
			leave()
			_, err := f.Assign(ctx, f.jefa, id, nil)
			require.NoError(t, err)
			f.says(f.correo, v, "¿Hola?")
			require.Equal(t, "Ana", f.has(id), what)
		}
		until := f.clock.Now().Add(time.Minute)
		_, err := f.Snooze(ctx, f.jefa, id, &until)
		require.NoError(t, err)
		_, err = f.Assign(ctx, f.jefa, id, nil)
		require.NoError(t, err)
		f.clock.Advance(time.Minute)
		f.come("Ana")
		f.attend()
		require.Equal(t, "Ana", f.has(id), "the end of a snooze")
	})
}

func TestTheLimitHoldsAndWhoIsFreedGetsWhatWaits(t *testing.T) {
	eachFloor(t, router.InboxSettings{AutoAssignLimit: 2}, func(t *testing.T, f *floor) {
		f.come("Ana", "Beto")
		var ids []int64
		for range 6 {
			f.clock.Advance(time.Second)
			ids = append(ids, f.opens())
		}
		got := func() (names []string) {
			for _, id := range ids {
				names = append(names, f.has(id))
			}
			return names
		}
		require.Equal(t, []string{"Ana", "Beto", "Ana", "Beto", "", ""}, got())
		require.Zero(t, f.assignWaiting())

		_, err := f.Resolve(t.Context(), f.by["Beto"], ids[1])
		require.NoError(t, err)
		require.Equal(t, 1, f.assignWaiting())
		require.Equal(t, []string{"Ana", "Beto", "Ana", "Beto", "Beto", ""}, got(), "who waits longest is first")

		f.assign("Jefa", ids[5], "Ana")
		require.Equal(t, "Ana", f.has(ids[5]), "by hand the limit does not count")
	})
}

func TestWhoComesOnlineGetsWhatWaits(t *testing.T) {
	eachFloor(t, router.InboxSettings{AutoAssignLimit: 2}, func(t *testing.T, f *floor) {
		first, second := f.opens(), f.opens()
		f.clock.Advance(time.Minute)
		third := f.opens()
		require.Empty(t, f.has(first))
		f.come("Ana")
		require.Equal(t, 2, f.assignWaiting())
		require.Equal(t, []string{"Ana", "Ana", ""}, []string{f.has(first), f.has(second), f.has(third)})
	})
}

// Run does by itself what AssignWaiting does, as soon as somebody comes or
// somebody's conversation is done.
func TestRunGivesWhatWaits(t *testing.T) {
	eachFloor(t, router.InboxSettings{AutoAssignLimit: 1}, func(t *testing.T, f *floor) {
		runUntilTheEnd(t, f.Router)
		first := f.opens()
		f.come("Ana")
		require.Eventually(t, func() bool { return f.has(first) == "Ana" }, 10*time.Second, 5*time.Millisecond)
		second := f.opens()
		require.Empty(t, f.has(second))
		_, err := f.Resolve(t.Context(), f.by["Ana"], first)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return f.has(second) == "Ana" }, 10*time.Second, 5*time.Millisecond)
	})
}

func TestATeamTakesItsOwn(t *testing.T) {
	handoff := func(router.Turn) (router.Outcome, error) {
		return router.Outcome{Handoff: &router.Handoff{Reason: router.ReasonAsked, Team: "ventas"}}, nil
	}
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		team := f.ventas("Beto", "Leo")
		f.come("Ana", "Leo")
		f.bot.take = handoff
		id := f.says(f.tienda, f.visitor(f.tienda), "comprar").ConversationID
		f.attend()
		require.Empty(t, f.has(id), "Ana is not in the team, and Leo not in the inbox")
		other := f.opens()
		require.Equal(t, "Ana", f.has(other))
		f.come("Beto")
		require.Equal(t, 1, f.assignWaiting(), "what waits for others is not in the way")
		require.Equal(t, "Beto", f.has(id))

		_, err := f.AssignTeam(t.Context(), f.by["Ana"], other, &team)
		require.NoError(t, err)
		require.Equal(t, "Beto", f.has(other), "who is not in the team leaves it to one who is")
		require.Equal(t, []string{
			"system: Ana asignó la conversación al equipo ventas",
			"system: La conversación quedó sin agente asignado, porque Ana no está en el equipo ventas",
			"system: Ana asignó la conversación a Beto por medio del equipo ventas",
		}, f.thread(other)[2:])
		_, err = f.AssignTeam(t.Context(), f.by["Ana"], other, nil)
		require.NoError(t, err)
		require.Equal(t, "Beto", f.has(other), "without a team it stays where it is")

		ana := f.id("Ana")
		f.assign("Jefa", other, "Ana")
		_, _, err = f.AssignAs(t.Context(), f.jefa, other, router.Assignment{Agent: &ana, Team: &team})
		require.NoError(t, err)
		require.Equal(t, "Ana", f.has(other), "who is named beside the team has it")
	})
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		team := f.ventas()
		f.come("Ana")
		f.bot.take = handoff
		id := f.says(f.tienda, f.visitor(f.tienda), "comprar").ConversationID
		f.attend()
		require.Equal(t, "Ana", f.has(id), "a team of nobody is everybody")
		f.sql("UPDATE agents SET availability = 'busy'")
		waiting := f.says(f.tienda, f.visitor(f.tienda), "comprar").ConversationID
		f.attend()
		require.Empty(t, f.has(waiting))
		f.sql("UPDATE agents SET availability = 'online'")
		require.Equal(t, 1, f.assignWaiting())
		require.Equal(t, "Ana", f.has(waiting))
		_, err := f.AssignTeam(t.Context(), f.by["Ana"], waiting, nil)
		require.NoError(t, err)
		_, err = f.AssignTeam(t.Context(), f.by["Ana"], waiting, &team)
		require.NoError(t, err)
		require.Equal(t, "Ana", f.has(waiting), "nobody is an outsider of it")
	})
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		team := f.ventas("Beto")
		f.sql("UPDATE teams SET allow_auto_assign = ?", false)
		f.come("Beto")
		f.bot.take = handoff
		id := f.says(f.tienda, f.visitor(f.tienda), "comprar").ConversationID
		f.attend()
		require.Zero(t, f.assignWaiting())
		require.Empty(t, f.has(id), "a team that does not take part waits for somebody to take it")
		f.assign("Jefa", id, "Ana")
		_, err := f.AssignTeam(t.Context(), f.jefa, id, nil)
		require.NoError(t, err)
		_, err = f.AssignTeam(t.Context(), f.jefa, id, &team)
		require.NoError(t, err)
		require.Empty(t, f.has(id), "its members alone can have what is its own")
	})
}

func TestATransferNamesAllThree(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		f.come("Ana")
		id := f.opens()
		f.assign("Jefa", id, "Beto")
		f.assign("Carla", id, "Carla")
		lines := f.thread(id)
		require.Equal(t, []string{"system: Jefa transfirió la conversación de Ana a Beto", "system: Carla se asignó la conversación"}, lines[len(lines)-2:])
		unknown := f.id("Leo")
		_, err := f.Assign(t.Context(), f.jefa, id, &unknown)
		require.ErrorContains(t, err, "not_a_member")
	})
}

// Several processes, each with customers and agents of its own, never give an
// agent more than the limit, nor one conversation to two.
func TestTheLimitHoldsForManyProcesses(t *testing.T) {
	const limit, processes, each = 3, 4, 12
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		f := newFloor(t, db, router.InboxSettings{AutoAssignLimit: limit})
		f.come("Ana", "Beto", "Carla")
		var ids []int64
		var mu sync.Mutex
		var all sync.WaitGroup
		for range processes {
			visitors := make([]string, each)
			for i := range visitors {
				visitors[i] = f.visitor(f.correo)
			}
			r := router.New(router.Options{DB: db, Now: f.clock.Now})
			require.NoError(t, r.Ready(t.Context()))
			all.Go(func() {
				for i, v := range visitors {
					m, err := r.Receive(t.Context(), router.Inbound{Inbox: f.correo, SourceID: v, Draft: router.Draft{Content: "Hola"}})
					if !assert.NoError(t, err) {
						return
					}
					mu.Lock()
					ids = append(ids, m.ConversationID)
					mu.Unlock()
					if i%4 == 3 { // some room, taken at once by whoever looks first
						_, err := r.Resolve(t.Context(), f.jefa, m.ConversationID)
						assert.NoError(t, err)
						_, err = r.AssignWaiting(t.Context())
						assert.NoError(t, err)
					}
					var most int
					err = db.Read().Raw("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM conversations WHERE status = 'open' AND assignee_id IS NOT NULL GROUP BY assignee_id) AS held").Scan(&most).Error
					assert.NoError(t, err)
					assert.LessOrEqual(t, most, limit)
				}
			})
		}
		all.Wait()
		f.assignWaiting()
		held := map[string]int{}
		for _, id := range ids {
			if c := f.row(id); c.Status == fsm.Open {
				held[f.has(id)]++
				lines := f.thread(id)
				given := slices.DeleteFunc(lines, func(l string) bool { return l == "contact: Hola" })
				require.LessOrEqual(t, len(given), 1, "assigned once")
			}
		}
		require.Equal(t, limit, held["Ana"])
		require.Equal(t, limit, held["Beto"])
		require.Equal(t, limit, held["Carla"])
		require.Positive(t, held[""], "the rest waits")
	})
}
