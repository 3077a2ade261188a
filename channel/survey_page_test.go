package channel_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
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

// asked is a server with a conversation of an API inbox that was resolved, and
// the address in the message that asks about it.
type asked struct {
	*httptest.Server
	t       *testing.T
	clock   *routertest.Clock
	message string
	page    string
}

func newAsked(t *testing.T, db *store.DB, settings router.InboxSettings) *asked {
	t.Helper()
	a := &asked{t: t, clock: routertest.NewClock(noon)}
	a.Server = httptest.NewUnstartedServer(nil)
	a.Start()
	t.Cleanup(a.Close)
	r := router.New(router.Options{DB: db, Now: a.clock.Now, PublicURL: a.URL})
	settings.TimeZone, settings.Survey.Enabled = "UTC", true
	require.NoError(t, r.Wire(t.Context(), router.Wiring{Inboxes: []router.InboxWiring{{Identifier: "whatsapp", Name: "<Tienda>", Channel: "api", Settings: settings}}}))
	inbox, err := r.InboxByIdentifier(t.Context(), "whatsapp")
	require.NoError(t, err)
	v, err := r.CreateVisitor(t.Context(), inbox, "", router.ContactDraft{})
	require.NoError(t, err)
	m, err := r.Receive(t.Context(), router.Inbound{Inbox: inbox, SourceID: v.SourceID, Draft: router.Draft{Content: "Hola"}})
	require.NoError(t, err)
	_, err = r.ResolveByCustomer(t.Context(), inbox, v.SourceID, m.ConversationID)
	require.NoError(t, err)
	thread, err := r.VisitorMessages(t.Context(), inbox, v.SourceID, m.ConversationID, router.MessagePage{})
	require.NoError(t, err)
	a.message = thread[len(thread)-1].Content
	a.page = regexp.MustCompile(`http\S+`).FindString(a.message)
	require.NotEmpty(t, a.page, a.message)
	s, err := api.New(api.Options{})
	require.NoError(t, err)
	channel.New(channel.Options{Router: r, Now: a.clock.Now}).Routes(s)
	a.Config.Handler = apitest.Checked(t, s)
	return a
}

// open asks for the page, or sends its form; redirects are followed.
func (a *asked) open(form url.Values) (int, http.Header, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), "GET", a.page, nil)
	if form != nil {
		req, err = http.NewRequestWithContext(a.t.Context(), "POST", a.page, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	require.NoError(a.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	return res.StatusCode, res.Header, string(text)
}

// Outside the widget the question comes with the address of a page, and that
// page takes the answer without a script.
func TestTheSurveyPageTakesTheAnswerOfAnyChannel(t *testing.T) {
	for locale, says := range map[string]struct{ question, rating, thanks, closed string }{
		"es": {"¿Cómo valoras esta conversación?", "Muy buena", "Gracias. Todavía puedes cambiar tu respuesta.", "Esta encuesta está cerrada"},
		"en": {"Please rate this conversation", "Excellent", "Thank you. You can still change your answer.", "This survey is closed"},
	} {
		t.Run(locale, func(t *testing.T) {
			routertest.Databases(t, func(t *testing.T, db *store.DB) {
				a := newAsked(t, db, router.InboxSettings{Locale: locale})
				require.Equal(t, says.question+" "+a.page, a.message)
				status, header, page := a.open(nil)
				require.Equal(t, 200, status)
				require.Contains(t, page, fmt.Sprintf(`<html lang="%s">`, locale))
				require.Contains(t, page, says.rating)
				require.Contains(t, page, "<h1>"+says.question+"</h1>", "without its own address")
				require.Contains(t, page, "&lt;Tienda&gt;")
				require.NotContains(t, page, "<script")
				require.NotContains(t, page, " checked")
				require.NotContains(t, page, "ZgotmplZ", "the template has thrown something out")
				require.Regexp(t, `^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$`, header.Get("Content-Security-Policy"))
				require.Equal(t, []string{"no-store", "no-referrer"}, []string{header.Get("Cache-Control"), header.Get("Referrer-Policy")})

				status, _, page = a.open(url.Values{"rating": {"5"}, "feedback_message": {`Muy bien </textarea><script>alert(1)</script>`}})
				require.Equal(t, 200, status)
				require.Contains(t, page, says.thanks)
				require.Regexp(t, `value="5" required checked`, page)
				require.NotContains(t, page, "<script>")
				require.Contains(t, page, "&lt;script&gt;")

				_, _, page = a.open(url.Values{"rating": {"1"}, "feedback_message": {""}})
				require.Regexp(t, `value="1" required checked`, page)

				a.clock.Advance(router.SurveyOpenFor + time.Second)
				status, _, page = a.open(nil)
				require.Equal(t, 200, status)
				require.Contains(t, page, says.closed)
				require.Contains(t, page, "<fieldset disabled>")
				require.NotContains(t, page, "<button")
				status, _, page = a.open(url.Values{"rating": {"5"}})
				require.Equal(t, 422, status)
				require.Regexp(t, `value="1" required checked`, page, "it stays as it was")
			})
		})
	}
}

func TestTheSurveyPageRefusesWhatIsNoAnswer(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		a := newAsked(t, db, router.InboxSettings{Locale: "es"})
		for _, form := range []url.Values{{"rating": {""}}, {"feedback_message": {"Bien"}}, {"rating": {"0"}}, {"rating": {"6"}}, {"rating": {"cinco"}},
			{"rating": {"5"}, "feedback_message": {strings.Repeat("a", 5001)}}, {"rating": {"5"}, "feedback_message": {"\xff"}}, {"rating": {"5"}, "feedback_message": {"\x00"}}} {
			status, _, page := a.open(form)
			require.Equal(t, 422, status, form)
			require.Contains(t, page, "Elige una de las cinco valoraciones")
			if form.Get("rating") == "5" {
				require.Regexp(t, `value="5" required checked`, page, "what they have sent, for them to mend")
			} else {
				require.NotContains(t, page, " checked")
			}
			require.Contains(t, page, strings.Trim(form.Get("feedback_message"), "\xff\x00")+"</textarea>")
		}
		lines := strings.Repeat("seis.\r\n", 830) // 4,980 characters for the field, 5,810 as it is sent
		status, _, page := a.open(url.Values{"rating": {"4"}, "feedback_message": {lines}})
		require.Equal(t, 200, status)
		require.Contains(t, page, "Gracias")
		status, _, _ = a.open(url.Values{"rating": {"5"}, "feedback_message": {strings.Repeat("a", 2_000_000)}})
		require.Equal(t, 413, status)
		a.page = a.URL + "/survey/responses/6d0f2b34-5d0c-4c1e-9f0e-0b6f0f0f0f0f"
		status, _, page = a.open(nil)
		require.Equal(t, 404, status)
		require.Contains(t, page, "There is no such survey.")
	})
}

func TestTheSurveyPageHasTheLimitOfItsAddress(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		server := serve(t, db, channel.Options{IPPerMinute: 4, Now: routertest.NewClock(noon).Now})
		page := server.URL + "/survey/responses/6d0f2b34-5d0c-4c1e-9f0e-0b6f0f0f0f0f"
		require.Equal(t, 404, get(t, "GET", page).StatusCode)
		require.Equal(t, 404, get(t, "POST", page).StatusCode)
		require.Equal(t, 429, get(t, "GET", page).StatusCode)
		require.Equal(t, 429, get(t, "GET", server.URL+"/public/api/v1/csat_survey/6d0f2b34-5d0c-4c1e-9f0e-0b6f0f0f0f0f").StatusCode)
	})
}
