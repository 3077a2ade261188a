package webhook_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"relevo/router/routertest"
	"relevo/router/webhook"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// got is a request as a receiver has it.
type got struct {
	header http.Header
	body   string
}

// receiver answers as a test wants it to.
func receiver(t *testing.T, answer http.HandlerFunc) (address string, requests chan got) {
	requests = make(chan got, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		requests <- got{r.Header, string(body)}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func ok(http.ResponseWriter, *http.Request) {}

func TestADeliveryIsSignedInBothManners(t *testing.T) {
	address, requests := receiver(t, ok)
	secret := webhook.NewSecret()
	s := webhook.New(webhook.Options{AllowPrivate: loopback})
	body := `{"event":"message_created","content":"¿Hola?"}`
	require.NoError(t, s.Send(t.Context(), webhook.Delivery{ID: "0199-a", URL: address, Secret: secret, Body: []byte(body)}))
	r := <-requests
	require.Equal(t, body, r.body)
	require.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))

	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify([]byte(r.body), r.header))
	require.Error(t, verifier.Verify([]byte(r.body+" "), r.header), "a body that was changed")
	other, err := standardwebhooks.NewWebhook(webhook.NewSecret())
	require.NoError(t, err)
	require.Error(t, other.Verify([]byte(r.body), r.header), "another secret")

	require.Equal(t, "0199-a", r.header.Get("webhook-id"))
	require.Equal(t, "0199-a", r.header.Get("X-Chatwoot-Delivery"))
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, r.header.Get("X-Chatwoot-Timestamp")+"."+r.body)
	require.Equal(t, "sha256="+hex.EncodeToString(mac.Sum(nil)), r.header.Get("X-Chatwoot-Signature"))
}

func TestASecretThatIsNoneSignsNothing(t *testing.T) {
	address, requests := receiver(t, ok)
	s := webhook.New(webhook.Options{AllowPrivate: loopback})
	for _, secret := range []string{"", "whsec_", "abc", "whsec_?"} {
		require.Error(t, s.Send(t.Context(), webhook.Delivery{ID: "1", URL: address, Secret: secret}), secret)
	}
	require.Empty(t, requests)
}

func TestOnlyAnswersOfSuccessAreSuccess(t *testing.T) {
	for status, want := range map[int]string{200: "", 201: "", 204: "", 400: "it answered 400", 404: "it answered 404", 410: "it answered 410",
		429: "it answered 429", 500: "it answered 500", 503: "it answered 503", 304: "it answered with a redirect, which is not followed"} {
		address, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		err := webhook.New(webhook.Options{AllowPrivate: loopback}).Send(t.Context(), delivery(address))
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func delivery(address string) webhook.Delivery {
	return webhook.Delivery{ID: "1", URL: address, Secret: webhook.NewSecret(), Body: []byte("{}")}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	inside, reached := receiver(t, ok)
	address, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside, http.StatusTemporaryRedirect)
	})
	require.ErrorIs(t, webhook.New(webhook.Options{AllowPrivate: loopback}).Send(t.Context(), delivery(address)), webhook.ErrRedirect)
	require.Empty(t, reached)
}

func TestAReceiverThatHangsIsLeft(t *testing.T) {
	ends := make(chan struct{})
	defer close(ends)
	address, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ends:
		}
	})
	s := webhook.New(webhook.Options{AllowPrivate: loopback, Timeout: 50 * time.Millisecond})
	require.EqualError(t, s.Send(t.Context(), delivery(address)), "no answer within 50ms")
}

// The answer is not read to an end that it does not have.
func TestAnAnswerWithoutEndIsLeft(t *testing.T) {
	address, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 1 << 20 {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	})
	begun := time.Now()
	require.NoError(t, webhook.New(webhook.Options{AllowPrivate: loopback, Timeout: time.Minute}).Send(t.Context(), delivery(address)))
	require.Less(t, time.Since(begun), 20*time.Second, "a gigabyte was read")
}

func TestAnswersThatAreNoHTTPAreErrorsWithoutTheAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(c).ReadString('\n')
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 1000)+"\r\n")
			_ = c.Close()
		}
	}()
	err = webhook.New(webhook.Options{AllowPrivate: loopback}).Send(t.Context(), delivery("http://user:geheim@"+l.Addr().String()+"/?token=geheim"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "geheim")
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	s := webhook.New(webhook.Options{})
	for _, host := range []string{"127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"198.18.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00::1]", "[::ffff:127.0.0.1]",
		"[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "localhost"} {
		require.ErrorIs(t, s.Check(t.Context(), "http://"+host+":8080/x"), webhook.ErrPrivate, host)
	}
	for _, address := range []string{"http://x.example:99999/", "http://x.example:0/", "", "x", "ftp://example.com", "http://", "http:///x", "javascript:alert(1)", "http://[::1", "//example.com", "http://a b",
		"http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://127.0.0.1./", "http://256.256.256.256/", "http://x.example.0X7F/"} {
		require.ErrorIs(t, s.Check(t.Context(), address), webhook.ErrAddress, address)
		require.ErrorIs(t, s.Send(t.Context(), delivery(address)), webhook.ErrAddress, address)
	}
	require.NoError(t, s.Check(t.Context(), "https://93.184.216.34/x"))
	require.NoError(t, s.Check(t.Context(), "https://[2606:2800:220:1::1]/x"))
	allowed := webhook.New(webhook.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}})
	require.NoError(t, allowed.Check(t.Context(), "http://10.1.2.3/"))
	require.NoError(t, allowed.Check(t.Context(), "http://[fd00::7]/"))
	require.ErrorIs(t, allowed.Check(t.Context(), "http://10.2.2.3/"), webhook.ErrPrivate)
}

func TestAPrivateAddressIsNotConnectedTo(t *testing.T) {
	address, requests := receiver(t, ok)
	s := webhook.New(webhook.Options{})
	require.ErrorIs(t, s.Send(t.Context(), delivery(address)), webhook.ErrPrivate)
	require.ErrorIs(t, s.Send(t.Context(), delivery(strings.Replace(address, "127.0.0.1", "localhost", 1))), webhook.ErrPrivate)
	require.Empty(t, requests)
}

// A name that leads to a public address when it is checked and into the private
// network when it is used is refused when it is used.
func TestANameThatLeadsElsewhereTheNextMomentIsRefused(t *testing.T) {
	address, requests := receiver(t, ok)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	require.NoError(t, err)
	var private atomic.Bool
	names := routertest.NameServer(t, func() [4]byte {
		if private.Load() {
			return [4]byte{127, 0, 0, 1}
		}
		return [4]byte{93, 184, 216, 34}
	})
	rebound := "http://rebind.example.test:" + port + "/"
	s := webhook.New(webhook.Options{Resolver: names})
	require.NoError(t, s.Check(t.Context(), rebound))
	private.Store(true)
	require.ErrorIs(t, s.Send(t.Context(), delivery(rebound)), webhook.ErrPrivate)
	require.Empty(t, requests)
	require.ErrorIs(t, s.Check(t.Context(), rebound), webhook.ErrPrivate)
	require.NoError(t, webhook.New(webhook.Options{Resolver: names, AllowPrivate: loopback}).Send(t.Context(), delivery(rebound)))
	require.Len(t, requests, 1, "the name does lead there")
}
