package channel

import (
	"context"
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
	CanRequestTranscript bool          `json:"can_request_transcript" doc:"it can be sent by mail now"`
	Holder               router.Holder `json:"holder" doc:"who has it"`
	Agent                *agentJSON    `json:"agent" doc:"whose it is; null where nobody has it, or somebody answers without having it"`
	Position             *int          `json:"position" doc:"of a customer who waits for a person: 1 is next, 100 that more than 99 are before them. In lists the newest one that waits has it alone"`
	CanTalkToPerson      bool          `json:"can_talk_to_person" doc:"the customer may ask for a person now"`
	CanCancelWaiting     bool          `json:"can_cancel_waiting" doc:"the customer may go back to the bot now"`
}

// agentJSON is an agent as customers see them.
type agentJSON struct {
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
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
	out := conversationJSON{
		ID:                   c.ID,
		UUID:                 c.UUID,
		InboxID:              c.InboxID,
		ContactLastSeenAt:    unix(c.ContactLastSeenAt),
		Status:               c.Status,
		AgentLastSeenAt:      unix(c.AgentLastSeenAt),
		Messages:             messages,
		Contact:              conversationContactJSON{who.ID, who.Name, orNull(who.Email), orNull(who.PhoneNumber)},
		CanRequestTranscript: c.Status == fsm.Resolved && ch.router.SendsMail(),
		Holder:               c.Holder(),
		CanTalkToPerson:      v.Inbox.OffersPerson(c) && !who.Blocked,
		CanCancelWaiting:     v.Inbox.OffersCancel(c) && !who.Blocked,
	}
	if v.Assignee != nil && out.Holder == router.HeldByAgent {
		out.Agent = &agentJSON{Name: v.Assignee.AvailableName()}
	}
	return out
}

// placed adds to c how many wait before its customer.
func (ch *Channel) placed(ctx context.Context, c *conversationJSON, row *router.Conversation) error {
	if c.Holder != router.HeldByQueue {
		return nil
	}
	before, err := ch.router.WaitingBefore(ctx, row)
	position := before + 1
	c.Position = &position
	return err
}

func unix(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}
