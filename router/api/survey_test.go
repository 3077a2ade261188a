package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"relevo/router"
)

// shop declares the shop's inbox anew, with a survey.
func (h *house) shop(s router.SurveySettings) {
	h.t.Helper()
	s.Enabled = true
	h.declare(router.InboxSettings{Survey: s})
}

// declare declares the shop's inbox anew, without a greeting.
func (h *house) declare(s router.InboxSettings) {
	h.t.Helper()
	s.Locale, s.TimeZone, s.NoAutoAssign = "es", "America/Mexico_City", true
	require.NoError(h.t, h.router.Wire(h.t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "tienda", Name: "Tienda",
		Channel: "web_widget", Settings: s, Flow: &router.FlowText{Name: "f", Source: []byte("name: f\n")}}}}))
}

// surveysIn returns the questions in a conversation as its customer sees them.
func (h *house) surveysIn(public string) (questions []map[string]any) {
	h.t.Helper()
	for _, m := range h.list("GET", public+"/messages", "") {
		if m["content_type"] == "input_csat" {
			questions = append(questions, m)
		}
	}
	return questions
}

// list asks for an array.
func (h *house) list(method, path, token string) []map[string]any {
	h.t.Helper()
	got := h.ask(method, path, token, "")
	require.Equal(h.t, 200, got.status, "%s %s: %s", method, path, got.body)
	var rows []map[string]any
	require.NoError(h.t, json.Unmarshal([]byte(got.body), &rows), got.body)
	return rows
}

