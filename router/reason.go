package router

// Reason says why a bot let go of a conversation. The codes are stored, sent
// in webhooks and counted in reports, so they never change; their sentences
// are in the catalogues under "reason.<code>".
type Reason string

const (
	ReasonFlowFinished   Reason = "flow_finished"    // the flow came to its end
	ReasonFlowHandoff    Reason = "flow_handoff"     // the flow reached its handoff step
	ReasonAsked          Reason = "asked_for_person" // the customer used a word of the flow's list
	ReasonBotHandoff     Reason = "bot_handoff"      // the provider's agent asked for a person
	ReasonFallbacks      Reason = "fallback_limit"   // not understood too often in a row
	ReasonTurns          Reason = "turn_limit"       // too many turns in one step
	ReasonIdle           Reason = "idle"             // the customer fell silent
	ReasonCollectFailed  Reason = "collect_failed"   // no valid answer in the attempts allowed
	ReasonLongText       Reason = "long_text"        // longer than the provider takes
	ReasonAttachment     Reason = "attachment"       // a file without words
	ReasonBotQuota       Reason = "bot_quota"        // the provider's quota is used up
	ReasonBotTimeout     Reason = "bot_timeout"      // no answer in time
	ReasonBotUnavailable Reason = "bot_unavailable"  // the provider cannot be reached
	ReasonBotMisconfig   Reason = "bot_misconfigured"
	ReasonBotBadRequest  Reason = "bot_bad_request"
	ReasonBotEmpty       Reason = "bot_empty_answer"
	ReasonBotWebhook     Reason = "bot_webhook_failed" // the agent's own fulfilment failed
	ReasonFlowError      Reason = "flow_error"         // the flow asks for something that is not there
	ReasonBotError       Reason = "bot_error"          // a fault of our own
	ReasonBotLost        Reason = "bot_lost"           // the process died over it too often
)

// Failure reports whether a bot let go because it could not answer, so that
// the words it was asked are still unanswered.
func (r Reason) Failure() bool {
	switch r {
	case ReasonBotQuota, ReasonBotTimeout, ReasonBotUnavailable, ReasonBotMisconfig, ReasonBotBadRequest,
		ReasonBotEmpty, ReasonBotWebhook, ReasonFlowError, ReasonBotError, ReasonBotLost:
		return true
	}
	return false
}

// Reasons lists every reason, for catalogues, reports and their tests.
var Reasons = []Reason{
	ReasonFlowFinished, ReasonFlowHandoff, ReasonAsked, ReasonBotHandoff, ReasonFallbacks, ReasonTurns,
	ReasonIdle, ReasonCollectFailed, ReasonLongText, ReasonAttachment, ReasonBotQuota, ReasonBotTimeout,
	ReasonBotUnavailable, ReasonBotMisconfig, ReasonBotBadRequest, ReasonBotEmpty, ReasonBotWebhook,
	ReasonFlowError, ReasonBotError, ReasonBotLost,
}

// Enum lists the reasons, for the API document.
func (Reason) Enum() []any { return anythings(Reasons) }
