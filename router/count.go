package router

import (
	"context"
	"fmt"
)

// countsTo is how far counts are exact.
const countsTo = 1000

// Counts are how many conversations match a filter without its Assignee. They
// are exact up to 1,000; Capped says that one stopped there.
type Counts struct {
	Mine, Assigned, Unassigned, All int
	Capped                          bool
}

// Counts counts what by may see, without listing it.
func (r *Router) Counts(ctx context.Context, by By, f Filter) (Counts, error) {
	q, err := r.question(r.db.Read().WithContext(ctx), by, f)
	if err != nil {
		return Counts{}, err
	}
	counts, err := q.counts()
	return counts.capped(), err
}

// of is the count of those that a list with an assignee shows.
func (c Counts) of(assignee string) int {
	switch assignee {
	case "me":
		return c.Mine
	case "assigned":
		return c.Assigned
	case "unassigned":
		return c.Unassigned
	}
	return c.All
}

// capped is c as it is told: no further than 1,000.
func (c Counts) capped() Counts {
	for _, n := range []*int{&c.Mine, &c.Assigned, &c.Unassigned, &c.All} {
		if *n > countsTo {
			*n, c.Capped = countsTo, true
		}
	}
	return c
}

// counts counts all four in one statement, each to one more than is told.
func (q *question) counts() (Counts, error) {
	if q.few {
		return q.countFew()
	}
	var args []any
	column := func(assignee string) (string, error) {
		rest, err := q.restOf(assignee)
		if err != nil {
			return "", err
		}
		all := q.scope().with(rest)
		args = append(args, all.args...)
		return fmt.Sprintf("(SELECT count(*) FROM (SELECT 1 FROM conversations c%s LIMIT %d) AS capped)", all.where(), countsTo+1), nil
	}
	mine, err := column("me")
	if err != nil {
		return Counts{}, err
	}
	assignee := held
	if q.f.TeamID != 0 || len(q.inboxes()) > 0 {
		assignee = "assigned" // in the index of the team or the inbox
	}
	assigned, err := column(assignee)
	if err != nil {
		return Counts{}, err
	}
	unassigned, err := column("unassigned")
	if err != nil {
		return Counts{}, err
	}
	every, err := column("")
	if err != nil {
		return Counts{}, err
	}
	var c Counts
	err = q.db.Raw("SELECT "+mine+" AS mine, "+assigned+" AS assigned, "+unassigned+" AS unassigned, "+every+" AS every", args...).
		Row().Scan(&c.Mine, &c.Assigned, &c.Unassigned, &c.All)
	if err != nil {
		return Counts{}, fmt.Errorf("count conversations: %w", err)
	}
	return c, nil
}

// countFew counts all four at once, as there are few to look at.
func (q *question) countFew() (c Counts, err error) {
	rest, err := q.restOf("")
	if err != nil {
		return c, err
	}
	from, labels := q.from()
	all := q.scope().with(rest)
	args := append([]any{q.by.Actor.ID}, labels...)
	err = q.db.Raw("SELECT count(CASE WHEN c.assignee_id = ? THEN 1 END), count(c.assignee_id), count(*)"+from+all.where(), append(args, all.args...)...).
		Row().Scan(&c.Mine, &c.Assigned, &c.All)
	if err != nil {
		return c, fmt.Errorf("count conversations: %w", err)
	}
	c.Unassigned = c.All - c.Assigned
	return c, nil
}
