package agentdesk_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/routertest"
	"relevo/router/store"
)

// Shapes, bad input and agents' work are tested in router/api, with the
// customers' door beside this one.

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTokensAreRandomAndStoredAsHashes(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token, hash := agentdesk.NewToken()
		require.Len(t, token, 43)
		require.Len(t, hash, 64)
		require.Equal(t, hash, agentdesk.HashToken(token))
		require.False(t, seen[token])
		seen[token] = true
	}
}

func TestATokenIsAskedInEverySpellingAndForgottenSoon(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		clock := routertest.NewClock(noon)
		r := router.New(router.Options{DB: db, Now: clock.Now})
		token, hash := agentdesk.NewToken()
		_, err := r.AddAgent(t.Context(), router.Agent{Name: "Ana", Email: "ana@example.com", Role: router.RoleAgent}, hash, nil)
		require.NoError(t, err)
		s, err := api.New(api.Options{})
		require.NoError(t, err)
		agentdesk.New(agentdesk.Options{Router: r, Clock: clock.Now}).Routes(s)
		server := httptest.NewServer(apitest.Checked(t, s))
		defer server.Close()

		profile := func(name, value string) int {
			req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/v1/profile", nil)
			require.NoError(t, err)
			req.Header[name] = []string{value}
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			return res.StatusCode
		}
		for name, value := range map[string]string{"api_access_token": token, "Api_Access_Token": token, "Api-Access-Token": token,
			"api-access-token": token, "Authorization": "Bearer " + token, "authorization": "bearer " + token} {
			require.Equal(t, 200, profile(name, value), name)
		}
		for name, value := range map[string]string{"api_access_token": hash, "Authorization": token, "Cookie": token, "X-Auth-Token": token} {
			require.Equal(t, 401, profile(name, value), name)
		}

		_, err = db.SQL().ExecContext(t.Context(), "DELETE FROM access_tokens")
		require.NoError(t, err)
		require.Equal(t, 200, profile("api_access_token", token), "known for some seconds")
		clock.Advance(6 * time.Second)
		require.Equal(t, 401, profile("api_access_token", token))
	})
}
