package live

import (
	"strconv"

	"relevo/fsm"
	"relevo/router"
)

// accountID is the one account that there is.
const accountID = 1

// Event is what a socket is sent. Its names are those of the API's webhooks
// and of Chatwoot's sockets.
type Event struct {
	Event string `json:"event"`
	Data  Data   `json:"data"`
}

// Data says what an event is about. Seq is the message's where there is one,
// else the conversation's.
type Data struct {
	Account      int64             `json:"account_id"`
	Conversation int64             `json:"conversation_id,omitempty"`
	Inbox        int64             `json:"inbox_id,omitempty"`
	Contact      int64             `json:"contact_id,omitempty"`
	Message      int64             `json:"message_id,omitempty"`
	Notification int64             `json:"notification_id,omitempty"`
	Seq          int64             `json:"seq,omitempty"`
	Version      int64             `json:"version,omitempty"`
	Status       fsm.Status        `json:"status,omitempty"`
	Changed      []router.Field    `json:"changed,omitempty"`
	By           *By               `json:"by,omitempty"`
	Private      bool              `json:"is_private,omitempty"`
	Users        map[string]string `json:"users,omitempty"` // agent → availability
}

// By is who types or has read: "contact", "user" or "agent_bot".
type By struct {
	Type string `json:"type"`
	ID   int64  `json:"id,omitempty"`
}

// fieldMessages in Changed says that messages were said or altered, where too
// much happened to name each.
const fieldMessages router.Field = "messages"

// channels that a socket listens to. Sockets are subscribed by the server
// alone, so knowing a name opens nothing.
const (
	toAllInboxes = "inboxes" // administrators: every inbox
	toDesk       = "desk"    // all agents: contacts, presence
)

func toInbox(id int64) string   { return "inbox:" + strconv.FormatInt(id, 10) }
func toAgent(id int64) string   { return "agent:" + strconv.FormatInt(id, 10) }
func toVisitor(id int64) string { return "visitor:" + strconv.FormatInt(id, 10) }

// push is an event on its way to a channel.
type push struct {
	channel string
	event   Event
	passing bool // typing: not kept for those who come back
}

// pushes returns who is told what of h.
func (h happening) pushes() []push {
	var out []push
	if h.Conversation != 0 {
		for _, e := range h.deskEvents() {
			passing := h.Typing != nil
			out = append(out, push{toInbox(h.Inbox), e, passing}, push{toAllInboxes, e, passing})
		}
		for _, e := range h.visitorEvents() {
			out = append(out, push{toVisitor(h.Visitor), e, h.Typing != nil})
		}
	}
	if h.ContactChanged {
		out = append(out, push{toDesk, Event{"contact.updated", Data{Account: accountID, Contact: h.Contact}}, false})
	}
	for _, n := range h.Notices {
		out = append(out, push{toAgent(n.Agent), Event{"notification.created",
			Data{Account: accountID, Notification: n.ID, Conversation: h.Conversation}}, false})
	}
	return out
}

// deskEvents is what agents of the inbox are told.
func (h happening) deskEvents() []Event {
	if h.Gone {
		return []Event{h.event("conversation.deleted")}
	}
	out := h.events(func(words) bool { return true })
	var rest []router.Field
	for _, f := range h.Changed {
		switch f {
		case router.FieldStatus: // in events
		case router.FieldAssignee:
			out = append(out, h.event("assignee.changed"))
		case router.FieldTeam:
			out = append(out, h.event("team.changed"))
		default:
			rest = append(rest, f)
		}
	}
	if h.behind && len(h.said)+len(h.altered) > 0 {
		rest = append(rest, fieldMessages)
	}
	if len(rest) > 0 {
		e := h.event("conversation.updated")
		e.Data.Changed = rest
		out = append(out, e)
	}
	if h.Read != nil {
		e := h.event("conversation.read")
		e.Data.By = byWhom(*h.Read)
		out = append(out, e)
	}
	return append(out, h.typing()...)
}

// visitorEvents is what the conversation's customer is told: public words, the
// status, and that somebody else is writing to him. Notes, activity lines,
// labels, priority, team and assignee are the agents' own.
func (h happening) visitorEvents() []Event {
	out := h.events(func(w words) bool { return w.public })
	if h.behind && (anyPublic(h.said) || anyPublic(h.altered)) {
		e := h.event("conversation.updated")
		e.Data.Changed = []router.Field{fieldMessages}
		out = append(out, e)
	}
	if h.Typing != nil && !h.Typing.Private && h.Typing.Who.Kind != router.KindContact {
		out = append(out, h.typing()...)
	}
	return out
}

// events is what agents and customers are told alike, of the messages that may
// be shown.
func (h happening) events(shown func(words) bool) []Event {
	var out []Event
	if h.Began {
		e := h.event("conversation.created")
		e.Data.Status = h.Status
		out = append(out, e)
	}
	if !h.behind {
		out = append(out, h.messages("message.created", h.said, shown)...)
		out = append(out, h.messages("message.updated", h.altered, shown)...)
	}
	for _, f := range h.Changed {
		if f == router.FieldStatus {
			e := h.event("conversation.status_changed")
			e.Data.Status = h.Status
			out = append(out, e)
		}
	}
	return out
}

func (h happening) messages(name string, list []words, shown func(words) bool) []Event {
	var out []Event
	for _, w := range list {
		if shown(w) {
			e := h.event(name)
			e.Data.Message, e.Data.Seq = w.id, w.seq
			out = append(out, e)
		}
	}
	return out
}

func (h happening) typing() []Event {
	if h.Typing == nil {
		return nil
	}
	name := "conversation.typing_off"
	if h.Typing.On {
		name = "conversation.typing_on"
	}
	e := h.event(name)
	e.Data.By, e.Data.Private = byWhom(h.Typing.Who), h.Typing.Private
	return []Event{e}
}

// event is an event of h's conversation.
func (h happening) event(name string) Event {
	return Event{name, Data{Account: accountID, Conversation: h.Conversation, Inbox: h.Inbox, Seq: h.Seq, Version: h.Version}}
}

func byWhom(a router.Actor) *By {
	switch a.Kind {
	case router.KindContact:
		return &By{"contact", a.ID}
	case router.KindAgent:
		return &By{"user", a.ID}
	}
	return &By{"agent_bot", a.ID}
}
