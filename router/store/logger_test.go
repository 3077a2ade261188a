package store_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

func TestSlowStatementsAreLoggedWithoutValues(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		var log bytes.Buffer
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		opts.SlowQuery = time.Nanosecond
		db := routertest.Open(t, opts)
		_, err := db.SQL().ExecContext(t.Context(), schema[db.Dialect()])
		require.NoError(t, err)

		const words = "my customer's secret"
		row := thing{Name: words}
		require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Select("name").Create(&row).Error }))
		require.Error(t, db.Tx(t.Context(), func(tx *gorm.DB) error { return insert(tx, words) }))
		require.NoError(t, db.Read().Where("name = ?", words).Take(&row).Error)
		require.NoError(t, db.Read().Raw("SELECT * FROM things WHERE name = ?", words).Scan(&row).Error)

		require.Contains(t, log.String(), `msg="slow query"`)
		require.Contains(t, log.String(), "INSERT INTO")
		require.Contains(t, log.String(), "failed=true")
		require.NotContains(t, log.String(), "secret")
	})
}

func TestQuickStatementsAndErrorsAreNotLogged(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		var log bytes.Buffer
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		opts.SlowQuery = -1
		db := routertest.Open(t, opts)
		require.Error(t, db.Read().Exec("SELECT * FROM nothing").Error)
		require.Empty(t, log.String())
	})
}
