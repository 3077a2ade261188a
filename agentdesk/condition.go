package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// conditionsOf reads the payload of a filter.
func conditionsOf(payload any) ([]router.Condition, error) {
	list, ok := payload.([]any)
	if !ok || len(list) == 0 {
		return nil, fault.Invalid.Field("not_a_list", "payload")
	}
	conditions := make([]router.Condition, 0, len(list))
	for _, item := range list {
		line, ok := item.(map[string]any)
		if !ok {
			return nil, fault.Invalid.Field("not_an_object", "payload")
		}
		text := func(key string) string { s, _ := line[key].(string); return s }
		values, ok := line["values"].([]any)
		if !ok && line["values"] != nil {
			values = []any{line["values"]} // a single one, without its list
		}
		kind := text("custom_attribute_type")
		conditions = append(conditions, router.Condition{Attribute: text("attribute_key"), Operator: text("filter_operator"),
			Values: values, Join: text("query_operator"), Custom: kind == "conversation_attribute" || kind == "contact_attribute"})
	}
	return conditions, nil
}

type conversationConditions struct {
	accountPath
	Payload any    `json:"payload" doc:"a list of conditions: attribute_key, filter_operator, values, query_operator (and, or), custom_attribute_type"`
	Page    int    `query:"page" minimum:"1" maximum:"10000" json:"page"`
	Cursor  string `query:"cursor" maxLength:"50" json:"cursor"`
}

// filteredJSON is the answer of a filter: like a list, without its "data".
type filteredJSON struct {
	Meta    listMetaJSON       `json:"meta"`
	Payload []conversationJSON `json:"payload"`
}

func (d *Desk) filterConversations(ctx context.Context, in *conversationConditions) (filteredJSON, error) {
	conditions, err := conditionsOf(in.Payload)
	if err != nil {
		return filteredJSON{}, err
	}
	filter := router.Filter{Conditions: conditions, Page: in.Page, Cursor: in.Cursor}
	views, counts, err := d.router.Conversations(ctx, by(ctx, api.IfMatch{}), filter)
	if err != nil {
		return filteredJSON{}, err
	}
	shown, err := d.presentConversations(ctx, views)
	return filteredJSON{listMetaJSON{presentCounts(counts), filter.NextCursor(views)}, shown}, err
}
