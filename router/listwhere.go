package router

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relevo/fsm"
)

// fewLabels is how many conversations labels may have for a list to be found
// from them: to look each one up costs little. Where there are more, the list
// comes by enough of them in its own order.
const fewLabels = 5000

// conditions must all hold.
type conditions struct {
	list []string
	args []any
}

// and adds a condition and returns c.
func (c *conditions) and(condition string, args ...any) *conditions {
	c.list, c.args = append(c.list, condition), append(c.args, args...)
	return c
}

// with returns the conditions of c and others, and leaves both as they are.
func (c *conditions) with(others *conditions) *conditions {
	return &conditions{append(append([]string{}, c.list...), others.list...), append(append([]any{}, c.args...), others.args...)}
}

// where is the clause; none without conditions.
func (c *conditions) where() string {
	if len(c.list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.list, " AND ")
}

// held is "assigned", for counting: agent by agent, as the index is ordered.
const held = "held"

// statusIn holds for conversations of some statuses; none means all. Statuses
// and inboxes are written into the statement, because how many there are of
// each is what the database chooses its way by.
func statusIn(statuses []fsm.Status) *conditions {
	c := new(conditions)
	var names []string
	for _, s := range statuses {
		if slices.Contains(fsm.Statuses, s) { // no other text gets in here
			names = append(names, "'"+string(s)+"'")
		}
	}
	switch {
	case len(statuses) == 0:
	case len(names) == 0:
		c.and("false")
	default:
		c.and("c.status IN (" + strings.Join(names, ", ") + ")")
	}
	return c
}

// inboxIn holds for conversations of some inboxes; none means all.
func inboxIn(inboxes []int64) *conditions {
	if len(inboxes) == 0 {
		return new(conditions)
	}
	return numbersIn("c.inbox_id", inboxes)
}

// numbersIn holds where a column is one of some numbers, written out.
func numbersIn(column string, numbers []int64) *conditions {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return new(conditions).and(column + " IN (" + strings.Join(texts, ", ") + ")")
}

// visible holds for conversations that somebody may see.
func (s Scope) visible() *conditions {
	if s.All {
		return new(conditions)
	}
	return inboxIn(append([]int64{0}, s.Inboxes...))
}

// scope is where the list is looked for: statuses and inboxes.
func (q *question) scope() *conditions {
	return statusIn(q.f.Statuses).with(inboxIn(q.inboxes()))
}

// restOf is what must hold beside the scope, with assignee in place of the
// filter's own. It is a fault if a condition of the filter is none.
func (q *question) restOf(assignee string) (*conditions, error) {
	if made, ok := q.rest[assignee]; ok {
		return made, nil
	}
	c, f := new(conditions), &q.f
	if f.TeamID != 0 {
		c.and("c.team_id = ?", f.TeamID)
	}
	switch assignee {
	case "me":
		c.and("c.assignee_id = ?", q.by.Actor.ID)
	case "assigned":
		c.and("c.assignee_id IS NOT NULL")
	case held:
		c.and("c.assignee_id IN (SELECT a.id FROM agents a)")
	case "unassigned":
		c.and("c.assignee_id IS NULL")
	}
	switch f.Kind {
	case "mention":
		c.and("EXISTS (SELECT 1 FROM mentions m WHERE m.conversation_id = c.id AND m.agent_id = ?)", q.by.Actor.ID)
	case "participating":
		c.and("EXISTS (SELECT 1 FROM participants m WHERE m.conversation_id = c.id AND m.agent_id = ?)", q.by.Actor.ID)
	case "unattended":
		c.and("(c.first_reply_created_at IS NULL OR c.waiting_since IS NOT NULL)")
	}
	if f.SourceID != "" {
		c.and("c.contact_inbox_id IN (SELECT v.id FROM contact_inboxes v WHERE v.source_id = ?)", f.SourceID)
	}
	if f.Said != "" {
		said, err := q.saidIn()
		if err != nil {
			return nil, err
		}
		c = c.with(said)
	}
	if len(f.Labels) > 0 && !q.few {
		// With an OFFSET, PostgreSQL asks this of each conversation in turn.
		c.and("EXISTS (SELECT 1 FROM conversation_labels l WHERE l.conversation_id = c.id AND l.label IN ? LIMIT 1 OFFSET 0)", f.Labels)
	}
	lines := clauses{dialect: q.r.db.Dialect(), now: q.r.now(), attributes: conversationAttributes, custom: "c.custom_attributes"}
	if err := q.r.define(q.db, &lines, ConversationAttribute, f.Conditions); err != nil {
		return nil, err
	}
	given, err := lines.all(f.Conditions)
	if err != nil {
		return nil, err
	}
	if given != "" {
		c.and("("+given+")", lines.args...)
	}
	q.rest[assignee] = c
	return c, nil
}

// saidIn holds for the conversations in which the filter's words were said.
// The messages are read once, however often the list is asked for; as many
// conversations are kept as are counted, those where it was said last.
func (q *question) saidIn() (*conditions, error) {
	if q.said != nil {
		return q.said, nil
	}
	words := wordsIn(q.r.db.Dialect(), q.f.Said)
	words.and("m.message_type IN ?", []int{int(Incoming), int(Outgoing)})
	if inboxes := q.inboxes(); len(inboxes) > 0 {
		words.and("m.inbox_id IN ?", inboxes)
	}
	var found []int64
	err := q.db.Raw(fmt.Sprintf("SELECT m.conversation_id FROM messages m%s GROUP BY m.conversation_id ORDER BY max(m.id) DESC LIMIT %d",
		words.where(), countsTo+1), words.args...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("search messages: %w", err)
	}
	q.said = numbersIn("c.id", append(found, 0)) // 0: perhaps there are none
	return q.said, nil
}

// from is what the list is looked for in: all conversations c, or those with the
// filter's labels where they are few. Left to itself a database guesses which
// of the two is quicker, and is wrong by seconds. A LIMIT keeps it from it.
func (q *question) from() (string, []any) {
	if !q.few {
		return " FROM conversations c", nil
	}
	return fmt.Sprintf(` FROM (SELECT k.* FROM conversations k WHERE k.id IN (
		SELECT l.conversation_id FROM conversation_labels l WHERE l.label IN ?) LIMIT %d) AS c`, 2*fewLabels), []any{q.f.Labels}
}

// fewLabelled reports whether few conversations have the filter's labels. It
// counts, but not far.
func (q *question) fewLabelled() (bool, error) {
	if len(q.f.Labels) == 0 {
		return false, nil
	}
	var n int
	query := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM conversation_labels l WHERE l.label IN ? LIMIT %d) AS capped", fewLabels+1)
	if err := q.db.Raw(query, q.f.Labels).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("count labels: %w", err)
	}
	return n <= fewLabels, nil
}
