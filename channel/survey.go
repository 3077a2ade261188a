package channel

import (
	"context"
	"net/http"

	"relevo/router"
	"relevo/router/api"
)

// surveyPath is the path of a survey: the UUID of its conversation is all that
// a customer needs.
type surveyPath struct {
	Conversation string `path:"conversation_uuid" maxLength:"36" json:"-"`
}

type surveyAnswer struct {
	surveyPath
	Values map[string]any `json:"submitted_values" required:"true" doc:"csat_survey_response: rating (1 to 5) and feedback_message"`
}

// surveyJSON is a survey as its customer sees it.
type surveyJSON struct {
	ID             int64             `json:"id" doc:"of the question"`
	Answer         *surveyAnswerJSON `json:"csat_survey_response"`
	DisplayType    string            `json:"display_type" enum:"emoji,star"`
	Content        string            `json:"content"`
	AvatarURL      string            `json:"inbox_avatar_url"`
	InboxName      string            `json:"inbox_name"`
	Locale         string            `json:"locale"`
	ConversationID int64             `json:"conversation_id"`
	CreatedAt      string            `json:"created_at" format:"date-time"`
	Locked         bool              `json:"locked" doc:"an answer is no longer taken"`
}

type surveyAnswerJSON struct {
	Rating          int    `json:"rating"`
	FeedbackMessage string `json:"feedback_message"`
}

func (ch *Channel) surveyRoutes(s *api.Server) {
	const path = "/public/api/v1/csat_survey/:conversation_uuid"
	g := s.Group("", api.ForEverybody, ch.limit).Share()
	api.Handle(g, api.Operation{Method: "GET", Path: path, Summary: "The latest survey of a conversation"}, ch.showSurvey)
	answer := api.Operation{Method: "PATCH", Path: path, Summary: "Say what one thinks of a conversation", Wrap: "message",
		Description: "The answer may be changed until 14 days after the question. It is no word in the conversation."}
	api.Handle(g, answer, ch.answerSurvey)
	answer.Method = "PUT"
	api.Handle(g, answer, ch.answerSurvey)
	ch.surveyPage(s)
}

// limit holds the limit of an address, where no visitor is named.
func (ch *Channel) limit(r *http.Request, _ func(string) string) (context.Context, api.Caller, error) {
	return r.Context(), api.Somebody, ch.ips.Take(api.ClientIP(r.Context()))
}

func (ch *Channel) showSurvey(ctx context.Context, in *surveyPath) (surveyJSON, error) {
	return shownSurvey(ch.router.SurveyOf(ctx, in.Conversation))
}

func (ch *Channel) answerSurvey(ctx context.Context, in *surveyAnswer) (surveyJSON, error) {
	answer, err := router.ReadSurveyAnswer(in.Values)
	if err != nil {
		return surveyJSON{}, err
	}
	return shownSurvey(ch.router.AnswerSurvey(ctx, in.Conversation, answer))
}

func shownSurvey(v *router.SurveyView, err error) (surveyJSON, error) {
	if err != nil {
		return surveyJSON{}, err
	}
	out := surveyJSON{ID: v.Question.ID, DisplayType: v.Inbox.Settings.Survey.DisplayType(), Content: v.Asked(), InboxName: v.Inbox.Name,
		Locale: v.Inbox.Settings.Locale, ConversationID: v.Conversation.ID, CreatedAt: v.Question.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z"),
		Locked: !v.Open}
	if v.Survey.Rating != nil {
		out.Answer = &surveyAnswerJSON{Rating: *v.Survey.Rating, FeedbackMessage: v.Survey.Feedback}
	}
	return out, nil
}
