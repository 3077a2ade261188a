package router

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/fault"
)

const (
	pageSize = 25
	maxPage  = 10_000
	// maxArms is how many pieces of an index a list is put together from at
	// most; see arms.
	maxArms = 64
)

// Filter narrows a list of conversations. Its zero value is everything.
type Filter struct {
	Statuses []fsm.Status
	Assignee string // "me", "unassigned", "assigned"; "" and "all" mean any
	InboxID  int64
	TeamID   int64
	Labels   []string // any of them
	// Conditions are what an agent put together; they stand beside the rest.
	Conditions []Condition
	// Kind narrows to what concerns the caller: "mention", "participating";
	// "unattended" is what no person has answered yet.
	Kind     string
	SourceID string // of the visitor
	Said     string // words of a message, anybody's; as far as SearchMessages looks
	Sort     string // see conversationOrders; "" is the latest activity first
	Page     int    // from 1, 25 each
	Cursor   string // of NextCursor; where it is given, Page is not looked at
}

// conversationOrders are the orders of a list. Each ends with the id, so that
// pages neither repeat nor miss a row.
var conversationOrders = map[string]string{
	"last_activity_at_desc": "c.last_activity_at DESC, c.id DESC",
	"last_activity_at_asc":  "c.last_activity_at, c.id",
	"created_at_desc":       "c.id DESC",
	"created_at_asc":        "c.id",
	"priority_desc":         priorityRank + " DESC, c.last_activity_at DESC, c.id DESC",
	"priority_asc":          priorityRank + ", c.last_activity_at DESC, c.id DESC",
	"waiting_since_asc":     "(c.waiting_since IS NULL), c.waiting_since, c.id",
	"waiting_since_desc":    "(c.waiting_since IS NULL), c.waiting_since DESC, c.id DESC",
}

const (
	priorityRank    = "CASE c.priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END"
	latestFirst     = "last_activity_at_desc"
	longestAgoFirst = "last_activity_at_asc"
)

// order is the name of the order that f is listed in.
func (f Filter) order() string {
	if _, known := conversationOrders[f.Sort]; !known {
		return latestFirst
	}
	return f.Sort
}

// Conversations lists what by may see, the latest activity first.
func (r *Router) Conversations(ctx context.Context, by By, f Filter) ([]View, Counts, error) {
	db := r.db.Read().WithContext(ctx)
	f.Page = max(f.Page, 1)
	if f.Page > maxPage {
		return nil, Counts{}, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	after, err := f.after()
	if err != nil {
		return nil, Counts{}, err
	}
	q, err := r.question(db, by, f)
	if err != nil {
		return nil, Counts{}, err
	}
	counts, err := q.counts()
	if err != nil {
		return nil, Counts{}, err
	}
	matching := counts.of(f.Assignee)
	if matching == 0 {
		return []View{}, counts, nil
	}
	query, args, err := q.page(after, matching)
	if err != nil {
		return nil, Counts{}, err
	}
	var rows []Conversation
	if err := db.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, Counts{}, fmt.Errorf("list conversations: %w", err)
	}
	views, err := r.views(db, rows)
	return views, counts.capped(), err
}

// question is one filter that is asked of the database more than once.
type question struct {
	r    *Router
	db   *gorm.DB
	by   By
	f    Filter
	rest map[string]*conditions // what restOf has made, by assignee
	few  bool                   // few conversations have the labels; see from
	said *conditions            // see saidIn
}

func (r *Router) question(db *gorm.DB, by By, f Filter) (q *question, err error) {
	f.narrow()
	q = &question{r: r, db: db, by: by, f: f, rest: map[string]*conditions{}}
	q.few, err = q.fewLabelled()
	return q, err
}