func (h *house) resolve(agents string) {
	h.t.Helper()
	h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"resolved"}`)
}

const surveyReport = "/api/v1/accounts/1/csat_survey_responses"

// «Una vez que el ticket es marcado como "Resuelto", si la opción de CSAT está
// habilitada, se le enviará la encuesta al cliente desde el widget. La
// respuesta de los clientes se verá reflejada en CSAT en la sección de
// Reportes.»
func TestTheSurveyOfTheHelpPage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"open"}`)
		h.resolve(agents)
		require.Empty(t, h.surveysIn(public), "the inbox has not enabled it")

		h.shop(router.SurveySettings{})
		require.Equal(t, true, h.must("GET", "/public/api/v1/inboxes/tienda", "", "")["csat_survey_enabled"])
		h.must("POST", public+"/messages", "", `{"content":"Otra cosa"}`)
		h.attend()
		h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"open"}`)
		require.Empty(t, h.surveysIn(public), "still open")
		h.resolve(agents)
		questions := h.surveysIn(public)
		require.Len(t, questions, 1)
		require.Equal(t, []any{"¿Cómo valoras esta conversación?", 3.0, map[string]any{"display_type": "emoji"}},
			[]any{questions[0]["content"], questions[0]["message_type"], questions[0]["content_attributes"]})
		require.Equal(t, "resolved", h.must("GET", public, "", "")["status"])
		h.resolve(agents)
		h.must("POST", agents+"/messages", "token-ana", `{"content":"Gracias por escribir"}`)
		require.Len(t, h.surveysIn(public), 1, "once for a resolution, whatever is said after it")

		// First the rating, then the comment, as the widget sends them.
		answer := fmt.Sprintf("%s/messages/%v", public, questions[0]["id"])
		h.must("PATCH", answer, "", `{"message":{"submitted_values":{"csat_survey_response":{"rating":4}}}}`)
		shown := h.must("PATCH", answer, "", `{"submitted_values":{"csat_survey_response":{"rating":4,"feedback_message":"Muy amable"}}}`)
		require.Equal(t, map[string]any{"csat_survey_response": map[string]any{"rating": 4.0, "feedback_message": "Muy amable"}},
			shown["content_attributes"].(map[string]any)["submitted_values"])
		c := h.must("GET", agents, "token-ana", "")
		require.Equal(t, "resolved", c["status"], "an answer to a survey is no word of the customer")
		require.EqualValues(t, 0, c["unread_count"])

		thread := h.must("GET", agents+"/messages", "token-ana", "")["payload"].([]any)
		var lines []any
		for _, m := range thread[len(thread)-2:] {
			lines = append(lines, m.(map[string]any)["content"])
		}
		require.Equal(t, []any{"La conversación fue valorada con 4 de 5 por Lucía", "La valoración de 4 de 5 fue comentada por Lucía"}, lines)

		// The report.
		report := h.list("GET", surveyReport, "token-jefa")
		require.Len(t, report, 1)
		require.Equal(t, []any{4.0, "Muy amable", "ana", "Lucía", c["id"], questions[0]["id"]}, []any{report[0]["rating"], report[0]["feedback_message"],
			report[0]["assigned_agent"].(map[string]any)["name"], report[0]["contact"].(map[string]any)["name"], report[0]["conversation_id"], report[0]["message_id"]})
		require.Equal(t, map[string]any{"total_count": 1.0, "ratings_count": map[string]any{"4": 1.0}, "total_sent_messages_count": 1.0,
			"satisfaction_score": 100.0, "response_rate": 100.0}, h.must("GET", surveyReport+"/metrics", "token-jefa", ""))
	})
}

// Once per resolution, not once for ever; each is of whoever had the
// conversation then.
func TestEveryResolutionIsAskedAboutAndKeepsItsAgent(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		for n, rating := range []int{5, 1} {
			token := []string{"token-ana", "token-jefa"}[n]
			h.must("POST", public+"/messages", "", fmt.Sprintf(`{"content":"Consulta %d"}`, n))
			h.attend()
			h.must("POST", agents+"/toggle_status", token, `{"status":"open"}`)
			h.must("POST", agents+"/toggle_status", token, `{"status":"resolved"}`)
			questions := h.surveysIn(public)
			require.Len(t, questions, n+1)
			h.must("POST", agents+"/assignments", "token-jefa", `{"assignee_id":0}`) // after it was resolved
			h.must("PUT", fmt.Sprintf("%s/messages/%v", public, questions[n]["id"]), "", fmt.Sprintf(`{"submitted_values":{"csat_survey_response":{"rating":"%d"}}}`, rating))
			h.clock.Advance(time.Hour)
		}
		of := func(query string) (names []any) {
			names = []any{}
			for _, s := range h.list("GET", surveyReport+query, "token-jefa") {
				names = append(names, s["assigned_agent"].(map[string]any)["name"])
			}
			return names
		}
		require.Equal(t, []any{"jefa", "ana"}, of(""))
		require.Equal(t, []any{"ana", "jefa"}, of("?sort=created_at"))
		require.Equal(t, []any{"ana"}, of("?rating=5"))
		require.Equal(t, []any{"ana"}, of(fmt.Sprintf("?user_ids[]=%d", h.agents["ana"].ID)))
		require.Equal(t, []any{"ana"}, of(fmt.Sprintf("?since=%d&until=%d", monday.Unix(), monday.Add(30*time.Minute).Unix())))
		require.Empty(t, of("?since="+url.QueryEscape(monday.Add(30*24*time.Hour).Format(time.RFC3339))))
		require.Empty(t, of("?team_id=99"))
		require.Empty(t, of("?inbox_id=99"))
		require.Empty(t, of("?page=2"))
		metrics := h.must("GET", surveyReport+"/metrics", "token-jefa", "")
		require.Equal(t, []any{2.0, 2.0, 50.0}, []any{metrics["total_count"], metrics["total_sent_messages_count"], metrics["satisfaction_score"]})

		// What the customer said before is shown beside the conversation, to
		// those who may see it.
		contact := fmt.Sprintf("/api/v1/accounts/1/contacts/%v/csat_survey_responses", h.must("GET", agents, "token-ana", "")["meta"].(map[string]any)["sender"].(map[string]any)["id"])
		require.Len(t, h.list("GET", contact, "token-ana"), 2)
		require.Empty(t, h.list("GET", contact, "token-berta"))
		require.Equal(t, 404, h.ask("GET", "/api/v1/accounts/1/contacts/999/csat_survey_responses", "token-ana", "").status)
		for _, path := range []string{"", "/metrics", "/download"} {
			require.Equal(t, 401, h.ask("GET", surveyReport+path, "token-ana", "").status, "administrators read reports")
		}
	})
}

func TestWhomTheSurveyLeavesAlone(t *testing.T) {
	for name, c := range map[string]struct {
		settings router.SurveySettings
		talk     func(h *house, agents string) // up to the resolution
		asked    bool
	}{
		"a label that it is for":  {router.SurveySettings{Labels: []string{"venta"}}, labelled("venta"), true},
		"another label":           {router.SurveySettings{Labels: []string{"venta"}}, labelled("queja"), false},
		"no label":                {router.SurveySettings{Labels: []string{"venta"}}, (*house).resolve, false},
		"a label that it is not":  {router.SurveySettings{WithoutLabels: []string{"spam"}}, labelled("spam"), false},
		"none that it is not":     {router.SurveySettings{WithoutLabels: []string{"spam"}}, (*house).resolve, true},
		"the bot alone":           {router.SurveySettings{OnlyWithPerson: true}, (*house).resolve, false},
		"a person answered":       {router.SurveySettings{OnlyWithPerson: true}, answered, true},
		"resolved by a person":    {router.SurveySettings{NotOnAutoResolve: true}, (*house).resolve, true},
		"resolved without survey": {router.SurveySettings{}, skipped(`{"status":"resolved","skip_survey":true}`), false},
		"the same by a toggle": {router.SurveySettings{}, func(h *house, agents string) {
			h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"open"}`)
			skipped(`{"skip_survey":true}`)(h, agents)
		}, false},
		"in bulk": {router.SurveySettings{}, func(h *house, agents string) {
			h.must("POST", "/api/v1/accounts/1/bulk_actions", "token-ana",
				fmt.Sprintf(`{"type":"Conversation","ids":[%s],"fields":{"status":"resolved"},"skip_survey":true}`, agents[strings.LastIndex(agents, "/")+1:]))
		}, false},
		"blocked": {router.SurveySettings{}, func(h *house, agents string) {
			h.must("POST", agents+"/mute", "token-ana", "")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				h.shop(c.settings)
				public, agents := h.conversation(h.visitor("tienda"), "Hola")
				c.talk(h, agents)
				require.Equal(t, "resolved", h.must("GET", agents, "token-ana", "")["status"])
				require.Equal(t, c.asked, len(h.surveysIn(public)) == 1)
			})
		})
	}
}

