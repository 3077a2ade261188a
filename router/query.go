package router

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	lastShown = 20 // messages shown when no cursor is given
	newerMax  = 100
	rangeMax  = 1000
)

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
	Campaign     *Campaign // that it answers
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
	var ids, visitors, agents, teams, answered []int64
	var last []place
	for _, c := range rows {
		ids, visitors = append(ids, c.ID), append(visitors, c.ContactInboxID)
		last = append(last, place{c.ID, c.Seq})
		if c.LastWordSeq != c.Seq {
			last = append(last, place{c.ID, c.LastWordSeq})
		}
		if c.AssigneeID != nil {
			agents = append(agents, *c.AssigneeID)
		}
		if c.TeamID != nil {
			teams = append(teams, *c.TeamID)
		}
		if c.CampaignID != nil {
			answered = append(answered, *c.CampaignID)
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
	campaigned, err := keyed(db, "SELECT * FROM campaigns WHERE id IN ?", answered, func(c Campaign) int64 { return c.ID })
	if err != nil {
		return nil, err
	}
	messages, err := messagesAt(db, last)
	if err != nil {
		return nil, err
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
			for _, m := range []*Message{v.LastMessage, v.LastWord} {
				if m != nil && m.SenderType == KindContact && m.SenderID == p.Contact.ID {
					m.contact = &p.Contact // known already, to whoever asks for senders
				}
			}
		}
		if c.AssigneeID != nil {
			v.Assignee = assignees[*c.AssigneeID]
		}
		if c.TeamID != nil {
			v.Team = named[*c.TeamID]
		}
		if c.CampaignID != nil {
			v.Campaign = campaigned[*c.CampaignID]
		}
		views[i] = v
	}
	return views, nil
}

// place is where a message stands.
type place struct{ conversation, seq int64 }

// messagesAt returns the messages at some places. The places are given as
// rows: PostgreSQL plans that ten times as fast as a list of alternatives.
func messagesAt(db *gorm.DB, places []place) (map[place]*Message, error) {
	rows, args := make([]string, len(places)), make([]any, 0, 2*len(places))
	for i, p := range places {
		rows[i], args = "(CAST(? AS bigint), CAST(? AS bigint))", append(args, p.conversation, p.seq)
	}
	var said []*Message
	err := db.Raw("WITH k (conversation, place) AS (VALUES "+strings.Join(rows, ", ")+`)
		SELECT m.* FROM k JOIN messages m ON m.conversation_id = k.conversation AND m.seq = k.place`, args...).Scan(&said).Error
	if err != nil {
		return nil, fmt.Errorf("last messages: %w", err)
	}
	messages := make(map[place]*Message, len(said))
	for _, m := range said {
		messages[place{m.ConversationID, m.Seq}] = m
	}
	return messages, attach(db, said)
}

// keyed runs a query with one list of ids and returns its rows by key.
func keyed[T any](db *gorm.DB, query string, ids []int64, key func(T) int64) (map[int64]*T, error) {
	out := map[int64]*T{}
	if len(ids) == 0 {
		return out, nil
	}
	slices.Sort(ids)
	var rows []T
	if err := db.Raw(query, slices.Compact(ids)).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("look up beside conversations: %w", err)
	}
	for i := range rows {
		out[key(rows[i])] = &rows[i]
	}
	return out, nil
}
