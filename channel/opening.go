package channel

import (
	"cmp"
	"context"

	"relevo/router"
	"relevo/router/fault"
)

// newConversation starts a conversation: with the first word and what the
// customer says of himself, all in one request, or empty.
type newConversation struct {
	contactPath
	IdempotencyKey string            `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Custom         router.Attributes `json:"custom_attributes"`
	PreChat        map[string]any    `json:"pre_chat" doc:"the form's answers by the fields' names; where it is sent, what the form requires must be there or known"`
	About          map[string]any    `json:"contact" doc:"name, email, phone_number and custom_attributes of the customer"`
	Message        map[string]any    `json:"message" doc:"the first word: content and echo_id"`
}

func (ch *Channel) createConversation(ctx context.Context, in *newConversation) (conversationJSON, error) {
	o := router.Opening{Custom: in.Custom, PreChat: in.PreChat}
	if err := in.about(&o); err != nil {
		return conversationJSON{}, err
	}
	if err := in.firstWord(&o); err != nil {
		return conversationJSON{}, err
	}
	id, err := ch.router.Begin(ctx, inboxOf(ctx), in.Contact, o)
	if err != nil {
		return conversationJSON{}, err
	}
	return ch.show(ctx, in.Contact, id)
}

// about reads what the customer says of himself.
func (in *newConversation) about(o *router.Opening) error {
	for key, to := range map[string]**string{"name": &o.Contact.Name, "email": &o.Contact.Email, "phone_number": &o.Contact.PhoneNumber} {
		text, err := textOf(in.About, key)
		if err != nil {
			return err
		}
		*to = text
	}
	if custom, sent := in.About["custom_attributes"]; sent && custom != nil {
		object, ok := custom.(map[string]any)
		if !ok {
			return fault.Invalid.Field("not_an_object", "contact")
		}
		o.Contact.CustomAttributes = object
	}
	return nil
}

// firstWord reads the message that the conversation begins with.
func (in *newConversation) firstWord(o *router.Opening) error {
	if in.Message == nil {
		return nil
	}
	content, err := textOf(in.Message, "content")
	if err != nil {
		return err
	}
	echo, err := textOf(in.Message, "echo_id")
	if err != nil {
		return err
	}
	o.Message = &router.Draft{EchoID: in.IdempotencyKey}
	if content != nil {
		o.Message.Content = *content
	}
	if echo != nil {
		o.Message.EchoID = cmp.Or(*echo, in.IdempotencyKey)
	}
	return nil
}

// textOf returns a text of an object, nil where there is none.
func textOf(object map[string]any, key string) (*string, error) {
	value, sent := object[key]
	if !sent || value == nil {
		return nil, nil
	}
	text, ok := value.(string)
	if !ok {
		return nil, fault.Invalid.Field("not_a_string", key)
	}
	return &text, nil
}
