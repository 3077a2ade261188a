package api_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/prechat"
	"relevo/router/routertest"
	"relevo/router/store"
	"relevo/router/webhook"
)

// Whatever way an address of this machine or of a private network is written,
// nobody makes it a webhook, at any door.
func TestBadInputWebhooksIntoPrivateNetworks(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		var private atomic.Bool
		names := routertest.NameServer(t, func() [4]byte {
			if private.Load() {
				return [4]byte{127, 0, 0, 1}
			}
			return [4]byte{93, 184, 216, 34}
		})
		h := furnish(t, db, func(o *router.Options) { o.Webhooks = webhook.New(webhook.Options{Resolver: names}) })
		doors := h.webhookDoors()
		private.Store(true)
		const within, none = "private network", "not a valid web address"
		for address, says := range map[string]string{
			"http://127.0.0.1:6379/": within, "http://10.0.0.1/": within, "http://169.254.169.254/latest/meta-data/": within, "http://[::1]/": within,
			"http://[::ffff:127.0.0.1]/": within, "http://[::ffff:7f00:1]/": within, "http://[64:ff9b::7f00:1]/": within, "http://[fe80::1%25eth0]/": within,
			"https://public.example.test@127.0.0.1/": within, "http://leads.inside.example.test/": within, "http://localhost/": within,
			"http://2130706433/": none, "http://0x7f000001/": none, "http://017700000001/": none, "http://0177.0.0.1/": none, "http://127.1/": none,
			"http://0x7f.0.0.1/": none, "http://127.0.0.1./": none, "http://public.example.test:65536/": none, "http://public.example.test:0/": none,
			"http://public.example.test:-1/": none, "gopher://public.example.test/": none, "file:///etc/passwd": none,
		} {
			for _, door := range doors {
				got := h.ask(door.method, door.path, "token-jefa", fmt.Sprintf(door.body, address))
				require.Equal(t, 422, got.status, "%s %s %s: %s", door.method, door.path, address, got.body)
				require.Equal(t, []any{door.field}, got.json(t)["attributes"], address)
				require.Contains(t, got.json(t)["message"], says, address)
				require.NotRegexp(t, inside, got.body)
			}
		}
		var stored []string
		require.NoError(t, h.db.Read().Raw("SELECT url FROM webhooks").Scan(&stored).Error)
		require.Len(t, stored, 3)
		for _, address := range stored {
			require.Equal(t, "https://public.example.test/hook", address)
		}
	})
}

// door is a request that sets a webhook's address.
type door struct{ method, path, body, field string }

// webhookDoors are all of them, with a webhook each that is well.
func (h *house) webhookDoors() []door {
	h.t.Helper()
	const account, good = "/api/v1/accounts/1", "https://public.example.test/hook"
	all := []door{
		{"POST", account + "/webhooks", `{"webhook":{"url":%q}}`, "url"},
		{"POST", account + "/inboxes", `{"name":"SMS","channel":{"type":"api","webhook_url":%q}}`, "webhook_url"},
		{"POST", account + "/agent_bots", `{"name":"b","outgoing_url":%q}`, "outgoing_url"},
	}
	for _, d := range all[:3] {
		made := h.must(d.method, d.path, "token-jefa", fmt.Sprintf(d.body, good))
		if payload, ok := made["payload"].(map[string]any); ok {
			made = payload["webhook"].(map[string]any)
		}
		body := strings.Replace(strings.Replace(d.body, `"type":"api",`, "", 1), `"name":"SMS",`, "", 1)
		all = append(all, door{"PATCH", fmt.Sprintf("%s/%v", d.path, made["id"]), body, d.field})
	}
	return all
}

