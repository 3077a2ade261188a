package agentdesk

import (
	"context"
	"fmt"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// newConversation starts a conversation with a contact at an inbox, or with
// the visitor that source_id is the token of.
type newConversation struct {
	accountPath
	IdempotencyKey string               `header:"Idempotency-Key" maxLength:"255" json:"-"`
	SourceID       string               `json:"source_id" maxLength:"255" doc:"the visitor's token, in place of inbox_id and contact_id"`
	InboxID        int64                `json:"inbox_id" minimum:"0"`
	ContactID      int64                `json:"contact_id" minimum:"0"`
	Additional     router.Attributes    `json:"additional_attributes"`
	Custom         router.Attributes    `json:"custom_attributes"`
	Status         string               `json:"status" enum:"open,resolved,pending,snoozed" detail:"not_a_status" doc:"without it, pending where the inbox has a bot, else open"`
	AssigneeID     api.Optional[int64]  `json:"assignee_id" minimum:"0"`
	TeamID         api.Optional[int64]  `json:"team_id" minimum:"0"`
	SnoozedUntil   api.Optional[string] `json:"snoozed_until" maxLength:"40" doc:"unix seconds, RFC 3339, next_reply, tomorrow or next_week; without a status, snoozed"`
	Message        map[string]any       `json:"message" doc:"content, private, message_type, content_type, content_attributes, echo_id"`
}

func (d *Desk) createConversation(ctx context.Context, in *newConversation) (conversationJSON, error) {
	n := router.NewConversation{
		InboxID: in.InboxID, ContactID: in.ContactID, SourceID: in.SourceID, Status: fsm.Status(in.Status),
		AssigneeID: orNobody(in.AssigneeID), TeamID: orNobody(in.TeamID),
		CustomAttributes: in.Custom, AdditionalAttributes: in.Additional,
	}
	var err error
	if n.SnoozedUntil, n.SnoozeWord, err = router.ReadSnooze(in.SnoozedUntil.Value); err != nil {
		return conversationJSON{}, err
	}
	if n.Status == "" && in.SnoozedUntil.Value != "" {
		n.Status = fsm.Snoozed
	}
	if err := in.firstWord(&n); err != nil {
		return conversationJSON{}, err
	}
	c, err := d.router.CreateConversation(ctx, byOnce(ctx, in.IdempotencyKey, in), n)
	if err != nil {
		return conversationJSON{}, err
	}
	return d.showConversation(ctx, &conversationPath{in.accountPath, c.ID})
}

// firstWord reads the message that a conversation begins with.
func (in *newConversation) firstWord(n *router.NewConversation) error {
	text := func(name string) string {
		if in.Message[name] == nil {
			return ""
		}
		return fmt.Sprint(in.Message[name])
	}
	if len(in.Message) == 0 {
		return nil
	}
	if _, ok := in.Message["content"].(string); !ok {
		return fault.Invalid.Field("required", "message.content")
	}
	attributes, _ := in.Message["content_attributes"].(map[string]any)
	n.Message = &router.Draft{Content: text("content"), ContentType: text("content_type"), ContentAttributes: attributes,
		EchoID: text("echo_id"), Private: text("private") == "true"}
	switch text("message_type") {
	case "", "outgoing", "1":
	case "incoming", "0":
		n.Incoming = true
	default:
		return fault.Invalid.Field("unknown_message_type", "message.message_type")
	}
	if n.Incoming && n.Message.Private {
		return fault.Invalid.Field("not_allowed", "message.private")
	}
	return nil
}
