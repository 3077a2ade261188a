package hours_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/hours"
)

func TestHowLongAShopWasOpen(t *testing.T) {
	madrid := zone(t, "Europe/Madrid")
	for name, tt := range map[string]struct {
		from, to string // in Madrid
		open     time.Duration
	}{
		"within one span":                          {"2026-11-23 09:10:00", "2026-11-23 09:40:30", 30*time.Minute + 30*time.Second},
		"over the break at noon":                   {"2026-11-23 13:50:00", "2026-11-23 16:10:00", 20 * time.Minute},
		"while closed":                             {"2026-11-23 20:00:00", "2026-11-24 09:00:00", 0},
		"over a night":                             {"2026-11-23 19:50:00", "2026-11-24 09:05:00", 15 * time.Minute},
		"Friday's night and Saturday's count once": {"2026-11-28 00:00:00", "2026-11-28 03:00:00", 3 * time.Hour},
		"over a weekend":                           {"2026-11-27 17:00:00", "2026-11-30 10:00:00", 31 * time.Hour},
		"over two holidays and a Sunday":           {"2026-12-24 19:00:00", "2026-12-28 09:30:00", 90 * time.Minute},
		"a whole week":                             {"2026-11-23 00:00:00", "2026-11-30 00:00:00", 4*9*time.Hour + 30*time.Hour},
		"backwards":                                {"2026-11-23 12:00:00", "2026-11-23 11:00:00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			from, err := time.ParseInLocation(time.DateTime, tt.from, madrid)
			require.NoError(t, err)
			to, err := time.ParseInLocation(time.DateTime, tt.to, madrid)
			require.NoError(t, err)
			require.Equal(t, tt.open, shop(t).Within(from, to))
			require.Equal(t, tt.open, shop(t).Within(from, to.UTC()), "the zone is that of the beginning")
		})
	}
}

func TestANightOfSummerTimeHasAnHourLess(t *testing.T) {
	var h hours.Hours
	h.Week[time.Saturday] = spans(t, "22:00-06:00")
	for month, want := range map[time.Month]time.Duration{time.March: 7 * time.Hour, time.July: 8 * time.Hour, time.October: 9 * time.Hour} {
		day := map[time.Month]int{time.March: 28, time.July: 25, time.October: 24}[month]
		from := time.Date(2026, month, day, 12, 0, 0, 0, zone(t, "Europe/Madrid"))
		require.Equal(t, want, h.Within(from, from.Add(24*time.Hour)), month)
	}
}

func TestWhoNeverOpensWasNotOpen(t *testing.T) {
	require.Zero(t, hours.Hours{}.Within(time.Unix(0, 0), time.Unix(1e9, 0)))
}

// Minute by minute is slow and sure.
func TestTheTimeWithinHoursIsTheSumOfTheOpenMinutes(t *testing.T) {
	zones := []string{"UTC", "Europe/Madrid", "America/Mexico_City", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/Havana"}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		var h hours.Hours
		for range rapid.IntRange(1, 6).Draw(t, "spans") {
			from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
			to := from + rapid.SampledFrom([]int{1, 15, 60, 8 * 60, 24 * 60}).Draw(t, "length")
			day := rapid.IntRange(0, 6).Draw(t, "day")
			h.Week[day] = append(h.Week[day], hours.Span{From: from, To: to})
		}
		start := rapid.SampledFrom([]time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC),
			time.Date(2026, 4, 4, 6, 0, 0, 0, time.UTC), time.Date(2026, 9, 5, 20, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}).Draw(t, "start")
		from := start.Add(time.Duration(rapid.IntRange(0, 2*24*3600).Draw(t, "seconds")) * time.Second).In(z)
		to := from.Add(time.Duration(rapid.IntRange(0, 4*24*3600).Draw(t, "length in seconds")) * time.Second)
		h.Holidays = []hours.Date{{Year: from.Year(), Month: from.Month(), Day: from.Day()}}[:rapid.IntRange(0, 1).Draw(t, "holiday")]

		var want time.Duration
		for at := from; at.Before(to); {
			next := at.Truncate(time.Minute).Add(time.Minute)
			if next.After(to) {
				next = to
			}
			if h.Open(at) {
				want += next.Sub(at)
			}
			at = next
		}
		require.Equal(t, want, h.Within(from, to), "from %s to %s, %v", from, to, h.Week)
	})
}
