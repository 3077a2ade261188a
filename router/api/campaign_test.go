package api_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/hours"
)

const (
	campaigns  = "/api/v1/accounts/1/campaigns"
	shopInbox  = "/public/api/v1/inboxes/tienda"
	salesPages = "https://tienda.example/rebajas/*"
)

// campaign makes a campaign of the shop; sender 0 is the bot.
func (h *house) campaign(sender int64) map[string]any {
	h.t.Helper()
	inbox, err := h.router.InboxByIdentifier(h.t.Context(), "tienda")
	require.NoError(h.t, err)
	return h.must("POST", campaigns, "token-jefa", fmt.Sprintf(`{"campaign":{"inbox_id":%d,"title":"Rebajas","message":"¿Buscas algo?","sender_id":%d,
		"trigger_rules":{"url":"%s","time_on_page":10}}}`, inbox.ID, sender, salesPages))
}

// words are a thread as the customer sees it.
func (h *house) words(public string) (out []string) {
	h.t.Helper()
	for _, m := range h.list("GET", public+"/messages", "") {
		out = append(out, fmt.Sprint(m["content"]))
	}
	return out
}

// «Si el cliente no inicia una conversación y tienes habilitada la mensajería
// de campañas, el mensaje se mostrará en pantalla justo arriba del widget para
// atraer la atención del cliente.»
func TestTheCampaignOfTheHelpPage(t *testing.T) {
	for sender, want := range map[string]struct {
		status, assignee any
		words            []string
	}{
		"ana": {"open", "ana", []string{"¿Buscas algo?", "Sí, zapatos"}},
		"bot": {"pending", nil, []string{"¿Buscas algo?", "Sí, zapatos", "¿Talla?"}},
	} {
		t.Run(sender, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				id := int64(0)
				if sender == "ana" {
					id = h.agents["ana"].ID
				}
				c := h.campaign(id)
				require.Equal(t, []any{"ongoing", true, "¿Buscas algo?", "api"}, []any{c["campaign_type"], c["enabled"], c["message"], c["origin"]})

				// What the widget is told, of this page and of another.
				shown := h.list("GET", shopInbox+"/campaigns", "")
				require.Len(t, shown, 1)
				require.Equal(t, map[string]any{"url": salesPages, "time_on_page": 10.0}, shown[0]["trigger_rules"])
				of := func(page string) int {
					return len(h.list("GET", shopInbox+"/campaigns?url="+url.QueryEscape(page), ""))
				}
				require.Equal(t, []int{1, 0}, []int{of("https://tienda.example/rebajas/zapatos?utm=x"), of("https://tienda.example/")})

				// Shown once, and to nobody who talks already.
				visitor := h.visitor("tienda")
				event := fmt.Sprintf("%s/campaigns/%v", visitor, c["id"])
				require.Equal(t, true, h.must("POST", event, "", "")["show"])
				require.Equal(t, false, h.must("POST", event, "", "")["show"], "another tab")
				require.Empty(t, h.list("GET", visitor+"/conversations", ""), "who only looks starts nothing")

				// The answer starts the conversation, with the campaign's words first.
				answer := h.must("POST", event, "", `{"content":"Sí, zapatos","echo_id":"1"}`)["conversation"].(map[string]any)
				h.attend()
				again := h.must("POST", event, "", `{"content":"Sí, zapatos","echo_id":"1"}`)["conversation"].(map[string]any)
				require.Equal(t, answer["id"], again["id"])
				public, agents := fmt.Sprintf("%s/conversations/%v", visitor, answer["id"]), fmt.Sprintf("%s/%v", desk, answer["id"])
				require.Equal(t, want.words, h.words(public), "and no greeting")
				conversation := h.must("GET", agents, "token-jefa", "")
				require.Equal(t, want.status, conversation["status"])
				require.Equal(t, map[string]any{"id": c["id"], "title": "Rebajas", "message": "¿Buscas algo?"}, conversation["campaign"])
				require.EqualValues(t, 0, conversation["first_reply_created_at"], "the campaign is no answer")
				require.EqualValues(t, 1, conversation["unread_count"])
				if want.assignee == nil {
					require.Nil(t, conversation["meta"].(map[string]any)["assignee"])
				} else {
					require.Equal(t, want.assignee, conversation["meta"].(map[string]any)["assignee"].(map[string]any)["name"])
				}
				found := h.must("POST", desk+"/filter", "token-jefa", fmt.Sprintf(`{"payload":[{"attribute_key":"campaign_id","filter_operator":"equal_to","values":[%v],"query_operator":null}]}`, c["id"]))
				require.Len(t, found["payload"], 1)

				// It is removed, and the conversation still names it.
				require.Equal(t, 200, h.ask("DELETE", fmt.Sprintf("%s/%v", campaigns, c["id"]), "token-jefa", "").status)
				require.Empty(t, h.list("GET", shopInbox+"/campaigns", ""))
				require.Equal(t, 404, h.ask("POST", event, "", "").status)
				require.Equal(t, "Rebajas", h.must("GET", agents, "token-jefa", "")["campaign"].(map[string]any)["title"])
			})
		})
	}
}

