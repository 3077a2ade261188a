package agentdesk

import (
	"context"
	"strconv"
	"time"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// surveyQuery narrows a report of surveys.
type surveyQuery struct {
	accountPath
	Since   string   `query:"since" maxLength:"40" json:"since" doc:"unix seconds or RFC 3339; of the answer"`
	Until   string   `query:"until" maxLength:"40" json:"until" doc:"unix seconds or RFC 3339"`
	InboxID int64    `query:"inbox_id" minimum:"0" json:"inbox_id"`
	TeamID  int64    `query:"team_id" minimum:"0" json:"team_id"`
	UserIDs []string `query:"user_ids" maxLength:"20" items:"integer" json:"user_ids" doc:"agents who had the conversation when it was resolved"`
	Rating  int64    `query:"rating" minimum:"0" maximum:"5" json:"rating"`
	Sort    string   `query:"sort" enum:"created_at,-created_at" json:"sort" doc:"created_at: the oldest answer first"`
}

// surveyPage is a page of a report.
type surveyPage struct {
	surveyQuery
	Page int `query:"page" minimum:"0" maximum:"10000" json:"page" doc:"from 1, 25 answers each"`
}

// contactSurveys asks for what a customer has said before.
type contactSurveys struct {
	accountPath
	Contact int64 `path:"contact_id" json:"-"`
	Page    int   `query:"page" minimum:"0" maximum:"10000" json:"page" doc:"from 1, 25 answers each"`
}

// surveyJSON is an answered survey. created_at is unix seconds.
type surveyJSON struct {
	ID              int64       `json:"id"`
	Rating          int         `json:"rating" doc:"1 (worst) to 5"`
	FeedbackMessage *string     `json:"feedback_message"`
	AccountID       int64       `json:"account_id"`
	MessageID       int64       `json:"message_id" doc:"the question"`
	Contact         contactJSON `json:"contact"`
	ConversationID  int64       `json:"conversation_id"`
	AssignedAgent   *agentJSON  `json:"assigned_agent,omitempty" doc:"who had the conversation when it was resolved"`
	CreatedAt       int64       `json:"created_at" doc:"when it was answered first"`

	// Relevo's own.
	InboxID   int64  `json:"inbox_id"`
	TeamID    *int64 `json:"team_id"`
	SentAt    int64  `json:"sent_at"`
	UpdatedAt int64  `json:"updated_at" doc:"when the answer was changed last"`
}

// surveyMetricsJSON counts answers and questions.
type surveyMetricsJSON struct {
	TotalCount             int            `json:"total_count" doc:"answers"`
	RatingsCount           map[string]int `json:"ratings_count" doc:"answers by rating"`
	TotalSentMessagesCount int            `json:"total_sent_messages_count" doc:"surveys that were sent in that time, to the same inboxes, teams and agents"`
	SatisfactionScore      float64        `json:"satisfaction_score" doc:"ratings of 4 and 5 in a hundred answers"`
	ResponseRate           float64        `json:"response_rate" doc:"answers in a hundred surveys"`
}

func (d *Desk) routeSurveys(agents, administrators *api.Group) {
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/csat_survey_responses", Summary: "What customers say of resolved conversations, the latest first"}, d.listSurveys)
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/csat_survey_responses/metrics", Summary: "How many were asked, answered, and how"}, d.surveyMetrics)
	api.Handle(administrators, api.Operation{Method: "GET", Path: "/csat_survey_responses/download", Summary: "The answers as a table (CSV)",
		Description: "The latest 50,000. A text that a spreadsheet would take for a formula has an apostrophe before it.",
		Download:    "text/csv; charset=utf-8"}, d.downloadSurveys)
	api.Handle(agents, api.Operation{Method: "GET", Path: "/contacts/:contact_id/csat_survey_responses", Summary: "What a customer has said of earlier conversations"}, d.listContactSurveys)
}

func (d *Desk) listSurveys(ctx context.Context, in *surveyPage) ([]surveyJSON, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	filter.Page = in.Page
	return d.presentSurveys(d.router.Surveys(ctx, filter))
}

func (d *Desk) listContactSurveys(ctx context.Context, in *contactSurveys) ([]surveyJSON, error) {
	if _, err := d.router.Contact(ctx, in.Contact); err != nil {
		return nil, err
	}
	return d.presentSurveys(d.router.Surveys(ctx, router.SurveyFilter{ContactID: in.Contact, Scope: callerFrom(ctx).scope, Page: in.Page}))
}

func (d *Desk) surveyMetrics(ctx context.Context, in *surveyQuery) (surveyMetricsJSON, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return surveyMetricsJSON{}, err
	}
	m, err := d.router.SurveyMetrics(ctx, filter)
	out := surveyMetricsJSON{TotalCount: m.Answered, TotalSentMessagesCount: m.Sent, RatingsCount: map[string]int{},
		SatisfactionScore: percent(m.Ratings[4]+m.Ratings[5], m.Answered), ResponseRate: percent(m.Answered, m.Sent)}
	for rating, count := range m.Ratings {
		out.RatingsCount[strconv.Itoa(rating)] = count
	}
	return out, err
}

// percent has two decimals, and is 0 of nothing.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part*10_000/whole) / 100
}

func (in *surveyQuery) filter(ctx context.Context) (router.SurveyFilter, error) {
	f := router.SurveyFilter{InboxID: in.InboxID, TeamID: in.TeamID, Rating: int(in.Rating), OldestFirst: in.Sort == "created_at",
		Scope: callerFrom(ctx).scope}
	for field, at := range map[string]struct {
		text string
		to   **time.Time
	}{"since": {in.Since, &f.Since}, "until": {in.Until, &f.Until}} {
		if at.text == "" {
			continue
		}
		t, ok := router.ReadTime(at.text)
		if !ok {
			return f, fault.Invalid.Field("not_a_time", field)
		}
		*at.to = &t
	}
	if f.Since != nil && f.Until != nil && f.Since.After(*f.Until) {
		return f, fault.Invalid.Field("after_until", "since")
	}
	for _, text := range in.UserIDs {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			return f, fault.Invalid.Field("not_an_integer", "user_ids")
		}
		f.AgentIDs = append(f.AgentIDs, id)
	}
	return f, nil
}

func (d *Desk) presentSurveys(surveys []router.AnsweredSurvey, err error) ([]surveyJSON, error) {
	out := make([]surveyJSON, 0, len(surveys))
	for i := range surveys {
		s := &surveys[i]
		shown := surveyJSON{ID: s.ID, Rating: *s.Rating, FeedbackMessage: orNull(s.Feedback), AccountID: accountID, MessageID: s.MessageID,
			Contact: presentContact(&s.Contact), ConversationID: s.ConversationID, CreatedAt: s.AnsweredAt.Unix(),
			InboxID: s.InboxID, TeamID: s.TeamID, SentAt: s.AskedAt.Unix(), UpdatedAt: s.UpdatedAt.Unix()}
		if s.Agent != nil {
			shown.AssignedAgent = presentAgent(s.Agent, d.clock())
		}
		out = append(out, shown)
	}
	return out, err
}
