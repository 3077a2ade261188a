package router

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gorm.io/gorm"
)

// MessagePage is a piece of a thread, by message ids: neither, the latest 20;
// Before, the 20 before it; After, up to 100 after it; both, up to 1,000
// between.
type MessagePage struct {
	Before int64
	After  *int64 // nil: none is meant; 0 is from the first on
}

// Messages returns a piece of the thread as agents see it, in order.
func (r *Router) Messages(ctx context.Context, by By, id int64, p MessagePage) ([]*Message, error) {
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, err
	}
	return r.thread(ctx, id, p, "")
}

// MessagesOf is Messages for whoever has the conversation's View: that they may
// see it was found out when they got it.
func (r *Router) MessagesOf(ctx context.Context, v *View, p MessagePage) ([]*Message, error) {
	return r.thread(ctx, v.Conversation.ID, p, "")
}

// VisitorMessages returns a piece of the thread as the customer sees it: no
// private notes, no activity lines, nothing of a deleted message but the place
// of his own.
func (r *Router) VisitorMessages(ctx context.Context, inbox *Inbox, sourceID string, id int64, p MessagePage) ([]*Message, error) {
	if _, err := r.visitorRow(ctx, inbox, sourceID, id); err != nil {
		return nil, err
	}
	return r.thread(ctx, id, p, public)
}

// public narrows a query of messages m to those that customers may see.
var public = fmt.Sprintf(" AND NOT m.private AND m.message_type <> %d AND (m.message_type = %d OR NOT EXISTS (SELECT 1 FROM deleted_messages d WHERE d.message_id = m.id))",
	Activity, Incoming)

// LastPublic returns, by conversation, the last message that its customer may
// see; none where there is none.
func (r *Router) LastPublic(ctx context.Context, conversations []int64) (map[int64]*Message, error) {
	if len(conversations) == 0 {
		return nil, nil
	}
	db := r.db.Read().WithContext(ctx)
	var said []*Message
	err := db.Raw(`SELECT m.* FROM (SELECT c.id, (SELECT m.seq FROM messages m WHERE m.conversation_id = c.id`+public+`
			ORDER BY m.seq DESC LIMIT 1) AS place FROM conversations c WHERE c.id IN ?) AS k
		JOIN messages m ON m.conversation_id = k.id AND m.seq = k.place`, conversations).Scan(&said).Error
	if err != nil {
		return nil, fmt.Errorf("last public messages: %w", err)
	}
	last := make(map[int64]*Message, len(said))
	for _, m := range said {
		last[m.ConversationID] = m
	}
	return last, attach(db, said)
}

// placeOf is where a message stands in a conversation: the index of a thread
// goes by place, and from the id alone all of it would be walked through.
const placeOf = "(SELECT x.seq FROM messages x WHERE x.id = ? AND x.conversation_id = ?)"

func (r *Router) thread(ctx context.Context, id int64, p MessagePage, only string) ([]*Message, error) {
	query, args := "SELECT * FROM messages m WHERE m.conversation_id = ?"+only, []any{id}
	order, limit := " ORDER BY seq DESC LIMIT ?", lastShown
	if p.Before > 0 {
		query, args = query+" AND m.id < ? AND m.seq < coalesce("+placeOf+", ?)", append(args, p.Before, p.Before, id, math.MaxInt64)
	}
	if p.After != nil {
		query, args = query+" AND m.id > ? AND m.seq > coalesce("+placeOf+", 0)", append(args, *p.After, *p.After, id)
		order, limit = " ORDER BY seq LIMIT ?", newerMax
		if p.Before > 0 {
			limit = rangeMax
		}
	}
	messages := []*Message{}
	if err := r.db.Read().WithContext(ctx).Raw(query+order, append(args, limit)...).Scan(&messages).Error; err != nil {
		return nil, fmt.Errorf("messages of conversation %d: %w", id, err)
	}
	if p.After == nil {
		slices.Reverse(messages)
	}
	return messages, attach(r.db.Read().WithContext(ctx), messages)
}

// Senders returns the agents and contacts who sent messages, by id.
func (r *Router) Senders(ctx context.Context, messages []*Message) (map[int64]*Agent, map[int64]*Contact, error) {
	return senders(r.db.Read().WithContext(ctx), messages)
}

func senders(db *gorm.DB, messages []*Message) (map[int64]*Agent, map[int64]*Contact, error) {
	var agentIDs, contactIDs []int64
	var known []*Contact
	for _, m := range messages {
		switch {
		case m.SenderType == KindAgent:
			agentIDs = append(agentIDs, m.SenderID)
		case m.contact != nil:
			known = append(known, m.contact)
		case m.SenderType == KindContact:
			contactIDs = append(contactIDs, m.SenderID)
		}
	}
	agents, err := keyed(db, "SELECT * FROM agents WHERE id IN ?", agentIDs, func(a Agent) int64 { return a.ID })
	if err != nil {
		return nil, nil, err
	}
	contacts, err := keyed(db, "SELECT * FROM contacts WHERE id IN ?", contactIDs, func(c Contact) int64 { return c.ID })
	if err != nil {
		return nil, nil, err
	}
	for _, c := range known {
		contacts[c.ID] = c
	}
	return agents, contacts, nil
}
