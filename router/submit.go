package router

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"relevo/router/fault"
)

// Submit stores what a customer filled into a message of the conversation: a
// choice, a form, the box for an e-mail. It is stored once; the same values
// again return the message as it is, others are fault.Answered; one that was
// deleted is fault.NotFound. A chosen option is the customer's
// word as well: it stands in the thread and the bot is asked it at once. The
// answer to a survey may be changed; see answerSurvey.
func (r *Router) Submit(ctx context.Context, in Inbound, messageID int64, values any) (*Message, error) {
	given, err := json.Marshal(values)
	if err != nil {
		return nil, fault.Invalid.Field("not_an_object", "submitted_values").Wrap(err)
	}
	var m Message
	var who listener
	do := func(contactLocked bool) func(*change) error {
		return func(ch *change) error {
			m = Message{}
			err := ch.tx.Raw("SELECT * FROM messages m WHERE m.id = ? AND m.conversation_id = ? AND NOT m.private AND m.message_type IN (?, ?)"+undeleted,
				messageID, in.Conversation, int(Outgoing), int(Template)).Scan(&m).Error
			switch {
			case err != nil:
				return fmt.Errorf("message %d: %w", messageID, err)
			case m.ID == 0:
				return fault.NotFound
			case m.ContentType == "input_email":
				return ch.fillEmailBox(contactLocked, &m, values)
			case m.ContentType == surveyType:
				answer, err := ReadSurveyAnswer(values)
				if err != nil {
					return err
				}
				return ch.answerSurvey(&m, answer)
			}
			return ch.answer(who, &m, values, given)
		}
	}
	_, err = r.change(ctx, byVisitor(in.Inbox, in.SourceID, in.Conversation, &who), do(false))
	if errors.Is(err, errNeedsContact) {
		_, err = r.changeWithContact(ctx, byVisitorAndContact(in.Inbox, in.SourceID, in.Conversation, &who), do(true))
	}
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// asking are the content types that take an answer, beside the box for an
// e-mail and the survey.
var asking = []string{"input_select", "cards", "form", "input_text", "input_textarea"}

// answer stores what was filled into a choice or a form.
func (ch *change) answer(who listener, m *Message, values any, given []byte) error {
	if before, ok := m.ContentAttributes["submitted_values"]; ok {
		if known, _ := json.Marshal(before); sameJSON(known, given) {
			return nil
		}
		return fault.Answered
	}
	if !slices.Contains(asking, m.ContentType) {
		return fault.Invalid.Field("not_allowed", "submitted_values")
	}
	answer := Attributes{"submitted_values": values}
	if err := answer.check("submitted_values"); err != nil {
		return err
	}
	if err := ch.fill(m, answer); err != nil {
		return err
	}
	if m.ContentType != "input_select" {
		return nil
	}
	return ch.click(who, *m, given)
}

// fill stores an answer on the message that asked for it.
func (ch *change) fill(m *Message, answer Attributes) error {
	m.ContentAttributes, m.UpdatedAt = m.ContentAttributes.with(answer), ch.now
	err := ch.tx.Exec("UPDATE messages SET content_attributes = ?, updated_at = ? WHERE id = ?", m.ContentAttributes, m.UpdatedAt, m.ID).Error
	if err != nil {
		return fmt.Errorf("save what was submitted: %w", err)
	}
	ch.altered = append(ch.altered, m)
	return nil
}

// click stores a chosen option as the customer's word, under an echo id of its
// own so that it can be there only once.
func (ch *change) click(who listener, m Message, given []byte) error {
	var chosen []struct{ Title, Value string }
	if json.Unmarshal(given, &chosen) != nil || len(chosen) != 1 || chosen[0].Value == "" {
		return fault.Invalid.Field("not_a_list", "submitted_values")
	}
	if !m.offers(chosen[0].Value) {
		return fault.Invalid.Field("unknown", "submitted_values")
	}
	title := chosen[0].Title
	if title == "" {
		title = chosen[0].Value
	}
	d := Draft{Content: title, EchoID: fmt.Sprintf("choice-%d", m.ID),
		ContentAttributes: Attributes{"in_reply_to": m.ID, "submitted_value": chosen[0].Value}}
	if err := d.check(); err != nil {
		return err
	}
	_, err := ch.hear(who, d, true)
	if errors.Is(err, errRepeated) {
		return fault.Answered
	}
	return err
}

// offers reports whether a value is among the choices of m.
func (m *Message) offers(value string) bool {
	items, _ := m.ContentAttributes["items"].([]any)
	return slices.ContainsFunc(items, func(item any) bool {
		i, _ := item.(map[string]any)
		return i["value"] == value
	})
}

func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return string(p) == string(q)
}
