package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

// Those who are told of changes order them by updated_at at last, so it grows
// with each, though the clocks of two processes differ.
func TestEachChangeIsLaterThanTheOneBefore(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		id := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		updated := func() time.Time {
			v, err := d.Router.Conversation(t.Context(), d.ana, id)
			require.NoError(t, err)
			return v.Conversation.UpdatedAt
		}
		before := updated()
		for _, back := range []time.Duration{0, -time.Second, -time.Millisecond} {
			d.clock.Advance(back)
			_, err := d.SetCustomAttributes(t.Context(), d.ana, id, router.Attributes{"back": back.String()})
			require.NoError(t, err)
			require.True(t, updated().After(before), "%s after %s", updated(), before)
			before = updated()
		}
	})
}
