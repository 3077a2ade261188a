package routertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router/store"
)

// RequireWhole checks what must be true of any database that is at rest,
// whoever wrote to it in whatever order: it asks nothing but the rows.
func RequireWhole(t *testing.T, db *store.DB) {
	t.Helper()
	none := func(what, query string, args ...any) {
		t.Helper()
		var bad []string
		require.NoError(t, db.Read().Raw("SELECT "+query, args...).Scan(&bad).Error, what)
		require.Empty(t, bad, what)
	}
	none("nobody waits for a bot that never answers", `id FROM conversations WHERE status = 'pending' AND customer_seq > bot_seq`)
	none("the bot holds alone", `id FROM conversations WHERE status = 'pending' AND assignee_id IS NOT NULL`)
	none("nothing is due and forgotten", `id FROM conversations WHERE status NOT IN ('pending', 'snoozed') AND due_at IS NOT NULL
		AND (status <> 'open' OR resolve_at IS NULL OR due_at <> resolve_at)`)
	none("a snooze with a time wakes", `id FROM conversations WHERE status = 'snoozed' AND snoozed_until IS NOT NULL AND due_at IS NULL`)
	none("threads have no gap", `c.id FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id
		GROUP BY c.id HAVING c.seq <> count(m.id) OR c.seq <> coalesce(max(m.seq), 0)`)
	none("times in a thread never go back", `b.id FROM messages a JOIN messages b ON b.conversation_id = a.conversation_id AND b.seq = a.seq + 1
		WHERE b.created_at < a.created_at`)
	none("customer_seq is the customer's last word", `c.id FROM conversations c WHERE c.customer_seq <>
		coalesce((SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.message_type = 0), 0)`)
	none("human_seq is the last public word of a person", `c.id FROM conversations c WHERE c.human_seq <>
		coalesce((SELECT max(m.seq) FROM messages m WHERE m.conversation_id = c.id AND m.sender_type = 'agent' AND NOT m.private), 0)`)
	none("a bot speaks only in turns that were settled", `m.id FROM messages m LEFT JOIN bot_turns b ON b.conversation_id = m.conversation_id
		AND b.turn = m.turn AND b.episode = m.episode AND b.outcome IN ('answered', 'handed_off', 'resolved')
		WHERE m.sender_type = 'bot' AND b.turn IS NULL`)
	none("words are answered once", `a.conversation_id FROM bot_turns a JOIN bot_turns b ON b.conversation_id = a.conversation_id AND b.turn > a.turn
		WHERE a.outcome IN ('answered', 'handed_off', 'resolved') AND (a.reason = 'bot_handoff' OR a.reason NOT LIKE 'bot_%') AND a.reason <> 'flow_error' AND b.outcome IN ('answered', 'handed_off', 'resolved') AND b.from_seq < a.to_seq`)
	none("a turn speaks in one piece", `m.turn FROM messages m WHERE m.sender_type = 'bot' GROUP BY m.conversation_id, m.turn
		HAVING max(m.seq) - min(m.seq) + 1 <> count(*)`)
	none("episodes count the entries into pending", `c.id FROM conversations c JOIN inboxes i ON i.id = c.inbox_id WHERE c.episode <>
		(CASE WHEN i.flow_hash IS NULL THEN 0 ELSE 1 END) + (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id AND m.message_type = 2
			AND m.content_attributes->'activity'->>'key' IN ('pending.agent', 'reopened.customer_to_bot'))`)
	requireHistories(t, db)
}

// requireHistories reads the activity lines of each conversation: one status
// must lead to the next by the table, up to the status that the row has.
func requireHistories(t *testing.T, db *store.DB) {
	t.Helper()
	var rows []struct {
		ID       int64
		Status   fsm.Status
		Episode  int
		Version  int64
		FlowHash *string
	}
	require.NoError(t, db.Read().Raw(`SELECT c.id, c.status, c.episode, c.version, i.flow_hash FROM conversations c
		JOIN inboxes i ON i.id = c.inbox_id ORDER BY c.id`).Scan(&rows).Error)
	var lines []struct {
		ConversationID int64
		Activity       *string
	}
	require.NoError(t, db.Read().Raw(`SELECT conversation_id, content_attributes->'activity'->>'key' AS activity
		FROM messages WHERE message_type = 2 ORDER BY conversation_id, seq`).Scan(&lines).Error)
	byConversation := map[int64][]string{}
	for _, l := range lines {
		require.NotNil(t, l.Activity)
		byConversation[l.ConversationID] = append(byConversation[l.ConversationID], *l.Activity)
	}
	for _, c := range rows {
		status := fsm.Open
		if c.FlowHash != nil {
			status = fsm.Pending
		}
		moves := int64(0)
		for _, key := range byConversation[c.ID] {
			ev, ok := eventOf(key)
			if !ok {
				continue
			}
			next, err := fsm.Next(status, ev)
			require.NoError(t, err, "conversation %d: %s after %s", c.ID, key, status)
			if next != status {
				moves++
			}
			status = next
		}
		require.Equal(t, c.Status, status, "the lines of conversation %d end elsewhere: %v", c.ID, byConversation[c.ID])
		require.Greater(t, c.Version, moves, "conversation %d moved %d times", c.ID, moves)
	}
}

// eventOf says which event an activity line tells of, if any.
func eventOf(key string) (fsm.Event, bool) {
	for start, ev := range map[string]fsm.Event{
		"opened.agent": fsm.OpenUp, "opened.takeover": fsm.OpenUp, "reopened.agent": fsm.OpenUp, "opened.bot": fsm.HandOff,
		"opened.snooze_ended": fsm.Wake, "opened.customer": fsm.CustomerWrites, "pending.agent": fsm.MarkPending,
		"snoozed.": fsm.Snooze, "resolved.": fsm.Resolve,
	} {
		if strings.HasPrefix(key, start) {
			return ev, true
		}
	}
	switch key {
	case "reopened.customer":
		return fsm.ReopenToAgent, true
	case "reopened.customer_to_bot":
		return fsm.ReopenToBot, true
	}
	return "", false
}
