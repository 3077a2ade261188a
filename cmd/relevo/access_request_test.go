package main

import (
	"strings"

	"relevo/router/api"
)

// bodies are requests that succeed for whoever may call. Where one is missing,
// an empty body does. "{name}" is an id of the scene.
var bodies = map[string]string{
	"POST …/conversations/:conversation_id/transcript":     `{"email":"lucia@example.com"}`,
	"POST /public/api/v1/inboxes/:inbox_identifier/events": `{"name":"webwidget.triggered"}`,
	"POST /auth/sign_in":                                  `{"email":"{email}","password":"correct horse battery"}`,
	"PUT /api/v1/profile":                                 `{"name":"Otro nombre"}`,
	"POST /api/v1/profile/availability":                   `{"availability":"busy"}`,
	"POST /api/v1/profile/auto_offline":                   `{"auto_offline":false}`,
	"POST …/contacts":                                     `{"name":"Nueva"}`,
	"PATCH …/contacts/:contact_identifier":                `{"name":"Otra"}`,
	"PUT …/contacts/:contact_identifier":                  `{"name":"Otra"}`,
	"POST …/conversations/:conversation_id/toggle_typing": `{"typing_status":"on"}`,
	"POST …/conversations/:conversation_id/messages":      `{"content":"otra palabra"}`,
	"PATCH …/messages/:message_id":                        `{"submitted_values":[{"title":"Grande","value":"L"}]}`,
	"PUT …/messages/:message_id":                          `{"submitted_values":[{"title":"Grande","value":"L"}]}`,
	"PATCH …/csat_survey/:conversation_uuid":              `{"submitted_values":{"csat_survey_response":{"rating":5}}}`,
	"PUT …/csat_survey/:conversation_uuid":                `{"submitted_values":{"csat_survey_response":{"rating":5}}}`,

	"POST /agents":                                               `{"name":"Nueva","email":"nueva@example.com"}`,
	"PATCH /agents/:id":                                          `{"role":"administrator"}`,
	"POST /inboxes":                                              `{"name":"Nueva","channel":{"type":"api"}}`,
	"PATCH /inboxes/:id":                                         `{"name":"Otro nombre"}`,
	"POST /inboxes/:id/set_agent_bot":                            `{"agent_bot":null}`,
	"POST /inbox_members":                                        `{"inbox_id":{inbox},"user_ids":[{dora}]}`,
	"PATCH /inbox_members":                                       `{"inbox_id":{inbox},"user_ids":[{dora}]}`,
	"DELETE /inbox_members":                                      `{"inbox_id":{inbox},"user_ids":[{ana}]}`,
	"POST /agent_bots":                                           `{"name":"nuevo"}`,
	"PATCH /agent_bots/:id":                                      `{"name":"otro"}`,
	"POST /webhooks":                                             `{"url":"https://93.184.216.34/otro"}`,
	"PATCH /webhooks/:webhook_id":                                `{"name":"otro"}`,
	"POST /teams":                                                `{"name":"nuevo"}`,
	"PATCH /teams/:team_id":                                      `{"description":"otra"}`,
	"POST /teams/:team_id/team_members":                          `{"user_ids":[{dora}]}`,
	"PATCH /teams/:team_id/team_members":                         `{"user_ids":[{dora}]}`,
	"DELETE /teams/:team_id/team_members":                        `{"user_ids":[{ana}]}`,
	"POST /campaigns":                                            `{"inbox_id":{web},"title":"Otra","message":"¿Buscas algo?","trigger_rules":{"url":"https://t.example/*"}}`,
	"PATCH /campaigns/:id":                                       `{"title":"Otra"}`,
	"POST …/campaigns/:campaign_id":                              `{"content":"Sí"}`,
	"POST /labels":                                               `{"title":"nueva"}`,
	"PATCH /labels/:id":                                          `{"description":"otra"}`,
	"POST /canned_responses":                                     `{"short_code":"nueva","content":"Hola"}`,
	"PATCH /canned_responses/:id":                                `{"content":"Otra"}`,
	"POST /macros":                                               `{"name":"nueva","actions":[{"action_name":"resolve_conversation"}]}`,
	"PATCH /macros/:id":                                          `{"name":"otra"}`,
	"PUT /macros/:id":                                            `{"name":"otra"}`,
	"POST /macros/:id/execute":                                   `{"conversation_ids":[{conversation}]}`,
	"POST /custom_filters":                                       `{"name":"nuevo","query":{"payload":[{"attribute_key":"status","filter_operator":"equal_to","values":["open"]}]}}`,
	"PATCH /custom_filters/:id":                                  `{"name":"otro"}`,
	"POST /custom_attribute_definitions":                         `{"attribute_display_name":"Nueva","attribute_key":"nueva"}`,
	"PATCH /custom_attribute_definitions/:id":                    `{"attribute_display_name":"Otra"}`,
	"POST /conversations":                                        `{"inbox_id":{inbox},"contact_id":{contact}}`,
	"PATCH /conversations/:conversation_id":                      `{"priority":"high"}`,
	"POST /conversations/:conversation_id/toggle_status":         `{"status":"snoozed"}`,
	"POST /conversations/:conversation_id/assignments":           `{"assignee_id":{jefa}}`,
	"POST /conversations/:conversation_id/labels":                `{"labels":["otra"]}`,
	"POST /conversations/:conversation_id/messages":              `{"content":"otra palabra","private":{private}}`,
	"POST /conversations/:conversation_id/transcript":            `{"email":"otra@example.com"}`,
	"POST /conversations/:conversation_id/toggle_priority":       `{"priority":"high"}`,
	"POST /conversations/:conversation_id/custom_attributes":     `{"custom_attributes":{"a":1}}`,
	"POST /conversations/:conversation_id/toggle_typing_status":  `{"typing_status":"on"}`,
	"PATCH /conversations/:conversation_id/draft_messages":       `{"draft_message":{"message":"otro"}}`,
	"PATCH /conversations/:conversation_id/messages/:message_id": `{"status":"failed"}`,
	"POST /conversations/:conversation_id/participants":          `{"user_ids":[{jefa}]}`,
	"PATCH /conversations/:conversation_id/participants":         `{"user_ids":[{jefa}]}`,
	"PUT /conversations/:conversation_id/participants":           `{"user_ids":[{jefa}]}`,
	"DELETE /conversations/:conversation_id/participants":        `{"user_ids":[{ana}]}`,
	"POST /conversations/filter":                                 `{"payload":[{"attribute_key":"inbox_id","filter_operator":"equal_to","values":[{inbox}],"query_operator":null}]}`,
	"POST /bulk_actions":                                         `{"type":"Conversation","ids":[{conversation}],"fields":{"status":"resolved"}}`,
	"POST /contacts":                                             `{"name":"Nueva","inbox_id":{inbox}}`,
	"POST /contacts/filter":                                      `{"payload":[{"attribute_key":"name","filter_operator":"contains","values":["Luc"],"query_operator":null}]}`,
	"PUT /contacts/:contact_id":                                  `{"name":"Otra"}`,
	"PATCH /contacts/:contact_id":                                `{"name":"Otra"}`,
	"POST /contacts/:contact_id/labels":                          `{"labels":["otra"]}`,
	"POST /contacts/:contact_id/contact_inboxes":                 `{"inbox_id":{inbox}}`,
	"POST /contacts/:contact_id/notes":                           `{"content":"otra nota"}`,
	"POST /actions/contact_merge":                                `{"base_contact_id":{contact},"mergee_contact_id":{lonely}}`,
	"POST /notifications/:notification_id/snooze":                `{"snoozed_until":1795532400}`,
	"PATCH /notification_settings":                               `{"selected_email_flags":["email_conversation_mention"]}`,
	"PUT /notification_settings":                                 `{"selected_email_flags":["email_conversation_mention"]}`,
}

