package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func (f *floor) seenAt(name string) time.Time {
	var a router.Agent
	require.NoError(f.t, f.db.Read().Raw("SELECT * FROM agents WHERE id = ?", f.id(name)).Scan(&a).Error)
	require.NotNil(f.t, a.SeenAt)
	return a.SeenAt.UTC()
}

func TestSignsOfLifeAreWrittenNowAndThen(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		f.come("Ana")
		require.Equal(t, monday, f.seenAt("Ana"))
		f.clock.Advance(19 * time.Second)
		f.come("Ana")
		require.Equal(t, monday, f.seenAt("Ana"), "not so soon again")
		f.clock.Advance(time.Second)
		f.come("Ana")
		require.Equal(t, monday.Add(20*time.Second), f.seenAt("Ana"))

		other := router.New(router.Options{DB: f.db, Now: func() time.Time { return monday }})
		other.Heartbeat(t.Context(), f.id("Ana"))
		require.Equal(t, monday.Add(20*time.Second), f.seenAt("Ana"), "a process whose clock is behind takes nothing back")
		other.Heartbeat(t.Context(), 1<<40) // nobody: nothing happens
	})
}

func TestPresencesNameWhoIsThere(t *testing.T) {
	eachFloor(t, router.InboxSettings{}, func(t *testing.T, f *floor) {
		f.come("Ana", "Beto", "Carla")
		f.sql("UPDATE agents SET availability = 'busy' WHERE id = ?", f.id("Beto"))
		f.sql("UPDATE agents SET removed_at = seen_at WHERE id = ?", f.id("Carla"))
		there, err := f.Presences(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[int64]string{f.id("Ana"): "online", f.id("Beto"): "busy"}, there)
		f.clock.Advance(61 * time.Second)
		there, err = f.Presences(t.Context())
		require.NoError(t, err)
		require.Empty(t, there)
	})
}
