package live_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/live"
	"relevo/router/routertest"
	"relevo/router/store"
)

var secret = []byte("a secret that all nodes know, 32+")

// forge signs claims as somebody would who knows the format.
func forge(t *testing.T, method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	claims := jwt.MapClaims{"iss": "relevo", "aud": "realtime", "sub": "agent:1", "exp": monday.Add(time.Minute).Unix()}
	if change != nil {
		change(claims)
	}
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return text
}

// connectReply sends a token by hand and returns the server's answer.
func (n *node) connectReply(t *testing.T, token string) string {
	conn := n.plain(t)
	body, err := json.Marshal(map[string]any{"id": 1, "connect": map[string]any{"token": token}})
	require.NoError(t, err)
	return exchange(t, conn, string(body))
}

func TestOnlyATokenOfOursOpensASocket(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{Secret: secret})
		agent := func(c jwt.MapClaims) { c["sub"] = "agent:" + id(n.agents["ana"].ID) }
		good := forge(t, jwt.SigningMethodHS256, secret, agent)
		require.Contains(t, n.connectReply(t, good), `"connect":{`)

		administrator := func(c jwt.MapClaims) { c["sub"] = "agent:" + id(n.agents["jefa"].ID) }
		const askAnew, never = `"code":109`, "3500"
		for name, c := range map[string]struct{ token, answer string }{
			"none":                  {"", never},
			"no token at all":       {"hola", never},
			"too long":              {strings.Repeat("a", 10_000), never},
			"expired":               {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { c["exp"] = monday.Add(-time.Second).Unix() }), askAnew},
			"signed by another":     {forge(t, jwt.SigningMethodHS256, []byte("another secret, also 32 bytes long"), agent), askAnew},
			"changed afterwards":    {graft(forge(t, jwt.SigningMethodHS256, []byte("whatever, but at least 32 bytes long"), administrator), good), askAnew},
			"not signed":            {forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, agent), askAnew},
			"another algorithm":     {forge(t, jwt.SigningMethodHS512, secret, agent), askAnew},
			"for ever":              {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { delete(c, "exp") }), never},
			"for something else":    {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { c["aud"] = "uploads" }), never},
			"of somebody else":      {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { c["iss"] = "elsewhere" }), never},
			"for nobody":            {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { delete(c, "sub") }), never},
			"for a kind unknown":    {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { c["sub"] = "root:1" }), never},
			"for an agent unknown":  {forge(t, jwt.SigningMethodHS256, secret, func(c jwt.MapClaims) { c["sub"] = "agent:987654" }), "3507"},
			"an agent's API token":  {"ana", never},
			"a visitor's source_id": {n.visitor("tienda").SourceID, never},
		} {
			t.Run(name, func(t *testing.T) { require.Contains(t, n.connectReply(t, c.token), c.answer) })
		}
		require.Equal(t, 1, n.live.Sockets(), "the good one alone is open")
	})
}

// graft puts the claims of one token under the signature of another.
func graft(claims, signature string) string {
	return claims[:strings.LastIndexByte(claims, '.')] + signature[strings.LastIndexByte(signature, '.'):]
}

func TestTokensAreForThoseWhoMayHaveThem(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		require.Equal(t, 401, n.ask("POST", "/api/v1/accounts/1/realtime_token", "", nil))
		require.Equal(t, 401, n.ask("POST", "/api/v1/accounts/1/realtime_token", "not a token", nil))
		require.Equal(t, 404, n.ask("POST", "/api/v1/accounts/2/realtime_token", "ana", nil))
		v := n.visitor("tienda")
		require.Equal(t, 404, n.ask("POST", "/public/api/v1/inboxes/tienda/contacts/nobody/realtime_token", "", nil))
		require.Equal(t, 404, n.ask("POST", "/public/api/v1/inboxes/correo/contacts/"+v.SourceID+"/realtime_token", "", nil), "a visitor of another inbox")
		require.Equal(t, 404, n.ask("POST", "/public/api/v1/inboxes/tienda/contacts/"+v.PubsubToken+"/realtime_token", "", nil))
		var got issued
		require.Equal(t, 200, n.ask("POST", n.visitorPath(v)+"/realtime_token", "", &got))
		require.Equal(t, monday.Add(15*time.Minute).Unix(), got.ExpiresAt)
	})
}