// Time that passes resolves a conversation too. Customers are asked then, unless
// the inbox leaves alone who has gone.
func TestTheSurveyAfterASilence(t *testing.T) {
	for name, c := range map[string]struct {
		leaves bool
		asked  int
	}{"asked": {false, 1}, "left alone": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				h.declare(router.InboxSettings{Survey: router.SurveySettings{Enabled: true, NotOnAutoResolve: c.leaves},
					AutoResolve: router.AutoResolve{PendingAfter: time.Hour, OpenAfter: time.Hour}})
				byBot, botsView := h.conversation(h.visitor("tienda"), "Hola")
				byPerson, personsView := h.conversation(h.visitor("tienda"), "Hola")
				h.must("POST", personsView+"/messages", "token-ana", `{"content":"Hola, soy Ana"}`)
				h.clock.Advance(time.Hour)
				h.attend()
				for public, agents := range map[string]string{byBot: botsView, byPerson: personsView} {
					require.Equal(t, "resolved", h.must("GET", agents, "token-ana", "")["status"])
					require.Len(t, h.surveysIn(public), c.asked)
				}

				h.must("POST", byPerson+"/messages", "", `{"content":"Una cosa más"}`)
				h.must("POST", personsView+"/toggle_status", "token-ana", `{"status":"resolved"}`)
				require.Len(t, h.surveysIn(byPerson), c.asked+1, "whom a person resolves is asked in any case")
			})
		})
	}
}