func TestWhoTalksAlreadyIsShownNoCampaign(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		c := h.campaign(h.agents["ana"].ID)
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "Hola")
		event := fmt.Sprintf("%s/campaigns/%v", visitor, c["id"])
		require.Equal(t, false, h.must("POST", event, "", "")["show"])
		answer := h.must("POST", event, "", `{"content":"Sí"}`)["conversation"].(map[string]any)
		require.True(t, strings.HasSuffix(public, fmt.Sprint("/", answer["id"])), "his word goes where he talks")
		require.NotContains(t, h.words(public), "¿Buscas algo?")
		conversation := h.must("GET", agents, "token-jefa", "")
		require.Equal(t, []any{"pending", nil}, []any{conversation["status"], conversation["campaign"]})
	})
}

// Two tabs, and more, answer at once: one conversation, every word in it, the
// campaign's message once.
func TestTabsThatAnswerACampaignAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		c := h.campaign(h.agents["ana"].ID)
		visitor := h.visitor("tienda")
		event := fmt.Sprintf("%s/campaigns/%v", visitor, c["id"])
		const tabs = 6
		shows := make([]bool, tabs)
		var all sync.WaitGroup
		for i := range tabs {
			all.Go(func() {
				shows[i] = h.ask("POST", event, "", "").body == fmt.Sprintf(`{"id":%v,"show":true,"conversation":null}`, c["id"])
				h.ask("POST", event, "", fmt.Sprintf(`{"content":"palabra %d"}`, i))
			})
		}
		all.Wait()
		seen := 0
		for _, show := range shows {
			if show {
				seen++
			}
		}
		require.LessOrEqual(t, seen, 1)
		conversations := h.list("GET", visitor+"/conversations", "")
		require.Len(t, conversations, 1)
		words := h.words(fmt.Sprintf("%s/conversations/%v", visitor, conversations[0]["id"]))
		require.Len(t, words, tabs+1)
		require.Equal(t, "¿Buscas algo?", words[0])
		require.NotContains(t, words[1:], "¿Buscas algo?")
	})
}

func TestCampaignsThatAreRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good := h.campaign(0)
		one := fmt.Sprintf("%s/%v", campaigns, good["id"])
		for body, wrong := range map[string]string{
			`{"trigger_rules":{"url":"*"}}`:                                                     "url",
			`{"trigger_rules":{"url":"https://*/*"}}`:                                           "url",
			`{"trigger_rules":{"url":"https://*.com/*"}}`:                                       "url",
			`{"trigger_rules":{"url":"javascript:alert(1)"}}`:                                   "url",
			`{"trigger_rules":{"url":"https://t.example/` + strings.Repeat("*a", 1000) + `b"}}`: "url",
			`{"trigger_rules":{"url":7}}`:                                                       "url",
			`{"trigger_rules":{"url":""}}`:                                                      "url",
			`{"trigger_rules":{"time_on_page":-1}}`:                                             "time_on_page",
			`{"trigger_rules":{"time_on_page":1.5}}`:                                            "time_on_page",
			`{"trigger_rules":{"time_on_page":86401}}`:                                          "time_on_page",
			`{"title":" "}`:     "title",
			`{"message":null}`:  "message",
			`{"sender_id":999}`: "sender_id",
			fmt.Sprintf(`{"sender_id":%d}`, h.agents["berta"].ID): "sender_id",
		} {
			got := h.ask("PATCH", one, "token-jefa", body)
			require.Equal(t, 422, got.status, "%.80s: %s", body, got.body)
			require.Equal(t, []any{wrong}, got.json(t)["attributes"], body)
		}
		require.Equal(t, good, h.must("GET", one, "token-jefa", ""))
		correo, err := h.router.InboxByIdentifier(t.Context(), "correo")
		require.NoError(t, err)
		for _, inbox := range []int64{correo.ID, 999} {
			require.Equal(t, 422, h.ask("POST", campaigns, "token-jefa", fmt.Sprintf(`{"inbox_id":%d,"title":"x","message":"x","trigger_rules":{"url":"%s"}}`, inbox, salesPages)).status)
		}
		for _, method := range []string{"GET", "POST"} {
			require.Equal(t, 401, h.ask(method, campaigns, "token-ana", "{}").status)
		}
		visitor := h.visitor("tienda")
		for _, event := range []string{visitor + "/campaigns/999", h.visitor("correo") + fmt.Sprintf("/campaigns/%v", good["id"]), visitor + "/campaigns/x",
			shopInbox + "/contacts/00000000-0000-4000-8000-000000000000/campaigns/1"} {
			require.Equal(t, 404, h.ask("POST", event, "", `{"content":"Hola"}`).status, event)
		}
		require.Equal(t, 422, h.ask("POST", fmt.Sprintf("%s/campaigns/%v", visitor, good["id"]), "", `{"content":""}`).status)
		require.Empty(t, h.list("GET", visitor+"/conversations", ""))
		for body, want := range map[string]string{
			`{"trigger_rules":{"url":"https://t.example/` + strings.Repeat("*a", 6) + `"}}`: "url tiene demasiados *: pueden ser cinco como máximo",
			`{"trigger_rules":{"time_on_page":1000000000000}}`:                              "time_on_page debe estar entre 0 y 86400",
			`{"trigger_rules":{"time_on_page":1.5}}`:                                        "time_on_page no es un número entero",
		} {
			require.Equal(t, want, h.ask("PATCH", one, "token-jefa", body, "Accept-Language", "es").json(t)["message"])
		}
		require.Equal(t, "inbox_id no es una bandeja web (web_widget)", h.ask("POST", campaigns, "token-jefa",
			fmt.Sprintf(`{"inbox_id":%d,"title":"x","message":"x","trigger_rules":{"url":"%s"}}`, correo.ID, salesPages), "Accept-Language", "es").json(t)["message"])
	})
}

