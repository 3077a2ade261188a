package hours_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/hours"
)

func zone(t require.TestingT, name string) *time.Location {
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func spans(t require.TestingT, texts ...string) []hours.Span {
	var all []hours.Span
	for _, text := range texts {
		s, err := hours.ParseSpan(text)
		require.NoError(t, err)
		all = append(all, s)
	}
	return all
}

// shop opens twice on weekdays, over midnight on Fridays, and never on Sundays.
func shop(t require.TestingT) hours.Hours {
	var h hours.Hours
	for day := time.Monday; day <= time.Thursday; day++ {
		h.Week[day] = spans(t, "09:00-14:00", "16:00-20:00")
	}
	h.Week[time.Friday] = spans(t, "18:00-02:00")
	h.Week[time.Saturday] = spans(t, "00:00-24:00")
	h.Holidays = []hours.Date{{2026, 12, 25}, {2026, 12, 26}}
	return h
}

func TestWhenAShopIsOpen(t *testing.T) {
	madrid := zone(t, "Europe/Madrid")
	for _, tt := range []struct {
		at   string // in Madrid
		open bool
		next string
	}{
		{"2026-11-23 08:59", false, "2026-11-23 09:00"}, // a Monday
		{"2026-11-23 09:00", true, ""},
		{"2026-11-23 13:59", true, ""},
		{"2026-11-23 14:00", false, "2026-11-23 16:00"},
		{"2026-11-23 20:00", false, "2026-11-24 09:00"},
		{"2026-11-27 17:59", false, "2026-11-27 18:00"}, // Friday
		{"2026-11-27 23:59", true, ""},
		{"2026-11-28 00:00", true, ""},
		{"2026-11-28 23:59", true, ""},
		{"2026-11-29 00:00", false, "2026-11-30 09:00"}, // Sunday
		{"2026-12-24 20:00", false, "2026-12-28 09:00"}, // a Thursday before two holidays and a Sunday
		{"2026-12-25 19:00", false, "2026-12-28 09:00"},
		{"2027-01-02 01:30", true, ""}, // Friday's night
		{"2026-03-29 02:30", false, "2026-03-30 09:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, madrid)
		require.NoError(t, err)
		h := shop(t)
		require.Equal(t, tt.open, h.Open(at), tt.at)
		next, ok := h.NextOpening(at)
		require.True(t, ok)
		if tt.open {
			require.True(t, next.Equal(at), tt.at)
			continue
		}
		require.Equal(t, tt.next, next.Format("2006-01-02 15:04"), tt.at)
	}
}

func TestASpanThatBeganBeforeAHolidayRunsToItsEnd(t *testing.T) {
	h := shop(t)
	h.Holidays = []hours.Date{{2026, 11, 28}}
	require.True(t, h.Open(time.Date(2026, 11, 28, 1, 59, 0, 0, time.UTC)))
	require.False(t, h.Open(time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)))
}

// In Madrid the clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00
// back to 02:00 on 25 October. Both are Sundays.
func TestSummerTime(t *testing.T) {
	madrid := zone(t, "Europe/Madrid")
	spring := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC) // the clock shows 03:00 now
	autumn := time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		span string
		at   time.Time // UTC
		open bool
		next time.Time // if it is not open
	}{
		"the hour that is skipped does not happen":      {"02:15-02:45", spring.Add(-time.Minute), false, time.Date(2026, 4, 5, 0, 15, 0, 0, time.UTC)},
		"what would begin in it begins after it":        {"02:30-03:30", spring.Add(-time.Minute), false, spring},
		"and ends in time":                              {"02:30-03:30", spring.Add(29 * time.Minute), true, time.Time{}},
		"the hour that comes twice counts the first":    {"02:00-03:00", autumn.Add(-30 * time.Minute), true, time.Time{}},
		"and the second time":                           {"02:00-03:00", autumn.Add(30 * time.Minute), true, time.Time{}},
		"a span within it comes twice":                  {"02:30-02:45", autumn, false, autumn.Add(30 * time.Minute)},
		"overnight, the night of the change is shorter": {"22:00-04:00", spring.Add(-time.Minute), false, time.Date(2026, 3, 29, 20, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			var h hours.Hours
			h.Week[time.Sunday] = spans(t, tt.span)
			at := tt.at.In(madrid)
			require.Equal(t, tt.open, h.Open(at))
			if !tt.open {
				next, ok := h.NextOpening(at)
				require.True(t, ok)
				require.Equal(t, tt.next, next.UTC())
			}
		})
	}
}

