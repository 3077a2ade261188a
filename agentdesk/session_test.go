package agentdesk_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/agentdesk"
	"relevo/router"
	"relevo/router/routertest"
	"relevo/router/store"
)

const correct = "correct horse battery"

// withPassword gives Ana a password.
func (o *office) withPassword() {
	o.t.Helper()
	hash, err := agentdesk.HashPassword(o.t.Context(), correct)
	require.NoError(o.t, err)
	require.True(o.t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
	_, err = o.router.UpdateAgent(o.t.Context(), o.ana.ID, router.AgentDraft{PasswordHash: &hash}, "")
	require.NoError(o.t, err)
}

// signIn returns the header that a browser sends from then on.
func (o *office) signIn() string {
	o.t.Helper()
	got := o.must("", "POST", "/auth/sign_in", `{"email":" Ana@Example.com","password":"`+correct+`"}`)
	require.Len(o.t, got.cookies, 1)
	return got.cookies[0].Name + "=" + got.cookies[0].Value
}

func TestABrowserSignsInWithACookieThatScriptsCannotRead(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.withPassword()
		got := o.must("", "POST", "/auth/sign_in/", `{"email":"ana@example.com","password":"`+correct+`"}`)
		require.Equal(t, "Ana", got.object()["data"].(map[string]any)["name"])
		require.NotContains(t, got.body, "argon2")
		c := got.cookies[0]
		require.True(t, c.HttpOnly)
		require.False(t, c.Secure, "served without TLS, and no public address says otherwise")
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
		require.Equal(t, "/", c.Path)

		cookie := c.Name + "=" + c.Value
		require.Equal(t, "ana@example.com", o.must("", "GET", "/api/v1/profile", "", "Cookie", cookie).object()["email"])
		require.NotContains(t, stored(t, o.db, "sessions"), c.Value, "only its hash is stored")
		o.refused(401, "unauthenticated", c.Value, "GET", "/api/v1/profile", "")
		o.refused(401, "unauthenticated", "", "GET", "/api/v1/profile", "", "Cookie", c.Name+"=ana")

		out := o.must("", "DELETE", "/auth/sign_out", "", "Cookie", cookie)
		require.Equal(t, -1, out.cookies[0].MaxAge)
		o.refused(401, "unauthenticated", "", "GET", "/api/v1/profile", "", "Cookie", cookie)
	})
}

func stored(t *testing.T, db *store.DB, table string) string {
	t.Helper()
	var hashes []string
	require.NoError(t, db.Read().Raw("SELECT hash FROM "+table).Scan(&hashes).Error)
	require.NotEmpty(t, hashes)
	return strings.Join(hashes, " ")
}

func TestCookiesStayOnHTTPSWhereTheAddressSaysSo(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, agentdesk.Options{PublicURL: "https://chat.example.com"})
		o.withPassword()
		got := o.must("", "POST", "/auth/sign_in", `{"email":"ana@example.com","password":"`+correct+`"}`,
			"Sec-Fetch-Site", "cross-site", "Origin", "https://chat.example.com")
		require.True(t, got.cookies[0].Secure)
	})
}

func TestASessionEndsWithIdleness(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.withPassword()
		cookie := o.signIn()
		o.clock.Advance(29 * 24 * time.Hour)
		o.must("", "GET", "/api/v1/profile", "", "Cookie", cookie)
		o.clock.Advance(29 * 24 * time.Hour)
		o.must("", "GET", "/api/v1/profile", "", "Cookie", cookie)
		o.clock.Advance(30 * 24 * time.Hour)
		o.refused(401, "unauthenticated", "", "GET", "/api/v1/profile", "", "Cookie", cookie)
	})
}

func TestAnotherSitesPageCannotUseTheCookie(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.withPassword()
		cookie := o.signIn()
		const path, body = "/api/v1/profile/availability", `{"profile":{"availability":"busy"}}`
		for name, headers := range map[string][]string{
			"another site":       {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
			"a sibling site":     {"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.com"},
			"an old browser":     {"Origin", "https://evil.example"},
			"a page of no site":  {"Origin", "null"},
			"a form of the site": {"Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"},
		} {
			o.refused(403, "cross_origin", "", "POST", path, body, append(headers, "Cookie", cookie)...)
			require.NotEqual(t, 403, o.ask("ana", "POST", path, body, headers...).status, "%s: a token needs no page", name)
			o.refused(403, "cross_origin", "", "POST", "/auth/sign_in", `{"email":"a@example.com","password":"x"}`, headers...)
		}
		o.must("", "POST", path, body, "Sec-Fetch-Site", "same-origin", "Origin", o.URL, "Cookie", cookie)
		o.must("", "POST", path, body, "Origin", o.URL, "Cookie", cookie)
		o.must("", "GET", "/api/v1/profile", "", "Sec-Fetch-Site", "cross-site", "Cookie", cookie)
	})
}

func TestSigningInTellsNothingOfWhoIsThere(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.withPassword()
		wrong := o.refused(401, "bad_credentials", "", "POST", "/auth/sign_in", `{"email":"ana@example.com","password":"wrong horse"}`)
		for name, body := range map[string]string{
			"nobody":           `{"email":"nobody@example.com","password":"` + correct + `"}`,
			"without password": `{"email":"jefa@example.com","password":"` + correct + `"}`,
		} {
			got := o.refused(401, "bad_credentials", "", "POST", "/auth/sign_in", body)
			require.Equal(t, wrong.body, got.body, name)
			require.Empty(t, got.cookies)
		}
		require.Equal(t, 422, o.ask("", "POST", "/auth/sign_in", `{"email":"ana@example.com"}`).status)
	})
}

func TestGuessingPasswordsIsThrottled(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.withPassword()
		guess := func(email string) answer {
			return o.ask("", "POST", "/auth/sign_in", `{"email":"`+email+`","password":"wrong horse"}`)
		}
		tries := 0
		for ; guess("ana@example.com").status == 401; tries++ {
			require.Less(t, tries, 20)
		}
		require.Equal(t, 4, tries)
		require.Equal(t, 429, guess("ANA@example.com ").status, "the same address in other letters")
		require.NotEmpty(t, guess("ana@example.com").header.Get("Retry-After"))
		require.Equal(t, 401, guess("berta@example.com").status, "another address has tries of its own")
		for i := 0; guess("x"+string(rune('a'+i))+"@example.com").status == 401; i++ {
			require.Less(t, i, 20, "one machine tries many addresses")
		}
		elsewhere := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
		res, err := elsewhere.Post(o.URL+"/auth/sign_in", "application/json", strings.NewReader(`{"email":"ana@example.com","password":"wrong horse"}`))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 401, res.StatusCode, "a stranger's guesses do not lock the owner out")
		o.clock.Advance(time.Minute)
		for range 12 {
			o.signIn() // who knows the password may come as often as they like
		}
	})
}
