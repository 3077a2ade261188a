package router_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
)

func TestWebhooksAreToldThatTheWidgetWasOpened(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		require.NoError(t, d.WidgetOpened(ctx, d.tienda, "", nil), "nobody listens")
		require.Zero(t, d.waiting())
		w := d.hook(r.URL, router.EventWidgetTriggered)

		require.NoError(t, d.WidgetOpened(ctx, d.tienda, "0000000000000000000000", router.Attributes{"referer": "https://tienda.example/rebajas"}))
		d.drain()
		all := r.take()
		verified(t, w.Secret, all)
		require.Equal(t, []string{"webwidget_triggered"}, events(all))
		stranger := all[0].body
		require.Equal(t, map[string]any{"event": "webwidget_triggered", "id": nil, "account": map[string]any{"id": 1.0, "name": "Relevo"}, "contact": nil,
			"inbox": map[string]any{"id": float64(d.tienda.ID), "name": "Tienda"}, "current_conversation": nil, "source_id": "0000000000000000000000",
			"event_info": map[string]any{"referer": "https://tienda.example/rebajas"}}, stranger)

		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "Hola")
		require.NoError(t, d.WidgetOpened(ctx, d.tienda, v, nil))
		d.drain()
		known := r.take()[0].body
		require.Equal(t, []any{"Lucía", v, map[string]any{}}, []any{known["contact"].(map[string]any)["name"], known["source_id"], known["event_info"]})
		require.NotNil(t, known["id"])
		require.Equal(t, float64(m.ConversationID), known["current_conversation"].(map[string]any)["id"])

		require.NoError(t, d.WidgetOpened(ctx, d.correo, v, nil))
		d.drain()
		require.Nil(t, r.take()[0].body["contact"], "a token opens nothing at another inbox")
		require.ErrorIs(t, d.WidgetOpened(ctx, d.tienda, v, router.Attributes{"a": strings.Repeat("a", 100_000)}), fault.Invalid)
	})
}
