package emulator_test

import (
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"relevo/bot/dialogflow/emulator"
)

func TestRefusesWhatTheRealServiceRefuses(t *testing.T) {
	k := start(t, demo(t), "es")
	session := func(name string) *pb.DetectIntentRequest {
		r := k.text("hola")
		r.Session = name
		return r
	}
	with := func(p *pb.QueryParameters) *pb.DetectIntentRequest {
		r := k.text("hola")
		r.QueryParams = p
		return r
	}
	noLanguage := k.text("hola")
	noLanguage.QueryInput.GetText().LanguageCode = ""
	event := func(name string) *pb.DetectIntentRequest {
		return &pb.DetectIntentRequest{Session: k.session, QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Event{
			Event: &pb.EventInput{Name: name, LanguageCode: "es"}}}}
	}
	const badName = "Resource name does not match 'projects/*/agent/sessions/*'."
	for _, tt := range []struct {
		name string
		req  *pb.DetectIntentRequest
		code codes.Code
		says string
	}{
		{"no session", session(""), codes.InvalidArgument, badName},
		{"half a session", session("projects/p/agent/sessions/"), codes.InvalidArgument, badName},
		{"a session of CX", session("projects/p/locations/global/agents/a/sessions/s"), codes.InvalidArgument, badName},
		{"an environment without a user", session("projects/p/agent/environments/e/sessions/s"), codes.InvalidArgument, badName},
		{"a session id of 37", session("projects/p/agent/sessions/" + strings.Repeat("a", 37)), codes.InvalidArgument, "Session ID must not exceed 36 characters."},
		{"no input", &pb.DetectIntentRequest{Session: k.session}, codes.InvalidArgument, "Input is not set."},
		{"no language", noLanguage, codes.InvalidArgument, "Language code is not set."},
		{"no text", k.text(""), codes.InvalidArgument, "Input text not set."},
		{"only space", k.text(" \n\t"), codes.InvalidArgument, "Input text not set."},
		{"257 letters", k.text(strings.Repeat("a", 257)), codes.InvalidArgument, "Input text exceeds 256 characters."},
		{"257 accents", k.text(strings.Repeat("ñ", 257)), codes.InvalidArgument, "Input text exceeds 256 characters."},
		{"257 emoji", k.text(strings.Repeat("🎉", 257)), codes.InvalidArgument, "Input text exceeds 256 characters."},
		{"an event without a name", event(""), codes.InvalidArgument, "Event name is not set."},
		{"a long event", event(strings.Repeat("e", 151)), codes.InvalidArgument, "Event name exceeds 150 characters."},
		{"a time zone", with(&pb.QueryParameters{TimeZone: "Mars/Olympus"}), codes.InvalidArgument, "Unknown time zone 'Mars/Olympus'."},
		{"a platform", with(&pb.QueryParameters{Platform: "PIGEON"}), codes.InvalidArgument, "Unknown platform 'PIGEON'."},
		{"a context of another session", with(&pb.QueryParameters{Contexts: []*pb.Context{{Name: "projects/p/agent/sessions/other/contexts/c"}}}), codes.InvalidArgument, "does not match"},
		{"a context with a space", with(&pb.QueryParameters{Contexts: []*pb.Context{{Name: k.session + "/contexts/a b"}}}), codes.InvalidArgument, "does not match"},
		{"speech", &pb.DetectIntentRequest{Session: k.session, QueryInput: &pb.QueryInput{Input: &pb.QueryInput_AudioConfig{
			AudioConfig: &pb.InputAudioConfig{LanguageCode: "es"}}}}, codes.Unimplemented, "not speech"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := k.ask(tt.req)
			require.Equal(t, tt.code, status.Code(err), "%v", err)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

func TestTakes256CharactersWhateverTheirSize(t *testing.T) {
	k := start(t, demo(t), "es")
	for _, c := range []string{"a", "ñ", "🎉"} {
		require.True(t, k.say(strings.Repeat(c, 256)).Intent.IsFallback)
	}
}

func TestAnUnknownProjectIsDenied(t *testing.T) {
	s := startTCP(t, demo(t), "es")
	other := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"shop": demo(t)}})
	_, err := emulator.AnswerIn(other, "projects/elsewhere/agent/sessions/s", "hola")
	require.Equal(t, codes.PermissionDenied, status.Code(err))
	require.ErrorContains(t, err, "IAM permission 'dialogflow.sessions.detectIntent' on 'projects/elsewhere/agent' denied.")
	_, err = emulator.AnswerIn(other, "projects/shop/agent/sessions/s", "hola")
	require.NoError(t, err)
	require.False(t, s.say("hola").Intent.IsFallback) // "" serves any project
}

