package router

import (
	"context"
	"reflect"
	"slices"

	"relevo/router/fault"
)

// SetPriority gives the conversation one of Priorities, or none where priority
// is nil. The priority that is there changes nothing.
func (r *Router) SetPriority(ctx context.Context, by By, id int64, priority *string) (*Conversation, error) {
	if priority != nil && !slices.Contains(Priorities, *priority) {
		return nil, fault.Invalid.Field("unknown_priority", "priority")
	}
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.prioritise(by.Actor, priority)
	})
}

func (ch *change) prioritise(by Actor, priority *string) error {
	old := ch.c.Priority
	if reflect.DeepEqual(old, priority) {
		return nil
	}
	ch.c.Priority = priority
	params := map[string]any{"agent": by.Name}
	if priority == nil {
		return ch.note("priority.removed", params, nil)
	}
	params["new"] = priorityName(*priority)
	if old == nil {
		return ch.note("priority.set", params, nil)
	}
	params["old"] = priorityName(*old)
	return ch.note("priority.changed", params, nil)
}
