package dialogflow

import (
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"relevo/bot"
)

// What is taken of one answer. Consoles allow far less; a webhook may send
// anything.
const (
	maxMessages = 100
	maxChoices  = 50
	maxRunes    = 30_000 // of one message
)

// decode translates an answer. Nothing in it is certain: there may be no intent,
// no message, only blank ones, or no query result at all.
func decode(response *dialogflowpb.DetectIntentResponse, toEvent bool) bot.Result {
	q := response.GetQueryResult()
	intent := q.GetIntent()
	r := bot.Result{
		Messages:   decodeMessages(q),
		Intent:     clean(intent.GetDisplayName()),
		Fallback:   intent.GetIsFallback(),
		Action:     clean(q.GetAction()),
		Parameters: asMap(q.GetParameters()),
		Contexts:   decodeContexts(q.GetOutputContexts()),
		Handoff:    intent.GetLiveAgentHandoff(),
		End:        intent.GetEndInteraction(),
		ResponseID: clean(response.GetResponseId()),
	}
	if intent == nil {
		// An agent without a fallback intent answers with none at all; only its
		// small talk does so, too, having understood. Nobody misunderstands an event.
		r.Fallback = !toEvent && !strings.HasPrefix(r.Action, "smalltalk.")
	}
	r.SlotsOpen = intent != nil && !r.Fallback && !q.GetAllRequiredParamsPresent() && !q.GetCancelsSlotFilling()
	if s := response.GetWebhookStatus(); s != nil && codes.Code(s.GetCode()) != codes.OK {
		r.Webhook = status.FromProto(s).Err()
	}
	return r
}

// decodeContexts keeps the agent's own contexts that live on, by their short
// names. Dialogflow's book-keeping is left out: it may not be sent back.
func decodeContexts(contexts []*dialogflowpb.Context) []bot.Context {
	var out []bot.Context
	for _, c := range contexts {
		full := c.GetName()
		name := strings.ToLower(clean(full[strings.LastIndexByte(full, '/')+1:]))
		if name == "" || c.GetLifespanCount() <= 0 || reserved(name) {
			continue
		}
		out = append(out, bot.Context{Name: name, Lifespan: int(c.GetLifespanCount()), Parameters: asMap(c.GetParameters())})
	}
	return out
}

// reserved reports whether Dialogflow keeps a context of that name for itself:
// its counters, and the state of slot filling.
func reserved(name string) bool {
	return strings.HasPrefix(name, "__") ||
		strings.HasSuffix(name, "_dialog_context") ||
		strings.Contains(name, "_dialog_params_")
}

// decodeMessages keeps the messages for any platform, in order. Those made for
// one platform repeat the others in that platform's forms.
func decodeMessages(q *dialogflowpb.QueryResult) []bot.Message {
	var out []bot.Message
	for _, m := range q.GetFulfillmentMessages() {
		if m.GetPlatform() != dialogflowpb.Intent_Message_PLATFORM_UNSPECIFIED {
			continue
		}
		for _, decoded := range decodeMessage(m) {
			out = appendMessage(out, decoded)
		}
	}
	if len(out) == 0 {
		// Older webhooks fill in only this.
		out = appendMessage(out, bot.Message{Text: clean(q.GetFulfillmentText())})
	}
	return out
}

// appendMessage leaves blank messages out, and hangs choices that bring no
// words of their own on the words before them.
func appendMessage(out []bot.Message, m bot.Message) []bot.Message {
	m.Text = cut(strings.TrimSpace(m.Text))
	switch {
	case len(out) == maxMessages:
		return out
	case len(m.Payload) > 0 || m.Text != "":
		return append(out, m)
	case len(m.Choices) == 0:
		return out
	}
	if last := len(out) - 1; last >= 0 && len(out[last].Payload) == 0 && len(out[last].Choices) == 0 {
		out[last].Choices = m.Choices
		return out
	}
	return append(out, m)
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= maxRunes {
		return text
	}
	return string([]rune(text)[:maxRunes-1]) + "…"
}

func asMap(s *structpb.Struct) map[string]any {
	if len(s.GetFields()) == 0 {
		return nil
	}
	return cleanValue(s.AsMap()).(map[string]any)
}
