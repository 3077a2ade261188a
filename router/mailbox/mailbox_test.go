package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/api"
	"relevo/router/api/apitest"
	"relevo/router/mail"
	"relevo/router/mailbox"
	"relevo/router/routertest"
	"relevo/router/store"
)

var nothing = func() error { return nil }

func letter(n int) mail.Letter {
	return mail.Letter{ID: fmt.Sprintf("transcript-%d@tienda.example", n), Date: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Language: "es",
		From: netmail.Address{Name: "Tienda", Address: "hola@tienda.example"}, To: netmail.Address{Address: "lucia@example.com"},
		Content: mail.Content{Subject: fmt.Sprintf("Asunto <b> %d", n), Text: "¡Hola! <script>alert(1)</script>", HTML: "<script>alert(2)</script><p>¡Hola!</p>"}}
}

func TestWhatIsCaughtIsKeptOnceAndNotForEver(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		box := mailbox.New(db)
		require.NoError(t, box.Send(t.Context(), letter(1), nothing))
		require.NoError(t, box.Send(t.Context(), letter(1), nothing))
		refused := errors.New("no")
		require.ErrorIs(t, box.Send(t.Context(), letter(2), func() error { return refused }), refused)
		list, err := box.Mails(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		for n := range mailbox.Keeps + 5 {
			require.NoError(t, box.Send(t.Context(), letter(10+n), nothing))
		}
		list, err = box.Mails(t.Context())
		require.NoError(t, err)
		require.Len(t, list, mailbox.Keeps)
		require.Equal(t, "Asunto <b> 214", list[0].Subject)
		var kept int
		require.NoError(t, db.Read().Raw("SELECT count(*) FROM caught_mails").Scan(&kept).Error)
		require.LessOrEqual(t, kept, mailbox.Keeps+5)
	})
}

// asked is what a browser on some machine is answered.
func asked(t *testing.T, h http.Handler, path, peer, host string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	r.RemoteAddr, r.Host = peer, host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTheMailboxShowsMailsToThisMachineOnly(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		box := mailbox.New(db)
		s, err := api.New(api.Options{})
		require.NoError(t, err)
		box.Mount(s, slog.New(slog.DiscardHandler))
		h := apitest.Checked(t, s)
		const here, name = "127.0.0.1:4711", "127.0.0.1:8080"

		empty := asked(t, h, "/mailbox", here, name, "Accept-Language", "es")
		require.Contains(t, empty.Body.String(), "Todavía no hay ningún correo.")
		require.NoError(t, box.Send(t.Context(), letter(1), nothing))

		list := asked(t, h, "/mailbox", here, "localhost:8080")
		require.Equal(t, 200, list.Code)
		require.Contains(t, list.Body.String(), `<a href="/mailbox/1">Asunto &lt;b&gt; 1</a>`)
		require.Contains(t, list.Body.String(), "lucia@example.com")

		shown := asked(t, h, "/mailbox/1", "[::1]:4711", "[::1]:8080")
		require.Equal(t, 200, shown.Code)
		require.Contains(t, shown.Body.String(), `sandbox=""`)
		require.Contains(t, shown.Body.String(), "&lt;script&gt;alert(1)")
		require.NotContains(t, shown.Body.String(), "<script")
		for _, page := range []*httptest.ResponseRecorder{list, shown} {
			policy := page.Header().Get("Content-Security-Policy")
			require.Contains(t, policy, "default-src 'none'; style-src 'sha256-")
			require.NotRegexp(t, `unsafe|script-src|\*|https?:`, policy)
		}

		words := asked(t, h, "/mailbox/1/html", here, name)
		require.Equal(t, "<script>alert(2)</script><p>¡Hola!</p>", words.Body.String())
		require.Regexp(t, `^sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self';`, words.Header().Get("Content-Security-Policy"))
		require.NotContains(t, words.Header().Get("Content-Security-Policy"), "allow-")

		for _, path := range []string{"/mailbox", "/mailbox/1", "/mailbox/1/html"} {
			require.Equal(t, 404, asked(t, h, path, "10.0.0.7:4711", name).Code, "another machine")
			require.Equal(t, 404, asked(t, h, path, here, "chat.example.com").Code, "a name of the world")
			require.Equal(t, 404, asked(t, h, path, here, name, "X-Forwarded-For", "203.0.113.9").Code, "a proxy")
			require.Equal(t, 404, asked(t, h, path, here, name, "Forwarded", "for=203.0.113.9").Code, "a proxy")
		}
		for _, path := range []string{"/mailbox/2", "/mailbox/x", "/mailbox/2/html", "/mailbox/99999999999999999999"} {
			require.Equal(t, 404, asked(t, h, path, here, name).Code, path)
		}
	})
}
