package router

import "relevo/router/fault"

// MacroAction is one step of a macro, in the words of the API.
type MacroAction struct {
	Name   string `json:"action_name"`
	Params []any  `json:"action_params"`
}

// macroAction is what an action does, and what it needs.
type macroAction struct {
	needs func(params []any) (wrong string) // a key under "fault.detail.", "" if nothing is
	do    func(ch *change, by By, m *running, params []any) error
}

// running is a macro that is being done to a conversation.
type running struct {
	agent *Agent
}

// macroActions are Chatwoot's, without those that send files or call
// addresses.
var macroActions = map[string]macroAction{
	"send_message":     {oneText, func(ch *change, by By, m *running, p []any) error { return ch.macroWords(by, m, p, false) }},
	"add_private_note": {oneText, func(ch *change, by By, m *running, p []any) error { return ch.macroWords(by, m, p, true) }},
	"add_label": {textList, func(ch *change, by By, _ *running, p []any) error {
		return ch.bulkLabels(by.Actor, Bulk{AddLabels: textsOf(p)})
	}},
	"remove_label": {textList, func(ch *change, by By, _ *running, p []any) error {
		return ch.bulkLabels(by.Actor, Bulk{RemoveLabels: textsOf(p)})
	}},
	"assign_agent": {agentOrSelf, (*change).macroAgent},
	"assign_team":  {oneID, (*change).macroTeam},
	"remove_assigned_agent": {nothingMore, func(ch *change, by By, _ *running, _ []any) error {
		_, err := ch.assignTo(by.Actor, nil)
		return err
	}},
	"remove_assigned_team": {nothingMore, func(ch *change, by By, _ *running, _ []any) error {
		_, err := ch.assignTeam(by.Actor, nil)
		return err
	}},
	"change_status":         {oneStatus, (*change).macroStatus},
	"resolve_conversation":  {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.resolve(by.Actor) }},
	"open_conversation":     {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.open(by.Actor) }},
	"pending_conversation":  {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.giveBack(by.Actor) }},
	"snooze_conversation":   {aSnooze, (*change).macroSnooze},
	muteAction:              {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.mute(by.Actor) }},
	"change_priority":       {onePriority, (*change).macroPriority},
	"send_email_transcript": {addresses, (*change).macroTranscript},
}

// muteAction writes the contact, whose row is locked before the conversation.
const muteAction = "mute_conversation"

// check refuses an action that cannot be done to any conversation, by its name.
func (a MacroAction) check() error {
	known, ok := macroActions[a.Name]
	if !ok {
		return fault.Invalid.Field("unknown", "action_name")
	}
	if wrong := known.needs(a.Params); wrong != "" {
		return fault.Invalid.Field(wrong, a.Name)
	}
	return nil
}
