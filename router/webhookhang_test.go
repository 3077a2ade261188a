package router_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/jobs"
	"relevo/router/webhook"
)

// runs delivers with time enough to hang, until the test ends.
func (d *telling) runs() {
	q, err := jobs.New(jobs.Options{DB: d.db, Now: d.clock.Now})
	require.NoError(d.t, err)
	d.jobs = q
	d.Router = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Jobs: q, Webhooks: webhook.New(webhook.Options{Timeout: time.Minute,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}})})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- q.Run(ctx) }()
	d.t.Cleanup(func() {
		stop()
		require.NoError(d.t, <-ended)
	})
}

// hangs makes r answer nothing, until the test ends. What it is asked meanwhile
// comes out of the channel.
func (r *receiver) hangs() <-chan struct{} {
	asked, ends := make(chan struct{}, 10_000), make(chan struct{})
	r.t.Cleanup(func() { close(ends) })
	r.answers(func(_ http.ResponseWriter, req *http.Request, _ int) {
		asked <- struct{}{}
		select {
		case <-req.Context().Done():
		case <-ends:
		}
	})
	return asked
}

// hears says when r was told something that holds content.
func (r *receiver) hears(content string) <-chan struct{} {
	heard := make(chan struct{}, 10_000)
	r.answers(func(http.ResponseWriter, *http.Request, int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if slices.ContainsFunc(r.told, func(one notified) bool { return one.body["content"] == content }) {
			heard <- struct{}{}
		}
	})
	return heard
}

func soon(t *testing.T, happens <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-happens:
	case <-time.After(10 * time.Second):
		require.FailNow(t, "not within ten seconds", what)
	}
}

// An account's webhook takes everything and answers nothing. The bot outside,
// another webhook of the account and a connector are told at once all the same.
func TestAReceiverThatHangsCostsOnlyItself(t *testing.T) {
	eachDatabase(t, func(t *testing.T, plain *desk) {
		ctx, d := t.Context(), &telling{desk: plain}
		d.runs()
		hung, other, bot, connector := newReceiver(t), newReceiver(t), newReceiver(t), newReceiver(t)
		asked := hung.hangs()
		d.hook(hung.URL, router.EventMessageCreated)
		v := d.visitor(d.correo)
		for i := range 80 {
			d.says(d.correo, v, fmt.Sprintf("palabra %d", i))
		}
		for range 16 { // as many as may be in hand of one
			soon(t, asked, "the receiver that hangs is asked")
		}

		robi, err := d.AddAgentBot(ctx, router.AgentBot{Name: "Robi", OutgoingURL: bot.URL}, "hash-robi")
		require.NoError(t, err)
		_, err = d.SetAgentBot(ctx, d.correo.ID, &robi.ID)
		require.NoError(t, err)
		name := "WhatsApp"
		api, err := d.AddInbox(ctx, "api", router.InboxDraft{Name: &name, WebhookURL: &connector.URL})
		require.NoError(t, err)
		d.hook(other.URL, router.EventMessageCreated)
		told := map[string]<-chan struct{}{"bot": bot.hears("¿Hay alguien?"), "other webhook": other.hears("¿Hay alguien?"), "connector": connector.hears("¿Hay alguien?")}
		d.says(d.correo, d.visitor(d.correo), "¿Hay alguien?")
		d.says(api, d.visitor(api), "¿Hay alguien?")
		for who, hears := range told {
			soon(t, hears, who)
		}
		require.Empty(t, asked, "no more of one that hangs than may be in hand")
	})
}

// A receiver that did not take the last is asked for one thing at a time, until
// it takes something; what waited for it is told then.
func TestWhatWaitedForAReceiverIsToldOnceItIsBack(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		d.hook(r.URL, router.EventMessageCreated)
		r.answers(refuse)
		v := d.visitor(d.correo)
		d.says(d.correo, v, "palabra")
		d.drain()
		for i := range 20 {
			d.says(d.correo, v, fmt.Sprintf("palabra %d", i))
		}
		var here, together atomic.Int32
		r.answers(func(w http.ResponseWriter, req *http.Request, n int) {
			if here.Add(1) > 1 {
				together.Store(1)
			}
			refuse(w, req, n)
			here.Add(-1)
		})
		d.drain()
		require.Zero(t, together.Load())
		require.Equal(t, 21, d.waiting())
		r.take()
		r.answers(func(http.ResponseWriter, *http.Request, int) {})
		d.again()
		require.Zero(t, d.waiting())
		require.Len(t, r.take(), 21)
	})
}
