package dialogflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/protobuf/types/known/structpb"

	"relevo/bot"
)

// What Dialogflow takes, in characters; longer is refused there, so it is
// refused here without asking.
const (
	maxSession = 36
	maxText    = 256
	maxEvent   = 150
)

// request translates q. Its errors name what is wrong, never the text itself.
func (es *ES) request(q bot.Query) (*dialogflowpb.DetectIntentRequest, error) {
	if q.Session == "" || utf8.RuneCountInString(q.Session) > maxSession || strings.Contains(q.Session, "/") {
		return nil, fmt.Errorf("session id must have 1 to %d characters and no slash", maxSession)
	}
	session := string(es.agent) + clean(q.Session)
	input, err := es.input(q)
	if err != nil {
		return nil, err
	}
	contexts, err := encodeContexts(session, q.Contexts)
	if err != nil {
		return nil, err
	}
	payload, err := encode(q.Payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return &dialogflowpb.DetectIntentRequest{
		Session:    session,
		QueryInput: input,
		QueryParams: &dialogflowpb.QueryParameters{
			TimeZone: clean(q.TimeZone),
			Contexts: contexts,
			Payload:  payload,
		},
	}, nil
}

func (es *ES) input(q bot.Query) (*dialogflowpb.QueryInput, error) {
	language := q.Language
	if language == "" {
		language = es.language
	}
	text, event := strings.TrimSpace(clean(q.Text)), clean(q.Event)
	switch {
	case language == "":
		return nil, errors.New("no language")
	case text != "" && event != "":
		return nil, errors.New("both a text and an event")
	case utf8.RuneCountInString(event) > maxEvent:
		return nil, fmt.Errorf("event name is longer than %d characters", maxEvent)
	case utf8.RuneCountInString(text) > maxText:
		return nil, fmt.Errorf("text is longer than %d characters", maxText)
	case event != "":
		return &dialogflowpb.QueryInput{Input: &dialogflowpb.QueryInput_Event{
			Event: &dialogflowpb.EventInput{Name: event, LanguageCode: clean(language)}}}, nil
	case text != "":
		return &dialogflowpb.QueryInput{Input: &dialogflowpb.QueryInput_Text{
			Text: &dialogflowpb.TextInput{Text: text, LanguageCode: clean(language)}}}, nil
	}
	return nil, errors.New("neither a text nor an event")
}

// encodeContexts sends only what is alive: a context with no turns left would
// be put to an end there, and may have been set anew meanwhile.
func encodeContexts(session string, contexts []bot.Context) ([]*dialogflowpb.Context, error) {
	var out []*dialogflowpb.Context
	for _, c := range contexts {
		name := strings.ToLower(clean(c.Name))
		if name == "" || c.Lifespan <= 0 || reserved(name) {
			continue
		}
		parameters, err := encode(c.Parameters)
		if err != nil {
			return nil, fmt.Errorf("context %s: %w", name, err)
		}
		out = append(out, &dialogflowpb.Context{
			Name:          session + "/contexts/" + name,
			LifespanCount: int32(min(c.Lifespan, 1<<20)),
			Parameters:    parameters,
		})
	}
	return out, nil
}

// encode makes a Struct of what the flow collected. Values that a Struct does
// not know ([]string, time.Time, broken UTF-8) take the way over JSON.
func encode(m map[string]any) (*structpb.Struct, error) {
	if len(m) == 0 {
		return nil, nil
	}
	if s, err := structpb.NewStruct(m); err == nil {
		return s, nil
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	s := new(structpb.Struct)
	if err := s.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("not a struct: %w", err)
	}
	return s, nil
}

// clean makes text fit for both sides: protobuf refuses broken UTF-8, and
// PostgreSQL refuses NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// cleanValue is clean for what came out of a Struct. Maps are changed in place.
func cleanValue(v any) any {
	switch v := v.(type) {
	case string:
		return clean(v)
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i])
		}
	case map[string]any:
		for _, key := range slices.Collect(maps.Keys(v)) {
			value := cleanValue(v[key])
			delete(v, key)
			v[clean(key)] = value
		}
	}
	return v
}
