package router

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/texts"
)

// SurveySettings is whether and when customers of an inbox are asked what they
// think of a conversation that was resolved. Without filters, after each
// resolution.
type SurveySettings struct {
	Enabled  bool   `json:"enabled,omitempty"`
	Question string `json:"question,omitempty"` // "": a sentence of the inbox's language
	Stars    bool   `json:"stars,omitempty"`    // are shown in place of faces

	Labels           []string `json:"labels,omitempty"`         // the conversation must have one of these
	WithoutLabels    []string `json:"without_labels,omitempty"` // and none of these
	OnlyWithPerson   bool     `json:"only_with_person,omitempty"`
	NotOnAutoResolve bool     `json:"not_on_auto_resolve,omitempty"`
}

// surveyType is the content type of the question.
const surveyType = "input_csat"

// Survey is a question to a customer, and the answer once there is one.
type Survey struct {
	ID             int64
	MessageID      int64 // the question
	ConversationID int64
	InboxID        int64
	AgentID        *int64 // who had the conversation when it was asked
	TeamID         *int64
	Rating         *int // 1 (worst) to 5; nil: no answer
	Feedback       string
	AskedAt        time.Time
	AnsweredAt     *time.Time // first
	UpdatedAt      time.Time
}

// askForRating asks the customer where the change has resolved the conversation
// and the inbox wants it, and stores a survey for every question of this
// change, an agent's or a bot's own as well.
func (ch *change) askForRating() error {
	wanted, err := ch.wantsRating()
	if err != nil {
		return err
	}
	if wanted {
		if _, err := ch.say(ch.surveyQuestion()); err != nil {
			return err
		}
	}
	for _, m := range ch.said {
		if !m.asksForRating() {
			continue
		}
		err := ch.tx.Exec(`INSERT INTO surveys (message_id, conversation_id, inbox_id, agent_id, team_id, asked_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, m.ID, ch.c.ID, ch.c.InboxID, ch.c.AssigneeID, ch.c.TeamID, m.CreatedAt, m.CreatedAt).Error
		if err != nil {
			return fmt.Errorf("store survey of message %d: %w", m.ID, err)
		}
	}
	return nil
}

// asksForRating reports whether the customer can answer m with a rating.
func (m *Message) asksForRating() bool {
	return m.ContentType == surveyType && !m.Private && m.MessageType != Incoming
}

// surveyQuestion is the message that asks. Where no widget shows the choices,
// it brings the address of a page that does.
func (ch *change) surveyQuestion() Message {
	settings := ch.inbox.Settings
	m := Message{MessageType: Template, SenderType: KindSystem, ContentType: surveyType,
		Content: settings.Survey.Question, ContentAttributes: Attributes{"display_type": settings.Survey.DisplayType()}}
	if m.Content == "" {
		m.Content = texts.Say(settings.Locale, "survey.question", nil)
	}
	if ch.inbox.Channel != "web_widget" && ch.r.opts.PublicURL != "" {
		m.Content += " " + ch.r.opts.PublicURL + SurveyPath + ch.c.UUID
	}
	return m
}

// SurveyPath is where the page of a conversation's survey is, before its UUID.
const SurveyPath = "/survey/responses/"

// DisplayType is how the ratings are shown, in the words of the API.
func (s SurveySettings) DisplayType() string {
	if s.Stars {
		return "star"
	}
	return "emoji"
}

// wantsRating reports whether this change is a resolution that the customer is
// asked about.
func (ch *change) wantsRating() (bool, error) {
	s := ch.inbox.Settings.Survey
	resolved := ch.c.Status == fsm.Resolved && ch.was.Status != fsm.Resolved && !ch.began
	if !resolved || !s.Enabled || ch.unasked || ch.c.CustomerSeq == 0 || s.NotOnAutoResolve && ch.resolvedBySilence() {
		return false, nil
	}
	for _, filter := range []func(SurveySettings) (bool, error){ch.notBlocked, ch.notAskedByHand, ch.fitsLabels, ch.metPerson} {
		if fits, err := filter(s); err != nil || !fits {
			return false, err
		}
	}
	return true, nil
}

// resolvedBySilence reports whether the conversation was resolved because
// nobody wrote any more.
func (ch *change) resolvedBySilence() bool {
	how := ch.resolvedHow()
	return how == "resolved.idle" || how == "resolved.bot_idle"
}

// resolvedHow returns the key of the activity line that tells of the
// resolution.
func (ch *change) resolvedHow() string {
	for _, m := range slices.Backward(ch.said) {
		line, _ := m.ContentAttributes["activity"].(map[string]any)
		if key, _ := line["key"].(string); strings.HasPrefix(key, "resolved.") {
			return key
		}
	}
	return ""
}

// notBlocked: whoever is blocked is told nothing more.
func (ch *change) notBlocked(SurveySettings) (bool, error) {
	who := listener{ContactID: ch.c.ContactID}
	err := ch.lookAgain(&who)
	return !who.Blocked, err
}

// notAskedByHand: whom an agent or a bot has asked since the conversation began,
// or began again, is not asked once more.
func (ch *change) notAskedByHand(SurveySettings) (bool, error) {
	if slices.ContainsFunc(ch.said, (*Message).asksForRating) {
		return false, nil
	}
	if ch.c.RoundSince == nil {
		return true, nil
	}
	var asked bool
	err := ch.tx.Raw(`SELECT EXISTS (SELECT 1 FROM surveys s JOIN messages m ON m.id = s.message_id
		WHERE s.conversation_id = ? AND s.asked_at >= ? AND m.sender_type <> ? AND m.content_type = ?)`,
		ch.c.ID, *ch.c.RoundSince, string(KindSystem), surveyType).Scan(&asked).Error
	if err != nil {
		return false, fmt.Errorf("surveys of conversation %d: %w", ch.c.ID, err)
	}
	return !asked, nil
}

func (ch *change) fitsLabels(s SurveySettings) (bool, error) {
	if len(s.Labels)+len(s.WithoutLabels) == 0 {
		return true, nil
	}
	have, err := labelsOf(ch.tx, ch.c.ID)
	among := func(list []string) bool {
		return slices.ContainsFunc(have, func(label string) bool { return slices.Contains(list, label) })
	}
	return (len(s.Labels) == 0 || among(s.Labels)) && !among(s.WithoutLabels), err
}

// metPerson reports whether a person has answered since the conversation was
// resolved the last time, or has it now.
func (ch *change) metPerson(s SurveySettings) (bool, error) {
	if !s.OnlyWithPerson || ch.c.AssigneeID != nil {
		return true, nil
	}
	if ch.c.HumanSeq == 0 {
		return false, nil
	}
	var before int64
	err := ch.tx.Raw(`SELECT COALESCE(max(seq), 0) FROM messages WHERE conversation_id = ? AND seq <= ? AND message_type = ?
		AND content_attributes->'activity'->>'key' LIKE 'resolved.%'`, ch.c.ID, ch.was.Seq, int(Activity)).Scan(&before).Error
	if err != nil {
		return false, fmt.Errorf("last resolution of conversation %d: %w", ch.c.ID, err)
	}
	return ch.c.HumanSeq > before, nil
}

const maxQuestion = 1000 // runes

// check refuses what cannot be asked, and makes the labels what labels are.
func (s *SurveySettings) check() (err error) {
	s.Question = strings.TrimSpace(s.Question)
	if detail := badText(s.Question, maxQuestion); detail != "" {
		return fault.Invalid.Field(detail, "csat_config")
	}
	if s.Labels, err = cleanLabels(s.Labels); err != nil {
		return err
	}
	s.WithoutLabels, err = cleanLabels(s.WithoutLabels)
	return err
}