// page is the statement of one page of a list that so many match. However many
// conversations there are, it reads little more than it shows where the order
// and the filter have an index, and what was counted where few match.
func (q *question) page(after *cursor, matching int) (string, []any, error) {
	gather := matching <= countsTo && !q.indexed() && !q.few
	assignee := q.f.Assignee
	if gather && assignee == "assigned" {
		assignee = held
	}
	rest, err := q.restOf(assignee)
	if err != nil {
		return "", nil, err
	}
	offset := (q.f.Page - 1) * pageSize
	if after != nil {
		offset, rest = 0, rest.with(after.conditions())
	}
	order := " ORDER BY " + conversationOrders[q.f.order()]
	limit := fmt.Sprintf("%s LIMIT %d", order, pageSize)
	if offset > 0 {
		limit += fmt.Sprintf(" OFFSET %d", offset)
	}
	const shown = ") AS shown JOIN conversations c ON c.id = shown.id"
	if gather { // as they were counted, then sorted; twice as far, for more may have come
		all := q.scope().with(rest)
		return fmt.Sprintf("SELECT c.* FROM (SELECT c.id FROM conversations c%s LIMIT %d%s%s", all.where(), 2*countsTo, shown, limit), all.args, nil
	}
	arms := q.arms()
	if q.few || len(arms) == 0 || len(arms) == 1 && offset == 0 {
		from, args := q.from()
		all := q.scope().with(rest)
		return "SELECT c.*" + from + all.where() + limit, append(args, all.args...), nil
	}
	// Each arm is a piece of an index that is in the list's order already: no
	// more is read of it than the page, and of the table only what is shown.
	pieces, args := make([]string, len(arms)), []any(nil)
	for i, arm := range arms {
		all := arm.with(rest)
		pieces[i] = fmt.Sprintf("SELECT * FROM (SELECT c.id, c.last_activity_at FROM conversations c%s%s LIMIT %d) AS arm%d",
			all.where(), order, offset+pageSize, i)
		args = append(args, all.args...)
	}
	return "SELECT c.* FROM (SELECT * FROM (" + strings.Join(pieces, " UNION ALL ") + ") AS c" + limit +
		shown + order, args, nil
}

// indexed reports whether an index holds exactly the list, in its order.
func (q *question) indexed() bool {
	f := &q.f
	if len(f.Conditions)+len(f.Labels) > 0 || f.Kind != "" || f.SourceID+f.Said != "" || f.Assignee == "assigned" {
		return false
	}
	own := f.Assignee == "me" || f.Assignee == "unassigned"
	return !(f.TeamID != 0 && own) && (len(q.inboxes()) == 0 || !own && f.TeamID == 0)
}

// arms are the pieces of an index that a list in the order of activity is put
// together from: one for each status, and for each inbox where only some are
// wanted. There are none for other orders.
func (q *question) arms() []*conditions {
	if order := q.f.order(); order != latestFirst && order != longestAgoFirst {
		return nil
	}
	statuses := q.f.Statuses
	if len(statuses) == 0 {
		statuses = fsm.Statuses
	}
	inboxes := q.inboxes()
	own := q.f.Assignee == "me" || q.f.TeamID != 0 // they have an index of their own
	apart := len(inboxes) > 0 && !own && len(inboxes)*len(statuses) <= maxArms
	var arms []*conditions
	for _, s := range statuses {
		status := statusIn([]fsm.Status{s})
		if !apart {
			arms = append(arms, status.with(inboxIn(inboxes)))
			continue
		}
		for _, id := range inboxes {
			arms = append(arms, status.with(inboxIn([]int64{id})))
		}
	}
	return arms
}

// inboxes are those that the list is of; none means all.
func (q *question) inboxes() []int64 {
	switch all := q.by.Scope.All; {
	case all && q.f.InboxID == 0:
		return nil
	case q.f.InboxID != 0 && q.by.Scope.Allows(q.f.InboxID):
		return []int64{q.f.InboxID}
	case q.f.InboxID != 0 || len(q.by.Scope.Inboxes) == 0:
		return []int64{0} // there is no such inbox
	}
	return slices.Compact(slices.Sorted(slices.Values(q.by.Scope.Inboxes)))
}

// narrow makes statuses, inbox and team of f those that its conditions leave,
// where all of them must hold: what is filtered is then found as a list is.
func (f *Filter) narrow() {
	f.Statuses = slices.Compact(slices.Sorted(slices.Values(f.Statuses)))
	for i, c := range f.Conditions {
		if i < len(f.Conditions)-1 && strings.EqualFold(c.Join, "OR") {
			return
		}
	}
	for _, c := range f.Conditions {
		if c.Custom || c.Operator != "equal_to" || len(c.Values) != 1 {
			continue
		}
		value := plainNumber(c.Values[0])
		switch c.Attribute {
		case "status":
			if s := fsm.Status(value); len(f.Statuses) == 0 && slices.Contains(fsm.Statuses, s) {
				f.Statuses = []fsm.Status{s}
			}
		case "inbox_id":
			setID(&f.InboxID, value)
		case "team_id":
			setID(&f.TeamID, value)
		}
	}
}

func setID(to *int64, text string) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && *to == 0 {
		*to = id
	}
}
