package router

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"relevo/router/fault"
)

const (
	// SurveyOpenFor is how long after the question an answer is taken.
	SurveyOpenFor = 14 * 24 * time.Hour

	maxFeedback = 5000 // runes
)

// SurveyAnswer is what a customer says of a conversation. Rating 0 and a nil
// Feedback leave what was said before.
type SurveyAnswer struct {
	Rating   int // 1 (worst) to 5
	Feedback *string
}

// SurveyView is a survey as the customer sees it.
type SurveyView struct {
	Survey       Survey
	Question     Message
	Conversation Conversation
	Inbox        *Inbox
	Open         bool // an answer is taken
}

// Asked is the question without the address of the page that asks it.
func (v *SurveyView) Asked() string {
	asked := v.Question.Content
	if at := strings.Index(asked, SurveyPath+v.Conversation.UUID); at >= 0 {
		asked = asked[:max(strings.LastIndexByte(asked[:at], ' '), 0)]
	}
	return asked
}

// SurveyOf returns the latest survey of the conversation with that UUID, which
// is all that its page asks for. Where nothing was asked it is fault.NotFound.
func (r *Router) SurveyOf(ctx context.Context, conversationUUID string) (*SurveyView, error) {
	if _, err := uuid.Parse(conversationUUID); err != nil {
		return nil, fault.NotFound
	}
	db := r.db.Read().WithContext(ctx)
	var v SurveyView
	err := db.Raw(`SELECT s.* FROM surveys s JOIN conversations c ON c.id = s.conversation_id JOIN messages m ON m.id = s.message_id
		WHERE c.uuid = ? AND m.content_type = ? ORDER BY s.id DESC LIMIT 1`, strings.ToLower(conversationUUID), surveyType).Scan(&v.Survey).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("survey: %w", err)
	case v.Survey.ID == 0:
		return nil, fault.NotFound
	}
	if err := db.Raw("SELECT * FROM messages WHERE id = ?", v.Survey.MessageID).Scan(&v.Question).Error; err != nil {
		return nil, fmt.Errorf("survey's question: %w", err)
	}
	if err := db.Raw("SELECT * FROM conversations WHERE id = ?", v.Survey.ConversationID).Scan(&v.Conversation).Error; err != nil {
		return nil, fmt.Errorf("survey's conversation: %w", err)
	}
	v.Open = v.Survey.open(r.now())
	v.Inbox, err = r.InboxByID(ctx, v.Survey.InboxID)
	return &v, err
}

// open reports whether an answer is still taken at that time.
func (s *Survey) open(at time.Time) bool { return at.Sub(s.AskedAt) <= SurveyOpenFor }

// AnswerSurvey stores what the customer says who has the UUID of the
// conversation: of its latest survey. It may be changed until it is
// fault.SurveyClosed.
func (r *Router) AnswerSurvey(ctx context.Context, conversationUUID string, a SurveyAnswer) (*SurveyView, error) {
	v, err := r.SurveyOf(ctx, conversationUUID)
	if err != nil {
		return nil, err
	}
	_, err = r.change(ctx, byID(v.Conversation.ID), func(ch *change) error {
		m, err := ch.message(v.Survey.MessageID)
		if err != nil {
			return err
		}
		return ch.answerSurvey(m, a)
	})
	if err != nil {
		return nil, err
	}
	return r.SurveyOf(ctx, conversationUUID)
}

