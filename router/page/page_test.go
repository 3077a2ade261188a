package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
		"https://t.example/" + strings.Repeat("a", 2048): page.ErrTooLong, "https://t.example/" + strings.Repeat("*a", 6): page.ErrTooLong,
	} {
		require.ErrorIs(t, page.Check(pattern), want, pattern)
		require.False(t, page.Matches(pattern, "https://t.example/"), pattern)
	}
	require.NoError(t, page.Check("https://*.t.example/*/ropa/*"))
}

// A pattern and an address that make others go back and forth for ever.
func TestNoPatternMakesItSlow(t *testing.T) {
	start := time.Now()
	require.False(t, page.Matches("https://t.example/"+strings.Repeat("*aaa", 5)+"b", "https://t.example/"+strings.Repeat("a", 8000)))
	require.Less(t, time.Since(start), time.Second)
}