func TestAWrongRegionIsRefused(t *testing.T) {
	s := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"": demo(t)}, Region: "europe-west1"})
	_, err := emulator.AnswerIn(s, "projects/p/locations/us-central1/agent/sessions/s", "hola")
	require.ErrorContains(t, err, "to find the correct endpoint to access resources located in 'us-central1'")
	_, err = emulator.AnswerIn(s, "projects/p/locations/europe-west1/agent/sessions/s", "hola")
	require.NoError(t, err)
}

func TestAllFormsOfASessionNameAreTaken(t *testing.T) {
	k := start(t, demo(t), "es")
	for _, name := range []string{
		"projects/p/agent/sessions/s",
		"projects/p/locations/global/agent/sessions/s",
		"projects/p/agent/environments/draft/users/-/sessions/s",
		"projects/p/locations/global/agent/environments/draft/users/-/sessions/s",
	} {
		k.session = name
		q := k.say("devoluciones") // the four name one and the same session
		require.Equal(t, 2, lifespan(q, "devoluciones-followup"))
		require.True(t, strings.HasPrefix(q.OutputContexts[0].Name, name+"/contexts/"))
		require.False(t, k.say("sí").Intent.IsFallback)
	}
	k.session = "projects/p/agent/environments/prod/users/-/sessions/s"
	require.True(t, k.say("sí").Intent.IsFallback, "an environment is a world of its own")
}

func TestWithoutAFallbackIntentThereIsNoIntent(t *testing.T) {
	a, err := emulator.LoadFS(mapFS(export(nil)))
	require.NoError(t, err)
	k := start(t, a, "es")
	q := k.say("algo muy distinto")
	require.Nil(t, q.Intent)
	require.Empty(t, q.FulfillmentMessages)
	require.Equal(t, "algo muy distinto", q.QueryText)
	require.Nil(t, k.event("NOBODY_WAITS_FOR_THIS", nil).Intent)
}

func TestContextsExpireAfterTwentyMinutesOfSilence(t *testing.T) {
	k := start(t, demo(t), "es")
	k.say("devoluciones")
	k.clock.advance(20 * time.Minute)
	require.Equal(t, "Devoluciones - sí", k.say("sí").Intent.DisplayName)

	k.say("devoluciones")
	k.clock.advance(20*time.Minute + time.Second)
	require.True(t, k.say("sí").Intent.IsFallback)

	k.say("mi pedido") // so does what was being asked for
	k.clock.advance(21 * time.Minute)
	require.NotEqual(t, "Estado del pedido", k.say("mmm").Intent.DisplayName)
}

func TestContextsAreSentAndReset(t *testing.T) {
	k := start(t, demo(t), "es")
	req := k.text("sí")
	req.QueryParams = &pb.QueryParameters{Contexts: []*pb.Context{{Name: k.session + "/contexts/Devoluciones-Followup", LifespanCount: 3}}}
	resp, err := k.ask(req)
	require.NoError(t, err)
	require.Equal(t, "Devoluciones - sí", resp.QueryResult.Intent.DisplayName)
	require.Equal(t, 2, lifespan(resp.QueryResult, "devoluciones-followup"))

	req = k.text("sí")
	req.QueryParams = &pb.QueryParameters{ResetContexts: true}
	resp, err = k.ask(req)
	require.NoError(t, err)
	require.True(t, resp.QueryResult.Intent.IsFallback)
}

// A conversation goes on in a new session when its contexts are sent again.
func TestSlotFillingGoesOnInANewSession(t *testing.T) {
	k := start(t, saved(t, "room-reservation"), "en")
	k.say("I need a room")
	q := k.say("London")
	k.session = "projects/shop/agent/sessions/another"
	req := k.text("tomorrow")
	req.QueryParams = &pb.QueryParameters{}
	for _, c := range q.OutputContexts {
		c.Name = k.session + c.Name[strings.LastIndex(c.Name, "/contexts/"):]
		req.QueryParams.Contexts = append(req.QueryParams.Contexts, c)
	}
	resp, err := k.ask(req)
	require.NoError(t, err)
	require.Equal(t, "What time will the meeting start?", resp.QueryResult.FulfillmentText)
	require.Equal(t, "London", params(resp.QueryResult)["location"])
}

