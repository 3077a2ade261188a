package page_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/page"
)

func TestADomainIsAHostAndNothingElse(t *testing.T) {
	for _, s := range []string{"tienda.example", "localhost", "*.tienda.example", "https://tienda.example", "http://127.0.0.1:8080", "xn--caf-dma.example"} {
		require.True(t, page.IsDomain(s), s)
	}
	for _, s := range []string{"", "*", "tienda.example/pago", "https://", "javascript:alert(1)", "a.example; script-src *", "a.example b.example",
		"'self'", "-a.example", "a..example", "*.*.example", "https://*", "tienda.example\n", strings.Repeat("a", 256)} {
		require.False(t, page.IsDomain(s), s)
	}
}
