//go:build unix

package main

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed sql/ruler_sqlite.sql
var rulerSQLiteTables string

// The transaction of ruler_postgres_tx.sql; SQLite locks the whole file.
const (
	rulerLock    = `SELECT id, status, assignee_id, inbox_id FROM conversations WHERE id = ?`
	rulerMessage = `INSERT INTO messages(conversation_id,sender,sender_id,content,content_attributes,created_at,updated_at) VALUES (?, 1, 42, ?, '{"source_id":"abc-123","lang":"en"}', ?, ?) RETURNING id`
	rulerUpdate  = `UPDATE conversations SET last_activity_at = ?, updated_at = ?, status = 0, unread = unread + 1 WHERE id = ?`
	rulerOutbox  = `INSERT INTO outbox(kind, conversation_id, payload, run_at, created_at) VALUES ('bot_turn', ?, '{"message_id":1,"conversation_id":1}', ?, ?)`
)

// rulerSQLite is SQLite's own speed through database/sql: one connection that
// writes, as SQLite allows, and eight goroutines that queue for it.
type rulerSQLite struct {
	db                            *sql.DB
	lock, message, update, outbox *sql.Stmt
}

func newRulerSQLite(ctx context.Context, file string) (*rulerSQLite, error) {
	db, err := openSQLite(file, "immediate")
	if err != nil {
		return nil, err
	}
	r := &rulerSQLite{db: db}
	for _, statement := range statements(rulerSQLiteTables) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("tables of the ruler: %w", err)
		}
	}
	for _, s := range []struct {
		to  **sql.Stmt
		sql string
	}{{&r.lock, rulerLock}, {&r.message, rulerMessage}, {&r.update, rulerUpdate}, {&r.outbox, rulerOutbox}} {
		if *s.to, err = db.PrepareContext(ctx, s.sql); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// openSQLite opens one connection to a file, as durable as Relevo's own.
func openSQLite(file, txlock string) (*sql.DB, error) {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"}, "_txlock": {txlock}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file, RawQuery: q.Encode()}).String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// measure runs the raw transaction for d.
func (r *rulerSQLite) measure(ctx context.Context, d time.Duration) (sample, error) {
	start := time.Now()
	var mu sync.Mutex
	var took []time.Duration
	var all errgroup.Group
	for range clients {
		all.Go(func() error {
			var mine []time.Duration
			defer func() { mu.Lock(); took = append(took, mine...); mu.Unlock() }()
			for time.Since(start) < d && ctx.Err() == nil {
				began := time.Now()
				if err := r.transaction(ctx); err != nil {
					return err
				}
				mine = append(mine, time.Since(began))
			}
			return ctx.Err()
		})
	}
	err := all.Wait()
	return newSample(took, time.Since(start)), err
}

func (r *rulerSQLite) transaction(ctx context.Context) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // done after a commit
	c, now := 1+rand.IntN(conversations), time.Now().UTC().Format("2006-01-02 15:04:05.999999999+00:00")
	var id, status, inbox int64
	var assignee sql.NullInt64
	if err := tx.StmtContext(ctx, r.lock).QueryRowContext(ctx, c).Scan(&id, &status, &assignee, &inbox); err != nil {
		return err
	}
	if err := tx.StmtContext(ctx, r.message).QueryRowContext(ctx, c, words, now, now).Scan(&id); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, r.update).ExecContext(ctx, now, now, c); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, r.outbox).ExecContext(ctx, c, now, now); err != nil {
		return err
	}
	return tx.Commit()
}

func (r *rulerSQLite) close() error { return r.db.Close() }

// statements takes a script apart: one statement ends with a semicolon at the
// end of a line.
func statements(script string) []string {
	return strings.Split(strings.TrimSpace(script), ";\n")
}