func TestMissesAreCountedUntilAMatch(t *testing.T) {
	k := start(t, demo(t), "es")
	misses := func(q *pb.QueryResult) any {
		for _, c := range q.OutputContexts {
			if strings.HasSuffix(c.Name, "/contexts/__system_counters__") {
				return c.Parameters.AsMap()["no-match"]
			}
		}
		return nil
	}
	require.Equal(t, 1.0, misses(k.say("xyzzy")))
	require.Equal(t, 2.0, misses(k.say("plugh")))
	require.Equal(t, 0.0, misses(k.say("hola")))
	require.Equal(t, 1.0, misses(k.say("xyzzy")))
}

// events is an agent whose intents refer to an event and to their parameters.
func events(t *testing.T) *emulator.Agent {
	a, err := emulator.LoadFS(mapFS(export(map[string]string{
		"intents/Vuelve.json": `{"id":"v","name":"Vuelve","events":[{"name":"RESUME"}],"endInteraction":true,"responses":[{
			"action":"resume","affectedContexts":[{"name":"vuelto","lifespan":3}],
			"parameters":[{"name":"nombre","value":"#RESUME.nombre"},{"name":"veces","dataType":"@sys.number","value":"$veces","defaultValue":"1"}],
			"messages":[{"type":0,"speech":["Hola de nuevo, $nombre, por $veces vez. Son $5 o $nada."]},
				{"type":1,"platform":"facebook","title":"$nombre","buttons":[{"text":"Sí","postback":"si $veces"}]},
				{"type":4,"payload":{"quien":{"es":["$nombre",1]},"#RESUME.nombre":true}}]}]}`,
	})))
	require.NoError(t, err)
	return a
}

func TestAnEventFillsParametersAndTexts(t *testing.T) {
	k := start(t, events(t), "es")
	q := k.event("resume", map[string]any{"nombre": "Ana"})
	require.Equal(t, "Hola de nuevo, Ana, por 1 vez. Son $5 o $nada.", q.FulfillmentText)
	require.Equal(t, "resume", q.Action)
	require.True(t, q.Intent.EndInteraction)
	require.Equal(t, map[string]any{"nombre": "Ana", "veces": "1"}, params(q))
	require.Equal(t, "Ana", q.FulfillmentMessages[1].GetCard().Title)
	require.Equal(t, "si 1", q.FulfillmentMessages[1].GetCard().Buttons[0].Postback)
	require.Equal(t, map[string]any{"es": []any{"Ana", 1.0}}, q.FulfillmentMessages[2].GetPayload().AsMap()["quien"])
	require.Equal(t, 3, lifespan(q, "vuelto"))
	require.Equal(t, 1, lifespan(q, "resume"))
	// what was filled in stays out of the agent itself
	require.Contains(t, k.event("RESUME", map[string]any{"nombre": "Luis"}).FulfillmentText, "Luis")
}

func TestOnlyMessagesOfThePlatformAskedForAreSent(t *testing.T) {
	k := start(t, events(t), "es")
	for platform, want := range map[string]int{"": 3, "FACEBOOK": 1, "PLATFORM_UNSPECIFIED": 2, "SLACK": 0} {
		resp, err := k.ask(&pb.DetectIntentRequest{Session: k.session, QueryParams: &pb.QueryParameters{Platform: platform},
			QueryInput: &pb.QueryInput{Input: &pb.QueryInput_Event{Event: &pb.EventInput{Name: "RESUME", LanguageCode: "es"}}}})
		require.NoError(t, err)
		require.Len(t, resp.QueryResult.FulfillmentMessages, want, platform)
	}
}

func TestEntitiesSentForTheSession(t *testing.T) {
	k := start(t, saved(t, "bike-shop"), "en")
	req := k.text("Can I schedule service for 4pm tomorrow?")
	req.QueryParams = &pb.QueryParameters{SessionEntityTypes: []*pb.SessionEntityType{{
		Name:               k.session + "/entityTypes/AppointmentType",
		EntityOverrideMode: pb.SessionEntityType_ENTITY_OVERRIDE_MODE_SUPPLEMENT,
		Entities:           []*pb.EntityType_Entity{{Value: "massage", Synonyms: []string{"rub"}}},
	}}}
	_, err := k.ask(req)
	require.NoError(t, err)
	k.expect(line{"I need a rub.", "Make Appointment - custom", "Okay, we’ll schedule a massage"})
}

