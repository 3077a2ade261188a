package dialogflow

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"

	"relevo/bot"
)

// answer reads a response as the service's REST face writes it.
func answer(t *testing.T, body string) *pb.DetectIntentResponse {
	t.Helper()
	r := new(pb.DetectIntentResponse)
	require.NoError(t, protojson.Unmarshal([]byte(body), r))
	return r
}

func TestMessages(t *testing.T) {
	for _, tt := range []struct {
		name, messages string
		want           []bot.Message
	}{
		{"none", `[]`, nil},
		{"one variant of a text", `[{"text":{"text":["a","b"]}}]`, []bot.Message{{Text: "a"}}},
		{"blank texts", `[{"text":{"text":[""]}},{"text":{"text":[]}},{"text":{}},{"text":{"text":[" \n"]}},{}]`, nil},
		{"several, in order", `[{"text":{"text":["a"]}},{"text":{"text":[""]}},{"text":{"text":["b"]}}]`, []bot.Message{{Text: "a"}, {Text: "b"}}},
		{"another platform's", `[{"text":{"text":["a"]}},{"text":{"text":["f"]},"platform":"FACEBOOK"}]`, []bot.Message{{Text: "a"}}},
		{"quick replies", `[{"quickReplies":{"title":"¿Qué día?","quickReplies":["lunes",""," martes ","lunes"]}}]`,
			[]bot.Message{{Text: "¿Qué día?", Choices: []string{"lunes", "martes"}}}},
		{"quick replies without a title go to the text before", `[{"text":{"text":["¿Sí?"]}},{"quickReplies":{"quickReplies":["Sí"]}}]`,
			[]bot.Message{{Text: "¿Sí?", Choices: []string{"Sí"}}}},
		{"quick replies alone", `[{"quickReplies":{"quickReplies":["Sí"]}}]`, []bot.Message{{Choices: []string{"Sí"}}}},
		{"payload", `[{"payload":{"action":"handoff","n":1,"deep":{"a":["x\u0000"]}}},{"payload":{}}]`,
			[]bot.Message{{Payload: map[string]any{"action": "handoff", "n": 1.0, "deep": map[string]any{"a": []any{"x"}}}}}},
		{"text, then payload", `[{"text":{"text":["Te paso."]}},{"payload":{"action":"handoff"}}]`,
			[]bot.Message{{Text: "Te paso."}, {Payload: map[string]any{"action": "handoff"}}}},
		{"image", `[{"image":{"imageUri":"https://x.test/a.png","accessibilityText":"Plano"}}]`, []bot.Message{{Text: "Plano\nhttps://x.test/a.png"}}},
		{"card", `[{"card":{"title":"Sala","subtitle":"4 sillas","buttons":[
			{"text":"Ver","postback":"https://x.test/s"},{"text":"Reservar","postback":"reservar sala"},{"text":"No"}]}}]`,
			[]bot.Message{{Text: "Sala\n4 sillas\nVer: https://x.test/s", Choices: []string{"reservar sala", "No"}}}},
		{"voice forms", `[{"simpleResponses":{"simpleResponses":[{"textToSpeech":"dicho","displayText":"escrito"},{"textToSpeech":"solo dicho"},{"ssml":"<speak/>"}]}},
			{"suggestions":{"suggestions":[{"title":"uno"},{"title":"dos"}]}},
			{"linkOutSuggestion":{"destinationName":"web","uri":"https://x.test"}},
			{"basicCard":{"title":"t","formattedText":"f","image":{"imageUri":"https://x.test/i"},"buttons":[{"title":"b","openUriAction":{"uri":"https://x.test/b"}}]}},
			{"listSelect":{"title":"lista","items":[{"title":"i1"},{"title":"i2"}]}},
			{"carouselSelect":{"items":[{"title":"c1"}]}},
			{"tableCard":{"title":"tabla"}},{"mediaContent":{}},{"browseCarouselCard":{}}]`,
			[]bot.Message{{Text: "escrito"}, {Text: "solo dicho", Choices: []string{"uno", "dos"}}, {Text: "web: https://x.test"},
				{Text: "t\nf\nhttps://x.test/i\nb: https://x.test/b"}, {Text: "lista", Choices: []string{"i1", "i2"}}, {Choices: []string{"c1"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := decode(answer(t, `{"queryResult":{"intent":{},"fulfillmentMessages":`+tt.messages+`}}`), false)
			require.Equal(t, tt.want, r.Messages)
		})
	}
}

func TestTheOldTextIsTakenOnlyWithoutMessages(t *testing.T) {
	r := decode(answer(t, `{"queryResult":{"fulfillmentText":"viejo","fulfillmentMessages":[{"text":{"text":[""]}}]}}`), false)
	require.Equal(t, []bot.Message{{Text: "viejo"}}, r.Messages)
	r = decode(answer(t, `{"queryResult":{"fulfillmentText":"viejo","fulfillmentMessages":[{"text":{"text":["nuevo"]}}]}}`), false)
	require.Equal(t, []bot.Message{{Text: "nuevo"}}, r.Messages)
}

func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		event      bool
		want       bot.Result
	}{
		{"nothing at all", `{}`, false, bot.Result{Fallback: true}},
		{"nothing to an event", `{}`, true, bot.Result{}},
		{"no intent", `{"responseId":"r","queryResult":{"action":"input.unknown"}}`, false,
			bot.Result{ResponseID: "r", Action: "input.unknown", Fallback: true}},
		{"small talk", `{"queryResult":{"action":"smalltalk.greetings.hello","fulfillmentText":"hi"}}`, false,
			bot.Result{Action: "smalltalk.greetings.hello", Messages: []bot.Message{{Text: "hi"}}}},
		{"an intent", `{"queryResult":{"allRequiredParamsPresent":true,"intent":{"displayName":"Horario"},"parameters":{"dia":"lunes"}}}`, false,
			bot.Result{Intent: "Horario", Parameters: map[string]any{"dia": "lunes"}}},
		{"fallback", `{"queryResult":{"intent":{"displayName":"No entiendo","isFallback":true}}}`, false,
			bot.Result{Intent: "No entiendo", Fallback: true}},
		{"a slot is open", `{"queryResult":{"intent":{"displayName":"Pedido"},"parameters":{"numero":""}}}`, false,
			bot.Result{Intent: "Pedido", SlotsOpen: true, Parameters: map[string]any{"numero": ""}}},
		{"slots given up", `{"queryResult":{"intent":{"displayName":"Pedido"},"cancelsSlotFilling":true}}`, false,
			bot.Result{Intent: "Pedido"}},
		{"handoff and end", `{"queryResult":{"allRequiredParamsPresent":true,"intent":{"displayName":"Persona","liveAgentHandoff":true,"endInteraction":true}}}`, false,
			bot.Result{Intent: "Persona", Handoff: true, End: true}},
		{"webhook fine", `{"queryResult":{"allRequiredParamsPresent":true,"intent":{"displayName":"a"}},"webhookStatus":{"message":"Webhook execution successful"}}`, false,
			bot.Result{Intent: "a"}},
		{"contexts", `{"queryResult":{"allRequiredParamsPresent":true,"intent":{"displayName":"a"},"outputContexts":[
			{"name":"projects/p/agent/sessions/s/contexts/__system_counters__","lifespanCount":1,"parameters":{"no-match":0}},
			{"name":"projects/p/agent/sessions/s/contexts/Operator_Request","lifespanCount":5,"parameters":{"a":"b"}},
			{"name":"projects/p/agent/sessions/s/contexts/gone"},
			{"name":"projects/p/agent/sessions/s/contexts/pedido_dialog_context","lifespanCount":2},
			{"name":"projects/p/agent/sessions/s/contexts/0b1c_id_dialog_context","lifespanCount":2},
			{"name":"projects/p/agent/sessions/s/contexts/pedido_dialog_params_numero","lifespanCount":1}]}}`, false,
			bot.Result{Intent: "a", Contexts: []bot.Context{{Name: "operator_request", Lifespan: 5, Parameters: map[string]any{"a": "b"}}}}},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, decode(answer(t, tt.body), tt.event)) })
	}
}

