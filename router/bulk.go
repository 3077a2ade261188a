package router

import (
	"context"
	"net/http"
	"slices"
	"time"

	"relevo/fsm"
	"relevo/router/fault"
)

// maxBulk is how many conversations one Bulk may be of.
const maxBulk = 100

// Bulk is what is to be done to each of many conversations; what its fields do
// not say stays.
type Bulk struct {
	Assignee                *int64 // agent; 0 means nobody
	Team                    *int64 // 0 means none
	AddLabels, RemoveLabels []string
	Status                  fsm.Status
	SnoozedUntil            *time.Time // of Status snoozed; nil means until the next reply
	SnoozeWord              string     // in its place: a word of SnoozeTime
	Unasked                 bool       // of Status resolved: customers are not asked what they think of it
}

// BulkResult is what became of one conversation: as it is now, or why not.
type BulkResult struct {
	ID           int64
	Conversation *Conversation
	Err          error
	Action       string // of a macro, that could not be done
}

// ChangeMany does b to each conversation, in a change of its own: one that
// fails leaves the others done. Results come in the order of ids, each id
// once. It fails as a whole only on what is wrong with the request. What is our own fault
// is logged here: the caller's answer says only that there was one.
func (r *Router) ChangeMany(ctx context.Context, by By, ids []int64, b Bulk) ([]BulkResult, error) {
	var unique []int64
	for _, id := range ids {
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	if err := b.check(unique); err != nil {
		return nil, err
	}
	results := make([]BulkResult, 0, len(unique))
	for _, id := range unique {
		if err := ctx.Err(); err != nil {
			return nil, err // the caller has gone; what is done is done
		}
		c, err := r.change(ctx, byID(id), func(ch *change) error {
			if err := ch.permit(by); err != nil {
				return err
			}
			return ch.bulk(by, b)
		})
		if err != nil && fault.From(err).Status >= http.StatusInternalServerError {
			r.log.ErrorContext(ctx, "one of many conversations not changed", "conversation", id, "error", err)
		}
		results = append(results, BulkResult{ID: id, Conversation: c, Err: err})
	}
	return results, nil
}

func (b *Bulk) check(ids []int64) (err error) {
	switch {
	case len(ids) == 0:
		return fault.Invalid.Field("required", "ids")
	case len(ids) > maxBulk:
		return fault.Invalid.Field(fault.Limit("too_many", maxBulk), "ids")
	case b.Status == "" && b.Assignee == nil && b.Team == nil && len(b.AddLabels)+len(b.RemoveLabels) == 0:
		return fault.Invalid.Field("required", "fields", "labels")
	case b.Status == fsm.Pending && b.Assignee != nil && *b.Assignee != 0:
		return fault.Invalid.Field("not_allowed", "assignee_id") // what the bot holds is nobody's
	}
	if b.AddLabels, err = cleanLabels(b.AddLabels); err != nil {
		return err
	}
	b.RemoveLabels, err = cleanLabels(b.RemoveLabels)
	return err
}

func (ch *change) bulk(by By, b Bulk) error {
	if b.Assignee != nil {
		if _, err := ch.assignTo(by.Actor, orNone(b.Assignee)); err != nil {
			return err
		}
	}
	if b.Team != nil {
		if _, err := ch.assignTeam(by.Actor, orNone(b.Team)); err != nil {
			return err
		}
	}
	if err := ch.bulkLabels(by.Actor, b); err != nil {
		return err
	}
	return ch.bulkStatus(by, b)
}

func orNone(id *int64) *int64 {
	if *id == 0 {
		return nil
	}
	return id
}

func (ch *change) bulkLabels(by Actor, b Bulk) error {
	if len(b.AddLabels)+len(b.RemoveLabels) == 0 {
		return nil
	}
	have, err := labelsOf(ch.tx, ch.c.ID)
	if err != nil {
		return err
	}
	want := slices.DeleteFunc(append(have, b.AddLabels...), func(l string) bool { return slices.Contains(b.RemoveLabels, l) })
	if want, err = cleanLabels(want); err != nil {
		return err
	}
	return ch.setLabels(want, "", map[string]any{"agent": by.Name})
}

func (ch *change) bulkStatus(by By, b Bulk) error {
	switch b.Status {
	case fsm.Open:
		return ch.open(by.Actor)
	case fsm.Pending:
		return ch.giveBack(by.Actor)
	case fsm.Resolved:
		ch.unasked = b.Unasked
		return ch.resolve(by.Actor)
	case fsm.Snoozed:
		return ch.snoozeAs(by, b.SnoozedUntil, b.SnoozeWord)
	}
	return nil
}

// snoozeAs puts the conversation off until a time or, where there is a word,
// until what that means to by.
func (ch *change) snoozeAs(by By, until *time.Time, word string) (err error) {
	if word != "" {
		zone := by.Zone
		if zone == nil {
			zone = ch.inbox.Settings.Location()
		}
		if until, err = SnoozeTime(word, ch.now, zone); err != nil {
			return err
		}
	}
	return ch.snooze(by.Actor, until)
}
