package migrations_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router/routertest"
	"relevo/router/store"
)

// Both dialects must end with the same tables, columns and rules: what passes
// on one must not fail on the other.
func TestDialectsEndWithTheSameSchema(t *testing.T) {
	schemas := map[store.Dialect][]string{}
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		_, err := migrations.Up(t.Context(), db.SQL(), string(db.Dialect()))
		require.NoError(t, err)
		schemas[opts.Driver] = slices.DeleteFunc(describe(t, db), func(fact string) bool {
			return strings.Contains(fact, "river_") // River's own, and they differ
		})
	})
	if len(schemas) < 2 {
		t.Skip("NOT TESTED: it takes both databases")
	}
	// Which SQLite could only drop with the whole table; a message's conversation says the same.
	const kept = "foreign key messages.inbox_id to inboxes on delete NO ACTION"
	require.NotContains(t, schemas[store.Postgres], kept)
	schemas[store.SQLite] = slices.DeleteFunc(schemas[store.SQLite], func(fact string) bool { return fact == kept })
	require.Equal(t, strings.Join(schemas[store.Postgres], "\n"), strings.Join(schemas[store.SQLite], "\n"))
}

// The queue's tables are ours to migrate, and must be those that this version
// of River makes for itself.
func TestTheQueueHasTheTablesThatRiverMakes(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		db := routertest.Open(t, opts)
		_, err := migrations.Up(t.Context(), db.SQL(), string(db.Dialect()))
		require.NoError(t, err)
		ours := describe(t, db)
		var versions []int64
		require.NoError(t, db.Read().Raw("SELECT version FROM river_migration WHERE line = 'main' ORDER BY version").Scan(&versions).Error)
		_, err = db.SQL().ExecContext(t.Context(), riverGone)
		require.NoError(t, err)
		if opts.Driver == store.Postgres {
			_, err = db.SQL().ExecContext(t.Context(), riverTypesGone)
			require.NoError(t, err)
		}
		require.Equal(t, riverMigrates(t, db), versions)
		require.Equal(t, strings.Join(describe(t, db), "\n"), strings.Join(ours, "\n"))
	})
}

const (
	riverGone = `DROP TABLE river_job; DROP TABLE river_queue; DROP TABLE river_notification;
		DROP TABLE river_migration; DROP TABLE river_leader`
	riverTypesGone = "DROP FUNCTION river_job_state_in_bitmask; DROP TYPE river_job_state"
)

// riverMigrates lets River make its tables and returns the versions they went through.
func riverMigrates(t *testing.T, db *store.DB) (versions []int64) {
	t.Helper()
	var made *rivermigrate.MigrateResult
	if db.Dialect() == store.SQLite {
		m, err := rivermigrate.New(riversqlite.New(db.SQL()), nil)
		require.NoError(t, err)
		made, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		require.NoError(t, err)
	} else {
		pool, err := pgxpool.New(t.Context(), db.Options().DSN)
		require.NoError(t, err)
		defer pool.Close()
		m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
		require.NoError(t, err)
		made, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		require.NoError(t, err)
	}
	for _, v := range made.Versions {
		versions = append(versions, int64(v.Version))
	}
	return versions
}

// describe lists a schema in words that both dialects share, one line a fact,
// sorted. goose's own table is left out.
func describe(t *testing.T, db *store.DB) []string {
	t.Helper()
	queries := postgresFacts
	if db.Dialect() == store.SQLite {
		queries = sqliteFacts
	}
	var facts []string
	for _, query := range queries {
		rows, err := db.SQL().QueryContext(t.Context(), query)
		require.NoError(t, err, query)
		for rows.Next() {
			var fact string
			require.NoError(t, rows.Scan(&fact))
			if strings.Contains(fact, "goose_") {
				continue
			}
			facts = append(facts, oneSpelling(fact))
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	slices.Sort(facts)
	return facts
}

var (
	sqliteCheck = regexp.MustCompile(`(?i)\bCHECK\s*\(`)
	types       = strings.NewReplacer(
		" timestamp with time zone ", " time ", " datetime ", " time ",
		" jsonb ", " text ", // TEXT on SQLite
		" bigint ", " integer ", " smallint ", " integer ",
		" bytea ", " blob ",
	)
)

// oneSpelling maps the types to common names, and SQLite's CREATE TABLE, the
// only place where it keeps its CHECKs, to their number.
func oneSpelling(fact string) string {
	if table, sql, ok := strings.Cut(fact, ": CREATE TABLE"); ok {
		return fmt.Sprintf("%s: %d checks", table, len(sqliteCheck.FindAllString(sql, -1)))
	}
	return types.Replace(fact)
}

var postgresFacts = []string{
	`SELECT format('column %s.%s %s %s', table_name, column_name, data_type,
		CASE is_nullable WHEN 'YES' THEN 'or null' ELSE 'always' END)
	 FROM information_schema.columns WHERE table_schema = 'public'`,
	`SELECT format('%s %s (%s)', CASE WHEN indisunique THEN 'unique' ELSE 'index' END, t.relname,
		(SELECT string_agg(a.attname, ', ' ORDER BY k.place)
		 FROM unnest(x.indkey) WITH ORDINALITY AS k (col, place)
		 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.col))
		|| CASE WHEN indpred IS NULL THEN '' ELSE ' partly' END
	 FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
	 WHERE t.relnamespace = 'public'::regnamespace`,
	`SELECT format('foreign key %s.%s to %s on delete %s', c.conrelid::regclass, a.attname, c.confrelid::regclass,
		CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END)
	 FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
	 WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace`,
	`SELECT format('table %s: %s checks', t.relname,
		(SELECT count(*) FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c'))
	 FROM pg_class t WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace`,
}

var sqliteFacts = []string{
	// A primary key is never NULL, and PostgreSQL says so of each of its columns.
	`SELECT 'column ' || t.name || '.' || c.name || ' ' || lower(c.type) || ' ' ||
		CASE WHEN c."notnull" OR c.pk THEN 'always' ELSE 'or null' END
	 FROM sqlite_master t JOIN pragma_table_info(t.name) c
	 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
	`SELECT CASE WHEN i."unique" THEN 'unique ' ELSE 'index ' END || t.name || ' (' ||
		(SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' ||
		CASE WHEN i.partial THEN ' partly' ELSE '' END
	 FROM sqlite_master t JOIN pragma_index_list(t.name) i
	 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
	// An integer primary key is the row's own number and has no index.
	`SELECT 'unique ' || t.name || ' (' || c.name || ')'
	 FROM sqlite_master t JOIN pragma_table_info(t.name) c
	 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.pk AND lower(c.type) = 'integer'
		AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) WHERE origin = 'pk')`,
	`SELECT 'foreign key ' || t.name || '.' || f."from" || ' to ' || f."table" || ' on delete ' || f.on_delete
	 FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'`,
	`SELECT 'table ' || name || ': ' || sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
}
