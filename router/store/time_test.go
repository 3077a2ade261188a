package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/store"
)

type thing struct {
	ID   int64
	Name string
	At   *time.Time
}

func (thing) TableName() string { return "things" }

func insertAt(t *testing.T, db *store.DB, name string, at any) {
	t.Helper()
	require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO things (name, at) VALUES (?, ?)", name, at).Error
	}))
}

// instants are written in many zones and precisions.
func instants() []time.Time {
	tokyo := time.FixedZone("Tokyo", 9*3600)
	bogota := time.FixedZone("Bogota", -5*3600)
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return []time.Time{
		{},
		time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		noon.Add(-time.Microsecond).In(bogota),
		noon.In(tokyo),
		noon.Add(time.Microsecond).In(time.Local),
		noon.Add(490 * time.Millisecond).In(tokyo),
		noon.Add(500 * time.Millisecond).In(bogota),
		noon.Add(500*time.Millisecond + 10*time.Microsecond),
		noon.Add(time.Second).In(tokyo),
		noon.Add(9 * time.Hour).In(bogota), // the same wall clock as noon, seen from elsewhere
		time.Date(2999, 1, 1, 0, 0, 0, 0, tokyo),
	}
}

func TestTimesComeBackEqualInUTC(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		for i, at := range instants() {
			insertAt(t, db, at.String(), at)

			var row thing
			require.NoError(t, db.Read().Where("name = ?", at.String()).Take(&row).Error)
			require.Equal(t, at.UTC(), *row.At, "by gorm, instant %d", i)

			var raw time.Time
			require.NoError(t, db.Read().Raw("SELECT at FROM things WHERE name = ?", at.String()).Scan(&raw).Error)
			require.Equal(t, at.UTC(), raw, "by raw SQL, instant %d", i)

			var n int
			require.NoError(t, db.Read().Raw("SELECT count(*) FROM things WHERE at = ?", at).Scan(&n).Error)
			require.Equal(t, 1, n, "found by equality, instant %d", i)
		}
		var row thing
		insertAt(t, db, "never", nil)
		require.NoError(t, db.Read().Where("name = 'never'").Take(&row).Error)
		require.Nil(t, row.At)
	})
}

func TestTimesSortAndCompareAsInstants(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		all := instants()
		for _, i := range rand.Perm(len(all)) {
			insertAt(t, db, all[i].String(), all[i])
		}
		slices.SortFunc(all, time.Time.Compare)

		var sorted []time.Time
		require.NoError(t, db.Read().Raw("SELECT at FROM things ORDER BY at").Scan(&sorted).Error)
		require.Len(t, sorted, len(all))
		for i := range all {
			require.True(t, all[i].Equal(sorted[i]), "place %d: %s, got %s", i, all[i], sorted[i])

			var before int
			require.NoError(t, db.Read().Raw("SELECT count(*) FROM things WHERE at < ?", all[i].Local()).Scan(&before).Error)
			require.Equal(t, i, before, "older than %s", all[i])
		}
	})
}

func TestTimesOfUpdatesAndReturning(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		at := time.Date(2026, 3, 29, 2, 30, 0, 123456000, time.FixedZone("Madrid", 2*3600))
		insertAt(t, db, "a", nil)
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			var back time.Time
			require.NoError(t, tx.Raw("UPDATE things SET at = ? WHERE name = 'a' RETURNING at", at).Scan(&back).Error)
			require.Equal(t, at.UTC(), back)
			row := thing{Name: "b", At: &at}
			require.NoError(t, tx.Select("name", "at").Create(&row).Error)
			require.NotZero(t, row.ID)
			return nil
		}))
	})
}

func TestTimeOfAnExpression(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		const latest = "SELECT max(at) FROM things WHERE name <> ?"
		var at store.Time
		require.NoError(t, db.Read().Raw(latest, "x").Scan(&at).Error)
		require.False(t, at.Valid)
		require.Nil(t, at.Pointer())

		for _, instant := range instants() {
			insertAt(t, db, instant.String(), instant)
			require.NoError(t, db.Read().Raw("SELECT coalesce(at, at) FROM things WHERE name = ?", instant.String()).Scan(&at).Error)
			require.Equal(t, instant.UTC(), *at.Pointer())
		}
		require.NoError(t, db.Read().Raw(latest, "x").Scan(&at).Error)
		require.Equal(t, time.Date(2998, 12, 31, 15, 0, 0, 0, time.UTC), at.Time)

		require.NoError(t, db.Read().Raw("SELECT count(*) FROM things WHERE at = ?", at).Row().Err())
		require.Error(t, at.Scan("yesterday"))
		require.Error(t, at.Scan(int64(1)))
	})
}

// A text that only looks like a time must stay as the customer wrote it, even
// in an expression, where SQLite has forgotten the column's type.
func TestTextThatLooksLikeATimeStays(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		for _, words := range []string{"2026-01-01", "2026-01-01 10:00:00+00:00", "10:00"} {
			insertAt(t, db, words, nil)
			var back string
			require.NoError(t, db.Read().Raw("SELECT coalesce(name, '') FROM things WHERE name = ?", words).Scan(&back).Error)
			require.Equal(t, words, back)
		}
	})
}