func TestWhoNeverOpens(t *testing.T) {
	var never hours.Hours
	_, ok := never.NextOpening(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	require.False(t, ok)
	require.False(t, never.Open(time.Now()))
}

// Minute by minute is slow and sure.
func TestTheNextOpeningIsTheFirstOpenMinute(t *testing.T) {
	zones := []string{"UTC", "Europe/Madrid", "America/Mexico_City", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/Havana"}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		var h hours.Hours
		for range rapid.IntRange(1, 4).Draw(t, "spans") {
			from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
			to := from + rapid.SampledFrom([]int{1, 15, 60, 8 * 60, 24 * 60}).Draw(t, "length")
			day := rapid.IntRange(0, 6).Draw(t, "day")
			h.Week[day] = append(h.Week[day], hours.Span{From: from, To: min(to, from+24*60)})
		}
		// Around the days on which some zone changes its clocks.
		start := rapid.SampledFrom([]time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC),
			time.Date(2026, 4, 4, 6, 0, 0, 0, time.UTC), time.Date(2026, 9, 5, 20, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}).Draw(t, "start")
		at := start.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(t, "minutes")) * time.Minute).In(z)
		h.Holidays = []hours.Date{{at.Year(), at.Month(), at.Day()}}[:rapid.IntRange(0, 1).Draw(t, "holiday")]

		want := at
		for !h.Open(want) {
			want = want.Add(time.Minute)
			if want.Sub(at) > 16*24*time.Hour {
				t.Skip("only in a gap")
			}
		}
		next, ok := h.NextOpening(at)
		require.True(t, ok)
		require.Equal(t, want.UTC(), next.UTC(), "from %s, %v", at, h.Week)
	})
}

func TestSpansAreReadAndWritten(t *testing.T) {
	for text, ok := range map[string]bool{"09:00-14:00": true, "18:00-02:00": true, "00:00-24:00": true, "23:59-24:00": true,
		"": false, "9-14": false, "9:00-14:00": false, "09:00-09:00": false, "24:00-25:00": false, "09:60-10:00": false, "09:00-24:01": false,
		"-9:00-14:00": false, "09:00 14:00": false, "+9:00-14:00": false, "09:00-1 :00": false} {
		s, err := hours.ParseSpan(text)
		require.Equal(t, ok, err == nil, text)
		if ok {
			require.Equal(t, text, s.String())
		}
	}
	_, err := hours.ParseDate("2026-02-30")
	require.Error(t, err)

	stored, err := json.Marshal(shop(t))
	require.NoError(t, err)
	var back hours.Hours
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, shop(t).Holidays, back.Holidays)
	require.Equal(t, shop(t).Week[time.Friday], back.Week[time.Friday])
}

func TestHoursThatCannotBe(t *testing.T) {
	var h hours.Hours
	h.Week[1] = spans(t, "09:00-14:00", "13:00-15:00")
	require.Error(t, h.Check())
	h.Week[1] = spans(t, "09:00-14:00", "14:00-15:00")
	require.NoError(t, h.Check())
	h.Week[2] = make([]hours.Span, hours.MaxSpans+1)
	require.Error(t, h.Check())
	h.Week[2] = nil
	h.Holidays = make([]hours.Date, hours.MaxHolidays+1)
	require.Error(t, h.Check())
}
