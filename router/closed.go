package router

import (
	"fmt"
	"time"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/hours"
)

// stillThere is how long after an agent's word nobody is told that the place
// is closed: somebody is there all the same.
const stillThere = 5 * time.Minute

// OpeningHours is when people answer, in the inbox's zone. Without Enabled
// they always do.
type OpeningHours struct {
	hours.Hours
	Enabled bool   `json:"enabled,omitempty"`
	Message string `json:"message,omitempty"` // said to a customer who finds nobody
}

// OpenAt reports whether people answer at t.
func (s InboxSettings) OpenAt(t time.Time) bool {
	return !s.Hours.Enabled || s.Hours.Open(t.In(s.Location()))
}

// OpensAt returns when people answer again, t if they do now. False means not
// within a year.
func (s InboxSettings) OpensAt(t time.Time) (time.Time, bool) {
	if !s.Hours.Enabled {
		return t, true
	}
	return s.Hours.NextOpening(t.In(s.Location()))
}

func (h OpeningHours) check() error {
	if detail := badText(h.Message, maxClosingText); detail != "" {
		return fault.Invalid.Field(detail, "out_of_office_message")
	}
	if err := h.Hours.Check(); err != nil {
		return fault.Invalid.Field("not_hours", "working_hours").Wrap(err)
	}
	return nil
}

// tellClosed tells a customer who writes to people, or is handed to them, that
// nobody is there now.
func (ch *change) tellClosed() error {
	if tell, err := ch.tellsClosed(); err != nil || !tell {
		return err
	}
	ch.c.ClosedToldAt = &ch.now
	_, err := ch.say(Message{MessageType: Template, SenderType: KindSystem, Content: ch.inbox.Settings.Hours.Message,
		ContentAttributes: Attributes{"out_of_office": true}})
	return err
}

// tellsClosed reports whether tellClosed says anything. It speaks only while
// people have the conversation, never between a bot's words; and a second time
// only where a person has answered since, or the place has been open.
func (ch *change) tellsClosed() (bool, error) {
	c, s := ch.c, ch.inbox.Settings
	if c.Status != fsm.Open || !ch.heard && !ch.reachedPeople() || s.Hours.Message == "" || s.OpenAt(ch.now) {
		return false, nil
	}
	var answered time.Time
	if c.HumanSeq > 0 {
		err := ch.tx.Raw("SELECT created_at FROM messages WHERE conversation_id = ? AND seq = ?", c.ID, c.HumanSeq).Row().Scan(&answered)
		if err != nil {
			return false, fmt.Errorf("last answer in conversation %d: %w", c.ID, err)
		}
	}
	switch told := c.ClosedToldAt; {
	case !answered.IsZero() && ch.now.Sub(answered) < stillThere:
		return false, nil
	case told == nil || !answered.IsZero() && !answered.Before(*told):
		return true, nil
	default:
		opened, ever := s.OpensAt(*told)
		return ever && opened.Before(ch.now), nil
	}
}

// reachedPeople reports whether a bot has let go of the conversation.
func (ch *change) reachedPeople() bool {
	by := ch.actor().Kind
	return !ch.began && ch.was.Status == fsm.Pending && ch.c.Status == fsm.Open && by != KindAgent && by != KindContact
}
