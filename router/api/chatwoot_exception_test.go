package api_test

import "strings"

// exception is a place where Relevo does not keep Chatwoot's published
// contract: because Chatwoot's server does not either, and clients follow the
// server, or because Relevo has no such thing.
type exception struct {
	operation string // "" for any
	breach    string // "message lacks a b": lacks a, and lacks b
	why       string
}

const (
	likeTheServer = "the contract says otherwise, Chatwoot's server sends it so"
	ifAny         = "sent if there is one, as the server does"
	enterprise    = "belongs to Chatwoot's paid edition"
	otherChannels = "belongs to channels that Relevo does not have"
)

var exceptions = []exception{
	// What the server itself does otherwise.
	{"POST A/contacts", "/payload: got object, want array", likeTheServer + `: {"payload": {"contact", "contact_inbox"}}`},
	{"POST A/contacts", "extended_contact lacks id availability_status", "these are in payload.contact"},
	{"PUT A/contacts/{id}", ": status 200, not 204", likeTheServer},
	{"PUT A/contacts/{id}", "/payload: got object, want array", likeTheServer},
	{"PUT A/contacts/{id}", "generic_id lacks id", "it is in the payload"},
	{"POST A/actions/contact_merge", "contact lacks payload", likeTheServer + ": the contact itself"},
	{"POST A/inboxes/{id}/set_agent_bot", ": status 200, not 204", likeTheServer},
	{"GET A/inboxes/{id}/agent_bot", ": status 200, not 204", likeTheServer},
	{"GET A/inboxes/{id}/agent_bot", "agent_bot lacks id name description thumbnail outgoing_url bot_type bot_config account_id access_token system_bot",
		likeTheServer + `: {"agent_bot": {…}}`},
	{"POST A/conversations/{conversation_id}/assignments", ": got null, want object", "nobody has it now; so does the server"},
	{"POST A/conversations/{conversation_id}/assignments", "user lacks access_token accounts available_name avatar_url confirmed custom_attributes " +
		"display_name email hmac_identifier inviter_id message_signature provider pubsub_token role type ui_settings uid",
		likeTheServer + ": the agent as others see him, or the team"},
	{"POST A/conversations/filter", "conversation_list lacks data", likeTheServer + `: {"meta", "payload"}`},
	{"GET /survey/responses/{conversation_uuid}", ": a body", "the page itself"},
	{"DELETE A/conversations/{conversation_id}/messages/{message_id}", ": a body", likeTheServer + ": what is left of the message"},
	{"GET A/conversations/{conversation_id}", "/status: value must be one of 'open', 'resolved', 'pending'", "the contract forgot snoozed"},
	{"GET A/conversations/{conversation_id}", "/snoozed_until: got string, want null or number", likeTheServer + ": ISO 8601"},
	{"GET A/conversations/{conversation_id}/messages", "contact lacks payload", likeTheServer + ": the contact itself"},
	{"", "message lacks additional_attributes attachment conversation external_source_ids processed_message_content sentiment updated_at",
		"columns that the server's views leave out"},
	{"GET A/conversations/{conversation_id}", "user lacks access_token accounts avatar_url custom_attributes display_name hmac_identifier inviter_id " +
		"message_signature pubsub_token type ui_settings uid", likeTheServer + ": the agent as others see him"},
	{"GET A/conversations", "user lacks access_token accounts avatar_url custom_attributes display_name hmac_identifier inviter_id " +
		"message_signature pubsub_token type ui_settings uid", likeTheServer + ": the agent as others see him"},
	{"POST A/custom_attribute_definitions", "/attribute_values: got array, want string", likeTheServer},
	{"POST A/custom_attribute_definitions", "/default_value: got null, want string", ifAny},
	{"GET A/custom_attribute_definitions/{id}", "/attribute_values: got array, want string", likeTheServer},
	{"GET A/custom_attribute_definitions/{id}", "/default_value: got null, want string", ifAny},
	{"PATCH A/custom_attribute_definitions/{id}", "/attribute_values: got array, want string", likeTheServer},
	{"PATCH A/custom_attribute_definitions/{id}", "/default_value: got null, want string", ifAny},
	{"GET A/custom_attribute_definitions", "/*/attribute_values: got array, want string", likeTheServer},
	{"GET A/custom_attribute_definitions", "/*/default_value: got null, want string", ifAny},
	{"GET /api/v2/accounts/{account_id}/reports", "/*/value: got number, want string", likeTheServer},
	{"GET /api/v2/accounts/{account_id}/reports/summary", "/avg_first_response_time: got number, want string", likeTheServer},
	{"GET /api/v2/accounts/{account_id}/reports/summary", "/avg_resolution_time: got number, want string", likeTheServer},
	{"GET /api/v2/accounts/{account_id}/reports/summary", "/previous/avg_first_response_time: got number, want string", likeTheServer},
	{"GET /api/v2/accounts/{account_id}/reports/summary", "/previous/avg_resolution_time: got number, want string", likeTheServer},

	{"GET A/webhooks", ": got object, want array", likeTheServer + `: {"payload": {"webhooks"}}`},
	{"POST A/webhooks", "webhook lacks id url name subscriptions secret account_id", likeTheServer + `: {"payload": {"webhook"}}`},
	{"PATCH A/webhooks/{webhook_id}", "webhook lacks id url name subscriptions secret account_id", likeTheServer + `: {"payload": {"webhook"}}`},

	// What there may be none of.
	{"", "message lacks sender", ifAny + ": an activity line has none"},
	{"", "public_message lacks sender attachments", ifAny},
	{"", "contact_list_item lacks last_activity_at", ifAny},
	{"", "conversation_show/meta/sender lacks last_activity_at", ifAny},
	{"", "conversation_list/data/payload/meta lacks assignee", ifAny},
	{"", "conversation_list/data/payload/meta/sender lacks last_activity_at", ifAny},
	{"", "conversation_show/meta lacks assignee", ifAny},
	{"", "contact_conversations_response/payload/meta lacks assignee", ifAny},
	{"", "contact_conversations_response/payload/meta/sender lacks last_activity_at", ifAny},
	{"", "contact_list_item/additional_attributes lacks city country country_code created_at_ip", "only what somebody stored there"},
	{"GET A/inboxes", "/payload/*/website_url: got null, want string", ifAny + ": an API inbox has none"},
	{"GET A/inboxes", "/payload/*/website_token: got null, want string", ifAny},
	{"GET A/inboxes", "/payload/*/widget_color: got null, want string", ifAny},
	{"GET A/inboxes/{id}", "/website_url: got null, want string", ifAny},
	{"GET A/inboxes/{id}", "/website_token: got null, want string", ifAny},
	{"GET A/inboxes/{id}", "/widget_color: got null, want string", ifAny},
	{"POST A/inboxes", "/website_url: got null, want string", ifAny},
	{"POST A/inboxes", "/website_token: got null, want string", ifAny},
	{"POST A/inboxes", "/widget_color: got null, want string", ifAny},
	{"PATCH A/inboxes/{id}", "/website_url: got null, want string", ifAny},
	{"PATCH A/inboxes/{id}", "/website_token: got null, want string", ifAny},
	{"PATCH A/inboxes/{id}", "/widget_color: got null, want string", ifAny},

	// What Relevo does not tell.
	{"", "agent_bot lacks access_token", "a token is shown when it is made, never again: only its hash is stored"},
	{"GET /api/v1/profile", "user lacks access_token pubsub_token hmac_identifier", "a token is shown when it is made, never again"},
	{"PUT /api/v1/profile", "user lacks access_token pubsub_token hmac_identifier", "a token is shown when it is made, never again"},
	{"", "public_contact_record lacks account_id additional_attributes blocked company_id contact_type country_code created_at label_list " +
		"last_activity_at last_name location middle_name updated_at custom_attributes identifier", "what the business noted of a customer is not for the public API"},
	{"", "public_message_sender lacks additional_attributes availability_status available_name blocked created_at custom_attributes description " +
		"email identifier phone_number", "a customer needs to see who writes, nothing else of him"},

	// What Relevo does not have.
	{"", "agent lacks custom_role_id", enterprise},
	{"", "user/accounts lacks custom_role custom_role_id", enterprise},
	{"", "conversation lacks applied_sla sla_events", enterprise},
	{"GET A", "account_detail lacks created_at", "the one account was never created"},
	{"GET A", "/domain: got null, want string", "mail does not come in"},
	{"GET A", "/support_email: got null, want string", "mail does not come in"},
	{"GET A", "account_detail/settings lacks auto_resolve_after auto_resolve_ignore_waiting auto_resolve_message", "belongs to relevo.yaml"},
	{"GET A", "account_detail/custom_attributes lacks company_size industry logo marked_for_deletion_at marked_for_deletion_reason onboarding_step " +
		"plan_name subscribed_quantity subscription_ends_on subscription_status timezone", "belongs to Chatwoot's cloud"},
	{"", "inbox lacks medium messaging_service_sid phone_number", otherChannels},
	{"", "public_message_attachment lacks coordinates_lat coordinates_long fallback_title meta transcribed_text", "of other attachments than files"},
	{"", "inbox lacks reply_time web_widget_script", "belongs to the web widget, which is not served yet"},
}

// notServed says of the contract's operations that Relevo does not serve why:
// by the beginning of their paths, or one by its method and path.
var notServed = []struct{ operations, why string }{
	{"/platform/", "Relevo is one account"},
	{"/api/v1/accounts/{account_id}/portals", "Relevo has no help centre"},
	{"/api/v1/accounts/{account_id}/audit_logs", enterprise},
	{"/api/v1/accounts/{account_id}/integrations/", "Dialogflow is wired in relevo.yaml"},
	{"/accounts/{account_id}/", "a path of the contract that lacks its beginning"},
	{"PATCH /api/v1/accounts/{account_id}", "the account is wired in relevo.yaml"},
	{"/api/v1/accounts/{account_id}/automation_rules", "not yet"},
}

// breach is one place where an answer is not as the contract promises.
type breach struct{ operation, what string }

// covers returns the breaches that an exception is made for.
func (e exception) covers() []breach {
	operation := spelled(e.operation)
	where, names, lacks := strings.Cut(e.breach, " lacks ")
	if !lacks {
		return []breach{{operation, e.breach}}
	}
	var all []breach
	for name := range strings.FieldsSeq(names) {
		all = append(all, breach{operation, where + " lacks " + name})
	}
	return all
}