// The campaign ends while the visitor types: nothing of the answer is lost.
func TestAnswersToACampaignThatEnded(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for how, end := range map[string]func(one string){
			"removed":  func(one string) { require.Equal(t, 200, h.ask("DELETE", one, "token-jefa", "").status) },
			"disabled": func(one string) { h.must("PATCH", one, "token-jefa", `{"enabled":false}`) },
		} {
			c := h.campaign(h.agents["ana"].ID)
			shown, other := h.visitor("tienda"), h.visitor("tienda")
			event := func(visitor string) string { return fmt.Sprintf("%s/campaigns/%v", visitor, c["id"]) }
			require.Equal(t, true, h.must("POST", event(shown), "", "")["show"])
			end(fmt.Sprintf("%s/%v", campaigns, c["id"]))
			require.Empty(t, h.list("GET", shopInbox+"/campaigns", ""))
			require.Equal(t, 404, h.ask("POST", event(other), "", "").status, "it is shown to nobody any more")

			answer := h.must("POST", event(shown), "", `{"content":"hola, sigo aquí","echo_id":"1"}`)["conversation"].(map[string]any)
			again := h.must("POST", event(shown), "", `{"content":"hola, sigo aquí","echo_id":"1"}`)["conversation"].(map[string]any)
			require.Equal(t, answer["id"], again["id"])
			require.Equal(t, []string{"¿Buscas algo?", "hola, sigo aquí"}, h.words(fmt.Sprintf("%s/conversations/%v", shown, answer["id"])), how)
			require.EqualValues(t, c["id"], h.must("GET", fmt.Sprintf("%s/%v", desk, answer["id"]), "token-jefa", "")["campaign"].(map[string]any)["id"])

			// Who had not been shown it says an ordinary word.
			answer = h.must("POST", event(other), "", `{"content":"hola"}`)["conversation"].(map[string]any)
			require.Equal(t, []string{"hola", "¡Bienvenida!"}, h.words(fmt.Sprintf("%s/conversations/%v", other, answer["id"])), how)
			conversation := h.must("GET", fmt.Sprintf("%s/%v", desk, answer["id"]), "token-jefa", "")
			require.Equal(t, []any{"pending", nil}, []any{conversation["status"], conversation["campaign"]})
		}
	})
}

// «fuera de horario»: it was in the list while people answered, the page's
// clock came round when they did no more.
func TestACampaignOfBusinessHoursIsNotShownAfterThem(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		c := h.campaign(0)
		h.must("PATCH", fmt.Sprintf("%s/%v", campaigns, c["id"]), "token-jefa", `{"trigger_only_during_business_hours":true}`)
		var week hours.Hours
		week.Week[time.Monday] = []hours.Span{{From: 0, To: 24 * 60}} // which it is
		h.declare(router.InboxSettings{Hours: router.OpeningHours{Hours: week, Enabled: true}})
		require.Len(t, h.list("GET", shopInbox+"/campaigns", ""), 1)
		early, late := h.visitor("tienda"), h.visitor("tienda")
		event := func(visitor string) string { return fmt.Sprintf("%s/campaigns/%v", visitor, c["id"]) }
		require.Equal(t, true, h.must("POST", event(early), "", "")["show"])
		h.clock.Advance(48 * time.Hour)
		require.Equal(t, false, h.must("POST", event(late), "", "")["show"])
		answer := h.must("POST", event(early), "", `{"content":"hola"}`)["conversation"].(map[string]any)
		require.Equal(t, "¿Buscas algo?", h.words(fmt.Sprintf("%s/conversations/%v", early, answer["id"]))[0], "what was shown is answered")
		h.clock.Advance(5 * 24 * time.Hour)
		require.Equal(t, true, h.must("POST", event(late), "", "")["show"], "it had not been shown")
	})
}

