package router

import (
	"encoding/json"
	"fmt"
)

// inReplyTo is the attribute that names the message that another answers.
const inReplyTo = "in_reply_to"

// keepReference takes the answered message's id out of m where that message is
// not of this conversation, or nothing that m's readers may know of: a
// customer learns of no note, not even that there is one.
func (ch *change) keepReference(m *Message) error {
	named, ok := m.ContentAttributes[inReplyTo]
	if !ok {
		return nil
	}
	if id := wholeNumber(named); id > 0 {
		var there bool
		err := ch.tx.Raw(`SELECT EXISTS (SELECT 1 FROM messages WHERE id = ? AND conversation_id = ? AND message_type <> ? AND (? OR NOT private))`,
			id, ch.c.ID, int(Activity), m.Private).Scan(&there).Error
		if err != nil {
			return fmt.Errorf("message that is answered: %w", err)
		}
		if there {
			return nil
		}
	}
	m.ContentAttributes = m.ContentAttributes.with(Attributes{inReplyTo: nil})
	return nil
}

// wholeNumber reads an id as clients send it: a number, or one in a text. What
// is none is 0.
func wholeNumber(v any) int64 {
	if id, ok := v.(int64); ok {
		return id
	}
	if text, ok := v.(string); ok {
		v = json.Number(text)
	}
	b, err := json.Marshal(v)
	var id int64
	if err != nil || json.Unmarshal(b, &id) != nil {
		return 0
	}
	return id
}
