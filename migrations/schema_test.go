package migrations_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

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
		schemas[opts.Driver] = describe(t, db)
	})
	if len(schemas) < 2 {
		t.Skip("NOT TESTED: it takes both databases")
	}
	require.Equal(t, strings.Join(schemas[store.Postgres], "\n"), strings.Join(schemas[store.SQLite], "\n"))
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
			if !strings.Contains(fact, "goose_") {
				facts = append(facts, oneSpelling(fact))
			}
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
