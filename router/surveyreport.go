package router

import (
	"context"
	"fmt"
	"strings"
	"time"

	"relevo/router/fault"
)

const (
	surveyPage   = 25
	surveyExport = 50_000 // rows of a download
)

// SurveyFilter narrows a report of surveys. But for Scope, its zero value is
// everything.
type SurveyFilter struct {
	Since, Until *time.Time // of the answer; of the question where sent ones are counted
	InboxID      int64
	TeamID       int64
	AgentIDs     []int64
	Rating       int // 1 to 5; 0: any
	ContactID    int64
	Scope        Scope // whose conversations may be seen
	OldestFirst  bool
	Page         int // from 1, 25 each
}

// AnsweredSurvey is a survey with an answer, and who they are that it names.
type AnsweredSurvey struct {
	Survey
	Contact Contact
	Agent   *Agent // nil: nobody had the conversation
}

// SurveyMetrics is how many surveys were sent and answered, and how.
type SurveyMetrics struct {
	Sent, Answered int
	Ratings        map[int]int // by rating; those that nobody gave are missing
}

// Surveys lists answered surveys, the latest answer first.
func (r *Router) Surveys(ctx context.Context, f SurveyFilter) ([]AnsweredSurvey, error) {
	if f.Page > maxPage {
		return nil, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	return r.surveys(ctx, f, surveyPage, (max(f.Page, 1)-1)*surveyPage)
}

// AllSurveys is Surveys without pages, up to the latest 50,000.
func (r *Router) AllSurveys(ctx context.Context, f SurveyFilter) ([]AnsweredSurvey, error) {
	return r.surveys(ctx, f, surveyExport, 0)
}

func (r *Router) surveys(ctx context.Context, f SurveyFilter, limit, offset int) ([]AnsweredSurvey, error) {
	where, args := f.answered()
	order := " ORDER BY s.answered_at DESC, s.id DESC"
	if f.OldestFirst {
		order = " ORDER BY s.answered_at, s.id"
	}
	var rows []struct {
		Survey
		Contact Contact `gorm:"embedded;embeddedPrefix:p_"`
	}
	db := r.db.Read().WithContext(ctx)
	err := db.Raw("SELECT s.*, "+customerColumns+` FROM surveys s JOIN conversations c ON c.id = s.conversation_id
		JOIN contacts p ON p.id = c.contact_id`+where+order+" LIMIT ? OFFSET ?", append(args, limit, offset)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list surveys: %w", err)
	}
	var agentIDs []int64
	for _, row := range rows {
		if row.AgentID != nil {
			agentIDs = append(agentIDs, *row.AgentID)
		}
	}
	agents, err := keyed(db, "SELECT * FROM agents WHERE id IN ?", distinct(agentIDs), func(a Agent) int64 { return a.ID })
	if err != nil {
		return nil, err
	}
	out := make([]AnsweredSurvey, 0, len(rows))
	for _, row := range rows {
		s := AnsweredSurvey{Survey: row.Survey, Contact: row.Contact}
		if row.AgentID != nil {
			s.Agent = agents[*row.AgentID]
		}
		out = append(out, s)
	}
	return out, nil
}

// SurveyMetrics counts what f names. What was sent is counted in the same
// time, inboxes, teams and agents, whatever became of it.
func (r *Router) SurveyMetrics(ctx context.Context, f SurveyFilter) (SurveyMetrics, error) {
	db := r.db.Read().WithContext(ctx)
	m := SurveyMetrics{Ratings: map[int]int{}}
	var counted []struct{ Rating, Count int }
	where, args := f.answered()
	err := db.Raw("SELECT s.rating, count(*) AS count FROM surveys s JOIN conversations c ON c.id = s.conversation_id"+
		where+" GROUP BY s.rating", args...).Scan(&counted).Error
	if err != nil {
		return m, fmt.Errorf("count answers: %w", err)
	}
	for _, row := range counted {
		m.Ratings[row.Rating] = row.Count
		m.Answered += row.Count
	}
	f.Rating = 0
	where, args = f.where("s.asked_at")
	err = db.Raw("SELECT count(*) FROM surveys s JOIN conversations c ON c.id = s.conversation_id"+where, args...).Scan(&m.Sent).Error
	if err != nil {
		return m, fmt.Errorf("count surveys: %w", err)
	}
	return m, nil
}

// answered narrows to surveys that have an answer.
func (f SurveyFilter) answered() (string, []any) {
	where, args := f.where("s.answered_at")
	if where == "" {
		return " WHERE s.answered_at IS NOT NULL", args
	}
	return where + " AND s.answered_at IS NOT NULL", args
}

// where narrows surveys s of conversations c; at is the time that counts.
func (f SurveyFilter) where(at string) (string, []any) {
	var conditions []string
	var args []any
	and := func(wanted bool, condition string, value any) {
		if wanted {
			conditions, args = append(conditions, condition), append(args, value)
		}
	}
	if f.Since != nil {
		and(true, at+" >= ?", *f.Since)
	}
	if f.Until != nil {
		and(true, at+" <= ?", *f.Until)
	}
	and(f.InboxID != 0, "s.inbox_id = ?", f.InboxID)
	and(f.TeamID != 0, "s.team_id = ?", f.TeamID)
	and(len(f.AgentIDs) > 0, "s.agent_id IN ?", f.AgentIDs)
	and(f.Rating != 0, "s.rating = ?", f.Rating)
	and(f.ContactID != 0, "c.contact_id = ?", f.ContactID)
	and(!f.Scope.All, "c.inbox_id IN ?", append([]int64{0}, f.Scope.Inboxes...))
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// distinct returns each of ids once.
func distinct(ids []int64) []int64 {
	seen := map[int64]bool{}
	var out []int64
	for _, id := range ids {
		if !seen[id] {
			seen[id], out = true, append(out, id)
		}
	}
	return out
}
