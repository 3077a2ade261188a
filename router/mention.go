package router

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mentionForm is a mention as editors write it into a note:
// [@Ana](mention://user/12/Ana) or [@ventas](mention://team/3/ventas).
var mentionForm = regexp.MustCompile(`\(mention://(user|team)/(\d{1,18})/[^)\n]*\)`)

// maxMentions is how many different agents and teams one note can mention;
// the rest is ignored.
const maxMentions = 100

// readMentions finds who is mentioned in private notes of this change: agents
// who may see the conversation; anybody else is ignored, as is a mention in
// words for the customer. They follow the conversation from now on.
func (ch *change) readMentions() error {
	var users, teams []int64
	for _, m := range ch.said {
		if !m.Private || m.MessageType != Outgoing {
			continue
		}
		u, t := mentionsIn(m.Content)
		if len(u)+len(t) > 0 {
			users, teams, ch.mentionIn = append(users, u...), append(teams, t...), m
		}
	}
	if ch.mentionIn == nil {
		return nil
	}
	ids, err := ch.insiders(`a.id IN ? OR EXISTS (SELECT 1 FROM team_members x WHERE x.agent_id = a.id AND x.team_id IN ?)`, users, teams)
	if err != nil || len(ids) == 0 {
		return err
	}
	err = ch.tx.Exec(`INSERT INTO mentions (conversation_id, agent_id, mentioned_at) SELECT ?, a.id, ? FROM agents a WHERE a.id IN ?
		ON CONFLICT (conversation_id, agent_id) DO UPDATE SET mentioned_at = excluded.mentioned_at`, ch.c.ID, ch.now, ids).Error
	if err != nil {
		return fmt.Errorf("store mentions: %w", err)
	}
	ch.mentioned = ids
	return ch.join(ids)
}

// mentionsIn returns the agents and teams that a note names, each once.
func mentionsIn(content string) (users, teams []int64) {
	if !strings.Contains(content, "(mention://") {
		return nil, nil
	}
	known := map[string]bool{}
	for _, found := range mentionForm.FindAllStringSubmatch(content, -1) {
		id, err := strconv.ParseInt(found[2], 10, 64)
		who := found[1] + "/" + found[2]
		if err != nil || known[who] || len(known) == maxMentions {
			continue
		}
		known[who] = true
		if found[1] == "user" {
			users = append(users, id)
		} else {
			teams = append(teams, id)
		}
	}
	return users, teams
}

// insider is the condition that an agent a may see conversations of an inbox.
const insider = `a.removed_at IS NULL AND (a.role = 'administrator' OR EXISTS
	(SELECT 1 FROM inbox_members m WHERE m.agent_id = a.id AND m.inbox_id = ?))`

// insiders returns the agents under a condition who may see the conversation.
func (ch *change) insiders(condition string, args ...any) ([]int64, error) {
	var ids []int64
	err := ch.tx.Raw("SELECT a.id FROM agents a WHERE "+insider+" AND ("+condition+") ORDER BY a.id", append([]any{ch.c.InboxID}, args...)...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("agents of conversation %d: %w", ch.c.ID, err)
	}
	return ids, nil
}
