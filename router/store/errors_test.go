package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/store"
)

func TestBrokenRulesHaveTheSameErrors(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		want      error
	}{
		{"unique column", "INSERT INTO things (name) VALUES ('taken')", gorm.ErrDuplicatedKey},
		{"unique column, by update", "UPDATE things SET name = 'taken' WHERE id = 102", gorm.ErrDuplicatedKey},
		{"primary key", "INSERT INTO things (id, name) VALUES (101, 'new')", gorm.ErrDuplicatedKey},
		{"foreign key", "INSERT INTO things (name, parent) VALUES ('new', 7)", gorm.ErrForeignKeyViolated},
		{"foreign key, by delete", "DELETE FROM parents", gorm.ErrForeignKeyViolated},
		{"check", "UPDATE things SET count = -1 WHERE id = 101", gorm.ErrCheckConstraintViolated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			things(t, func(t *testing.T, db *store.DB) {
				require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error {
					return tx.Exec(`INSERT INTO parents (id) VALUES (1);
						INSERT INTO things (id, name, parent) VALUES (101, 'taken', 1), (102, 'other', NULL)`).Error
				}))
				err := db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(tt.sql).Error })
				require.ErrorIs(t, err, tt.want)
				err = db.Tx(t.Context(), func(tx *gorm.DB) error {
					var id int64
					return tx.Raw(tt.sql + " RETURNING 1").Scan(&id).Error
				})
				require.ErrorIs(t, err, tt.want, "with RETURNING")
				require.Equal(t, 2, count(t, db))
			})
		})
	}
}

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	things(t, func(t *testing.T, db *store.DB) {
		for _, sql := range []string{
			"INSERT INTO things (name) VALUES (NULL)",
			"SELECT * FROM nothing",
			`SELECT "misspelt" FROM things`, // SQLite would take it for a text
			"SELEKT",
		} {
			err := db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(sql).Error })
			require.Error(t, err, sql)
			require.NotErrorIs(t, err, gorm.ErrDuplicatedKey)
			require.NotErrorIs(t, err, gorm.ErrForeignKeyViolated)
			require.NotErrorIs(t, err, gorm.ErrCheckConstraintViolated)
		}
		var row thing
		require.ErrorIs(t, db.Read().Where("id = ?", 9).Take(&row).Error, gorm.ErrRecordNotFound)
	})
}
