package router

import (
	"cmp"
	"fmt"

	"gorm.io/gorm"

	"relevo/router/store"
	"relevo/router/texts"
)

// snapshot is a conversation as it is in a transaction, with everything that
// webhooks say of it.
type snapshot struct {
	view     View
	agents   map[int64]*Agent
	contacts map[int64]*Contact
	bots     map[int64]string
	chat     *Message // the last that everybody may see; nil where there is none
	base     string   // where browsers reach the server
}

// snapshot reads what belongs to c through db; about are the messages that it
// will speak of.
func (r *Router) snapshot(db *gorm.DB, c Conversation, about []*Message) (*snapshot, error) {
	views, err := r.views(db, []Conversation{c})
	if err != nil {
		return nil, err
	}
	s := &snapshot{view: views[0], chat: views[0].LastWord, base: r.opts.PublicURL}
	if s.chat != nil && s.chat.Private {
		if s.chat, err = lastPublic(db, c.ID); err != nil {
			return nil, err
		}
	}
	if s.chat != nil {
		about = append(about[:len(about):len(about)], s.chat)
	}
	if s.agents, s.contacts, err = senders(db, about); err != nil {
		return nil, err
	}
	s.bots, err = agentBotNames(db, about)
	return s, err
}

// lastPublic is the last message of a conversation that its customer may see.
func lastPublic(db *gorm.DB, conversation int64) (*Message, error) {
	var m Message
	found, err := store.Take(db, &m, `SELECT * FROM messages WHERE conversation_id = ? AND message_type <> ? AND NOT private
		ORDER BY seq DESC LIMIT 1`, conversation, int(Activity))
	if err != nil {
		return nil, fmt.Errorf("last public message: %w", err)
	}
	if !found {
		return nil, nil
	}
	return &m, attach(db, []*Message{&m})
}

// payload is an occurrence as JSON.
func (s *snapshot) payload(o occurrence) ([]byte, error) {
	if o.message != nil {
		return fitted(s.messageEvent(o))
	}
	return fitted(&conversationEvent{conversationPayload: s.conversation(s.chat), Event: o.event, ChangedAttributes: payloadOfChanges(o.changes)})
}

func (s *snapshot) messageEvent(o occurrence) *messagePayload {
	m, inbox := o.message, s.view.Inbox
	about := s.chat
	if !m.Private {
		about = m
	}
	return &messagePayload{Event: o.event, ID: m.ID, Content: m.Shown(inbox.Settings.Locale), ContentType: m.ContentType,
		ContentAttributes: m.ContentAttributes, MessageType: m.MessageType.String(), Private: m.Private, Status: m.Status.String(),
		CreatedAt: *isoTime(&m.CreatedAt), UpdatedAt: *isoTime(&m.UpdatedAt), SourceID: m.SourceID, EchoID: m.EchoID, Seq: m.Seq,
		Version: s.view.Conversation.Version, Account: theAccount, Inbox: inboxPayload{inbox.ID, inbox.Name}, Sender: s.sender(m),
		Conversation: s.conversation(about), Attachments: m.AttachmentsJSON(s.base)}
}

// conversation is the conversation with one message in it.
func (s *snapshot) conversation(about *Message) conversationPayload {
	c := &s.view.Conversation
	out := conversationPayload{AdditionalAttributes: c.AdditionalAttributes, CanReply: true, Channel: s.view.Inbox.dialectChannel(),
		ContactInbox: contactInboxPayload{c.ContactInboxID, c.ContactID, c.InboxID, s.view.SourceID}, ID: c.ID, UUID: c.UUID, InboxID: c.InboxID,
		Messages: []chatPayload{}, Labels: append([]string{}, s.view.Labels...), Status: c.Status, CustomAttributes: c.CustomAttributes,
		SnoozedUntil: isoTime(c.SnoozedUntil), UnreadCount: c.Unread, FirstReplyCreatedAt: isoTime(c.FirstReplyCreatedAt), Priority: c.Priority,
		WaitingSince: unixTime(c.WaitingSince), AgentLastSeenAt: unixTime(c.AgentLastSeenAt), ContactLastSeenAt: unixTime(c.ContactLastSeenAt),
		LastActivityAt: c.LastActivityAt.Unix(), Timestamp: c.LastActivityAt.Unix(), CreatedAt: c.CreatedAt.Unix(),
		UpdatedAt: float64(c.UpdatedAt.UnixMicro()) / 1e6, Account: theAccount, Seq: c.Seq, Version: c.Version, Episode: c.Episode}
	out.Meta.Sender = payloadOfContact(&s.view.Contact)
	if a := s.view.Assignee; a != nil {
		kind := "User"
		out.Meta.Assignee, out.Meta.AssigneeType = payloadOfAgent(a), &kind
	}
	if t := s.view.Team; t != nil {
		out.Meta.Team = &teamPayload{t.ID, t.Name}
	}
	if about != nil {
		out.Messages = append(out.Messages, s.chatMessage(about))
	}
	return out
}

func (s *snapshot) chatMessage(m *Message) chatPayload {
	out := chatPayload{ID: m.ID, Content: m.Shown(s.view.Inbox.Settings.Locale), InboxID: m.InboxID, ConversationID: m.ConversationID,
		AccountID: theAccount.ID, MessageType: m.MessageType, ContentType: m.ContentType, ContentAttributes: m.ContentAttributes, Private: m.Private,
		Status: m.Status.String(), CreatedAt: m.CreatedAt.Unix(), SourceID: m.SourceID, Sender: s.sender(m), Attachments: m.AttachmentsJSON(s.base), Seq: m.Seq}
	if kind := senderTypes[m.SenderType]; kind != "" {
		out.SenderType, out.SenderID = &kind, &m.SenderID
	}
	return out
}

// senderTypes are the dialect's names of who writes.
var senderTypes = map[ActorKind]string{KindAgent: "User", KindContact: "Contact", KindBot: "AgentBot"}

// sender is who wrote m; nil for the inbox itself and for who is gone.
func (s *snapshot) sender(m *Message) writer {
	switch m.SenderType {
	case KindAgent:
		if a := s.agents[m.SenderID]; a != nil {
			return payloadOfAgent(a)
		}
	case KindContact:
		if c := s.contacts[m.SenderID]; c != nil {
			p := payloadOfContact(c)
			return &p
		}
	case KindBot:
		return &agentPayload{ID: m.SenderID, Name: cmp.Or(s.bots[m.SenderID], texts.Say(s.view.Inbox.Settings.Locale, "bot.name", nil)), Type: "agent_bot"}
	}
	return nil
}

// dialectChannel is the dialect's name of an inbox's channel.
func (i *Inbox) dialectChannel() string {
	if i.Channel == "web_widget" {
		return "Channel::WebWidget"
	}
	return "Channel::Api"
}
