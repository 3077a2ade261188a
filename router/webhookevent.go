package router

import (
	"slices"

	"relevo/fsm"
)

// WebhookEvent is the name of something that webhooks are told of.
type WebhookEvent string

const (
	EventConversationCreated WebhookEvent = "conversation_created"
	EventStatusChanged       WebhookEvent = "conversation_status_changed"
	EventConversationUpdated WebhookEvent = "conversation_updated"
	EventConversationOpened  WebhookEvent = "conversation_opened"   // bots only
	EventResolved            WebhookEvent = "conversation_resolved" // bots only
	EventMessageCreated      WebhookEvent = "message_created"
	EventMessageUpdated      WebhookEvent = "message_updated"
	EventContactCreated      WebhookEvent = "contact_created"
	EventContactUpdated      WebhookEvent = "contact_updated"
	EventWidgetTriggered     WebhookEvent = "webwidget_triggered"
	EventTypingOn            WebhookEvent = "conversation_typing_on"
	EventTypingOff           WebhookEvent = "conversation_typing_off"
)

// DefaultWebhookEvents is what a webhook is told of that names nothing;
// AccountWebhookEvents is what it can name.
var (
	DefaultWebhookEvents = WebhookEvents{EventConversationCreated, EventStatusChanged, EventConversationUpdated, EventMessageCreated,
		EventMessageUpdated, EventContactCreated, EventContactUpdated, EventWidgetTriggered}
	AccountWebhookEvents = append(slices.Clone(DefaultWebhookEvents), EventTypingOn, EventTypingOff)

	channelEvents = WebhookEvents{EventConversationCreated, EventStatusChanged, EventConversationUpdated, EventMessageCreated,
		EventMessageUpdated, EventWidgetTriggered, EventTypingOn, EventTypingOff}
	botEvents = WebhookEvents{EventStatusChanged, EventConversationUpdated, EventConversationOpened, EventResolved, EventMessageCreated,
		EventMessageUpdated, EventWidgetTriggered}
)

// Enum lists what can be subscribed to, for the API document.
func (WebhookEvent) Enum() []any { return anythings(AccountWebhookEvents) }

// hears reports whether w is told of an event at an inbox; nil is of none, as
// a contact is.
func (w *Webhook) hears(e WebhookEvent, i *Inbox) bool {
	switch w.Kind {
	case WebhookOfAccount:
		return (w.InboxID == nil || i != nil && *w.InboxID == i.ID) && slices.Contains(w.Subscriptions, e)
	case WebhookOfChannel:
		return i != nil && *w.InboxID == i.ID && i.Channel == channelAPI && slices.Contains(channelEvents, e)
	case WebhookOfBot:
		return i != nil && i.FlowHash == nil && i.AgentBotID != nil && *i.AgentBotID == *w.AgentBotID && slices.Contains(botEvents, e)
	}
	return false
}

// occurrence is one event of a change. What agents alone may see is hidden
// from the customer's side.
type occurrence struct {
	event   WebhookEvent
	message *Message
	changes []alteration
	hidden  bool
}

// alteration is what was different about something; its name is the API's.
type alteration struct {
	name     string
	was, now any
}

// occurrences lists what a change is told as, in order.
func (ch *change) occurrences() []occurrence {
	var all []occurrence
	if ch.began {
		all = append(all, occurrence{event: EventConversationCreated})
	}
	for event, messages := range ch.toldMessages() {
		for _, m := range messages {
			if m.MessageType != Activity {
				all = append(all, occurrence{event: event, message: m, hidden: m.Private})
			}
		}
	}
	if ch.began {
		return all
	}
	changes := ch.alterations()
	if len(changes) == 0 {
		return all
	}
	if ch.c.Status != ch.was.Status {
		switch ch.c.Status {
		case fsm.Open:
			all = append(all, occurrence{event: EventConversationOpened, changes: changes})
		case fsm.Resolved:
			all = append(all, occurrence{event: EventResolved, changes: changes})
		}
		all = append(all, occurrence{event: EventStatusChanged, changes: changes})
	}
	return append(all, occurrence{event: EventConversationUpdated, changes: changes})
}

// toldMessages yields what was said, then what stood there and is different.
func (ch *change) toldMessages() func(yield func(WebhookEvent, []*Message) bool) {
	return func(yield func(WebhookEvent, []*Message) bool) {
		if yield(EventMessageCreated, ch.said) {
			yield(EventMessageUpdated, ch.altered)
		}
	}
}

// alterations are those of the conversation that a webhook is told of.
func (ch *change) alterations() []alteration {
	now, was := ch.c, &ch.was
	var changes []alteration
	for _, a := range []alteration{
		{"status", was.Status, now.Status},
		{"assignee_id", was.AssigneeID, now.AssigneeID},
		{"team_id", was.TeamID, now.TeamID},
		{"priority", was.Priority, now.Priority},
		{"snoozed_until", isoTime(was.SnoozedUntil), isoTime(now.SnoozedUntil)},
		{"custom_attributes", was.CustomAttributes, now.CustomAttributes},
		{"waiting_since", unixTime(was.WaitingSince), unixTime(now.WaitingSince)},
		{"first_reply_created_at", isoTime(was.FirstReplyCreatedAt), isoTime(now.FirstReplyCreatedAt)},
	} {
		if a.differs() {
			changes = append(changes, a)
		}
	}
	if ch.labels {
		changes = append(changes, alteration{"label_list", ch.labelsWere, ch.labelsAre})
	}
	return changes
}