func labelled(label string) func(*house, string) {
	return func(h *house, agents string) {
		h.must("POST", agents+"/labels", "token-ana", `{"labels":["`+label+`"]}`)
		h.resolve(agents)
	}
}

func skipped(body string) func(*house, string) {
	return func(h *house, agents string) { h.must("POST", agents+"/toggle_status", "token-ana", body) }
}

func answered(h *house, agents string) {
	h.must("POST", agents+"/messages", "token-ana", `{"content":"Hola, soy Ana"}`)
	h.must("POST", agents+"/assignments", "token-jefa", `{"assignee_id":0}`)
	h.resolve(agents)
}

// A person answered, but not since the bot had the conversation again.
func TestAPersonOfAnEarlierTalkDoesNotCount(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{OnlyWithPerson: true})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		answered(h, agents)
		require.Len(t, h.surveysIn(public), 1)
		h.must("POST", public+"/messages", "", `{"content":"Otra cosa"}`)
		h.attend()
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 1, "only the bot answered")
	})
}

// A conversation in which the customer said nothing, and one that was brought
// in resolved, are not asked about.
func TestNobodyIsAskedWhoSaidNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public := fmt.Sprintf("%s/conversations/", h.visitor("tienda"))
		c := h.must("POST", strings.TrimSuffix(public, "/"), "", "")
		agents := fmt.Sprintf("%s/%v", desk, c["id"])
		h.must("POST", agents+"/toggle_status", "token-jefa", `{"status":"resolved"}`)
		require.Empty(t, h.surveysIn(public+fmt.Sprint(c["id"])))
	})
}

func TestTheSurveyThatAnAgentSendsByHand(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.must("POST", agents+"/messages", "token-ana", `{"content":"¿Qué tal?","content_type":"input_csat"}`)
		h.must("POST", agents+"/messages", "token-ana", `{"content":"nota","content_type":"input_csat","private":true}`)
		questions := h.surveysIn(public)
		require.Len(t, questions, 1)
		h.must("PATCH", fmt.Sprintf("%s/messages/%v", public, questions[0]["id"]), "", `{"submitted_values":{"csat_survey_response":{"rating":2}}}`)
		require.Len(t, h.list("GET", surveyReport, "token-jefa"), 1)
		require.EqualValues(t, 1, h.must("GET", surveyReport+"/metrics", "token-jefa", "")["total_sent_messages_count"], "a note asks nobody")
	})
}

