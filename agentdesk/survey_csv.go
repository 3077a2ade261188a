package agentdesk

import (
	"context"
	"strconv"

	"relevo/router"
	"relevo/router/api"
)

// surveyColumns are the keys of a download's headings, in their order.
var surveyColumns = []string{"agent", "rating", "feedback", "name", "email", "phone", "conversation", "answered_at"}

func (d *Desk) downloadSurveys(ctx context.Context, in *surveyQuery) (api.Download, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return api.Download{}, err
	}
	surveys, err := d.router.AllSurveys(ctx, filter)
	if err != nil {
		return api.Download{}, err
	}
	lines := make([][]string, 0, len(surveys))
	for i := range surveys {
		lines = append(lines, surveyLine(&surveys[i]))
	}
	return table("csat.csv", headings(ctx, "survey.column.", surveyColumns), lines)
}

func surveyLine(s *router.AnsweredSurvey) []string {
	agent := ""
	if s.Agent != nil {
		agent = s.Agent.Name
	}
	return []string{agent, strconv.Itoa(*s.Rating), s.Feedback, s.Contact.Name, s.Contact.Email,
		s.Contact.PhoneNumber, strconv.FormatInt(s.ConversationID, 10), *iso(s.AnsweredAt)}
}
