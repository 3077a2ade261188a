package channel_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/channel"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/routertest"
	"relevo/router/store"
)

// Shapes, bad input and what customers may see are tested in router/api, with
// the agents' door beside this one.

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func serve(t *testing.T, db *store.DB, o channel.Options) *httptest.Server {
	t.Helper()
	clock := routertest.NewClock(noon)
	o.Router = router.New(router.Options{DB: db, Now: clock.Now})
	require.NoError(t, o.Router.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{
		{Identifier: "tienda", Name: "Tienda", Channel: "api", Settings: router.InboxSettings{Locale: "es", TimeZone: "UTC"}}}}))
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	channel.New(o).Routes(s)
	server := httptest.NewServer(apitest.Checked(t, s))
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, method, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(""))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res
}

func TestAVisitorHasALimitOfHisOwn(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		clock := routertest.NewClock(noon)
		contacts := serve(t, db, channel.Options{VisitorPerMinute: 20, Now: clock.Now}).URL + "/public/api/v1/inboxes/tienda/contacts/"
		for range 10 {
			require.Equal(t, 404, get(t, "GET", contacts+"ann").StatusCode)
		}
		limited := get(t, "GET", contacts+"ann")
		require.Equal(t, 429, limited.StatusCode)
		require.Equal(t, "3", limited.Header.Get("Retry-After"))
		require.Equal(t, 404, get(t, "GET", contacts+"bob").StatusCode)
		clock.Advance(3 * time.Second)
		require.Equal(t, 404, get(t, "GET", contacts+"ann").StatusCode)
	})
}

func TestAnAddressHasALimitForAllItsVisitors(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		clock := routertest.NewClock(noon)
		inbox := serve(t, db, channel.Options{IPPerMinute: 4, Now: clock.Now}).URL + "/public/api/v1/inboxes/tienda"
		require.Equal(t, 200, get(t, "GET", inbox).StatusCode)
		require.Equal(t, 200, get(t, "POST", inbox+"/contacts").StatusCode)
		require.Equal(t, 429, get(t, "POST", inbox+"/contacts").StatusCode)
	})
}

// Pages of any origin may call the public API: no cookie opens it.
func TestPagesOfAnyOriginMayCall(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		inbox := serve(t, db, channel.Options{}).URL + "/public/api/v1/inboxes/tienda"
		require.Equal(t, "*", get(t, "GET", inbox).Header.Get("Access-Control-Allow-Origin"))
		asked := get(t, "OPTIONS", inbox+"/contacts/ann/conversations/1/messages")
		require.Equal(t, 204, asked.StatusCode)
		require.Contains(t, asked.Header.Get("Access-Control-Allow-Methods"), "POST")
		require.Contains(t, asked.Header.Get("Access-Control-Allow-Headers"), "Content-Type")
		require.Empty(t, asked.Header.Get("Access-Control-Allow-Credentials"))
	})
}