// An address that was good when it was typed, and leads inside when it is used:
// by its name, or by a redirect. Nothing inside is asked, and administrators
// are told why.
func TestBadInputWebhooksThatLeadInsideLater(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		var asked atomic.Int32
		target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		t.Cleanup(target.Close)
		var rebound atomic.Bool
		names := routertest.NameServer(t, func() [4]byte {
			if rebound.Load() {
				return [4]byte{127, 0, 0, 1}
			}
			return [4]byte{93, 184, 216, 34}
		})
		listener, err := net.Listen("tcp", "127.0.0.2:0") // stands for a public address
		require.NoError(t, err)
		outside := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target.URL, http.StatusTemporaryRedirect)
		}))
		outside.Listener = listener
		outside.Start()
		t.Cleanup(outside.Close)
		h := furnish(t, db, func(o *router.Options) {
			o.Webhooks = webhook.New(webhook.Options{Resolver: names, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}})
		})
		const hooks = "/api/v1/accounts/1/webhooks"
		_, port, err := net.SplitHostPort(target.Listener.Addr().String())
		require.NoError(t, err)
		wants := map[string]string{"http://rebound.example.test:" + port + "/": "private network", outside.URL + "/": "redirect"}
		for address := range wants {
			h.must("POST", hooks, "token-jefa", fmt.Sprintf(`{"url":%q,"subscriptions":["message_created"]}`, address))
		}
		rebound.Store(true)
		h.conversation(h.visitor("correo"), "Hola")
		require.NoError(t, h.router.Jobs().Drain(t.Context()))
		for _, w := range h.must("GET", hooks, "token-jefa", "")["payload"].(map[string]any)["webhooks"].([]any) {
			shown := w.(map[string]any)
			require.Contains(t, shown["last_error"], wants[shown["url"].(string)])
		}
		require.Zero(t, asked.Load(), "something inside was asked")
	})
}

// Scripts in every field of the form are texts: no page and no mail that shows
// them runs them.
func TestBadInputScriptsInThePreChatForm(t *testing.T) {
	eachPostHouse(t, func(t *testing.T, h *postHouse) {
		const script = `<script>alert(1)</script>`
		h.openWeb(prechat.Form{Enabled: true, Fields: []prechat.Field{{Name: "fullName", Type: "text"}, {Name: "emailAddress", Type: "email", Required: true},
			{Name: "pedido", Type: "text", SavedOn: "conversation"}, {Name: "nota", Type: "text_area", SavedOn: "contact"}, {Name: "web", Type: "link", SavedOn: "contact"}}})
		v := webInbox + "/contacts/" + h.stranger()
		for _, link := range []string{"javascript:alert(1)", "data:text/html," + script, " java\tscript:alert(1)"} {
			got := h.ask("POST", v+"/conversations", "", fmt.Sprintf(`{"message":{"content":"Hola"},"pre_chat":{"emailAddress":"a@example.com","web":%q}}`, link))
			require.Equal(t, 422, got.status, link)
			require.Equal(t, []any{"web"}, got.json(t)["attributes"], link)
		}
		c := h.must("POST", v+"/conversations", "", fmt.Sprintf(`{"message":{"content":"%[1]s"},"pre_chat":{"fullName":"%[1]s","emailAddress":"a@example.com","pedido":"%[1]s","nota":"%[1]s"}}`, script))
		agents := fmt.Sprintf("%s/%v", desk, c["id"])
		got := h.ask("GET", agents, "token-jefa", "")
		require.Equal(t, map[string]any{"pedido": script}, got.json(t)["custom_attributes"], "as it was written")
		require.Contains(t, got.header.Get("Content-Type"), "application/json")
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))

		h.must("POST", agents+"/transcript", "token-jefa", `{"email":"jefa@example.com"}`)
		mail := h.send()[0]
		require.NotContains(t, mail.HTML, "<script")
		require.Contains(t, mail.HTML, "&lt;script&gt;", "but what was said stands there")
		h.must("POST", agents+"/toggle_status", "token-jefa", `{"status":"resolved"}`)
		kept := h.ask("GET", fmt.Sprintf("%s/conversations/%v/transcript", v, c["id"]), "", "")
		require.Equal(t, 200, kept.status)
		require.NotContains(t, kept.body, "<script")
	})
}

