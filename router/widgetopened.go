package router

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
)

// widgetEvent is what webwidget_triggered says. A visitor whom nobody knows
// yet has no contact.
type widgetEvent struct {
	Event               WebhookEvent         `json:"event"`
	ID                  *int64               `json:"id"` // of the customer's place at the inbox
	Account             accountPayload       `json:"account"`
	Contact             *contactPayload      `json:"contact"`
	Inbox               inboxPayload         `json:"inbox"`
	CurrentConversation *conversationPayload `json:"current_conversation"` // the latest
	SourceID            string               `json:"source_id"`
	EventInfo           Attributes           `json:"event_info"`
	Truncated           bool                 `json:"truncated,omitempty"`
}

func (p *widgetEvent) cut() {
	p.Truncated = true
	p.EventInfo = nil
	if p.Contact != nil {
		p.Contact.cut()
	}
	if p.CurrentConversation != nil {
		p.CurrentConversation.cut()
	}
}

// WidgetOpened tells webhooks that a visitor has opened the widget; info is
// what the page says of it. A sourceID that is no visitor's, or "", is somebody
// who has not written yet. Where nobody listens, nothing is stored.
func (r *Router) WidgetOpened(ctx context.Context, inbox *Inbox, sourceID string, info Attributes) error {
	if err := info.check("event_info"); err != nil {
		return err
	}
	db := r.db.Read().WithContext(ctx)
	to, err := r.listening(db, EventWidgetTriggered, inbox)
	if err != nil || len(to) == 0 {
		return err
	}
	said := widgetEvent{Event: EventWidgetTriggered, Account: theAccount, Inbox: inboxPayload{inbox.ID, inbox.Name}, SourceID: sourceID,
		EventInfo: Attributes{}.with(info)}
	d := delivery{Event: EventWidgetTriggered}
	if err := r.whoOpened(db, inbox, sourceID, &said, &d); err != nil {
		return err
	}
	payload, err := fitted(&said)
	if err != nil {
		return fmt.Errorf("payload of %s: %w", d.Event, err)
	}
	d.Payload = string(payload)
	return r.db.Tx(ctx, func(tx *gorm.DB) error { return r.tellAll(tx, d, to) })
}

// whoOpened adds the visitor and the latest conversation, where there are any.
func (r *Router) whoOpened(db *gorm.DB, inbox *Inbox, sourceID string, said *widgetEvent, d *delivery) error {
	v, err := findVisitor(db, inbox, sourceID, "")
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	contact := payloadOfContact(&v.Contact)
	said.ID, said.Contact = &v.ID, &contact
	var c Conversation
	found, err := store.Take(db, &c, "SELECT * FROM conversations WHERE contact_inbox_id = ? ORDER BY id DESC LIMIT 1", v.ID)
	if err != nil {
		return fmt.Errorf("latest conversation of visitor %d: %w", v.ID, err)
	}
	if !found {
		return nil
	}
	snap, err := r.snapshot(db, c, nil)
	if err != nil {
		return err
	}
	current := snap.conversation(snap.chat)
	said.CurrentConversation = &current
	d.ConversationID, d.Seq, d.Version = &c.ID, c.Seq, c.Version
	return nil
}
