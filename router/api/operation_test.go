package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
	"relevo/router/fault"
)

// everything has one field of each kind that an input may have.
type everything struct {
	ID       int64                `path:"id" json:"-"`
	Key      string               `header:"Idempotency-Key" maxLength:"20" json:"-"`
	Match    api.IfMatch          `header:"If-Match"`
	Text     string               `json:"text" maxLength:"5"`
	Number   int64                `json:"number" minimum:"0" maximum:"1000"`
	Flag     bool                 `json:"flag"`
	Word     string               `json:"word" enum:"on,off"`
	Labels   []string             `json:"labels" maxLength:"10"`
	Custom   map[string]any       `json:"custom"`
	Values   any                  `json:"values"`
	Assignee api.Optional[int64]  `json:"assignee"`
	Name     api.Optional[string] `json:"name"`
	Files    api.Files            `json:"files"`
	Page     int                  `query:"page" minimum:"1" json:"page"`
}

func echoServer(t *testing.T, log *journal) *httptest.Server {
	t.Helper()
	s, err := api.New(api.Options{BodyLimit: 200_000, Logger: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	g := s.Group("/api", api.ForEverybody, nil)
	api.Handle(g, api.Operation{Method: "POST", Path: "/things/:id", Wrap: "thing"},
		func(_ context.Context, in *everything) (*everything, error) { return in, nil })
	api.Handle(g, api.Operation{Method: "GET", Path: "/fail/:how"},
		func(_ context.Context, in *struct {
			How string `path:"how"`
		}) (api.Empty, error) {
			switch in.How {
			case "panic":
				panic("secret of the inside")
			case "limit":
				return api.Empty{}, fault.TooMany.With("seconds", 7)
			case "field":
				return api.Empty{}, fault.Taken.Field("taken", "email")
			case "fine":
				return api.Empty{}, nil
			}
			return api.Empty{}, errors.New("secret of the database")
		})
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server
}

// journal is a log that a test may read while the server writes it.
type journal struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.String()
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

func send(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	require.NoError(t, err)
	return answer{res.StatusCode, res.Header, b.String()}
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json"
)

// The same words in every way that clients say them.
func TestEveryDialectIsUnderstood(t *testing.T) {
	server := echoServer(t, &journal{})
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, f := range [][2]string{{"text", "hola"}, {"number", "7"}, {"flag", "true"}, {"labels[]", "a"}, {"labels[]", "b"},
		{"custom", `{"k":{"n":1}}`}, {"assignee", ""}} {
		require.NoError(t, w.WriteField(f[0], f[1]))
	}
	require.NoError(t, w.Close())

	want := map[string]any{"text": "hola", "number": 7.0, "flag": true, "labels": []any{"a", "b"},
		"custom": map[string]any{"k": map[string]any{"n": 1.0}}}
	for name, tt := range map[string]struct{ query, kind, body string }{
		"JSON":           {"", asJSON, `{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":{"k":{"n":1}},"assignee":null}`},
		"texts":          {"", asJSON, `{"text":"hola","number":"7","flag":"1","labels":["a","b"],"custom":{"k":{"n":1}},"assignee":""}`},
		"wrapped":        {"", asJSON, `{"thing":{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":{"k":{"n":1}},"assignee":null}}`},
		"no type":        {"", "", `{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":{"k":{"n":1}},"assignee":null}`},
		"multipart":      {"", w.FormDataContentType(), form.String()},
		"form":           {"", asForm, `text=hola&number=7&flag=on&labels=a&labels=b&custom[k][n]=1&assignee=`},
		"wrapped form":   {"", asForm, `thing[text]=hola&thing[number]=7&thing[flag]=on&thing[labels][]=a&thing[labels][]=b&thing[custom][k][n]=1&thing[assignee]=`},
		"query":          {"?number=7&assignee=&labels[]=a&labels[]=b", asJSON, `{"text":"hola","flag":true,"custom":{"k":{"n":1}}}`},
		"body wins":      {"?text=otra&number=8&unknown=1", asJSON, `{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":{"k":{"n":1}},"assignee":null,"more":{"x":1}}`},
		"last one":       {"", asForm, `text=otra&text=hola&number=7&flag=on&labels[]=a&labels[]=b&custom[k][n]=1&assignee=`},
		"blank labels":   {"", asForm, `text=hola&number=7&flag=on&labels[]=a&labels[]=&labels[]=b&custom[k][n]=1&assignee=`},
		"a slash more":   {"/", asJSON, `{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":{"k":{"n":1}},"assignee":null}`},
		"text of object": {"", asJSON, `{"text":"hola","number":7,"flag":true,"labels":["a","b"],"custom":"{\"k\":{\"n\":1}}","assignee":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, "POST", server.URL+"/api/things/3"+tt.query, tt.body, "Content-Type", tt.kind)
			require.Equal(t, 200, got.status, got.body)
			v := got.json(t)
			for key, value := range want {
				if key == "custom" && strings.Contains(name, "form") { // a form's numbers are texts
					value = map[string]any{"k": map[string]any{"n": "1"}}
				}
				if key == "custom" && name == "last one" || key == "custom" && name == "blank labels" {
					value = map[string]any{"k": map[string]any{"n": "1"}}
				}
				require.Equal(t, value, v[key], key)
			}
			require.Equal(t, map[string]any{"Set": true, "Null": true, "Value": 0.0}, v["assignee"])
			require.Equal(t, map[string]any{"Set": false, "Null": false, "Value": ""}, v["name"])
		})
	}
}

func TestAnEmptyBodyIsAnEmptyObject(t *testing.T) {
	server := echoServer(t, &journal{})
	for _, kind := range []string{"", asJSON, asForm, "text/plain"} {
		require.Equal(t, 200, send(t, "POST", server.URL+"/api/things/3", "", "Content-Type", kind).status, kind)
	}
}

// Every kind of wrong value: status, code, the field and the sentence.
func TestBadValuesAreNamedAndNotRepeated(t *testing.T) {
	server := echoServer(t, &journal{})
	deep := strings.Repeat(`{"a":`, 11) + `1` + strings.Repeat(`}`, 11)
	for name, tt := range map[string]struct {
		path, kind, body string
		status           int
		code, want       string // want: part of the answer
	}{
		"broken JSON":        {"3", asJSON, `{"text":`, 400, "malformed", ""},
		"two objects":        {"3", asJSON, `{} {}`, 400, "malformed", ""},
		"a list":             {"3", asJSON, `[1]`, 400, "malformed", ""},
		"not UTF-8":          {"3", asJSON, "{\"text\":\"\xff\"}", 400, "malformed", ""},
		"broken form":        {"3", asForm, `text=%zz`, 400, "malformed", ""},
		"broken query":       {"3?text=%zz", asJSON, `{}`, 400, "malformed", ""},
		"broken multipart":   {"3", "multipart/form-data; boundary=x", `--x`, 400, "malformed", ""},
		"no boundary":        {"3", "multipart/form-data", `--x`, 400, "malformed", ""},
		"too large":          {"3", asJSON, `{"text":"` + strings.Repeat("a", 200_000) + `"}`, 413, "too_large", ""},
		"large form":         {"3", asForm, `text=` + strings.Repeat("a", 200_000), 413, "too_large", ""},
		"form not UTF-8":     {"3", asForm, `text=%ff`, 422, "invalid", "text is not valid UTF-8 text"},
		"NUL":                {"3", asJSON, `{"text":"a\u0000b"}`, 422, "invalid", "text contains a NUL byte"},
		"NUL in a key":       {"3", asJSON, `{"custom":{"a\u0000":1}}`, 422, "invalid", "custom contains a NUL byte"},
		"NUL in a list":      {"3", asJSON, `{"labels":["a\u0000"]}`, 422, "invalid", "labels contains a NUL byte"},
		"NUL in any":         {"3", asJSON, `{"values":[{"a":"\u0000"}]}`, 422, "invalid", "values contains a NUL byte"},
		"too long":           {"3", asJSON, `{"text":"ñññññn"}`, 422, "invalid", "text can have at most 5 characters"},
		"object as text":     {"3", asJSON, `{"text":{"secret":1}}`, 422, "invalid", "text is not a text"},
		"word as number":     {"3", asJSON, `{"number":"secret"}`, 422, "invalid", "number is not an integer"},
		"fraction":           {"3", asJSON, `{"number":1.5}`, 422, "invalid", "number is not an integer"},
		"boolean as number":  {"3", asJSON, `{"number":true}`, 422, "invalid", "number is not an integer"},
		"number too high":    {"3", asJSON, `{"number":1001}`, 422, "invalid", "number must be from 0 to 1000"},
		"number beyond all":  {"3", asJSON, `{"number":99999999999999999999}`, 422, "invalid", "number must be from 0 to 1000"},
		"word as flag":       {"3", asJSON, `{"flag":"secret"}`, 422, "invalid", "flag is neither true nor false"},
		"word outside":       {"3", asJSON, `{"word":"secret"}`, 422, "invalid", "word is not a known value"},
		"number as list":     {"3", asJSON, `{"labels":5}`, 422, "invalid", "labels is not a list"},
		"object in list":     {"3", asJSON, `{"labels":[{}]}`, 422, "invalid", "labels is not a text"},
		"long label":         {"3", asJSON, `{"labels":["secretsecret"]}`, 422, "invalid", "labels can have at most 10 characters"},
		"too many labels":    {"3", asJSON, `{"labels":[` + strings.Repeat(`"a",`, 200) + `"a"]}`, 422, "invalid", "labels can have at most 200 items"},
		"list as object":     {"3", asJSON, `{"custom":["secret"]}`, 422, "invalid", "custom is not an object"},
		"text as object":     {"3", asJSON, `{"custom":"secret"}`, 422, "invalid", "custom is not an object"},
		"deep object":        {"3", asJSON, `{"custom":` + deep + `}`, 422, "invalid", "custom can be nested at most 10 levels deep"},
		"large object":       {"3", asJSON, `{"custom":{"a":"` + strings.Repeat("secret", 11_000) + `"}}`, 422, "invalid", "custom can have at most 64000 bytes"},
		"number too large":   {"3", asJSON, `{"custom":{"a":1e999}}`, 422, "invalid", "custom is not a number"},
		"word as assignee":   {"3", asJSON, `{"assignee":"secret"}`, 422, "invalid", "assignee is not an integer"},
		"files":              {"3", asJSON, `{"files":["secret"]}`, 422, "invalid", "files is not allowed here"},
		"negative page":      {"3?page=-1", asJSON, `{}`, 422, "invalid", "page must be at least 1"},
		"two at once":        {"3", asJSON, `{"number":"x","flag":"x"}`, 422, "invalid", "number is not an integer; flag is neither true nor false"},
		"word as id":         {"secret", asJSON, `{}`, 404, "not_found", ""},
		"huge id":            {"99999999999999999999", asJSON, `{}`, 404, "not_found", ""},
		"NUL as id":          {"%00", asJSON, `{}`, 404, "not_found", ""},
		"no such operation":  {"3/secret", asJSON, `{}`, 404, "not_found", ""},
		"deep form is plain": {"3", asForm, `custom` + strings.Repeat("[a]", 12) + `=1`, 200, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, "POST", server.URL+"/api/things/"+tt.path, tt.body, "Content-Type", tt.kind)
			require.Equal(t, tt.status, got.status, got.body)
			if tt.status == 200 {
				return
			}
			v := got.json(t)
			require.Equal(t, tt.code, v["code"], got.body)
			require.NotContains(t, got.body, "secret")
			if tt.want == "" {
				require.NotEmpty(t, v["error"])
				return
			}
			require.Equal(t, tt.want, v["message"])
			require.NotEmpty(t, v["attributes"])
		})
	}
}

func TestFaultsAreToldInTheClientsLanguage(t *testing.T) {
	server := echoServer(t, &journal{})
	for accept, want := range map[string]string{
		"":                        "What you are looking for was not found.",
		"fr":                      "What you are looking for was not found.",
		"es-MX,es;q=0.9,en;q=0.8": "No se encontró lo que buscas.",
		"en-GB,es;q=0.5":          "What you are looking for was not found.",
		strings.Repeat("es,", 99): "What you are looking for was not found.",
	} {
		got := send(t, "GET", server.URL+"/nowhere", "", "Accept-Language", accept)
		require.Equal(t, 404, got.status)
		require.Equal(t, want, got.json(t)["error"], accept)
	}
}

func TestInternalTextNeverLeaves(t *testing.T) {
	var log journal
	server := echoServer(t, &log)
	for _, how := range []string{"panic", "error"} {
		got := send(t, "GET", server.URL+"/api/fail/"+how, "", "X-Request-Id", "req-"+how)
		require.Equal(t, 500, got.status)
		require.Equal(t, "internal", got.json(t)["code"])
		require.NotContains(t, got.body, "secret")
		require.NotContains(t, got.body, ".go")
		require.Equal(t, "req-"+how, got.header.Get("X-Request-Id"))
		require.Contains(t, log.String(), "secret of the", "the log must say what happened")
		require.Contains(t, log.String(), "request=req-"+how)
	}
}

func TestTheLogHoldsNeitherTokensNorQueries(t *testing.T) {
	var log journal
	server := echoServer(t, &log)
	send(t, "GET", server.URL+"/api/fail/fine?q=hidden", "", "api_access_token", "hidden", "X-Request-Id", "bad id\t(hidden)")
	send(t, "POST", server.URL+"/api/fail/hidden/hidden?x=hidden", `{"hidden":1}`)
	server.Close() // the last line is written after the answer
	require.Contains(t, log.String(), "route=/api/fail/:how")
	require.NotContains(t, log.String(), "hidden")
}

func TestAnswersCarryTheirHeaders(t *testing.T) {
	server := echoServer(t, &journal{})
	fine := send(t, "GET", server.URL+"/api/fail/fine", "")
	require.Equal(t, 200, fine.status)
	require.Empty(t, fine.body)
	for _, got := range []answer{fine, send(t, "GET", server.URL+"/api/fail/field", "")} {
		require.Equal(t, "no-store", got.header.Get("Cache-Control"))
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
		require.NotEmpty(t, got.header.Get("X-Request-Id"))
	}
	require.Equal(t, "7", send(t, "GET", server.URL+"/api/fail/limit", "").header.Get("Retry-After"))
	wrong := send(t, "DELETE", server.URL+"/api/fail/fine", "")
	require.Equal(t, 405, wrong.status)
	require.Equal(t, "method_not_allowed", wrong.json(t)["code"])
}

func TestIfMatchIsReadInItsSpellings(t *testing.T) {
	server := echoServer(t, &journal{})
	for header, want := range map[string]any{`5`: 5.0, `"5"`: 5.0, `W/"5"`: 5.0, `*`: nil, ``: nil} {
		got := send(t, "POST", server.URL+"/api/things/3", "{}", "If-Match", header)
		require.Equal(t, 200, got.status)
		require.Equal(t, map[string]any{"Version": want}, got.json(t)["Match"], header)
	}
	require.Equal(t, 422, send(t, "POST", server.URL+"/api/things/3", "{}", "If-Match", `"x"`).status)
}

func TestALimiterIsABucketForEachKey(t *testing.T) {
	now := time.Unix(0, 0)
	l := api.NewLimiter(60, func() time.Time { return now })
	for range 30 {
		require.NoError(t, l.Take("ann"))
	}
	require.ErrorIs(t, l.Take("ann"), fault.TooMany)
	require.NoError(t, l.Take("bob"))
	now = now.Add(time.Second)
	require.NoError(t, l.Take("ann"))
	require.ErrorIs(t, l.Take("ann"), fault.TooMany)
	require.NoError(t, api.NewLimiter(0, nil).Take("anybody"))
}

func TestALimiterForgetsTheLongestUnusedOnly(t *testing.T) {
	now := time.Unix(0, 0)
	l := api.NewLimiter(2, func() time.Time { return now })
	require.NoError(t, l.Take("busy"))
	for i := range 50_000 { // many more than it remembers
		require.NoError(t, l.Take(fmt.Sprint(i)))
		if i%1000 == 0 {
			require.ErrorIs(t, l.Take("busy"), fault.TooMany)
		}
	}
}

func TestTrustedProxiesMustBeAddresses(t *testing.T) {
	_, err := api.New(api.Options{TrustedProxies: []string{"the office"}})
	require.Error(t, err)
}