func TestAWebhookThatFailedIsTold(t *testing.T) {
	r := hello()
	r.WebhookStatus = &statuspb.Status{Code: int32(codes.DeadlineExceeded), Message: "Webhook call failed. Error: DEADLINE_EXCEEDED"}
	got := decode(r, false)
	require.Equal(t, codes.DeadlineExceeded, status.Code(got.Webhook))
	require.Equal(t, []bot.Message{{Text: "¡Hola!"}}, got.Messages)
}

func TestAnAnswerHasBounds(t *testing.T) {
	q := &pb.QueryResult{}
	for range maxMessages + 7 {
		q.FulfillmentMessages = append(q.FulfillmentMessages, textMessage(strings.Repeat("ñ", maxRunes+1)))
	}
	got := decode(&pb.DetectIntentResponse{QueryResult: q}, false).Messages
	require.Len(t, got, maxMessages)
	require.Equal(t, maxRunes, utf8.RuneCountInString(got[0].Text))
	require.True(t, strings.HasSuffix(got[0].Text, "ñ…"))
}

// Whatever a service sends, what comes out can be stored and shown.
func TestAnyAnswerCanBeDecoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := rapid.Bool().Draw(t, "event")
		r := decode(anyResponse(t), event)
		for _, m := range r.Messages {
			require.True(t, m.Text != "" || len(m.Choices) > 0 || len(m.Payload) > 0, "a blank message")
			require.Equal(t, strings.TrimSpace(m.Text), m.Text)
			storable(t, m.Text)
			for _, c := range m.Choices {
				require.NotEmpty(t, strings.TrimSpace(c))
				storable(t, c)
			}
		}
		for _, c := range r.Contexts {
			require.Positive(t, c.Lifespan)
			require.Equal(t, strings.ToLower(c.Name), c.Name)
			require.NotContains(t, c.Name, "/")
			require.False(t, reserved(c.Name))
		}
		require.False(t, r.SlotsOpen && r.Fallback)
		r.Webhook = nil // an error; the rest is data
		data, err := json.Marshal(r)
		require.NoError(t, err)
		require.NotContains(t, string(data), `\u0000`)
	})
}

