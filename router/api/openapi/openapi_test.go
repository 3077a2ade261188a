package openapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
	"relevo/router/api/openapi"
)

type color string

// Enum lists the colours.
func (color) Enum() []any { return []any{color("red"), color("blue")} }

type base struct {
	ID int64 `json:"id"`
}

type thingJSON struct {
	base
	Name    string                       `json:"name" doc:"what it is called"`
	Alias   *string                      `json:"alias"`
	Left    *string                      `json:"left,omitempty"`
	Color   color                        `json:"color"`
	Paint   *color                       `json:"paint"`
	Kind    *string                      `json:"kind" enum:"a,b"`
	At      time.Time                    `json:"at"`
	Parts   []partJSON                   `json:"parts"`
	Main    *partJSON                    `json:"main"`
	Any     any                          `json:"any"`
	Counts  map[string]int               `json:"counts"`
	Nothing struct{}                     `json:"nothing"`
	Either  api.Either[partJSON, int64]  `json:"either"`
	Maybe   api.Either[partJSON, string] `json:"maybe,omitzero"`
	hidden  string
}

type partJSON struct {
	Size float64 `json:"size"`
}

type request struct {
	Shop   int64                  `path:"shop" json:"-"`
	Key    string                 `header:"Idempotency-Key" maxLength:"20" json:"-"`
	Match  api.IfMatch            `header:"If-Match" json:"-"`
	Labels []string               `query:"labels" maxLength:"9" json:"labels"`
	Name   string                 `json:"name" required:"true" maxLength:"5" doc:"what it is called"`
	Word   string                 `json:"word" enum:"on,off"`
	Number api.Optional[int64]    `json:"number" minimum:"0" maximum:"7"`
	IDs    api.Optional[[]string] `json:"ids" items:"integer"`
	Free   map[string]any         `json:"free"`
	Any    any                    `json:"any"`
	Flag   bool                   `json:"flag"`
	Files  api.Files              `json:"files"`
}

func server(t *testing.T) *api.Server {
	t.Helper()
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	return s
}

func makeThing(context.Context, *request) (thingJSON, error) { return thingJSON{hidden: ""}, nil }

// built is the document of s.
func built(t *testing.T, s *api.Server) map[string]any {
	t.Helper()
	text, err := openapi.Build(s)
	require.NoError(t, err)
	again, err := openapi.Build(s)
	require.NoError(t, err)
	require.Equal(t, string(text), string(again), "the same code gives the same text")
	var document map[string]any
	require.NoError(t, json.Unmarshal(text, &document))
	return document
}

