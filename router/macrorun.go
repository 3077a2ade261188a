package router

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"relevo/fsm"
	"relevo/router/fault"
)

// RunMacro does a macro's actions to each conversation, as the agent, in
// their order and in one change: all of them, or none. A conversation to which
// they cannot be done leaves the others done. Results come in the order of
// ids, each id once.
func (r *Router) RunMacro(ctx context.Context, by By, a *Agent, macroID int64, ids []int64) ([]BulkResult, error) {
	m, err := r.Macro(ctx, a.ID, macroID)
	if err != nil {
		return nil, err
	}
	ids = slices.Clone(ids)
	var unique []int64
	for _, id := range ids {
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	switch {
	case len(unique) == 0:
		return nil, fault.Invalid.Field("required", "conversation_ids")
	case len(unique) > maxBulk:
		return nil, fault.Invalid.Field(fault.Limit("too_many", maxBulk), "conversation_ids")
	}
	mutes := slices.ContainsFunc(m.Actions, func(a MacroAction) bool { return a.Name == muteAction })
	results := make([]BulkResult, 0, len(unique))
	for _, id := range unique {
		if err := ctx.Err(); err != nil {
			return nil, err // the caller has gone; what is done is done
		}
		do := func(ch *change) error { return ch.run(by, a, m) }
		lock := byID(id)
		if mutes {
			lock = withItsContact(id)
		}
		c, err := r.changeWithContact(ctx, lock, do)
		if err != nil && fault.From(err).Status >= http.StatusInternalServerError {
			r.log.ErrorContext(ctx, "macro not done", "macro", m.ID, "conversation", id, "error", err)
		}
		result := BulkResult{ID: id, Conversation: c, Err: err}
		if failed, ok := errors.AsType[*actionError](err); ok {
			result.Action = failed.name
		}
		results = append(results, result)
	}
	return results, nil
}

// actionError says which action could not be done.
type actionError struct {
	name string
	err  error
}

func (e *actionError) Error() string { return e.err.Error() }
func (e *actionError) Unwrap() error { return e.err }

func (ch *change) run(by By, a *Agent, m *Macro) error {
	if err := ch.permit(by); err != nil {
		return err
	}
	for i, action := range m.Actions {
		known, ok := macroActions[action.Name]
		if !ok {
			return fault.Invalid.Field("unknown", "action_name")
		}
		if err := known.do(ch, by, &running{a}, action.Params); err != nil {
			return &actionError{action.Name, fmt.Errorf("action %d of macro %d: %w", i+1, m.ID, err)}
		}
	}
	return nil
}

// macroWords says an agent's prepared words, with the conversation's values in
// them, or notes them.
func (ch *change) macroWords(by By, m *running, p []any, private bool) error {
	v := &View{Conversation: *ch.c, Inbox: ch.inbox}
	if err := ch.tx.Raw("SELECT * FROM contacts WHERE id = ?", ch.c.ContactID).Scan(&v.Contact).Error; err != nil {
		return fmt.Errorf("contact %d: %w", ch.c.ContactID, err)
	}
	d := Draft{Content: RenderCanned(p[0].(string), CannedValues(v, m.agent)), Private: private}
	if err := d.check(); err != nil {
		return err
	}
	_, err := ch.reply(by.Actor, d)
	return err
}

func (ch *change) macroAgent(by By, m *running, p []any) error {
	id, _ := idIn(p[0])
	if p[0] == "self" {
		id = m.agent.ID
	}
	_, err := ch.assignTo(by.Actor, orNone(&id))
	return err
}

func (ch *change) macroTeam(by By, _ *running, p []any) error {
	id, _ := idIn(p[0])
	_, err := ch.assignTeam(by.Actor, orNone(&id))
	return err
}

// macroSnooze reckons words of SnoozeTime when it is done, and for who does it.
func (ch *change) macroSnooze(by By, _ *running, p []any) error {
	until, word, err := snoozeIn(p)
	if err != nil {
		return err
	}
	return ch.snoozeAs(by, until, word)
}

func (ch *change) macroStatus(by By, _ *running, p []any) error {
	return ch.bulkStatus(by, Bulk{Status: fsm.Status(p[0].(string))})
}

func (ch *change) macroPriority(by By, _ *running, p []any) error {
	priority, _ := p[0].(string)
	if priority == "" || priority == "nil" {
		return ch.prioritise(by.Actor, nil)
	}
	return ch.prioritise(by.Actor, &priority)
}

func (ch *change) macroTranscript(by By, _ *running, p []any) error {
	for email := range strings.SplitSeq(p[0].(string), ",") {
		email = strings.TrimSpace(email)
		if err := ch.sendTranscript(email, false); err != nil {
			return err
		}
		if err := ch.note("transcript.agent", map[string]any{"agent": by.Actor.Name, "email": email}, nil); err != nil {
			return err
		}
	}
	return nil
}
