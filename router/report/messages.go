package report

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// MessageKind is what messages are counted as. Notes, activity lines and the
// inbox's own words are not.
type MessageKind string

// The kinds of messages.
const (
	Incoming MessageKind = "incoming" // of customers
	Outgoing MessageKind = "outgoing" // of agents, to customers
	ByBot    MessageKind = "bot"      // of bots, to customers
)

// A customer's word must cost nothing more for being counted, so messages are
// counted some time after they were said, each once. settled is when nothing
// more can come before a message: no transaction takes that long.
const (
	settled    = 5 * time.Minute
	tallyBatch = 20_000 // messages in one transaction
)

// countable is a message m, in the columns of report_messages.
const countable = `FROM messages m JOIN conversations c ON c.id = m.conversation_id
	WHERE m.message_type IN (0, 1) AND NOT m.private AND m.sender_type IN ('contact', 'agent', 'bot')`

const asCounted = `m.inbox_id, CASE WHEN m.sender_type = 'agent' THEN m.sender_id ELSE 0 END AS agent_id, coalesce(c.team_id, 0) AS team_id,
	CASE WHEN m.message_type = 0 THEN 'incoming' WHEN m.sender_type = 'bot' THEN 'bot' ELSE 'outgoing' END AS kind`

// Tally counts the messages that have settled since the last time.
func (s *Reports) Tally(ctx context.Context) error {
	for {
		more, err := s.tally(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// tally counts one batch and reports whether there may be more.
func (s *Reports) tally(ctx context.Context) (more bool, err error) {
	var seen struct{ ID int64 }
	query := fmt.Sprintf("SELECT coalesce(max(b.id), 0) AS id FROM (SELECT m.id, m.created_at FROM messages m WHERE m.id > ? ORDER BY m.id LIMIT %d) b WHERE b.created_at < ?", tallyBatch)
	settledAt := s.now().Add(-settled)
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		more = false
		var last int64
		if err := tx.Raw("SELECT last_id FROM report_progress WHERE id = 1" + s.db.ForUpdate(false)).Scan(&last).Error; err != nil {
			return err
		}
		if err := tx.Raw(query, last, settledAt).Scan(&seen).Error; err != nil || seen.ID <= last {
			return err
		}
		more = seen.ID-last >= tallyBatch
		err := tx.Exec(`INSERT INTO report_messages (slot, inbox_id, agent_id, team_id, kind, messages)
			SELECT t.slot, t.inbox_id, t.agent_id, t.team_id, t.kind, count(*) FROM (SELECT `+s.slot("m.created_at")+" AS slot, "+asCounted+" "+countable+
			` AND m.id > ? AND m.id <= ?) t WHERE true GROUP BY t.slot, t.inbox_id, t.agent_id, t.team_id, t.kind
			ON CONFLICT (slot, inbox_id, agent_id, team_id, kind) DO UPDATE SET messages = report_messages.messages + excluded.messages`,
			last, seen.ID).Error
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE report_progress SET last_id = ? WHERE id = 1", seen.ID).Error
	})
	if err != nil {
		return false, fmt.Errorf("count messages: %w", err)
	}
	return more, nil
}

// Messages returns how many messages of some kinds were said, period by
// period. A quarter of an hour belongs to the range if its beginning does. A
// label's are not known.
func (s *Reports) Messages(ctx context.Context, kinds []MessageKind, scope Scope, r Range, p Period, zone *time.Location) ([]Point, error) {
	points, err := empty(r, p, zone)
	if err != nil {
		return nil, err
	}
	rows, err := s.messages(ctx, kinds, scope, r, "t.slot AS slot")
	return fill(points, rows), err
}

// MessagesOf is Messages of the whole range.
func (s *Reports) MessagesOf(ctx context.Context, kinds []MessageKind, scope Scope, r Range) (int64, error) {
	rows, err := s.messages(ctx, kinds, scope, r, "0 AS slot")
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Count, nil
}

// MessagesBy is MessagesOf of each agent, inbox or team that there was, by its
// id. A label's are not known.
func (s *Reports) MessagesBy(ctx context.Context, kinds []MessageKind, o Owner, r Range) (map[int64]int64, error) {
	rows, err := s.messages(ctx, kinds, Scope{}, r, "t."+string(o)+" AS id")
	out := map[int64]int64{}
	for _, row := range rows {
		out[row.ID] = row.Count
	}
	return out, err
}

// messages adds what was counted and what was said since.
func (s *Reports) messages(ctx context.Context, kinds []MessageKind, scope Scope, r Range, column string) ([]row, error) {
	from, to := slotOf(r.Since.Add(slotLength-1)), slotOf(r.Until.Add(slotLength-1))
	where, args := []string{"t.kind IN ?", "t.slot >= ?", "t.slot < ?"}, []any{kinds, from, to}
	for column, id := range map[string]int64{"agent_id": scope.Agent, "inbox_id": scope.Inbox, "team_id": scope.Team} {
		if id != 0 {
			where, args = append(where, "t."+column+" = ?"), append(args, id)
		}
	}
	if scope.Label != "" {
		where = append(where, "false")
	}
	var rows []row
	err := s.read(ctx).Raw("SELECT "+column+", CAST(coalesce(sum(t.messages), 0) AS bigint) AS count FROM (SELECT slot, inbox_id, agent_id, team_id, kind, messages FROM report_messages UNION ALL SELECT "+
		s.slot("m.created_at")+" AS slot, "+asCounted+", 1 AS messages "+countable+" AND m.id > (SELECT last_id FROM report_progress WHERE id = 1)) t WHERE "+
		strings.Join(where, " AND ")+" GROUP BY 1", args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return rows, nil
}
