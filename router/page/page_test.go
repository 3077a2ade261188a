package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/page"
)

func TestWhichPagesAPatternMeans(t *testing.T) {
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"https://t.example/*", "https://t.example/a?b=1#c", true},
		{"https://t.example/*", "https://t.example", true},
		{"https://t.example/*", "http://t.example/", false},
		{"https://t.example/*", "https://malo.example/?https://t.example/", false},
		{"https://t.example/precios", "https://T.example/precios/?utm=x", true},
		{"https://t.example/precios", "https://t.example/precios/caros", false},
		{"https://*.t.example/", "https://a.t.example", true},
		{"https://*.t.example/*", "https://t.example/", false},
		{"https://*.t.example/*", "https://malo.example/a.t.example/", false},
		{"https://t.example/*/ropa/*", "https://t.example/mx/ropa/7", true},
		{"https://t.example/*/ropa/*", "https://t.example/mx/zapatos/7", false},
		{"https://t.example/a.b", "https://t.example/aXb", false},
		{"https://t.example/?q=1", "https://t.example/?q=2", false},
		{"https://t.example/?q=*", "https://t.example/?q=2", true},
		{"http://localhost:8080/*", "http://localhost:8080/demo", true},
		{"https://t.example/*", "javascript:alert(1)", false},
		{"https://t.example/*", "", false},
		{"https://ñandú.es/*", "https://xn--and-6ma2c.es/x", true},
		{"https://xn--and-6ma2c.es/*", "https://ÑANDÚ.es/x", true},
		{"https://*.ñandú.es/*", "https://tienda.xn--and-6ma2c.es/x", true},
		{"https://ñandú.es/*", "https://nandu.es/x", false},
		{"https://t.example/café/*", "https://t.example/caf%C3%A9/x", true},
		{"https://t.example/caf%c3%a9/*", "https://t.example/café/x", true},
		{"https://t.example/%7Eana", "https://t.example/~ana", true},
		{"https://t.example/?q=niño", "https://t.example/?q=ni%C3%B1o", true},
		{"https://t.example/a%2Fb", "https://t.example/a/b", false},
		{"https://t.example/a%2Ab", "https://t.example/aXb", false},
		{"https://t.example/100%/*", "https://t.example/100%/a", true},
		{"https://t.example:443/*", "https://t.example/x", true},
		{"https://t.example/*", "https://t.example:443/x", true},
		{"http://t.example:80/*", "http://t.example/x", true},
		{"http://t.example:443/*", "http://t.example/x", false},
		{"https://t.example:8443/*", "https://t.example/x", false},
		{"https://t.example/*", "https://t.example:99999/x", false},
		{"http://mi_tienda.localhost/*", "http://mi_tienda.localhost/x", true},
		{"http://[::1]:8080/*", "http://[::1]:8080/x", true},
	} {
		require.Equal(t, c.want, page.Matches(c.pattern, c.address), "%s on %s", c.pattern, c.address)
	}
}

func TestPatternsThatAreRefused(t *testing.T) {
	for pattern, want := range map[string]error{
		"*": page.ErrEverything, "": page.ErrEverything, "https://*": page.ErrEverything, "https://*/*": page.ErrEverything,
		"*://t.example/*": page.ErrEverything, "https://*.com/*": page.ErrEverything, "https://*.*.example/": page.ErrEverything,
		"https://tienda.*/": page.ErrEverything, "https://**": page.ErrEverything, "https://t*.example/": page.ErrEverything,
		"t.example/*": page.ErrNotAnAddress, "ftp://t.example/": page.ErrNotAnAddress, "javascript://t.example/": page.ErrNotAnAddress,
		"https:///a": page.ErrNotAnAddress, "https://ana:clave@t.example/": page.ErrNotAnAddress, "https://t.example/a b": page.ErrNotAnAddress,
		"https://t.example/" + strings.Repeat("a", 2048): page.ErrTooLong, "https://t.example/" + strings.Repeat("*a", 6): page.ErrTooManyStars,
		"https://t.example:99999/*": page.ErrNotAnAddress, "https://t.example:0/*": page.ErrNotAnAddress, "https://t.example:x/*": page.ErrNotAnAddress,
		"https://*。com/*": page.ErrNotAnAddress, "https://*.com。/*": page.ErrEverything, "https://ñ\u200b@t.example/": page.ErrNotAnAddress,
	} {
		require.ErrorIs(t, page.Check(pattern), want, pattern)
		require.False(t, page.Matches(pattern, "https://t.example/"), pattern)
	}
	require.NoError(t, page.Check("https://*.t.example/*/ropa/*"))
}

// What the widget is told of a pattern, which it compares with the address that
// its browser says.
func TestPatternsAsBrowsersWriteThem(t *testing.T) {
	for pattern, want := range map[string]string{
		"https://*.ñandú.es:443/café/*?q=ñ": "https://*.xn--and-6ma2c.es/caf%C3%A9/*?q=%C3%B1",
		"HTTPS://T.example/A*":              "https://t.example/A*",
		"http://t.example:8080":             "http://t.example:8080",
		"no es nada":                        "no es nada",
	} {
		require.Equal(t, want, page.Normal(pattern))
	}
}

// Whatever an address is, it is the same written as browsers do.
func TestAnAddressMeansItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := "https://t.example/" + rapid.StringMatching(`[a-zñé%~/?=&.\x{4e00}0-9A-F-]{0,30}`).Draw(t, "path")
		require.NoError(t, page.Check(pattern))
		require.True(t, page.Matches(pattern, pattern))
		require.True(t, page.Matches(page.Normal(pattern), pattern))
		require.True(t, page.Matches(pattern, page.Normal(pattern)))
		require.Equal(t, page.Normal(pattern), page.Normal(page.Normal(pattern)))
	})
}

// A pattern and an address that make others go back and forth for ever.
func TestNoPatternMakesItSlow(t *testing.T) {
	start := time.Now()
	require.False(t, page.Matches("https://t.example/"+strings.Repeat("*aaa", 5)+"b", "https://t.example/"+strings.Repeat("a", 8000)))
	require.Less(t, time.Since(start), time.Second)
}
