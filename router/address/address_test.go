package address_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/address"
)

func TestAddresses(t *testing.T) {
	for s, want := range map[string]string{
		"ana@example.com": "ana@example.com", "Ana.Ruiz+web@Example.COM": "Ana.Ruiz+web@example.com", "o'brien@mail.example.ie": "o'brien@mail.example.ie",
		"a@ñandú.ejemplo.es": "a@ñandú.ejemplo.es", "a@españa.es": "a@españa.es", "a@xn--espaa-rta.xn--p1ai": "a@xn--espaa-rta.xn--p1ai",
		"a@nin\u0303o.example.com": "a@niño.example.com",
	} {
		got, ok := address.Parse(s)
		require.True(t, ok, s)
		require.Equal(t, want, got)
	}
	for _, s := range []string{"", "ana", "@example.com", "ana@", "ana@example", "ana@localhost", "ana@example.c", "ana@.com", "ana@example..com", "ana@-example.com",
		"a..b@example.com", ".a@example.com", "a.@example.com", "a b@example.com", "Ana <ana@example.com>", "ana@example.com, b@example.com", "a@b@example.com",
		"josé@example.com", "ñandú@correo.ejemplo.es", "ana@example.com\n", "ana@1.2.3.4", "ana@example.com.", "\xff@example.com", strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a.", 130) + "com"} {
		_, ok := address.Parse(s)
		require.False(t, ok, "%q", s)
	}
}
