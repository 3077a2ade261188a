package router

import (
	"slices"
	"strconv"
	"strings"

	"relevo/fsm"
	"relevo/router/address"
	"relevo/router/fault"
)

// MacroAction is one step of a macro, in the words of the API.
type MacroAction struct {
	Name   string `json:"action_name"`
	Params []any  `json:"action_params"`
}

// macroAction is what an action does, and what it needs.
type macroAction struct {
	needs func(params []any) bool
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
	"change_status":         {oneOf(string(fsm.Open), string(fsm.Pending), string(fsm.Resolved), string(fsm.Snoozed)), (*change).macroStatus},
	"resolve_conversation":  {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.resolve(by.Actor) }},
	"open_conversation":     {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.open(by.Actor) }},
	"pending_conversation":  {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.giveBack(by.Actor) }},
	"snooze_conversation":   {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.snooze(by.Actor, nil) }},
	muteAction:              {nothingMore, func(ch *change, by By, _ *running, _ []any) error { return ch.mute(by.Actor) }},
	"change_priority":       {onePriority, (*change).macroPriority},
	"send_email_transcript": {addresses, (*change).macroTranscript},
}

// muteAction writes the contact, whose row is locked before the conversation.
const muteAction = "mute_conversation"

// check refuses an action that cannot be done to any conversation.
func (a MacroAction) check() error {
	known, ok := macroActions[a.Name]
	switch {
	case !ok:
		return fault.Invalid.Field("unknown", "action_name")
	case !known.needs(a.Params):
		return fault.Invalid.Field("unknown", "action_params")
	}
	return nil
}

func nothingMore(p []any) bool { return len(p) <= 1 } // the dialect's desk sends a null

func oneText(p []any) bool {
	return len(p) == 1 && isText(p[0]) && (Draft{Content: p[0].(string)}).check() == nil
}

func isText(v any) bool { _, ok := v.(string); return ok }

func textList(p []any) bool {
	_, err := cleanLabels(textsOf(p))
	return len(p) > 0 && len(textsOf(p)) == len(p) && err == nil
}

func textsOf(p []any) (texts []string) {
	for _, v := range p {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

func oneOf(words ...string) func([]any) bool {
	return func(p []any) bool { return len(p) == 1 && isText(p[0]) && slices.Contains(words, p[0].(string)) }
}

func onePriority(p []any) bool {
	return len(p) == 1 && (p[0] == nil || p[0] == "nil" || oneOf(Priorities...)(p))
}

// idIn reads an id; 0 is nobody's: null, "nil".
func idIn(v any) (int64, bool) {
	if v == nil || v == "nil" {
		return 0, true
	}
	id, err := strconv.ParseInt(plainNumber(v), 10, 64)
	return id, err == nil && id > 0
}

func oneID(p []any) bool {
	if len(p) != 1 {
		return false
	}
	_, ok := idIn(p[0])
	return ok
}

func agentOrSelf(p []any) bool { return len(p) == 1 && p[0] == "self" || oneID(p) }

// maxTranscripts is how many addresses one action may send to.
const maxTranscripts = 10

// addresses is a list of them in one text, divided by commas.
func addresses(p []any) bool {
	if len(p) != 1 || !isText(p[0]) {
		return false
	}
	list := strings.Split(p[0].(string), ",")
	return len(list) <= maxTranscripts && !slices.ContainsFunc(list, func(s string) bool {
		_, ok := address.Parse(strings.TrimSpace(s))
		return !ok
	})
}