// Patterns that keep other machines busy for ever cost nothing here, with the
// worst that a visitor can type.
func TestBadInputPatternsThatBacktrack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		made := h.must("POST", "/api/v1/accounts/1/inboxes", "token-jefa", `{"name":"Web","channel":{"type":"web_widget"}}`)
		one, public := fmt.Sprintf("/api/v1/accounts/1/inboxes/%v", made["id"]), "/public/api/v1/inboxes/"+made["website_token"].(string)
		v := public + "/contacts/" + h.must("POST", public+"/contacts", "", "{}")["source_id"].(string)
		answer := fmt.Sprintf(`{"message":{"content":"Hola"},"pre_chat":{"x":"%s!"}}`, strings.Repeat("a", 3999))
		for _, pattern := range []string{`^(a+)+$`, `^(a|aa)+$`, `^(([a-z])+.)+[A-Z]([a-z])+$`, `(.*)*b`, `^(a{0,30}){0,30}$`} {
			h.must("PATCH", one, "token-jefa", fmt.Sprintf(`{"channel":{"pre_chat_form_enabled":true,"pre_chat_form_options":{"pre_chat_fields":[
				{"field_type":"contact_attribute","name":"x","type":"text_area","regex_pattern":%q}]}}}`, pattern))
			began := time.Now()
			got := h.ask("POST", v+"/conversations", "", answer)
			require.Equal(t, 422, got.status, pattern)
			require.Equal(t, []any{"x"}, got.json(t)["attributes"], pattern)
			require.Less(t, time.Since(began), 5*time.Second, pattern)
		}
		// A campaign's pattern is no regular expression, and has five stars at most.
		c := h.campaign(0)
		h.must("PATCH", fmt.Sprintf("%s/%v", campaigns, c["id"]), "token-jefa", `{"trigger_rules":{"url":"https://t.example/*a*a*a*a*b"}}`)
		began := time.Now()
		require.Empty(t, h.list("GET", shopInbox+"/campaigns?url="+url.QueryEscape("https://t.example/"+strings.Repeat("a", 7900)), ""))
		require.Less(t, time.Since(began), 5*time.Second)
	})
}

// A campaign belongs to a site that is named.
func TestBadInputCampaignsOfEveryPage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good := h.campaign(0)
		inbox, err := h.router.InboxByIdentifier(t.Context(), "tienda")
		require.NoError(t, err)
		one := fmt.Sprintf("%s/%v", campaigns, good["id"])
		for _, everything := range []string{"*", "**", "*.*", "*://*/*", "http*://*/*", "https://*", "https://**", "https://*/*", "https://*:443/*", "https://*.com/*",
			"https://*.*/*", "https://tienda.*/*", "https://t*/*", "//*", "/*", "", "https://*?", "https://@*/*", "https://%2A/*", ".*", "^.*$", "https://*.com./*"} {
			for _, door := range [][2]string{{"POST", campaigns}, {"PATCH", one}} {
				got := h.ask(door[0], door[1], "token-jefa", fmt.Sprintf(`{"inbox_id":%d,"title":"x","message":"x","trigger_rules":{"url":%q,"time_on_page":1}}`, inbox.ID, everything))
				require.Equal(t, 422, got.status, "%s %q: %s", door[0], everything, got.body)
				require.Equal(t, []any{"url"}, got.json(t)["attributes"], everything)
			}
		}
		require.Equal(t, good, h.must("GET", one, "token-jefa", ""))
		require.Len(t, h.list("GET", campaigns, "token-jefa"), 1)
		for _, visited := range []string{"https://malo.example/", "https://malo.example/?https://tienda.example/rebajas/x", "https://tienda.example.malo.example/rebajas/x", "*", "https://*/*"} {
			require.Empty(t, h.list("GET", shopInbox+"/campaigns?url="+url.QueryEscape(visited), ""), visited)
		}
		require.Len(t, h.list("GET", shopInbox+"/campaigns?url="+url.QueryEscape("https://tienda.example/rebajas/x"), ""), 1)
	})
}
