package report

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/store"
)

// Reports answers questions. It is safe for concurrent use.
type Reports struct {
	db  *store.DB
	now func() time.Time
}

// New returns Reports on a database.
func New(db *store.DB, now func() time.Time) *Reports { return &Reports{db: db, now: now} }

// Scope is whose figures are asked for. The zero Scope is everybody's.
type Scope struct {
	Agent, Inbox, Team int64  // 0: not asked for
	Label              string // conversations that carry it now
}

// Range is from Since up to, but not including, Until.
type Range struct{ Since, Until time.Time }

// Before is the range of the same length that ends where r begins.
func (r Range) Before() Range { return Range{r.Since.Add(-r.Until.Sub(r.Since)), r.Since} }

// Question asks for events.
type Question struct {
	Kind    Kind    // of Events only, "": any
	Classes []Class // none: any
	Reason  string  // "": any
	Scope   Scope
	Range   Range
	// BusinessHours asks for times within the inboxes' hours, where they have
	// any.
	BusinessHours bool
}

// Figure is how many events there were, and how long they took together.
type Figure struct {
	Count int64
	Timed int64 // of these, how many took a time that is known
	Total time.Duration
}

// Average is the mean time of an event in seconds; 0 where there was none.
func (f Figure) Average() float64 {
	if f.Timed == 0 {
		return 0
	}
	return f.Total.Seconds() / float64(f.Timed)
}

// row is a figure as the database gives it.
type row struct {
	ID, Slot     int64
	Name         string
	Class        Class
	Count, Timed int64
	Millis       int64
}

func (r row) figure() Figure {
	return Figure{r.Count, r.Timed, time.Duration(r.Millis) * time.Millisecond}
}

func (f Figure) plus(g Figure) Figure {
	return Figure{f.Count + g.Count, f.Timed + g.Timed, f.Total + g.Total}
}

// Of answers q with one figure.
func (s *Reports) Of(ctx context.Context, q Question) (Figure, error) {
	rows, err := s.ask(ctx, q, "")
	if err != nil || len(rows) == 0 {
		return Figure{}, err
	}
	return rows[0].figure(), nil
}

// ByReason answers q for each reason that there was.
func (s *Reports) ByReason(ctx context.Context, q Question) (map[string]Figure, error) {
	rows, err := s.ask(ctx, q, "e.reason AS name")
	return named(rows), err
}

// ByClass answers q for each class that there was.
func (s *Reports) ByClass(ctx context.Context, q Question) (map[Class]Figure, error) {
	rows, err := s.ask(ctx, q, "e.class AS name")
	out := map[Class]Figure{}
	for name, f := range named(rows) {
		out[Class(name)] = f
	}
	return out, err
}

func named(rows []row) map[string]Figure {
	out := map[string]Figure{}
	for _, r := range rows {
		out[r.Name] = r.figure()
	}
	return out
}

// Owner is what figures can be told apart by.
type Owner string

// The owners. What carries several labels counts for each of them.
const (
	Agents  Owner = "agent_id"
	Inboxes Owner = "inbox_id"
	Teams   Owner = "team_id"
	Labels  Owner = "label"
)

// By answers q for each owner that there was, by its id.
func (s *Reports) By(ctx context.Context, q Question, o Owner) (map[int64]Figure, error) {
	column := "e." + string(o) + " AS id"
	if o == Labels {
		column = "own.id AS id"
	}
	rows, err := s.ask(ctx, q, column)
	out := map[int64]Figure{}
	for _, r := range rows {
		if r.ID != 0 {
			out[r.ID] = r.figure()
		}
	}
	return out, err
}

// ask answers q, for each value of column on its own where there is one.
func (s *Reports) ask(ctx context.Context, q Question, column string) ([]row, error) {
	took := "e.millis"
	if q.BusinessHours {
		took = "coalesce(e.business_millis, e.millis)"
	}
	counts := fmt.Sprintf("count(*) AS count, count(%[1]s) AS timed, CAST(coalesce(sum(%[1]s), 0) AS bigint) AS millis", took)
	where, args := q.where()
	query := "SELECT " + counts + " FROM report_events e" + where
	if column != "" {
		query = "SELECT " + column + ", " + counts + " FROM report_events e" + labelsFor(column) + where + " GROUP BY 1"
	}
	var rows []row
	if err := s.read(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("report of %s: %w", q.Kind, err)
	}
	return rows, nil
}

// labelsFor joins the labels that events' conversations carry now, where a
// column is of them.
func labelsFor(column string) string {
	if !strings.Contains(column, "own.") {
		return ""
	}
	return " JOIN conversation_labels carried ON carried.conversation_id = e.conversation_id JOIN labels own ON own.title = carried.label"
}

func (s *Reports) read(ctx context.Context) *gorm.DB { return s.db.Read().WithContext(ctx) }

func (q Question) where() (string, []any) {
	list, args := []string{"e.at >= ?", "e.at < ?"}, []any{q.Range.Since.UTC(), q.Range.Until.UTC()}
	if q.Kind != "" {
		list, args = append(list, "e.kind = ?"), append(args, string(q.Kind))
	}
	if len(q.Classes) > 0 {
		var classes []string
		for _, c := range q.Classes {
			classes = append(classes, string(c))
		}
		list, args = append(list, "e.class IN ?"), append(args, classes)
	}
	if q.Reason != "" {
		list, args = append(list, "e.reason = ?"), append(args, q.Reason)
	}
	for column, id := range map[Owner]int64{Agents: q.Scope.Agent, Inboxes: q.Scope.Inbox, Teams: q.Scope.Team} {
		if id != 0 {
			list, args = append(list, "e."+string(column)+" = ?"), append(args, id)
		}
	}
	if q.Scope.Label != "" {
		list = append(list, "EXISTS (SELECT 1 FROM conversation_labels l WHERE l.conversation_id = e.conversation_id AND l.label = ?)")
		args = append(args, q.Scope.Label)
	}
	return " WHERE " + strings.Join(list, " AND "), args
}
