package router_test

import (
	"net/netip"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/jobs"
	"relevo/router/webhook"
)

// A process that has not heard yet that a webhook is gone stores the
// customer's word all the same, and those who are still there are told.
func TestAWordIsStoredThoughAWebhookWasRemovedElsewhere(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		gone, stays := newReceiver(t), newReceiver(t)
		hook := d.hook(gone.URL, router.EventMessageCreated)
		d.hook(stays.URL, router.EventMessageCreated)
		queue, err := jobs.New(jobs.Options{DB: d.db, Now: d.clock.Now})
		require.NoError(t, err)
		other := router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Jobs: queue, PublicURL: "https://chat.example.com",
			Webhooks: webhook.New(webhook.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})})
		visitor := d.visitor(d.correo)
		say := func(r *router.Router, content string) {
			_, err := r.Receive(t.Context(), router.Inbound{Inbox: d.correo, SourceID: visitor, Draft: router.Draft{Content: content}})
			require.NoError(t, err, content)
		}
		say(other, "uno") // it knows both by now
		require.NoError(t, d.RemoveWebhook(t.Context(), hook.ID))
		say(other, "dos")
		d.drain()
		require.Len(t, stays.take(), 2)
	})
}

// While webhooks come and go, no word is refused.
func TestNoWordIsRefusedWhileWebhooksComeAndGo(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		receiver, visitor := newReceiver(t), d.visitor(d.correo)
		done := make(chan struct{})
		var talking sync.WaitGroup
		talking.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				_, err := d.Receive(t.Context(), router.Inbound{Inbox: d.correo, SourceID: visitor, Draft: router.Draft{Content: strconv.Itoa(n)}})
				if !assert.NoError(t, err) {
					return
				}
			}
		})
		for n := range 20 {
			hook := d.hook(receiver.URL + "/" + strconv.Itoa(n))
			d.says(d.correo, d.visitor(d.correo), "Hola") // the webhook is known by now
			require.NoError(t, d.RemoveWebhook(t.Context(), hook.ID))
		}
		close(done)
		talking.Wait()
	})
}
