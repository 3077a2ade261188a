package router_test

import (
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// What was not taken before a secret was exchanged is signed with the new one
// when it is sent again.
func TestTheOldSecretSignsNothingAnyMore(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		to := newReceiver(t)
		hook := d.hook(to.URL)
		to.answers(refuse)
		d.says(d.tienda, d.visitor(d.tienda), "Hola")
		d.drain()
		refused := to.take()
		require.NotEmpty(t, refused)
		before, err := standardwebhooks.NewWebhook(hook.Secret)
		require.NoError(t, err)
		require.NoError(t, before.VerifyIgnoringTimestamp([]byte(refused[0].raw), refused[0].header))

		reset, err := d.ResetWebhookSecret(t.Context(), hook.ID)
		require.NoError(t, err)
		after, err := standardwebhooks.NewWebhook(reset.Secret)
		require.NoError(t, err)
		require.True(t, d.again())
		again := to.take()
		require.Len(t, again, len(refused))
		for i, one := range again {
			require.Equal(t, refused[i].id, one.id)
			require.NoError(t, after.VerifyIgnoringTimestamp([]byte(one.raw), one.header))
			require.Error(t, before.VerifyIgnoringTimestamp([]byte(one.raw), one.header))
		}
	})
}