// What is everyday in Spanish: the widget compares the pattern with what its
// browser says.
func TestTheWidgetIsToldPatternsAsBrowsersWriteThem(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		c := h.campaign(0)
		one := fmt.Sprintf("%s/%v", campaigns, c["id"])
		for typed, visited := range map[string]string{
			"https://ñandú.es/café/*":     "https://xn--and-6ma2c.es/caf%C3%A9/x",
			"https://t.example:443/café":  "https://t.example/caf%C3%A9",
			"https://*.ñandú.es/*?año=1*": "https://www.xn--and-6ma2c.es/?a%C3%B1o=12",
		} {
			require.Equal(t, typed, h.must("PATCH", one, "token-jefa", fmt.Sprintf(`{"trigger_rules":{"url":%q}}`, typed))["trigger_rules"].(map[string]any)["url"])
			shown := h.list("GET", shopInbox+"/campaigns?url="+url.QueryEscape(visited), "")
			require.Len(t, shown, 1, typed)
			pattern := shown[0]["trigger_rules"].(map[string]any)["url"].(string)
			require.Regexp(t, "^"+strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")+"$", visited)
		}
	})
}

// Campaigns of relevo.yaml: read-only over the API, known by their titles, and
// of an agent as soon as the e-mail address is somebody's.
func TestDeclaredCampaigns(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		declare := func(titles ...string) {
			w := router.InboxWiring{Identifier: "tienda", Name: "Tienda", Channel: "web_widget", Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC", NoAutoAssign: true}}
			for _, title := range titles {
				w.Campaigns = append(w.Campaigns, router.Campaign{Title: title, Message: "¿Buscas algo?", URL: salesPages, SenderEmail: "Ana@example.com", Enabled: true})
			}
			require.NoError(t, h.router.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{w}}))
		}
		declare("Rebajas", "Navidad")
		list := h.list("GET", campaigns, "token-jefa")
		require.Len(t, list, 2)
		require.Equal(t, []any{"file", "ana", false}, []any{list[0]["origin"], list[0]["sender"].(map[string]any)["name"], list[0]["sender_missing"]})
		require.NotContains(t, h.log.String(), "the sender of a campaign")
		one := fmt.Sprintf("%s/%v", campaigns, list[0]["id"])
		for _, method := range []string{"PATCH", "DELETE"} {
			got := h.ask(method, one, "token-jefa", `{"title":"x"}`)
			require.Equal(t, 422, got.status)
			require.Equal(t, "read_only", got.json(t)["code"])
		}
		declare("Navidad")
		require.Len(t, h.list("GET", campaigns, "token-jefa"), 1)
		declare("Rebajas", "Navidad")
		require.Equal(t, list[0]["id"], h.list("GET", campaigns, "token-jefa")[0]["id"], "the same as before")
		require.Error(t, h.router.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "tienda", Name: "T", Channel: "web_widget",
			Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC"}, Campaigns: []router.Campaign{{Title: "x", Message: "x", URL: "*"}}}}}))

		// The sender is gone: people have the answer, all the same.
		require.Equal(t, 200, h.ask("DELETE", fmt.Sprintf("/api/v1/accounts/1/agents/%d", h.agents["ana"].ID), "token-jefa", "").status)
		gone := h.must("GET", one, "token-jefa", "")
		require.Equal(t, []any{nil, true}, []any{gone["sender"], gone["sender_missing"]}, "and not the bot")
		declare("Rebajas", "Navidad")
		require.Regexp(t, `level=WARN msg="the sender of a campaign is no agent of its inbox.*inbox=tienda campaign=Rebajas`, h.log.String())
		visitor := h.visitor("tienda")
		answer := h.must("POST", fmt.Sprintf("%s/campaigns/%v", visitor, list[0]["id"]), "", `{"content":"Sí"}`)["conversation"].(map[string]any)
		conversation := h.must("GET", fmt.Sprintf("%s/%v", desk, answer["id"]), "token-jefa", "")
		require.Equal(t, "open", conversation["status"])
		require.Nil(t, conversation["meta"].(map[string]any)["assignee"])
	})
}