// queries are what is asked for in the address.
var queries = map[string]string{
	"GET /conversations":                   "?status=all",
	"GET /assignable_agents":               "?inbox_ids[]={inbox}",
	"GET /canned_responses/:id/rendered":   "?conversation_id={conversation}",
	"GET /contacts/search":                 "?q=Luc",
	"GET /search":                          "?q=zarzaparrilla",
	"GET /search/conversations":            "?q=Luc",
	"GET /search/contacts":                 "?q=Luc",
	"GET /search/messages":                 "?q=zarzaparrilla",
	"GET /conversations/search":            "?q=Luc",
	"GET /reports":                         "?metric=conversations_count",
	"GET /reports/outgoing_messages_count": "?group_by=agent",
}

// short is how bodies and queries name an operation.
func short(op api.Operation) string {
	path := op.Path
	if rest, ok := strings.CutPrefix(path, "/api/v1/accounts/:account_id"); ok {
		path = rest
	} else if rest, ok := strings.CutPrefix(path, "/api/v2/accounts/:account_id"); ok {
		path = rest
	} else if strings.HasPrefix(path, "/public/") {
		for _, root := range []string{"/csat_survey/", "/campaigns/", "/messages/", "/conversations/:", "/conversations", "/contacts"} {
			if at := strings.LastIndex(path, root); at >= 0 {
				return op.Method + " …" + path[at:]
			}
		}
	}
	return op.Method + " " + path
}

