package report

import (
	"context"
	"fmt"

	"relevo/router/store"
)

// Stays is what became of the conversations that came to bots: one stay each
// time that a bot got one. Together the classes of Ended and StillThere are
// all of them.
type Stays struct {
	Ended      map[Class]Figure  // StayClasses; how long the bot had them
	Handoffs   map[string]Figure // Ended[HandedOff] by reason
	StillThere int64             // with the bot now
}

// All is how many stays there are.
func (s Stays) All() int64 { return s.Over().Count + s.StillThere }

// Over is the figure of all stays that have ended.
func (s Stays) Over() (all Figure) {
	for _, f := range s.Ended {
		all = all.plus(f)
	}
	return all
}

// stayEnds joins to each stay that began the event l that ended it: the next of
// its conversation. Each is looked up by the conversation's index; PostgreSQL
// must be told, or it reads all events to find a few thousand.
var stayEnds = map[store.Dialect]string{
	store.Postgres: ` LEFT JOIN LATERAL (SELECT n.class, n.reason, n.millis FROM report_events n
		WHERE n.conversation_id = e.conversation_id AND n.id > e.id AND n.kind = ? ORDER BY n.id LIMIT 1) l ON true`,
	store.SQLite: ` LEFT JOIN report_events l ON l.id = (SELECT min(n.id) FROM report_events n
		WHERE n.conversation_id = e.conversation_id AND n.id > e.id AND n.kind = ?)`,
}

// Stays tells of the stays that began in a range: those whose inbox, or whose
// team when the bot got the conversation, is in scope. An agent has none.
func (s *Reports) Stays(ctx context.Context, scope Scope, r Range) (Stays, error) {
	all := newStays()
	byInbox, err := s.StaysByInbox(ctx, scope, r)
	for _, one := range byInbox {
		all.merge(one)
	}
	return all, err
}

// StaysByInbox is Stays of each inbox that had any, by its id.
func (s *Reports) StaysByInbox(ctx context.Context, scope Scope, r Range) (map[int64]Stays, error) {
	var rows []row
	where, args := Question{Kind: BotEntered, Scope: scope, Range: r}.where()
	err := s.read(ctx).Raw(`SELECT e.inbox_id AS id, coalesce(l.class, '') AS class, coalesce(l.reason, '') AS name, count(*) AS count, count(l.millis) AS timed,
		CAST(coalesce(sum(l.millis), 0) AS bigint) AS millis FROM report_events e`+stayEnds[s.db.Dialect()]+where+" GROUP BY 1, 2, 3",
		append([]any{string(BotLeft)}, args...)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("report of bots: %w", err)
	}
	out := map[int64]Stays{}
	for _, row := range rows {
		one, ok := out[row.ID]
		if !ok {
			one = newStays()
		}
		one.add(row)
		out[row.ID] = one
	}
	return out, nil
}

func newStays() Stays { return Stays{Ended: map[Class]Figure{}, Handoffs: map[string]Figure{}} }

// add counts stays that ended alike; those without a class have not ended.
func (s *Stays) add(r row) {
	switch r.Class {
	case "":
		s.StillThere += r.Count
		return
	case HandedOff:
		s.Handoffs[r.Name] = r.figure().plus(s.Handoffs[r.Name])
	}
	s.Ended[r.Class] = r.figure().plus(s.Ended[r.Class])
}

func (s *Stays) merge(other Stays) {
	for class, f := range other.Ended {
		s.Ended[class] = f.plus(s.Ended[class])
	}
	for reason, f := range other.Handoffs {
		s.Handoffs[reason] = f.plus(s.Handoffs[reason])
	}
	s.StillThere += other.StillThere
}
