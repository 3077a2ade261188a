package dialogflow

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"

	"relevo/bot"
	"relevo/router"
)

func echo(_ context.Context, _ int, _ *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
	return hello(), nil
}

func TestSessionsAreNamedAfterLocationAndEnvironment(t *testing.T) {
	for _, tt := range []struct {
		o        Options
		session  string
		endpoint string
	}{
		{Options{}, "projects/test-project/agent/sessions/s1", "dialogflow.googleapis.com:443"},
		{Options{Location: "global"}, "projects/test-project/locations/global/agent/sessions/s1", "dialogflow.googleapis.com:443"},
		{Options{Location: "europe-west1"}, "projects/test-project/locations/europe-west1/agent/sessions/s1", "europe-west1-dialogflow.googleapis.com:443"},
		{Options{Environment: "prod"}, "projects/test-project/agent/environments/prod/users/-/sessions/s1", "dialogflow.googleapis.com:443"},
		{Options{Location: "us-central1", Environment: "prod"}, "projects/test-project/locations/us-central1/agent/environments/prod/users/-/sessions/s1", "us-central1-dialogflow.googleapis.com:443"},
	} {
		s, es := serve(t, tt.o, echo)
		_, err := es.Detect(t.Context(), bot.Query{Session: "s1", Text: "Hola", Language: "es",
			Contexts: []bot.Context{{Name: "Pedido", Lifespan: 5}}})
		require.NoError(t, err)
		require.Equal(t, tt.session, s.requests[0].GetSession())
		require.Equal(t, tt.session+"/contexts/pedido", s.requests[0].GetQueryParams().GetContexts()[0].GetName())
		require.Equal(t, tt.endpoint, endpoint(tt.o.Location))
	}
}

func TestEverythingOfAQuestionArrives(t *testing.T) {
	s, es := serve(t, Options{Language: "en"}, echo)
	when := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	_, err := es.Detect(t.Context(), bot.Query{
		Session: "s1", Text: " Hola\x00 \xffqué ", Language: "es-MX", TimeZone: "America/Mexico_City",
		Contexts: []bot.Context{
			{Name: "pedido", Lifespan: 3, Parameters: map[string]any{"numero": 42.0}},
			{Name: "ended", Lifespan: 0},
			{Name: "__system_counters__", Lifespan: 1},
			{Name: "0b1c_id_dialog_context", Lifespan: 2},
		},
		Payload: map[string]any{"conversation": "c1", "labels": []string{"a", "b"}, "at": when, "odd": "\xff"},
	})
	require.NoError(t, err)
	got := s.requests[0]
	require.Equal(t, "Hola \uFFFDqué", got.GetQueryInput().GetText().GetText())
	require.Equal(t, "es-MX", got.GetQueryInput().GetText().GetLanguageCode())
	require.Equal(t, "America/Mexico_City", got.GetQueryParams().GetTimeZone())
	require.Len(t, got.GetQueryParams().GetContexts(), 1)
	require.EqualValues(t, 3, got.GetQueryParams().GetContexts()[0].GetLifespanCount())
	require.Equal(t, map[string]any{"numero": 42.0}, got.GetQueryParams().GetContexts()[0].GetParameters().AsMap())
	require.Equal(t, map[string]any{"conversation": "c1", "labels": []any{"a", "b"}, "at": "2026-11-22T10:00:00Z", "odd": "\uFFFD"},
		got.GetQueryParams().GetPayload().AsMap())

	_, err = es.Detect(t.Context(), bot.Query{Session: "s1", Event: "WELCOME"})
	require.NoError(t, err)
	require.Equal(t, "WELCOME", s.requests[1].GetQueryInput().GetEvent().GetName())
	require.Equal(t, "en", s.requests[1].GetQueryInput().GetEvent().GetLanguageCode())
	require.Empty(t, s.requests[1].GetQueryParams().GetContexts())
}

func TestWhatDialogflowWouldRefuseIsNotSent(t *testing.T) {
	s, es := serve(t, Options{}, echo)
	for name, tt := range map[string]struct {
		q  bot.Query
		ok bool
	}{
		"256 letters":           {bot.Query{Session: "s", Language: "es", Text: strings.Repeat("ñ", 256)}, true},
		"257 letters":           {bot.Query{Session: "s", Language: "es", Text: strings.Repeat("ñ", 257)}, false},
		"256 emoji":             {bot.Query{Session: "s", Language: "es", Text: strings.Repeat("🚀", 256)}, true},
		"257 emoji":             {bot.Query{Session: "s", Language: "es", Text: strings.Repeat("🚀", 257)}, false},
		"256 and blanks around": {bot.Query{Session: "s", Language: "es", Text: "  " + strings.Repeat("a", 256) + "\n"}, true},
		"nothing":               {bot.Query{Session: "s", Language: "es"}, false},
		"blank":                 {bot.Query{Session: "s", Language: "es", Text: " \n\t"}, false},
		"only a NUL":            {bot.Query{Session: "s", Language: "es", Text: "\x00"}, false},
		"text and event":        {bot.Query{Session: "s", Language: "es", Text: "a", Event: "B"}, false},
		"long event":            {bot.Query{Session: "s", Language: "es", Event: strings.Repeat("E", 151)}, false},
		"no language":           {bot.Query{Session: "s", Text: "a"}, false},
		"no session":            {bot.Query{Language: "es", Text: "a"}, false},
		"a UUID's session":      {bot.Query{Session: strings.Repeat("a", 36), Language: "es", Text: "a"}, true},
		"long session":          {bot.Query{Session: strings.Repeat("a", 37), Language: "es", Text: "a"}, false},
		"path in session":       {bot.Query{Session: "a/b", Language: "es", Text: "a"}, false},
		"payload not JSON":      {bot.Query{Session: "s", Language: "es", Text: "a", Payload: map[string]any{"f": func() {}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.count()
			_, err := es.Detect(t.Context(), tt.q)
			if tt.ok {
				require.NoError(t, err)
				require.Equal(t, before+1, s.count())
				return
			}
			failure := detectError(t, err)
			require.Equal(t, router.ReasonBotBadRequest, failure.Reason)
			require.Zero(t, failure.Attempts)
			require.Equal(t, before, s.count())
			if tt.q.Text != "" && len(tt.q.Text) > 20 {
				require.NotContains(t, err.Error(), tt.q.Text[:20], "customers' words are no text for a log")
			}
		})
	}
}
