package channel

import (
	"time"

	"relevo/fsm"
	"relevo/router"
)

// conversationJSON is a conversation as its customer sees it. Times are unix
// seconds, 0 for never.
type conversationJSON struct {
	ID                int64                   `json:"id"`
	UUID              string                  `json:"uuid"`
	InboxID           int64                   `json:"inbox_id"`
	ContactLastSeenAt int64                   `json:"contact_last_seen_at"`
	Status            fsm.Status              `json:"status"`
	AgentLastSeenAt   int64                   `json:"agent_last_seen_at"`
	Messages          []messageJSON           `json:"messages"`
	Contact           conversationContactJSON `json:"contact"`

	// Relevo's own.
	CanRequestTranscript bool `json:"can_request_transcript" doc:"it can be sent by mail now"`
}

// conversationContactJSON is the contact beside a conversation.
type conversationContactJSON struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Email       *string `json:"email"`
	PhoneNumber *string `json:"phone_number"`
}

func (ch *Channel) presentConversation(v *router.View, messages []messageJSON) conversationJSON {
	c, who := &v.Conversation, &v.Contact
	if messages == nil {
		messages = []messageJSON{}
	}
	return conversationJSON{
		ID:                   c.ID,
		UUID:                 c.UUID,
		InboxID:              c.InboxID,
		ContactLastSeenAt:    unix(c.ContactLastSeenAt),
		Status:               c.Status,
		AgentLastSeenAt:      unix(c.AgentLastSeenAt),
		Messages:             messages,
		Contact:              conversationContactJSON{who.ID, who.Name, orNull(who.Email), orNull(who.PhoneNumber)},
		CanRequestTranscript: c.Status == fsm.Resolved && ch.router.SendsMail(),
	}
}

func unix(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}