func storable(t *rapid.T, s string) {
	require.True(t, utf8.ValidString(s))
	require.NotContains(t, s, "\x00")
}

// words are often odd, and often the ones that mean something.
var anyWords = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
	"", " ", "\x00", "a\x00b", "\xff", "x/contexts/", "p/contexts/Uno", "p/contexts/__x", "a_dialog_context", "smalltalk.x", "https://x"}))

func anyResponse(t *rapid.T) *pb.DetectIntentResponse {
	r := &pb.DetectIntentResponse{ResponseId: anyWords.Draw(t, "id")}
	if rapid.Bool().Draw(t, "webhook") {
		r.WebhookStatus = &statuspb.Status{Code: rapid.Int32().Draw(t, "code"), Message: anyWords.Draw(t, "why")}
	}
	if rapid.IntRange(0, 9).Draw(t, "result") == 0 {
		return r
	}
	q := &pb.QueryResult{
		Action:                   anyWords.Draw(t, "action"),
		FulfillmentText:          anyWords.Draw(t, "text"),
		AllRequiredParamsPresent: rapid.Bool().Draw(t, "all"),
		CancelsSlotFilling:       rapid.Bool().Draw(t, "cancels"),
		Parameters:               anyStruct(t, 3),
		FulfillmentMessages:      rapid.SliceOfN(rapid.Custom(anyMessage), 0, 6).Draw(t, "messages"),
	}
	if rapid.Bool().Draw(t, "intent") {
		q.Intent = &pb.Intent{DisplayName: anyWords.Draw(t, "name"), IsFallback: rapid.Bool().Draw(t, "fallback"),
			LiveAgentHandoff: rapid.Bool().Draw(t, "handoff"), EndInteraction: rapid.Bool().Draw(t, "end")}
	}
	for range rapid.IntRange(0, 4).Draw(t, "contexts") {
		q.OutputContexts = append(q.OutputContexts, &pb.Context{Name: anyWords.Draw(t, "name"),
			LifespanCount: rapid.Int32Range(-1, 5).Draw(t, "lifespan"), Parameters: anyStruct(t, 2)})
	}
	r.QueryResult = q
	return r
}