// answerSurvey stores an answer to the question m. It is no word of the
// customer: the conversation stays as it is, but for a line that tells of it.
func (ch *change) answerSurvey(m *Message, a SurveyAnswer) error {
	var s Survey
	if err := ch.tx.Raw("SELECT * FROM surveys WHERE message_id = ?", m.ID).Scan(&s).Error; err != nil {
		return fmt.Errorf("survey of message %d: %w", m.ID, err)
	}
	switch {
	case s.ID == 0 || m.ContentType != surveyType:
		return fault.NotFound
	case !s.open(ch.now):
		return fault.SurveyClosed
	}
	was := s
	if err := s.take(a); err != nil {
		return err
	}
	line, params := s.line(was)
	if line == "" {
		return nil // the same once more
	}
	if err := ch.calm(); err != nil {
		return err
	}
	if s.AnsweredAt == nil {
		s.AnsweredAt = &ch.now
	}
	err := ch.tx.Exec("UPDATE surveys SET rating = ?, feedback = ?, answered_at = ?, updated_at = ? WHERE id = ?",
		*s.Rating, s.Feedback, *s.AnsweredAt, ch.now, s.ID).Error
	if err != nil {
		return fmt.Errorf("store survey %d: %w", s.ID, err)
	}
	if err := ch.showAnswer(m, &s); err != nil {
		return err
	}
	params["customer"] = ch.contactName()
	return ch.note(line, params, nil)
}

// take puts an answer into s, or says what is wrong with it.
func (s *Survey) take(a SurveyAnswer) error {
	switch {
	case a.Rating == 0 && s.Rating == nil:
		return fault.Invalid.Field("required", "rating")
	case a.Rating < 0 || a.Rating > 5:
		return fault.Invalid.Field("not_a_rating", "rating")
	case a.Rating != 0:
		s.Rating = &a.Rating
	}
	if a.Feedback == nil {
		return nil
	}
	if detail := badText(*a.Feedback, maxFeedback); detail != "" {
		return fault.Invalid.Field(detail, "feedback_message")
	}
	s.Feedback = strings.TrimSpace(*a.Feedback)
	return nil
}

// line is the activity line of what is different from was; "" if nothing is.
func (s *Survey) line(was Survey) (key string, params map[string]any) {
	params = map[string]any{"rating": *s.Rating}
	switch {
	case was.Rating == nil:
		return "survey.answered", params
	case *was.Rating != *s.Rating:
		return "survey.changed", params
	case was.Feedback != s.Feedback:
		return "survey.commented", params
	}
	return "", nil
}

// showAnswer puts the answer beside the question, where agents read it.
func (ch *change) showAnswer(m *Message, s *Survey) error {
	m.ContentAttributes = m.ContentAttributes.with(Attributes{"submitted_values": map[string]any{
		"csat_survey_response": map[string]any{"rating": *s.Rating, "feedback_message": s.Feedback}}})
	m.UpdatedAt = ch.now
	err := ch.tx.Exec("UPDATE messages SET content_attributes = ?, updated_at = ? WHERE id = ?", m.ContentAttributes, m.UpdatedAt, m.ID).Error
	if err != nil {
		return fmt.Errorf("save submitted values: %w", err)
	}
	ch.altered = append(ch.altered, m)
	return nil
}

// ReadSurveyAnswer reads an answer as clients send it, under submitted_values:
// {"csat_survey_response": {"rating": 5, "feedback_message": "…"}}.
func ReadSurveyAnswer(values any) (a SurveyAnswer, err error) {
	object, _ := values.(map[string]any)
	given, ok := object["csat_survey_response"].(map[string]any)
	if !ok {
		return a, fault.Invalid.Field("not_an_object", "csat_survey_response")
	}
	if rating := given["rating"]; rating != nil {
		if a.Rating, ok = ratingOf(rating); !ok {
			return a, fault.Invalid.Field("not_a_rating", "rating")
		}
	}
	if feedback := given["feedback_message"]; feedback != nil {
		text, ok := feedback.(string)
		if !ok {
			return a, fault.Invalid.Field("not_a_string", "feedback_message")
		}
		a.Feedback = &text
	}
	return a, nil
}

// ratingOf takes a whole number from 1 to 5, as JSON and forms write it.
func ratingOf(v any) (int, bool) {
	var n float64
	text, _ := json.Marshal(v)
	if json.Unmarshal([]byte(strings.Trim(string(text), `"`)), &n) != nil {
		return 0, false
	}
	return int(n), n == math.Trunc(n) && n >= 1 && n <= 5
}
