package router

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/fault"
)

const (
	pageSize  = 25
	countsTo  = 1000 // counts are exact up to here
	maxPage   = 10_000
	lastShown = 20 // messages shown when no cursor is given
	newerMax  = 100
	rangeMax  = 1000
)

// Filter narrows a list of conversations. Its zero value is everything.
type Filter struct {
	Statuses []fsm.Status
	Assignee string // "me", "unassigned", "assigned"; "" and "all" mean any
	InboxID  int64
	TeamID   int64
	Labels   []string // any of them
	// Conditions are what an agent put together; they stand beside the rest.
	Conditions []Condition
	// Kind narrows to what concerns the caller: "mention", "participating";
	// "unattended" is what no person has answered yet.
	Kind     string
	SourceID string // of the visitor
	Sort     string // see conversationOrders; "" is the latest activity first
	Page     int    // from 1, 25 each
}

// conversationOrders are the orders of a list. Each ends with the id, so that
// pages neither repeat nor miss a row.
var conversationOrders = map[string]string{
	"last_activity_at_desc": "c.last_activity_at DESC, c.id DESC",
	"last_activity_at_asc":  "c.last_activity_at, c.id",
	"created_at_desc":       "c.id DESC",
	"created_at_asc":        "c.id",
	"priority_desc":         priorityRank + " DESC, c.last_activity_at DESC, c.id DESC",
	"priority_asc":          priorityRank + ", c.last_activity_at DESC, c.id DESC",
	"waiting_since_asc":     "(c.waiting_since IS NULL), c.waiting_since, c.id",
	"waiting_since_desc":    "(c.waiting_since IS NULL), c.waiting_since DESC, c.id DESC",
}

const priorityRank = "CASE c.priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END"

// Counts are how many conversations match a filter without its Assignee. They
// are exact up to 1,000; Capped says that one stopped there.
type Counts struct {
	Mine, Assigned, Unassigned, All int
	Capped                          bool
}

// View is a conversation with what a reader wants beside it.
type View struct {
	Conversation Conversation
	Contact      Contact
	Inbox        *Inbox
	Assignee     *Agent
	Team         *Team
	Labels       []string
	LastMessage  *Message // whatever came last; nil in an empty conversation
	LastWord     *Message // the last that is no activity line
	SourceID     string
	PubsubToken  string
}

// Conversations lists what by may see, the latest activity first.
func (r *Router) Conversations(ctx context.Context, by By, f Filter) ([]View, Counts, error) {
	db := r.db.Read().WithContext(ctx)
	if f.Page < 1 {
		f.Page = 1
	}
	if f.Page > maxPage {
		return nil, Counts{}, fault.Invalid.Field("out_of_range", "page")
	}
	counts, err := r.counts(db, by, f)
	if err != nil {
		return nil, Counts{}, err
	}
	where, args, err := r.where(by, f, f.Assignee)
	if err != nil {
		return nil, Counts{}, err
	}
	order, known := conversationOrders[f.Sort]
	if !known {
		order = conversationOrders["last_activity_at_desc"]
	}
	var rows []Conversation
	err = db.Raw("SELECT c.* FROM conversations c"+where+" ORDER BY "+order+" LIMIT ? OFFSET ?",
		append(args, pageSize, (f.Page-1)*pageSize)...).Scan(&rows).Error
	if err != nil {
		return nil, Counts{}, fmt.Errorf("list conversations: %w", err)
	}
	views, err := r.views(db, rows)
	return views, counts, err
}

// Counts counts what by may see, without listing it.
func (r *Router) Counts(ctx context.Context, by By, f Filter) (Counts, error) {
	return r.counts(r.db.Read().WithContext(ctx), by, f)
}

func (r *Router) counts(db *gorm.DB, by By, f Filter) (Counts, error) {
	var c Counts
	for assignee, to := range map[string]*int{"me": &c.Mine, "assigned": &c.Assigned, "unassigned": &c.Unassigned, "": &c.All} {
		where, args, err := r.where(by, f, assignee)
		if err != nil {
			return Counts{}, err
		}
		err = db.Raw("SELECT count(*) FROM (SELECT 1 FROM conversations c"+where+" LIMIT ?) AS capped", append(args, countsTo+1)...).Scan(to).Error
		if err != nil {
			return Counts{}, fmt.Errorf("count conversations: %w", err)
		}
		if *to > countsTo {
			*to, c.Capped = countsTo, true
		}
	}
	return c, nil
}