// Whom an agent has asked already is not asked again when the conversation is
// resolved, whether or not they answered; once they write again, they are.
func TestNobodyIsAskedTwiceInOneRound(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		again := func(word string) {
			h.clock.Advance(time.Minute)
			h.must("POST", public+"/messages", "", `{"content":"`+word+`"}`)
			h.attend()
			h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"open"}`)
		}
		byHand := func(private bool) {
			h.must("POST", agents+"/messages", "token-ana", fmt.Sprintf(`{"content":"¿Qué tal?","content_type":"input_csat","private":%v}`, private))
		}
		byHand(false)
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 1)

		again("Otra cosa")
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 2, "it was another round")

		again("Y otra")
		byHand(false)
		question := h.surveysIn(public)[2]
		h.must("PATCH", fmt.Sprintf("%s/messages/%v", public, question["id"]), "", `{"submitted_values":{"csat_survey_response":{"rating":4}}}`)
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 3, "it was answered")

		again("La última")
		byHand(true)
		h.resolve(agents)
		require.Len(t, h.surveysIn(public), 4, "a note asks nobody")
	})
}

func TestAnswersThatAreNone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.resolve(agents)
		answer := fmt.Sprintf("%s/messages/%v", public, h.surveysIn(public)[0]["id"])
		link := "/public/api/v1/csat_survey/" + h.must("GET", agents, "token-ana", "")["uuid"].(string)
		before := h.stored()
		for _, values := range []string{`{}`, `[]`, `"5"`, `{"csat_survey_response":5}`, `{"csat_survey_response":{}}`,
			`{"csat_survey_response":{"rating":0}}`, `{"csat_survey_response":{"rating":6}}`, `{"csat_survey_response":{"rating":-1}}`,
			`{"csat_survey_response":{"rating":4.5}}`, `{"csat_survey_response":{"rating":"cinco"}}`, `{"csat_survey_response":{"rating":true}}`,
			`{"csat_survey_response":{"rating":1e400}}`, `{"csat_survey_response":{"rating":[5]}}`, `{"csat_survey_response":{"rating":null,"feedback_message":"Bien"}}`,
			`{"csat_survey_response":{"rating":5,"feedback_message":7}}`,
			`{"csat_survey_response":{"rating":5,"feedback_message":"` + strings.Repeat("ñ", 5001) + `"}}`,
			`{"csat_survey_response":{"rating":5,"feedback_message":"\u0000"}}`} {
			for _, path := range []string{answer, link} {
				got := h.ask("PATCH", path, "", `{"submitted_values":`+values+`}`)
				require.Contains(t, []int{400, 422}, got.status, "%.80s: %s", values, got.body)
				require.NotContains(t, got.body, "ñññ", "what was sent is not repeated")
			}
		}
		require.Equal(t, before, h.stored())
		require.Empty(t, h.list("GET", surveyReport, "token-jefa"))
		for _, query := range []string{"?rating=6", "?since=ayer", "?until=x", "?user_ids[]=x", "?page=-1", "?page=99999", "?sort=rating", "?since=2000000000&until=1000000000"} {
			require.Equal(t, 422, h.ask("GET", surveyReport+query, "token-jefa", "").status, query)
		}
	})
}

// A link is the conversation's UUID: what cannot be one, or is nobody's, opens
// nothing.
func TestForgedSurveyLinks(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		id := h.must("GET", agents, "token-ana", "")
		unasked := id["uuid"].(string)
		forge := func(links ...string) {
			t.Helper()
			for _, forged := range append(links, uuid.NewString(), fmt.Sprint(id["id"]), "1", "%00", "%27%20OR%201=1--", strings.Repeat("a", 36), strings.Repeat("f", 5000)) {
				for _, path := range []string{"/public/api/v1/csat_survey/", "/survey/responses/"} {
					require.Equal(t, 404, h.ask("GET", path+forged, "", "").status, forged)
				}
				require.Equal(t, 404, h.ask("PUT", "/public/api/v1/csat_survey/"+forged, "", `{"submitted_values":{"csat_survey_response":{"rating":5}}}`).status, forged)
			}
		}
		_, others := h.conversation(h.visitor("tienda"), "Hola")
		forge(unasked)
		h.resolve(others)
		forge(unasked) // there is a survey now, of another conversation
		h.resolve(agents)
		forge(unasked[:35], unasked+"0", unasked[:35]+"%25")
		question := h.surveysIn(public)[0]
		other, _ := h.conversation(h.visitor("tienda"), "Hola")
		require.Equal(t, 404, h.ask("PATCH", fmt.Sprintf("%s/messages/%v", other, question["id"]), "",
			`{"submitted_values":{"csat_survey_response":{"rating":5}}}`).status, "another visitor's")
		require.Equal(t, 200, h.ask("GET", "/survey/responses/"+unasked, "", "").status)
		h.must("DELETE", fmt.Sprintf("%s/messages/%v", agents, question["id"]), "token-ana", "")
		require.Equal(t, 404, h.ask("GET", "/survey/responses/"+unasked, "", "").status, "the question was deleted")
	})
}

func TestAnAnswerChangesForFourteenDays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{Question: "¿Quedó todo claro?", Stars: true})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.resolve(agents)
		link := "/public/api/v1/csat_survey/" + h.must("GET", agents, "token-ana", "")["uuid"].(string)
		shown := h.must("GET", link, "", "")
		require.Equal(t, []any{"¿Quedó todo claro?", "star", "Tienda", "es", nil, false},
			[]any{shown["content"], shown["display_type"], shown["inbox_name"], shown["locale"], shown["csat_survey_response"], shown["locked"]})
		rate := func(rating int, feedback string) answer {
			return h.ask("PUT", link, "", fmt.Sprintf(`{"message":{"submitted_values":{"csat_survey_response":{"rating":%d,"feedback_message":"%s"}}}}`, rating, feedback))
		}
		require.Equal(t, 200, rate(5, "Genial").status)
		require.Equal(t, 200, rate(5, "Genial").status, "the same again")
		lines := len(h.must("GET", agents+"/messages", "token-ana", "")["payload"].([]any))
		h.clock.Advance(router.SurveyOpenFor)
		require.Equal(t, 200, rate(2, "").status)
		require.Len(t, h.must("GET", agents+"/messages", "token-ana", "")["payload"].([]any), lines+1)
		require.Equal(t, map[string]any{"rating": 2.0, "feedback_message": ""}, h.must("GET", link, "", "")["csat_survey_response"])

		h.clock.Advance(time.Second)
		got := h.ask("PUT", link, "", `{"submitted_values":{"csat_survey_response":{"rating":1}}}`, "Accept-Language", "es")
		require.Equal(t, 422, got.status)
		require.Equal(t, "survey_closed", got.json(t)["code"])
		require.Equal(t, "La encuesta ya no se puede contestar: pasaron más de 14 días", got.json(t)["error"])
		require.Equal(t, true, h.must("GET", link, "", "")["locked"])
		require.Equal(t, 422, h.ask("PATCH", fmt.Sprintf("%s/messages/%v", public, h.surveysIn(public)[0]["id"]), "",
			`{"submitted_values":{"csat_survey_response":{"rating":1}}}`).status, "the widget's as well")
		report := h.list("GET", surveyReport, "token-jefa")
		require.Equal(t, []any{2.0, nil}, []any{report[0]["rating"], report[0]["feedback_message"]})
	})
}

func TestTheDownloadRunsNoFormula(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.shop(router.SurveySettings{})
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		h.resolve(agents)
		answer := fmt.Sprintf("%s/messages/%v", public, h.surveysIn(public)[0]["id"])
		got := func() []string {
			t.Helper()
			res := h.ask("GET", surveyReport+"/download", "token-jefa", "", "Accept-Language", "es")
			require.Equal(t, 200, res.status)
			require.Contains(t, res.header.Get("Content-Type"), "text/csv")
			require.Contains(t, res.header.Get("Content-Disposition"), `attachment; filename=csat.csv`)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(res.body, "\ufeff"))).ReadAll()
			require.NoError(t, err)
			require.Equal(t, []string{"Agente", "Valoración", "Comentario"}, rows[0][:3])
			return rows[1]
		}
		for _, formula := range []string{`=HYPERLINK(\"http://malo.example\")`, "+1", "-1", "@SUM(A1)", `\t=1`, "|calc"} {
			h.must("PATCH", answer, "", `{"submitted_values":{"csat_survey_response":{"rating":3,"feedback_message":"`+formula+`"}}}`)
			cell := got()[2]
			require.NotContains(t, "=+-@|\t", cell[:1], cell)
		}
		h.must("PATCH", answer, "", `{"submitted_values":{"csat_survey_response":{"rating":3,"feedback_message":"Bien, \"gracias\";\nadiós"}}}`)
		require.Equal(t, "Bien, \"gracias\";\nadiós", got()[2])
		h.must("PUT", fmt.Sprintf("/api/v1/accounts/1/contacts/%v", h.must("GET", agents, "token-jefa", "")["meta"].(map[string]any)["sender"].(map[string]any)["id"]), "token-jefa",
			`{"phone_number":"+525512345678"}`)
		require.Equal(t, "+525512345678", got()[5], "no sign stands before it: it is no formula")
	})
}
