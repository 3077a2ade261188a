//go:build unix

package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// conversations is how many there are to write to, as many as the ruler's.
const conversations = 10_000

//go:embed sql/seed.sql
var seedText string

// subject is a Relevo that is measured, and its database as others see it.
type subject struct {
	*relevo
	name        string // of the database
	db          *sql.DB
	databasePID int // 0 when it is not a process of its own, or not ours
	places      []place
}

// startSubject starts a Relevo and fills its database.
func startSubject(ctx context.Context, b *bench, set settings, databasePID int) (*subject, error) {
	set.Emulator = b.botAt
	r, err := startRelevo(ctx, b.binary, b.dir, set)
	if err != nil {
		return nil, err
	}
	s := &subject{relevo: r, name: "PostgreSQL", databasePID: databasePID}
	if set.Driver == "sqlite" {
		s.name = "SQLite"
		s.db, err = openSQLite(set.Path, "deferred")
	} else {
		s.db, err = sql.Open("pgx", set.DSN)
	}
	if err == nil {
		err = s.seed(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *subject) close() {
	if s.db != nil {
		_ = s.db.Close()
	}
	s.stop()
}

// seed makes the conversations of the inbox without a bot, in one transaction.
func (s *subject) seed(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // done after a commit
	for _, statement := range statements(seedText) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	rows, err := tx.QueryContext(ctx, "SELECT c.id, v.source_id FROM conversations c JOIN contact_inboxes v ON v.id = c.contact_inbox_id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var visitor string
		if err := rows.Scan(&id, &visitor); err != nil {
			return err
		}
		s.places = append(s.places, placeOf("bench", visitor, id))
	}
	if len(s.places) != conversations {
		return fmt.Errorf("seed: %d conversations", len(s.places))
	}
	if err := errors.Join(rows.Err(), rows.Close(), tx.Commit()); err != nil || s.name == "SQLite" {
		return err
	}
	_, err = s.db.ExecContext(ctx, "ANALYZE") // as PostgreSQL itself does after a while
	return err
}

func placeOf(inbox, visitor string, id int64) place {
	return place{id, fmt.Sprintf("/public/api/v1/inboxes/%s/contacts/%s/conversations/%d/messages", inbox, url.PathEscape(visitor), id)}
}

// begin starts n conversations with the bot, through the API.
func (s *subject) begin(ctx context.Context, n int) ([]place, error) {
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	const contacts = "/public/api/v1/inboxes/bench-bot/contacts"
	places := make([]place, 0, n)
	for range n {
		var contact struct {
			SourceID string `json:"source_id"`
		}
		if err := c.post(contacts, []byte(`{"name":"Customer"}`), &contact); err != nil {
			return nil, err
		}
		var conversation struct{ ID int64 }
		if err := c.post(contacts+"/"+url.PathEscape(contact.SourceID)+"/conversations", []byte("{}"), &conversation); err != nil {
			return nil, err
		}
		places = append(places, placeOf("bench-bot", contact.SourceID, conversation.ID))
	}
	return places, nil
}

// bind writes the placeholder of the database for each ? of a query.
func (s *subject) bind(query string) string {
	if s.name == "SQLite" {
		return query
	}
	for n := 1; strings.Contains(query, "?"); n++ {
		query = strings.Replace(query, "?", fmt.Sprintf("$%d", n), 1)
	}
	return query
}

func (s *subject) cpu() cpu { return readCPU(s.pid(), s.databasePID) }
