package agentdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// bulkActions does the same to many conversations: fields first, then labels,
// then the status.
type bulkActions struct {
	accountPath
	Type         string               `json:"type" required:"true" enum:"Conversation"`
	IDs          []string             `json:"ids" required:"true" maxLength:"20" items:"integer" doc:"up to 100 conversations"`
	Fields       map[string]any       `json:"fields" doc:"status, assignee_id, team_id"`
	Labels       map[string]any       `json:"labels" doc:"add and remove: lists of labels"`
	SnoozedUntil api.Optional[string] `json:"snoozed_until" maxLength:"40" doc:"unix seconds, RFC 3339, next_reply, tomorrow or next_week"`
	SkipSurvey   bool                 `json:"skip_survey" doc:"resolve, but do not ask the customers what they think of it"`
}

// bulkJSON says what became of each conversation.
type bulkJSON struct {
	Results []bulkResultJSON `json:"results"`
}

type bulkResultJSON struct {
	ID      int64      `json:"id"`
	Success bool       `json:"success"`
	Status  fsm.Status `json:"status,omitempty"`
	Version int64      `json:"version,omitempty"`
	Code    string     `json:"code,omitempty"`
	Error   string     `json:"error,omitempty"`
	Action  string     `json:"action,omitempty" doc:"of a macro, that could not be done"`
}

func (d *Desk) bulk(ctx context.Context, in *bulkActions) (bulkJSON, error) {
	ids, err := conversationIDs(in.IDs, "ids")
	if err != nil {
		return bulkJSON{}, err
	}
	what, err := in.bulk()
	if err != nil {
		return bulkJSON{}, err
	}
	results, err := d.router.ChangeMany(ctx, by(ctx, api.IfMatch{}), ids, what)
	if err != nil {
		return bulkJSON{}, err
	}
	return presentBulk(ctx, results), nil
}

// conversationIDs reads a list of ids.
func conversationIDs(list []string, name string) ([]int64, error) {
	ids := make([]int64, 0, len(list))
	for _, s := range list {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return nil, fault.Invalid.Field("not_an_integer", name)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// presentBulk tells what became of each conversation.
func presentBulk(ctx context.Context, results []router.BulkResult) bulkJSON {
	out := bulkJSON{Results: make([]bulkResultJSON, 0, len(results))}
	for _, r := range results {
		if r.Err != nil {
			f := fault.From(r.Err)
			failed := bulkResultJSON{ID: r.ID, Code: f.Code, Action: r.Action, Error: api.Sentence(ctx, r.Err)}
			if r.Action != "" {
				failed.Error = r.Action + ": " + failed.Error
			}
			out.Results = append(out.Results, failed)
			continue
		}
		out.Results = append(out.Results, bulkResultJSON{ID: r.ID, Success: true, Status: r.Conversation.Status, Version: r.Conversation.Version})
	}
	return out
}

// bulk reads what is to be done.
func (in *bulkActions) bulk() (b router.Bulk, err error) {
	b.Unasked = in.SkipSurvey
	if b.SnoozedUntil, b.SnoozeWord, err = router.ReadSnooze(in.SnoozedUntil.Value); err != nil {
		return b, err
	}
	for name, to := range map[string]*[]string{"add": &b.AddLabels, "remove": &b.RemoveLabels} {
		if *to, err = listOf(in.Labels[name], "labels."+name); err != nil {
			return b, err
		}
	}
	for name, to := range map[string]**int64{"assignee_id": &b.Assignee, "team_id": &b.Team} {
		v, sent := in.Fields[name]
		if !sent {
			continue
		}
		if *to, err = idOf(v, "fields."+name); err != nil {
			return b, err
		}
	}
	switch status := in.Fields["status"].(type) {
	case nil:
	case string:
		b.Status = fsm.Status(status)
		if status != "" && !slices.Contains(fsm.Statuses, b.Status) {
			return b, fault.Invalid.Field("not_a_status", "fields.status")
		}
	default:
		return b, fault.Invalid.Field("not_a_status", "fields.status")
	}
	if b.Status == "" && in.SnoozedUntil.Set && in.SnoozedUntil.Value != "" {
		b.Status = fsm.Snoozed
	}
	return b, nil
}

// idOf reads an id; null, "" and 0 are nobody's.
func idOf(v any, name string) (*int64, error) {
	var n json.Number
	switch v := v.(type) {
	case nil:
		n = "0"
	case float64:
		n = json.Number(strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		if n = json.Number(v); v == "" || v == "nil" {
			n = "0"
		}
	}
	id, err := n.Int64()
	if err != nil || id < 0 {
		return nil, fault.Invalid.Field("not_an_integer", name)
	}
	return &id, nil
}

func listOf(v any, name string) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			if _, isText := item.(string); !isText {
				return nil, fault.Invalid.Field("not_a_list", name)
			}
			out = append(out, fmt.Sprint(item))
		}
		return out, nil
	}
	return nil, fault.Invalid.Field("not_a_list", name)
}