// at returns what stands at a place, as JSON.
func at(t *testing.T, v any, place ...string) string {
	t.Helper()
	for _, key := range place {
		object, ok := v.(map[string]any)
		require.True(t, ok, key)
		require.Contains(t, object, key)
		v = object[key]
	}
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func withThing(t *testing.T) map[string]any {
	s := server(t)
	api.Handle(s.Group("/api/v1/shops/:shop", api.ForAgents, nil), api.Operation{Method: "POST", Path: "/things", Summary: "Make a thing", Wrap: "thing"}, makeThing)
	return built(t, s)
}

func TestAnswersAreDescribedAsTheyAreWritten(t *testing.T) {
	thing := []string{"components", "schemas", "Thing"}
	d := withThing(t)
	for name, want := range map[string]string{
		"id":      `{"type":"integer"}`,
		"name":    `{"type":"string","description":"what it is called"}`,
		"alias":   `{"type":["string","null"]}`,
		"left":    `{"type":"string"}`,
		"color":   `{"type":"string","enum":["red","blue"]}`,
		"paint":   `{"anyOf":[{"type":"string","enum":["red","blue"]},{"type":"null"}]}`,
		"kind":    `{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]}`,
		"at":      `{"type":"string","format":"date-time"}`,
		"parts":   `{"type":"array","items":{"$ref":"#/components/schemas/Part"}}`,
		"main":    `{"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"null"}]}`,
		"any":     `{}`,
		"counts":  `{"type":"object","additionalProperties":{"type":"integer"}}`,
		"nothing": `{"type":"object","additionalProperties":false,"properties":{}}`,
		"either":  `{"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"integer"},{"type":"null"}]}`,
		"maybe":   `{"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"string"}]}`,
	} {
		require.JSONEq(t, want, at(t, d, append(thing, "properties", name)...), name)
	}
	require.JSONEq(t, `["id","name","alias","color","paint","kind","at","parts","main","any","counts","nothing","either"]`, at(t, d, append(thing, "required")...))
	require.JSONEq(t, `false`, at(t, d, append(thing, "additionalProperties")...))
	require.NotContains(t, at(t, d, thing...), "hidden")
	require.JSONEq(t, `{"$ref":"#/components/schemas/Thing"}`,
		at(t, d, "paths", "/api/v1/shops/{shop}/things", "post", "responses", "200", "content", "application/json", "schema"))
}

func TestRequestsAreDescribedByTheRulesThatBindThem(t *testing.T) {
	d := withThing(t)
	op := []string{"paths", "/api/v1/shops/{shop}/things", "post"}
	var parameters []map[string]any
	require.NoError(t, json.Unmarshal([]byte(at(t, d, append(op, "parameters")...)), &parameters))
	for _, p := range parameters {
		if p["in"] == "header" {
			require.NotEmpty(t, p["description"])
			delete(p, "description")
		}
	}
	require.JSONEq(t, `[
		{"name":"shop","in":"path","required":true,"schema":{"type":"integer"}},
		{"name":"Idempotency-Key","in":"header","schema":{"type":"string","maxLength":20}},
		{"name":"If-Match","in":"header","schema":{"type":"string","maxLength":1000}},
		{"name":"labels[]","in":"query","schema":{"type":"array","maxItems":200,"items":{"type":"string","maxLength":9}}}]`, at(t, map[string]any{"p": parameters}, "p"))
	require.JSONEq(t, `{"type":"object","required":["name"],"properties":{
		"name":{"type":"string","minLength":1,"maxLength":5,"description":"what it is called"},
		"word":{"type":"string","enum":["on","off"]},
		"number":{"type":["integer","null"],"minimum":0,"maximum":7},
		"ids":{"type":["array","null"],"maxItems":200,"items":{"type":"integer"}},
		"free":{"type":"object"},"any":{},"flag":{"type":"boolean"}}}`, at(t, d, "components", "schemas", "MakeThingRequest"))
	require.JSONEq(t, `{"required":true,"content":{
		"application/json":{"schema":{"anyOf":[{"$ref":"#/components/schemas/MakeThingRequest"},
			{"type":"object","required":["thing"],"properties":{"thing":{"$ref":"#/components/schemas/MakeThingRequest"}}}]}},
		"multipart/form-data":{"schema":{"allOf":[{"$ref":"#/components/schemas/MakeThingRequest"},
			{"type":"object","properties":{"files[]":{"type":"array","items":{"type":"string","contentMediaType":"application/octet-stream"}}}}]}}}}`,
		at(t, d, append(op, "requestBody")...))
	require.JSONEq(t, `"makeThing"`, at(t, d, append(op, "operationId")...))
	require.JSONEq(t, `["agent","administrator"]`, at(t, d, append(op, "x-callers")...))
	require.JSONEq(t, `[{"token":[]},{"bearer":[]},{"session":[]}]`, at(t, d, append(op, "security")...))
	require.JSONEq(t, `{"$ref":"#/components/responses/Failure422"}`, at(t, d, append(op, "responses", "422")...))
	require.JSONEq(t, `["stale_version","echo_id_reused","idempotency_key_reused","another_person","already_answered"]`,
		at(t, d, "components", "responses", "Failure409", "content", "application/json", "schema", "properties", "code", "enum"))
}

// A document that would keep something back is not written.
func TestWhatIsMissingIsNamed(t *testing.T) {
	answer := []api.Answer{{Status: http.StatusOK, Meaning: "Here it is", Type: "text/html"}}
	nothing := func(context.Context, *struct{}) (api.Empty, error) { return api.Empty{}, nil }
	for _, c := range []struct {
		missing string
		serve   func(s *api.Server)
	}{
		{"GET /page: api.Operation.Summary is missing", func(s *api.Server) {
			s.Mount(api.Operation{Method: "GET", Path: "/page", Name: "page", Answers: answer}, http.NotFoundHandler())
		}},
		{"GET /page: api.Operation.Name is missing", func(s *api.Server) {
			s.Mount(api.Operation{Method: "GET", Path: "/page", Summary: "A page", Answers: answer}, http.NotFoundHandler())
		}},
		{"GET /page: api.Operation.Answers is missing", func(s *api.Server) {
			s.Mount(api.Operation{Method: "GET", Path: "/page", Summary: "A page", Name: "page"}, http.NotFoundHandler())
		}},
		{"GET /api/x: api.Operation.Summary is missing", func(s *api.Server) {
			api.Handle(s.Group("/api", api.ForEverybody, nil), api.Operation{Method: "GET", Path: "/x", Name: "x"}, nothing)
		}},
		{"GET /api/x: api.Operation.Name is missing", func(s *api.Server) {
			api.Handle(s.Group("/api", api.ForEverybody, nil), api.Operation{Method: "GET", Path: "/x", Summary: "X"}, nothing)
		}},
		{"knows no chan int", func(s *api.Server) {
			api.Handle(s.Group("/api", api.ForEverybody, nil), api.Operation{Method: "GET", Path: "/x", Name: "x", Summary: "X"},
				func(context.Context, *struct{}) (struct {
					C chan int `json:"c"`
				}, error) {
					panic("not called")
				})
		}},
	} {
		s := server(t)
		c.serve(s)
		_, err := openapi.Build(s)
		require.ErrorContains(t, err, c.missing)
	}
}

func TestTheSameFunctionUnderTwoMethodsHasTwoNames(t *testing.T) {
	s := server(t)
	g := s.Group("/public/api/v1/inboxes/:inbox_identifier", api.ForVisitors, nil)
	for _, method := range []string{"PUT", "PATCH"} {
		api.Handle(g, api.Operation{Method: method, Path: "/contacts", Summary: "Change"}, makeThing)
	}
	d := built(t, s)
	path := []string{"paths", "/public/api/v1/inboxes/{inbox_identifier}/contacts"}
	require.JSONEq(t, `"publicMakeThing"`, at(t, d, append(path, "patch", "operationId")...))
	require.JSONEq(t, `"publicMakeThingByPut"`, at(t, d, append(path, "put", "operationId")...))
	require.JSONEq(t, `["Customers: contacts"]`, at(t, d, append(path, "put", "tags")...))
	require.JSONEq(t, `[]`, at(t, d, append(path, "put", "security")...))
}