func TestSentimentIsToldWhenAsked(t *testing.T) {
	k := start(t, demo(t), "es")
	require.Nil(t, k.say("esto es horrible").SentimentAnalysisResult)
	req := k.text("esto es horrible, son unos inútiles")
	req.QueryParams = &pb.QueryParameters{SentimentAnalysisRequestConfig: &pb.SentimentAnalysisRequestConfig{AnalyzeQueryTextSentiment: true}}
	resp, err := k.ask(req)
	require.NoError(t, err)
	require.Less(t, resp.QueryResult.SentimentAnalysisResult.QueryTextSentiment.Score, float32(-0.5))
}

func TestTheTimeZoneOfTheRequestCounts(t *testing.T) {
	k := start(t, saved(t, "bike-shop"), "en")
	req := k.text("Can I schedule service for 4pm tomorrow?")
	req.QueryParams = &pb.QueryParameters{TimeZone: "Asia/Tokyo"}
	k.clock.advance(7 * time.Hour) // 16:00 UTC is tomorrow in Tokyo
	resp, err := k.ask(req)
	require.NoError(t, err)
	require.Equal(t, "2026-11-25T12:00:00+09:00", params(resp.QueryResult)["date"])
	require.Equal(t, "2026-11-24T16:00:00+09:00", params(resp.QueryResult)["time"])
}

func TestRequestsAreKeptAsTheyCame(t *testing.T) {
	k := startTCP(t, demo(t), "es")
	payload, err := structpb.NewStruct(map[string]any{"inbox": "web"})
	require.NoError(t, err)
	req := k.text("hola")
	req.QueryParams = &pb.QueryParameters{Payload: payload, ResetContexts: true, TimeZone: "Europe/Madrid",
		Contexts: []*pb.Context{{Name: k.session + "/contexts/c", LifespanCount: 4}}}
	_, err = k.ask(req)
	require.NoError(t, err)
	k.event("WELCOME", map[string]any{"a": "b"})

	all := k.server.Requests()
	require.Len(t, all, 2)
	r := all[0]
	require.Equal(t, "hola", r.Text)
	require.Equal(t, "es", r.Language)
	require.Equal(t, k.session, r.Session)
	require.Equal(t, "shop", r.Project)
	require.Equal(t, "5f0c6c1e-7a52-4b27-9f0f-0c6f2f7f0a01", r.SessionID)
	require.Equal(t, map[string]any{"inbox": "web"}, r.Payload)
	require.Equal(t, []emulator.Context{{Name: "c", Lifespan: 4, Parameters: map[string]any{}}}, r.Contexts)
	require.True(t, r.ResetContexts)
	require.Equal(t, "Europe/Madrid", r.TimeZone)
	require.False(t, r.Overlapped)
	require.InDelta(t, 10*time.Second, r.DeadlineLeft, float64(3*time.Second))
	require.Contains(t, r.Metadata.Get("x-goog-request-params")[0], "session=projects%2Fshop%2Fagent%2Fsessions%2F")
	require.NotEmpty(t, r.Metadata.Get("x-goog-api-client"))
	require.Equal(t, "WELCOME", all[1].Event)
	require.Equal(t, map[string]any{"a": "b"}, all[1].EventParameters)
}

func TestTheSameScriptHasTheSameAnswers(t *testing.T) {
	script := func() (ids, answers []string) {
		k := start(t, demo(t), "es")
		for _, text := range []string{"hola", "xyzzy", "mi pedido", "A-1234", "gracias", "no"} {
			resp, err := k.ask(k.text(text))
			require.NoError(t, err)
			ids, answers = append(ids, resp.ResponseId), append(answers, resp.QueryResult.FulfillmentText)
		}
		return ids, answers
	}
	ids, answers := script()
	ids2, answers2 := script()
	require.Equal(t, ids, ids2)
	require.Equal(t, answers, answers2)
}

// reason is the reason of the ErrorInfo of an error.
func reason(t *testing.T, err error) string {
	ae, ok := apierror.FromError(err)
	require.True(t, ok)
	return ae.Reason()
}
