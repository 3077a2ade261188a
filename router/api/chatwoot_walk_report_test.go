package api_test

// reports asks for what the contract knows of reports.
func (w *walker) reports() {
	const v2 = "GET /api/v2/accounts/{account_id}/"
	w.call(v2+"reports?metric=conversations_count&type=account", "")
	w.call(v2+"reports/summary?type=account", "")
	w.call(v2+"reports/conversations?type=account", "")
	w.call(v2+"reports/conversations/?type=agent", "")
	for _, of := range []string{"agent", "inbox", "team"} {
		w.call(v2+"summary_reports/"+of, "")
	}
	w.call(v2+"summary_reports/channel", "")
	w.call(v2+"reports/first_response_time_distribution", "")
	w.call(v2+"reports/inbox_label_matrix", "")
	for _, of := range []string{"agent", "team", "inbox"} {
		w.call(v2+"reports/outgoing_messages_count?group_by="+of, "")
	}
	w.call("GET A/reporting_events?name=conversation_created", "")
	w.call("GET A/conversations/{conversation_id}/reporting_events", "")
}

// saved asks for what the contract knows of filters and custom attributes.
func (w *walker) saved() {
	filter := w.call("POST A/custom_filters", `{"name":"F","type":"conversation","query":{"payload":[{"attribute_key":"status","filter_operator":"equal_to","values":["open"]}]}}`)
	w.call("GET A/custom_filters", "")
	w.call("GET A/custom_filters/{custom_filter_id}", "", "custom_filter_id", at(filter, "id"))
	w.call("PATCH A/custom_filters/{custom_filter_id}", `{"name":"G"}`)
	w.call("DELETE A/custom_filters/{custom_filter_id}", "")

	attribute := w.call("POST A/custom_attribute_definitions", `{"attribute_display_name":"A","attribute_display_type":0,"attribute_description":"B",
		"attribute_key":"a","attribute_values":[],"attribute_model":0,"regex_pattern":"a+","regex_cue":"c"}`)
	w.call("GET A/custom_attribute_definitions?attribute_model=0", "")
	w.call("GET A/custom_attribute_definitions/{id}", "", "id", at(attribute, "id"))
	w.call("PATCH A/custom_attribute_definitions/{id}", `{"attribute_display_name":"B"}`)
	w.call("DELETE A/custom_attribute_definitions/{id}", "")
}