// where is f with its conditions as SQL.
func (r *Router) where(by By, f Filter, assignee string) (string, []any, error) {
	where, args := f.where(by, assignee)
	q := clauses{dialect: r.db.Dialect(), now: r.now(), attributes: conversationAttributes, custom: "c.custom_attributes"}
	given, err := q.all(f.Conditions)
	if err != nil || given == "" {
		return where, args, err
	}
	if where == "" {
		return " WHERE (" + given + ")", q.args, nil
	}
	return where + " AND (" + given + ")", append(args, q.args...), nil
}

func (f Filter) where(by By, assignee string) (string, []any) {
	var conditions []string
	var args []any
	and := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(f.Statuses) > 0 {
		and("c.status IN ?", f.Statuses)
	}
	if !by.Scope.All {
		and("c.inbox_id IN ?", append([]int64{0}, by.Scope.Inboxes...))
	}
	if f.InboxID != 0 {
		and("c.inbox_id = ?", f.InboxID)
	}
	if f.TeamID != 0 {
		and("c.team_id = ?", f.TeamID)
	}
	switch assignee {
	case "me":
		and("c.assignee_id = ?", by.Actor.ID)
	case "assigned":
		and("c.assignee_id IS NOT NULL")
	case "unassigned":
		and("c.assignee_id IS NULL")
	}
	switch f.Kind {
	case "mention":
		and("EXISTS (SELECT 1 FROM mentions m WHERE m.conversation_id = c.id AND m.agent_id = ?)", by.Actor.ID)
	case "participating":
		and("EXISTS (SELECT 1 FROM participants m WHERE m.conversation_id = c.id AND m.agent_id = ?)", by.Actor.ID)
	case "unattended":
		and("(c.first_reply_created_at IS NULL OR c.waiting_since IS NOT NULL)")
	}
	if f.SourceID != "" {
		and("EXISTS (SELECT 1 FROM contact_inboxes v WHERE v.id = c.contact_inbox_id AND v.source_id = ?)", f.SourceID)
	}
	if len(f.Labels) > 0 {
		and("EXISTS (SELECT 1 FROM conversation_labels l WHERE l.conversation_id = c.id AND l.label IN ?)", f.Labels)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// Conversation returns one conversation as by may see it.
func (r *Router) Conversation(ctx context.Context, by By, id int64) (*View, error) {
	c, err := r.seen(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return r.view(ctx, *c)
}

// Handoff returns the brief of the last handoff; fault.NotFound where no bot
// ever handed over.
func (r *Router) Handoff(ctx context.Context, by By, id int64) (*Brief, error) {
	c, err := r.seen(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if c.Handoff == nil {
		return nil, fault.NotFound
	}
	var b Brief
	return &b, c.Handoff.Decode(&b)
}

// seen returns a conversation's row if by may see it.
func (r *Router) seen(ctx context.Context, by By, id int64) (*Conversation, error) {
	var c Conversation
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM conversations WHERE id = ?", id).Scan(&c).Error; err != nil {
		return nil, fmt.Errorf("conversation %d: %w", id, err)
	}
	switch {
	case c.ID == 0:
		return nil, fault.NotFound
	case !by.Scope.Allows(c.InboxID):
		return nil, fault.Forbidden
	}
	return &c, nil
}

// visitorRow returns a conversation's row if it is the visitor's.
func (r *Router) visitorRow(ctx context.Context, inbox *Inbox, sourceID string, id int64) (*Conversation, error) {
	var c Conversation
	err := r.db.Read().WithContext(ctx).Raw(`SELECT c.* FROM conversations c JOIN contact_inboxes v ON v.id = c.contact_inbox_id
		WHERE c.id = ? AND v.inbox_id = ? AND v.source_id = ?`, id, inbox.ID, sourceID).Scan(&c).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("conversation %d: %w", id, err)
	case c.ID == 0:
		return nil, fault.NotFound
	}
	return &c, nil
}

// VisitorConversation returns one conversation of a visitor.
func (r *Router) VisitorConversation(ctx context.Context, inbox *Inbox, sourceID string, id int64) (*View, error) {
	c, err := r.visitorRow(ctx, inbox, sourceID, id)
	if err != nil {
		return nil, err
	}
	return r.view(ctx, *c)
}

// VisitorConversations lists a visitor's conversations, the newest first, at
// most 100.
func (r *Router) VisitorConversations(ctx context.Context, inbox *Inbox, sourceID string) ([]View, error) {
	v, err := r.Visitor(ctx, inbox, sourceID)
	if err != nil {
		return nil, err
	}
	db := r.db.Read().WithContext(ctx)
	var rows []Conversation
	if err := db.Raw("SELECT * FROM conversations WHERE contact_inbox_id = ? ORDER BY id DESC LIMIT 100", v.ID).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("conversations of visitor %d: %w", v.ID, err)
	}
	return r.views(db, rows)
}

func (r *Router) view(ctx context.Context, c Conversation) (*View, error) {
	views, err := r.views(r.db.Read().WithContext(ctx), []Conversation{c})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// views adds to each row what a reader wants beside it, with one query a kind
// however many rows there are.
func (r *Router) views(db *gorm.DB, rows []Conversation) ([]View, error) {
	if len(rows) == 0 {
		return []View{}, nil
	}
	var ids, visitors, agents, teams []int64
	var last [][]any
	for _, c := range rows {
		ids, visitors = append(ids, c.ID), append(visitors, c.ContactInboxID)
		last = append(last, []any{c.ID, c.Seq}, []any{c.ID, c.LastWordSeq})
		if c.AssigneeID != nil {
			agents = append(agents, *c.AssigneeID)
		}
		if c.TeamID != nil {
			teams = append(teams, *c.TeamID)
		}
	}
	people, err := keyed(db, selectVisitor+" WHERE v.id IN ?", visitors, func(v visitorRow) int64 { return v.VisitorID })
	if err != nil {
		return nil, err
	}
	assignees, err := keyed(db, "SELECT * FROM agents WHERE id IN ?", agents, func(a Agent) int64 { return a.ID })
	if err != nil {
		return nil, err
	}
	named, err := keyed(db, "SELECT * FROM teams WHERE id IN ?", teams, func(t Team) int64 { return t.ID })
	if err != nil {
		return nil, err
	}
	type place struct{ conversation, seq int64 }
	messages := map[place]*Message{}
	var said []*Message
	if err := db.Raw("SELECT * FROM messages WHERE (conversation_id, seq) IN ?", last).Scan(&said).Error; err != nil {
		return nil, fmt.Errorf("last messages: %w", err)
	}
	if err := attach(db, said); err != nil {
		return nil, err
	}
	for _, m := range said {
		messages[place{m.ConversationID, m.Seq}] = m
	}
	var labelled []struct {
		ConversationID int64
		Label          string
	}
	if err := db.Raw("SELECT conversation_id, label FROM conversation_labels WHERE conversation_id IN ? ORDER BY label", ids).Scan(&labelled).Error; err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	labels := map[int64][]string{}
	for _, l := range labelled {
		labels[l.ConversationID] = append(labels[l.ConversationID], l.Label)
	}
	inboxes, err := r.inboxSet(db)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, c := range rows {
		v := View{Conversation: c, Inbox: inboxes.byID[c.InboxID], Labels: labels[c.ID],
			LastMessage: messages[place{c.ID, c.Seq}], LastWord: messages[place{c.ID, c.LastWordSeq}]}
		if p, ok := people[c.ContactInboxID]; ok {
			v.Contact, v.SourceID, v.PubsubToken = p.Contact, p.SourceID, p.PubsubToken
		}
		if c.AssigneeID != nil {
			v.Assignee = assignees[*c.AssigneeID]
		}
		if c.TeamID != nil {
			v.Team = named[*c.TeamID]
		}
		views[i] = v
	}
	return views, nil
}

// keyed runs a query with one list of ids and returns its rows by key.
func keyed[T any](db *gorm.DB, query string, ids []int64, key func(T) int64) (map[int64]*T, error) {
	out := map[int64]*T{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []T
	if err := db.Raw(query, ids).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("look up beside conversations: %w", err)
	}
	for i := range rows {
		out[key(rows[i])] = &rows[i]
	}
	return out, nil
}
