package api_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/channel"
	"relevo/router/api"
)

// customersPaths is every operation of the customers' door, whichever there
// are: one that is added is walked, too.
func customersPaths(t *testing.T, h *house) []api.Operation {
	t.Helper()
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	channel.New(channel.Options{Router: h.router, Now: h.clock.Now}).Routes(s)
	require.Greater(t, len(s.Operations()), 10)
	return s.Operations()
}

// A note stands in the thread, in every status that a conversation can have,
// as its last message or not: no operation of the customers' door tells of it.
func TestNoCustomersPathShowsANote(t *testing.T) {
	const secret = "oculto-7f3a"
	eachHouse(t, func(t *testing.T, h *house) {
		visitor := h.visitor("tienda")
		public, agents := h.conversation(visitor, "hola")
		token := visitor[strings.LastIndex(visitor, "/")+1:]
		id := agents[len(desk)+1:]
		choice := list(t, h.ask("GET", public+"/messages", "", ""))[2]["id"].(float64)
		note := func() float64 {
			content := fmt.Sprintf(`{"private":true,"content":"%s [@ana](mention://user/%d/%s)"}`, secret, h.agents["ana"].ID, secret)
			return h.must("POST", agents+"/messages", "token-ana", content)["id"].(float64)
		}
		first := note()
		uuid := h.must("GET", agents, "token-ana", "")["uuid"].(string)
		reached := map[string]bool{}
		walk := func(status string) {
			for _, op := range customersPaths(t, h) {
				for _, message := range []float64{choice, first} {
					path := strings.NewReplacer(":inbox_identifier", "tienda", ":contact_identifier", token, ":conversation_id", id,
						":campaign_id", "1", ":conversation_uuid", uuid, ":message_id", fmt.Sprintf("%.0f", message)).Replace(op.Path)
					require.NotContains(t, path, ":", "a place in a path that this walk does not know")
					for _, query := range []string{"", "?before=999999&after=0", fmt.Sprintf("?after=%.0f", first-1), fmt.Sprintf("?before=%.0f", first+1)} {
						got := h.ask(op.Method, path+query, "", `{"content":"sigo aquí","typing_status":"on","name":"Lucía",
							"submitted_values":[{"title":"Grande","value":"L"}]}`)
						require.NotContains(t, got.body, secret, "%s %s while %s", op.Method, path, status)
						require.NotContains(t, fmt.Sprint(got.header), secret)
						reached[op.Method+" "+op.Path] = reached[op.Method+" "+op.Path] || got.status == 200
					}
				}
			}
		}
		asked := h.ask("POST", public+"/talk_to_person", "", "") // only while the bot has it
		require.Equal(t, 200, asked.status, asked.body)
		require.NotContains(t, asked.body, secret)
		for _, status := range []string{"pending", "open", "snoozed", "resolved"} {
			h.must("POST", agents+"/toggle_status", "token-ana", `{"status":"`+status+`"}`)
			note()
			walk(status)
		}
		// These need more than this walk brings, and have tests of their own that look for notes.
		elsewhere := regexp.MustCompile(`/realtime_token$|/events$|/(talk_to_person|cancel_waiting)$|/transcript$|/csat_survey/|/campaigns/`)
		for path, ok := range reached {
			require.True(t, ok || elsewhere.MatchString(path), "%s was never answered, so it was not walked", path)
		}
		require.Contains(t, h.ask("GET", agents+"/messages", "token-ana", "").body, secret, "the agents see it")
	})
}
