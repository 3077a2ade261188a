package store_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/store"
)

type document struct {
	ID   int64
	Name string
	Data store.JSON
}

func (document) TableName() string { return "things" }

func TestJSONComesBackOnBoth(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		for name, text := range map[string]string{
			"object": `{"ciudad":"Bogotá","emoji":"👋","n":[1,2.5,null,true],"deep":{"a":{}}}`,
			"array":  `[]`, "text": `"hola"`, "number": `12345678901234567`, "null inside": `null`,
		} {
			row := document{Name: name, Data: store.JSON(text)}
			require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
				return tx.Select("name", "data").Create(&row).Error
			}))
			var back document
			require.NoError(t, db.Read().Take(&back, "id = ?", row.ID).Error)
			require.JSONEq(t, text, string(back.Data))

			var raw store.JSON
			require.NoError(t, db.Read().Raw("SELECT data FROM things WHERE name = ?", name).Row().Scan(&raw))
			require.JSONEq(t, text, string(raw))
		}
	})
}

func TestJSONOfNothingIsNull(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO things (name, data) VALUES ('a', ?)", store.JSON(nil)).Error
		}))
		var n int
		require.NoError(t, db.Read().Raw("SELECT count(*) FROM things WHERE data IS NULL").Scan(&n).Error)
		require.Equal(t, 1, n)

		var back document
		require.NoError(t, db.Read().Take(&back, "name = 'a'").Error)
		require.Nil(t, back.Data)
		v := map[string]int{"kept": 1}
		require.NoError(t, back.Data.Decode(&v))
		require.Equal(t, map[string]int{"kept": 1}, v)
	})
}

func TestJSONRefusesWhatIsNone(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO things (name, data) VALUES ('a', ?)", store.JSON("{secret")).Error
		})
		require.ErrorContains(t, err, "value of 7 bytes for a JSON column is no JSON")
		require.NotContains(t, err.Error(), "secret")
		require.Equal(t, 0, count(t, db))
	})
}

func TestJSONInsideJSON(t *testing.T) {
	document, err := store.ToJSON(map[string]any{"a": 1})
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"data": document, "none": store.JSON(nil)})
	require.NoError(t, err)
	require.JSONEq(t, `{"data":{"a":1},"none":null}`, string(text))

	var back struct{ Data store.JSON }
	require.NoError(t, json.Unmarshal(text, &back))
	var v map[string]int
	require.NoError(t, back.Data.Decode(&v))
	require.Equal(t, map[string]int{"a": 1}, v)

	_, err = store.ToJSON(make(chan int))
	require.Error(t, err)
}