// A client may name channels when it connects; it is subscribed to its own
// all the same, and asking for one afterwards is refused.
func TestNobodyChoosesWhatToListenTo(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		lucia, pedro := n.visitor("tienda"), n.visitor("tienda")
		wanted := []string{"visitor:" + id(lucia.ID), "inboxes", "inbox:" + id(lucia.InboxID), "agent:" + id(n.agents["ana"].ID), "desk"}
		subs := map[string]any{}
		for _, ch := range wanted {
			subs[ch] = map[string]any{"recover": true, "offset": 0}
		}
		n.says(lucia, "Hola")
		body, err := json.Marshal(map[string]any{"id": 1, "connect": map[string]any{"token": n.visitorToken(pedro), "subs": subs}})
		require.NoError(t, err)
		conn := n.plain(t)
		answer := exchange(t, conn, string(body))
		require.Contains(t, answer, `"visitor:`+id(pedro.ID)+`"`)
		for _, ch := range wanted {
			require.NotContains(t, answer, `"`+ch+`"`)
			body, err := json.Marshal(map[string]any{"id": 2, "subscribe": map[string]any{"channel": ch}})
			require.NoError(t, err)
			require.Contains(t, exchange(t, conn, string(body)), `"code":108`, "not available")
		}
		for _, command := range []string{`{"id":3,"history":{"channel":"inboxes","limit":10}}`, `{"id":3,"presence":{"channel":"desk"}}`,
			`{"id":3,"publish":{"channel":"inboxes","data":{}}}`, `{"id":3,"rpc":{"method":"x"}}`} {
			require.Contains(t, exchange(t, conn, command), `"code":108`)
		}
	})
}

func TestANewTokenMustBeOfTheSameVisitor(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		lucia, pedro := n.visitor("tienda"), n.visitor("tienda")
		refresh := func(token string) string {
			conn := n.plain(t)
			body, err := json.Marshal(map[string]any{"id": 1, "connect": map[string]any{"token": n.visitorToken(lucia)}})
			require.NoError(t, err)
			require.Contains(t, exchange(t, conn, string(body)), `"expires":true`)
			body, err = json.Marshal(map[string]any{"id": 2, "refresh": map[string]any{"token": token}})
			require.NoError(t, err)
			return exchange(t, conn, string(body))
		}
		require.Contains(t, refresh(n.visitorToken(lucia)), `"refresh":{`)
		require.Contains(t, refresh(n.visitorToken(pedro)), "3500")
		require.Contains(t, refresh("hola"), "3500")
	})
}

// The official client asks for another token when the node that signed its
// first was started anew.
func TestARestartedNodeIsFoundAgain(t *testing.T) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		n := newNode(t, db, live.Options{})
		old := forge(t, jwt.SigningMethodHS256, secret, nil)
		asked := 0
		n.open(t, func() string {
			if asked++; asked == 1 {
				return old
			}
			return n.agentToken("ana")
		}).connect()
		require.Equal(t, 2, asked)
	})
}

func TestSecretsMustBeLong(t *testing.T) {
	_, err := live.New(live.Options{Secret: []byte("short"), Agent: noAgent})
	require.ErrorContains(t, err, "32 bytes")
	require.NotContains(t, err.Error(), "short")
	_, err = live.New(live.Options{})
	require.ErrorContains(t, err, "Agent")
}

func TestAnAgentWhoIsRemovedIsSentAway(t *testing.T) {
	eachDatabase(t, func(t *testing.T, n *node) {
		ana := n.agentSocket(t, "ana")
		_, err := n.db.SQL().ExecContext(t.Context(), "UPDATE agents SET removed_at = updated_at WHERE name = 'ana'")
		require.NoError(t, err)
		n.live.Tell(router.Happened{Members: []int64{n.agents["ana"].ID}})
		select {
		case e := <-ana.ended:
			require.EqualValues(t, 3507, e.Code, "and not to come back")
		case <-time.After(patience):
			t.Fatal("still there")
		}
	})
}