// places are the rows behind the ids of addresses, by the parameter and what
// stands before it.
var places = []struct{ before, id string }{
	{"/agents/:id", "{dora}"}, {"/inboxes/:id", "{inbox}"}, {"/agent_bots/:id", "{bot}"}, {"/labels/:id", "{label}"},
	{"/canned_responses/:id", "{canned}"}, {"/failed_jobs/:id", "{job}"}, {"/macros/:id", "{macro}"},
	{"/custom_filters/:id", "{filter}"}, {"/custom_attribute_definitions/:id", "{definition}"}, {":account_id", "1"}, {":inbox_identifier", "{identifier}"}, {":inbox_id", "{inbox}"}, {":team_id", "{team}"}, {":webhook_id", "{webhook}"},
	{":conversation_id", "{conversation}"}, {":note_id", "{note}"}, {":notification_id", "{notification}"},
	{"/campaigns/:id", "{campaign}"}, {":campaign_id", "{campaign}"}, {":conversation_uuid", "{uuid}"}, {"/attachments/:key/:name", "{file}"},
}

// path is an operation's address with real ids in it. A visitor's own token stands where
// the address has one; for those who have none, a token that nobody has.
func (s *scene) path(method, path string, p person) string {
	message, contact := "{answer}", "{contact}"
	if method == "DELETE" && strings.HasSuffix(path, "/:contact_id") {
		contact = "{lonely}" // customers with conversations stay
	}
	switch {
	case strings.HasSuffix(path, "/original"):
		message = "{deleted}"
	case strings.HasSuffix(path, "/messages/:message_id/retry"):
		message = "{unsent}"
	case strings.HasPrefix(path, "/public/"):
		message = "{choice}"
	}
	if strings.HasPrefix(path, "/public/") && strings.HasSuffix(path, "/transcript") {
		path = strings.ReplaceAll(path, ":conversation_id", "{resolved}") // sooner, nobody is sent one
	}
	if strings.HasSuffix(path, "/cancel_waiting") {
		path = strings.ReplaceAll(path, ":conversation_id", "{queued}")
	}
	token := "00000000-0000-4000-8000-000000000000"
	if p.kind == api.Visitor {
		token = p.key
	}
	path = strings.NewReplacer(":message_id", message, ":contact_identifier", token, ":contact_id", contact).Replace(path)
	for _, place := range places {
		at := strings.LastIndex(place.before, ":")
		if place.id == "{file}" {
			path = strings.ReplaceAll(path, place.before, place.id)
			continue
		}
		path = strings.ReplaceAll(path, place.before, place.before[:at]+place.id)
	}
	return s.fill(path)
}
