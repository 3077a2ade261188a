package router_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

// statements is a log that keeps the text of every statement.
type statements struct {
	slog.Handler
	mu  sync.Mutex
	sql []string
}

func (s *statements) Handle(_ context.Context, r slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "sql" {
			s.sql = append(s.sql, a.Value.String())
		}
		return true
	})
	return nil
}

// of returns the statements of do that name any of the tables.
func (s *statements) of(do func(), tables ...string) (found []string) {
	s.mu.Lock()
	s.sql = nil
	s.mu.Unlock()
	do()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sql := range s.sql {
		for _, table := range tables {
			if strings.Contains(sql, table) {
				found = append(found, sql)
				break
			}
		}
	}
	return found
}

// The way that most words go asks nothing of people: in a conversation that
// nobody has, in one that the bot has, and for an answer that only its
// assignee follows.
func TestWordsThatConcernNobodyCostNothingMore(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		f := newFloor(t, db, router.InboxSettings{})
		waiting, bot := f.visitor(f.correo), f.visitor(f.tienda)
		f.says(f.correo, waiting, "Hola")
		f.says(f.tienda, bot, "Hola")
		hers := f.visitor(f.correo)
		own := f.says(f.correo, hers, "Hola").ConversationID
		f.assign("Ana", own, "Ana")

		log := &statements{Handler: slog.DiscardHandler}
		opts := db.Options()
		opts.Logger, opts.SlowQuery = slog.New(enabled{log}), time.Nanosecond
		seen := routertest.Open(t, opts)
		r := router.New(router.Options{DB: seen, Now: f.clock.Now})
		people := []string{"notifications", "participants", "mentions", "inbox_members", "team_members", "agents"}
		say := func(inbox *router.Inbox, visitor string) func() {
			return func() {
				_, err := r.Receive(t.Context(), router.Inbound{Inbox: inbox, SourceID: visitor, Draft: router.Draft{Content: "¿Hola?"}})
				require.NoError(t, err)
			}
		}
		require.NotEmpty(t, log.of(say(f.correo, waiting), "messages"), "nothing was seen at all")
		require.Empty(t, log.of(say(f.correo, waiting), people...))
		require.Empty(t, log.of(say(f.tienda, bot), people...))
		require.Empty(t, log.of(func() {
			_, err := r.Reply(t.Context(), f.by["Ana"], own, router.Draft{Content: "Aquí estoy"})
			require.NoError(t, err)
		}, people...))

		reports := []string{"report_"}
		require.Empty(t, log.of(say(f.correo, waiting), reports...))
		require.Empty(t, log.of(say(f.tienda, bot), reports...))
		reply := func() {
			_, err := r.Reply(t.Context(), f.by["Ana"], own, router.Draft{Content: "Sigo aquí"})
			require.NoError(t, err)
		}
		require.Empty(t, log.of(reply, reports...), "nobody waits for it")
		f.says(f.correo, hers, "¿Y ahora?")
		require.Len(t, log.of(reply, reports...), 1, "an answer to who waits is one event")
		require.Len(t, log.of(say(f.tienda, f.visitor(f.tienda)), reports...), 1,
			"a first word is one statement, for all that follows from it")
	})
}

// enabled takes records of every level.
type enabled struct{ *statements }

func (enabled) Enabled(context.Context, slog.Level) bool { return true }