func anyMessage(t *rapid.T) *pb.Intent_Message {
	w := func() string { return anyWords.Draw(t, "w") }
	ws := func() []string { return rapid.SliceOfN(anyWords, 0, 4).Draw(t, "ws") }
	m := &pb.Intent_Message{Platform: pb.Intent_Message_Platform(rapid.SampledFrom([]int32{0, 0, 0, 1, 99}).Draw(t, "platform"))}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		m.Message = &pb.Intent_Message_Text_{}
	case 1:
		m.Message = &pb.Intent_Message_Text_{Text: &pb.Intent_Message_Text{Text: ws()}}
	case 2:
		m.Message = &pb.Intent_Message_QuickReplies_{QuickReplies: &pb.Intent_Message_QuickReplies{Title: w(), QuickReplies: ws()}}
	case 3:
		m.Message = &pb.Intent_Message_Payload{Payload: anyStruct(t, 3)}
	case 4:
		m.Message = &pb.Intent_Message_Image_{Image: &pb.Intent_Message_Image{ImageUri: w(), AccessibilityText: w()}}
	case 5:
		m.Message = &pb.Intent_Message_Card_{Card: &pb.Intent_Message_Card{Title: w(), ImageUri: w(),
			Buttons: []*pb.Intent_Message_Card_Button{nil, {Text: w(), Postback: w()}}}}
	case 6:
		m.Message = &pb.Intent_Message_SimpleResponses_{SimpleResponses: &pb.Intent_Message_SimpleResponses{
			SimpleResponses: []*pb.Intent_Message_SimpleResponse{nil, {TextToSpeech: w(), DisplayText: w()}}}}
	case 7:
		m.Message = &pb.Intent_Message_Suggestions_{Suggestions: &pb.Intent_Message_Suggestions{
			Suggestions: []*pb.Intent_Message_Suggestion{nil, {Title: w()}}}}
	case 8:
		m.Message = &pb.Intent_Message_BasicCard_{BasicCard: &pb.Intent_Message_BasicCard{FormattedText: w(),
			Buttons: []*pb.Intent_Message_BasicCard_Button{nil, {Title: w()}}}}
	}
	return m
}

func anyStruct(t *rapid.T, depth int) *structpb.Struct {
	if rapid.IntRange(0, 3).Draw(t, "nil") == 0 {
		return nil
	}
	s := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		s.Fields[anyWords.Draw(t, "key")] = anyValue(t, depth-1)
	}
	return s
}

func anyValue(t *rapid.T, depth int) *structpb.Value {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	switch {
	case kind == 0:
		return nil
	case kind == 1:
		return structpb.NewNullValue()
	case kind == 2:
		return structpb.NewNumberValue(rapid.Float64().Draw(t, "number"))
	case kind == 3:
		return structpb.NewBoolValue(rapid.Bool().Draw(t, "bool"))
	case kind == 4 && depth > 0:
		return structpb.NewStructValue(anyStruct(t, depth))
	case kind == 5 && depth > 0:
		return structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{anyValue(t, depth-1), anyValue(t, depth-1)}})
	}
	return structpb.NewStringValue(anyWords.Draw(t, "string"))
}
