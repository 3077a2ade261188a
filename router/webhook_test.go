package router_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/routertest"
	"relevo/router/store"
	"relevo/router/webhook"
)

// telling is a desk whose router delivers webhooks, also to this machine.
type telling struct {
	*desk
	jobs *jobs.Queue
}

func eachTelling(t *testing.T, test func(t *testing.T, d *telling)) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		q, err := jobs.New(jobs.Options{DB: d.db, Now: d.clock.Now})
		require.NoError(t, err)
		d.Router = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Jobs: q, PublicURL: "https://chat.example.com",
			Webhooks: webhook.New(webhook.Options{Timeout: 500 * time.Millisecond,
				AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}})})
		test(t, &telling{d, q})
	})
}

// receiver is somebody else's server, which keeps what it is told.
type receiver struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	told   []notified
	answer func(w http.ResponseWriter, r *http.Request, n int) // n: how many requests there were before
}

type notified struct {
	id     string
	header http.Header
	raw    string
	body   map[string]any
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, answer: func(http.ResponseWriter, *http.Request, int) {}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		got := notified{id: req.Header.Get("webhook-id"), header: req.Header, raw: string(raw)}
		if err := json.Unmarshal(raw, &got.body); err != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		n, answer := len(r.told), r.answer
		r.told = append(r.told, got)
		r.mu.Unlock()
		answer(w, req, n)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(f func(w http.ResponseWriter, r *http.Request, n int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func refuse(w http.ResponseWriter, _ *http.Request, _ int) {
	w.WriteHeader(http.StatusInternalServerError)
}

// take returns what was told since the last take, in the order of what
// happened: by seq, then version.
func (r *receiver) take() []notified {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.told
	r.told = nil
	slices.SortFunc(all, func(a, b notified) int { return strings.Compare(a.id, b.id) })
	return all
}

func events(all []notified) []string {
	var names []string
	for _, one := range all {
		names = append(names, one.body["event"].(string))
	}
	return names
}

func (t notified) conversation() map[string]any {
	if c, ok := t.body["conversation"].(map[string]any); ok {
		return c
	}
	return t.body
}

func (d *telling) hook(url string, events ...router.WebhookEvent) *router.Webhook {
	d.t.Helper()
	w, err := d.AddWebhook(d.t.Context(), router.WebhookDraft{URL: &url, Subscriptions: events})
	require.NoError(d.t, err)
	return w
}

func (d *telling) drain() {
	d.t.Helper()
	require.NoError(d.t, d.jobs.Drain(d.t.Context()))
}

// again does now what waits for its next try, and reports whether there was
// any.
func (d *telling) again() bool {
	d.t.Helper()
	var ids []int64
	require.NoError(d.t, d.db.Read().Raw("SELECT id FROM river_job WHERE state IN ('retryable', 'scheduled')").Scan(&ids).Error)
	for _, id := range ids {
		require.NoError(d.t, d.jobs.Retry(d.t.Context(), id))
	}
	d.drain()
	return len(ids) > 0
}

func (d *telling) waiting() (n int) {
	d.t.Helper()
	require.NoError(d.t, d.db.Read().Raw("SELECT count(*) FROM webhook_deliveries").Scan(&n).Error)
	return n
}

// verified checks both signatures of everything that was told.
func verified(t *testing.T, secret string, all []notified) {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	for _, one := range all {
		require.NoError(t, verifier.Verify([]byte(one.raw), one.header))
	}
}

func TestAWebhookIsToldWhatHappens(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		w := d.hook(r.URL)
		v := d.visitor(d.tienda)
		m := d.says(d.tienda, v, "¿Tienen talla M?")
		d.attend()
		d.drain()
		all := r.take()
		verified(t, w.Secret, all)
		require.Equal(t, []string{"contact_created", "conversation_created", "message_created", "message_created", "message_created"}, events(all))
		require.Equal(t, "Lucía", all[0].body["name"])
		created := all[1].body
		require.Equal(t, []any{"pending", float64(m.ConversationID), 2.0, "Channel::WebWidget"},
			[]any{created["status"], created["id"], created["seq"], created["channel"]})
		require.Equal(t, v, created["contact_inbox"].(map[string]any)["source_id"])
		word := all[2].body
		require.Equal(t, []any{"¿Tienen talla M?", "incoming", false, 1.0}, []any{word["content"], word["message_type"], word["private"], word["seq"]})
		require.Equal(t, []any{"Lucía", "contact"}, []any{word["sender"].(map[string]any)["name"], word["sender"].(map[string]any)["type"]})
		require.Equal(t, map[string]any{"id": 1.0, "name": "Relevo"}, word["account"])
		require.Equal(t, "¿Tienen talla M?", word["conversation"].(map[string]any)["messages"].([]any)[0].(map[string]any)["content"], "the message that it is about")
		require.Equal(t, []any{"¡Bienvenida!", "template", nil}, []any{all[3].body["content"], all[3].body["message_type"], all[3].body["sender"]})
		require.Equal(t, []any{"eco: ¿Tienen talla M?", "outgoing"}, []any{all[4].body["content"], all[4].body["message_type"]})
		require.Equal(t, "agent_bot", all[4].body["sender"].(map[string]any)["type"])

		_, err := d.Reply(ctx, d.ana, m.ConversationID, router.Draft{Content: "Sí, y en azul"})
		require.NoError(t, err)
		d.drain()
		all = r.take()
		require.Equal(t, []string{"message_created", "conversation_status_changed", "conversation_updated"}, events(all))
		require.Equal(t, []any{"user", "Ana"}, []any{all[0].body["sender"].(map[string]any)["type"], all[0].body["sender"].(map[string]any)["name"]})
		require.Equal(t, map[string]any{"previous_value": "pending", "current_value": "open"}, attribute(all[1], "status"))
		require.Equal(t, map[string]any{"previous_value": nil, "current_value": float64(d.anaID)}, attribute(all[2], "assignee_id"))
		require.Equal(t, "Ana", all[2].body["meta"].(map[string]any)["assignee"].(map[string]any)["name"])

		_, err = d.SetLabels(ctx, d.ana, m.ConversationID, []string{"tallas"})
		require.NoError(t, err)
		_, err = d.SetLabels(ctx, d.ana, m.ConversationID, []string{"tallas", "azul"})
		require.NoError(t, err)
		_, err = d.SetLabels(ctx, d.ana, m.ConversationID, []string{"tallas", "azul"})
		require.NoError(t, err)
		d.drain()
		all = r.take()
		require.Equal(t, []string{"conversation_updated", "conversation_updated"}, events(all), "what changes nothing is told to nobody")
		require.Equal(t, map[string]any{"previous_value": []any{"tallas"}, "current_value": []any{"azul", "tallas"}}, attribute(all[1], "label_list"))
		require.Equal(t, []any{"azul", "tallas"}, all[1].body["labels"])

		_, err = d.DeleteMessage(ctx, d.jefa, m.ConversationID, m.ID)
		require.NoError(t, err)
		_, err = d.Mute(ctx, d.jefa, m.ConversationID)
		require.NoError(t, err)
		d.drain()
		all = r.take()
		require.Equal(t, []string{"message_updated", "contact_updated", "conversation_status_changed", "conversation_updated"}, events(all))
		require.Equal(t, []any{"Este mensaje se borró", true}, []any{all[0].body["content"], all[0].body["content_attributes"].(map[string]any)["deleted"]})
		require.Equal(t, map[string]any{"previous_value": false, "current_value": true}, attribute(all[1], "blocked"))
		require.Zero(t, d.waiting(), "what was taken is forgotten")
	})
}

// attribute is one of the changed attributes.
func attribute(one notified, name string) any {
	for _, a := range one.body["changed_attributes"].([]any) {
		if changed, ok := a.(map[string]any)[name]; ok {
			return changed
		}
	}
	return nil
}

// What is told is what was when it happened, whatever came after.
func TestAWebhookIsToldWhatWasThen(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		d.hook(r.URL, router.EventConversationCreated, router.EventStatusChanged)
		m := d.says(d.correo, d.visitor(d.correo), "Hello")
		_, err := d.Resolve(t.Context(), d.ana, m.ConversationID)
		require.NoError(t, err)
		_, err = d.Open(t.Context(), d.jefa, m.ConversationID)
		require.NoError(t, err)
		d.drain()
		all := r.take()
		require.Equal(t, []string{"conversation_created", "conversation_status_changed", "conversation_status_changed"}, events(all))
		for i, want := range []string{"open", "resolved", "open"} {
			require.Equal(t, want, all[i].body["status"])
		}
		require.Nil(t, all[0].body["meta"].(map[string]any)["assignee"])
		require.Len(t, all[0].body["messages"], 1)
		require.Less(t, all[0].body["version"].(float64), all[1].body["version"].(float64))
		require.Less(t, all[1].body["version"].(float64), all[2].body["version"].(float64))
	})
}

// A receiver that fails, hangs and answers late is told everything, each thing
// under one id with one body; and can put it in order.
func TestNothingIsLostOnABadReceiver(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		var mu sync.Mutex
		dice := rand.New(rand.NewPCG(seed, 0))
		r := newReceiver(t)
		ends := make(chan struct{})
		t.Cleanup(func() { close(ends) })
		r.answers(func(w http.ResponseWriter, req *http.Request, _ int) {
			mu.Lock()
			mood := dice.IntN(10)
			mu.Unlock()
			switch {
			case mood < 4:
				w.WriteHeader([]int{500, 503, 429, 404}[mood])
			case mood == 4: // hangs
				select {
				case <-req.Context().Done():
				case <-ends:
				}
			case mood == 5: // breaks off
				panic(http.ErrAbortHandler)
			}
		})
		w := d.hook(r.URL, router.EventMessageCreated, router.EventStatusChanged)
		v := d.visitor(d.correo)
		first := d.says(d.correo, v, "palabra 0")
		d.drain()
		var want []string
		statuses := []string{"resolved", "open"}
		for i := range 6 {
			var err error
			if i%2 == 0 {
				_, err = d.Resolve(t.Context(), d.ana, first.ConversationID)
			} else {
				_, err = d.Open(t.Context(), d.ana, first.ConversationID)
			}
			require.NoError(t, err)
			want = append(want, statuses[i%2])
			_, err = d.Reply(t.Context(), d.ana, first.ConversationID, router.Draft{Content: "respuesta"})
			require.NoError(t, err)
			d.drain()
		}
		for round := 0; round < 9 && d.again(); round++ {
		}
		r.answers(func(http.ResponseWriter, *http.Request, int) {})
		failed, err := d.jobs.Failed(t.Context(), 0) // ten times bad luck
		require.NoError(t, err)
		for _, f := range failed {
			require.NoError(t, d.jobs.Retry(t.Context(), f.ID))
		}
		d.again()
		require.Zero(t, d.waiting())

		all := r.take()
		verified(t, w.Secret, all)
		bodies := map[string]notified{}
		for _, one := range all {
			if known, again := bodies[one.id]; again {
				require.Equal(t, known.raw, one.raw, "the same id with another body")
			}
			bodies[one.id] = one
		}
		seen := map[string]bool{}
		byPlace := map[float64]string{} // what was said, by seq
		var changes []notified
		for _, one := range bodies {
			require.False(t, seen[one.raw], "told twice under two ids")
			seen[one.raw] = true
			if one.body["event"] == "message_created" {
				byPlace[one.body["seq"].(float64)] = one.body["content"].(string)
			} else {
				changes = append(changes, one)
			}
		}
		thread, err := d.Messages(t.Context(), d.jefa, first.ConversationID, router.MessagePage{After: new(int64(1)), Before: 1 << 40})
		require.NoError(t, err)
		said := map[float64]string{1: "palabra 0"}
		for _, m := range thread {
			if m.MessageType != router.Activity {
				said[float64(m.Seq)] = m.Content
			}
		}
		require.Equal(t, said, byPlace)
		slices.SortFunc(changes, func(a, b notified) int { return int(a.body["version"].(float64) - b.body["version"].(float64)) })
		var got []string
		for _, c := range changes {
			got = append(got, c.body["status"].(string))
		}
		require.Equal(t, want, got)
	})
}

// A receiver that was told by a process that died before it could note it is
// told the same again, under the same id.
func TestAProcessThatDiesTellsTheSameAgain(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		d.hook(r.URL, router.EventMessageCreated)
		d.says(d.correo, d.visitor(d.correo), "Hello")
		var id string
		require.NoError(t, d.db.Read().Raw("SELECT id FROM webhook_deliveries").Scan(&id).Error)
		type copied struct {
			ID, Event, Payload                              string
			WebhookID, ConversationID, MessageID, Seq, Vers int64
		}
		var c copied
		require.NoError(t, d.db.Read().Raw("SELECT id, event, payload, webhook_id, conversation_id, message_id, seq, version AS vers FROM webhook_deliveries").Scan(&c).Error)
		d.drain()
		require.Len(t, r.take(), 1)
		// As it stands where the note was never committed: the row is there, the job in hand of nobody.
		_, err := d.db.SQL().ExecContext(t.Context(), "UPDATE river_job SET state = 'available', finalized_at = NULL")
		require.NoError(t, err)
		_, err = d.db.SQL().ExecContext(t.Context(), placeholders(d.db, `INSERT INTO webhook_deliveries (id, webhook_id, event, payload, conversation_id, message_id, seq, version, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`), c.ID, c.WebhookID, c.Event, c.Payload, c.ConversationID, c.MessageID, c.Seq, c.Vers, d.clock.Now())
		require.NoError(t, err)
		d.drain()
		all := r.take()
		require.Len(t, all, 1)
		require.Equal(t, id, all[0].id)
		require.Zero(t, d.waiting())
	})
}

// A note is told to the account and to bots, as Chatwoot does, and never to
// the connector: the customer is at its other end.
func TestANoteIsNotToldToTheCustomersSide(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx := t.Context()
		account, connector, bot := newReceiver(t), newReceiver(t), newReceiver(t)
		d.hook(account.URL, append(slices.Clone(router.DefaultWebhookEvents), router.EventTypingOn)...)
		name := "WhatsApp"
		inbox, err := d.AddInbox(ctx, "api", router.InboxDraft{Name: &name, WebhookURL: &connector.URL})
		require.NoError(t, err)
		require.NotEmpty(t, inbox.WebhookSecret)
		robi, err := d.AddAgentBot(ctx, router.AgentBot{Name: "Robi", OutgoingURL: bot.URL}, "hash-robi")
		require.NoError(t, err)
		inbox, err = d.SetAgentBot(ctx, inbox.ID, &robi.ID)
		require.NoError(t, err)
		m := d.says(inbox, d.visitor(inbox), "Hola")
		d.drain()
		require.Equal(t, []string{"contact_created", "conversation_created", "message_created"}, events(account.take()))
		told := connector.take()
		require.Equal(t, []string{"conversation_created", "message_created"}, events(told))
		verified(t, inbox.WebhookSecret, told)
		require.Equal(t, []string{"message_created"}, events(bot.take()))

		note, err := d.Reply(ctx, d.ana, m.ConversationID, router.Draft{Content: "cliente difícil", Private: true})
		require.NoError(t, err)
		require.NoError(t, d.AgentTypes(ctx, d.ana, m.ConversationID, true, true))
		_, err = d.DeleteMessage(ctx, d.jefa, m.ConversationID, note.ID)
		require.NoError(t, err)
		_, err = d.Reply(ctx, d.ana, m.ConversationID, router.Draft{Content: "otra nota", Private: true})
		require.NoError(t, err)
		d.drain()
		all := account.take()
		require.Equal(t, []string{"message_created", "conversation_typing_on", "message_updated", "message_created"}, events(all))
		require.Equal(t, []any{"cliente difícil", true}, []any{all[0].body["content"], all[0].body["private"]})
		require.Equal(t, true, all[1].body["is_private"])
		require.Equal(t, []string{"message_created", "message_updated", "message_created"}, events(bot.take()))
		require.Empty(t, connector.take())

		high := "high"
		_, err = d.SetPriority(ctx, d.ana, m.ConversationID, &high)
		require.NoError(t, err)
		require.NoError(t, d.AgentTypes(ctx, d.ana, m.ConversationID, true, false))
		_, err = d.Reply(ctx, d.ana, m.ConversationID, router.Draft{Content: "¿En qué te ayudo?"})
		require.NoError(t, err)
		d.drain()
		all = connector.take()
		require.Equal(t, []string{"conversation_updated", "conversation_typing_on", "message_created", "conversation_status_changed", "conversation_updated"}, events(all))
		for _, one := range all {
			require.NotContains(t, one.raw, "nota")
		}
		require.Equal(t, "Hola", all[0].body["messages"].([]any)[0].(map[string]any)["content"], "the last public message")
		require.Equal(t, "¿En qué te ayudo?", all[2].body["content"])
		require.Equal(t, []string{"conversation_updated", "message_created", "conversation_opened", "conversation_status_changed", "conversation_updated"}, events(bot.take()))
	})
}

func TestAWebhookOfOneInboxIsToldOfThatInboxOnly(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		w, err := d.AddWebhook(t.Context(), router.WebhookDraft{URL: &r.URL, InboxID: &d.correo.ID})
		require.NoError(t, err)
		d.says(d.tienda, d.visitor(d.tienda), "Hola")
		d.says(d.correo, d.visitor(d.correo), "Hello")
		d.drain()
		all := r.take()
		require.Equal(t, []string{"conversation_created", "message_created"}, events(all))
		require.Equal(t, float64(d.correo.ID), all[0].body["inbox_id"])
		require.NoError(t, d.RemoveWebhook(t.Context(), w.ID))
		d.says(d.correo, d.visitor(d.correo), "Hello again")
		d.drain()
		require.Empty(t, r.take())
	})
}

// After a day of nothing but failure a webhook of the account is disabled, and
// administrators are told which; when it is enabled, it is told what it missed.
func TestAWebhookThatFailsForADayIsDisabled(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		r.answers(refuse)
		w := d.hook(r.URL, router.EventMessageCreated)
		m := d.says(d.correo, d.visitor(d.correo), "uno")
		d.drain()
		shown := func() *router.Webhook {
			all, err := d.Webhooks(ctx)
			require.NoError(t, err)
			require.Len(t, all, 1)
			return all[0]
		}
		require.Equal(t, monday, *shown().FailingSince)
		require.Equal(t, "it answered 500", shown().LastError)
		d.clock.Advance(23 * time.Hour)
		d.again()
		require.Nil(t, shown().DisabledAt)
		r.answers(func(w http.ResponseWriter, _ *http.Request, _ int) {}) // one success in between
		d.says(d.correo, d.visitor(d.correo), "dos")
		d.drain()
		d.again()
		require.Zero(t, d.waiting())
		require.Nil(t, shown().FailingSince)
		require.Empty(t, shown().LastError)

		r.answers(refuse)
		m = d.says(d.correo, d.visitor(d.correo), "tres")
		d.drain()
		for range 3 {
			d.again()
		}
		require.Nil(t, shown().DisabledAt, "it is not a day yet")
		d.clock.Advance(24 * time.Hour)
		d.again()
		require.NotNil(t, shown().DisabledAt)
		told, counts, err := d.Notifications(ctx, d.jefa, router.NotificationFilter{})
		require.NoError(t, err)
		require.Equal(t, 1, counts.All)
		require.Equal(t, router.NotifyWebhook, told[0].Kind)
		require.Contains(t, told[0].Title("es"), strings.TrimPrefix(r.URL, "http://"))
		require.Equal(t, m.ConversationID, told[0].ConversationID)
		_, counts, err = d.Notifications(ctx, d.ana, router.NotificationFilter{})
		require.NoError(t, err)
		require.Zero(t, counts.All, "agents do not run the place")

		r.take()
		d.says(d.correo, d.visitor(d.correo), "nobody is told of this one")
		d.drain()
		d.again()
		require.Empty(t, r.take())
		r.answers(func(http.ResponseWriter, *http.Request, int) {})
		on := true
		w, err = d.UpdateWebhook(ctx, w.ID, router.WebhookDraft{Enabled: &on})
		require.NoError(t, err)
		require.Nil(t, w.DisabledAt)
		d.says(d.correo, d.visitor(d.correo), "cinco")
		d.drain()
		var said []any
		for _, one := range r.take() {
			said = append(said, one.body["content"])
		}
		require.Equal(t, []any{"tres", "cinco"}, said)
		require.Zero(t, d.waiting())
	})
}

// Two failures with a quiet day between, or one in which no process ran, are
// not a day of failures.
func TestAQuietDayIsNoFailure(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		r.answers(refuse)
		d.hook(r.URL, router.EventMessageCreated)
		d.says(d.correo, d.visitor(d.correo), "uno")
		d.drain()
		d.clock.Advance(48 * time.Hour)
		d.again()
		all, err := d.Webhooks(t.Context())
		require.NoError(t, err)
		require.Nil(t, all[0].DisabledAt)
	})
}

// Administrators are told of a webhook, too, that is only told of contacts: a
// notification stands at the newest conversation then.
func TestAWebhookOfContactsIsNotDisabledInSilence(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		r.answers(refuse)
		newest := d.says(d.correo, d.visitor(d.correo), "Hola").ConversationID
		d.hook(r.URL, router.EventContactCreated)
		d.visitor(d.correo)
		d.drain()
		for range 3 {
			d.again()
		}
		d.clock.Advance(25 * time.Hour)
		d.again()
		all, err := d.Webhooks(t.Context())
		require.NoError(t, err)
		require.NotNil(t, all[0].DisabledAt)
		told, _, err := d.Notifications(t.Context(), d.jefa, router.NotificationFilter{})
		require.NoError(t, err)
		require.Len(t, told, 1)
		require.Equal(t, router.NotifyWebhook, told[0].Kind)
		require.Equal(t, newest, told[0].ConversationID)
	})
}

// A lone typing event that fails says nothing of a receiver: the next hiccup,
// days later, would disable it.
func TestTypingStartsNobodysClock(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		w := d.hook(r.URL, router.EventMessageCreated, router.EventTypingOn)
		visitor := d.visitor(d.correo)
		m := d.says(d.correo, visitor, "uno")
		d.drain()
		r.answers(refuse)
		require.NoError(t, d.AgentTypes(ctx, d.ana, m.ConversationID, true, false))
		d.drain()
		require.Zero(t, d.waiting())
		all, err := d.Webhooks(ctx)
		require.NoError(t, err)
		require.Equal(t, w.ID, all[0].ID)
		require.Nil(t, all[0].FailingSince)
	})
}

func TestABotThatCannotBeToldHandsOff(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		r.answers(refuse)
		robi, err := d.AddAgentBot(ctx, router.AgentBot{Name: "Robi", OutgoingURL: r.URL}, "hash-robi")
		require.NoError(t, err)
		inbox, err := d.SetAgentBot(ctx, d.correo.ID, &robi.ID)
		require.NoError(t, err)
		m := d.says(inbox, d.visitor(inbox), "Hello?")
		d.drain()
		require.Equal(t, fsm.Pending, d.status(m.ConversationID), "it is tried again")
		d.again()
		require.Equal(t, fsm.Pending, d.status(m.ConversationID))
		d.again()
		require.Equal(t, fsm.Open, d.status(m.ConversationID))
		brief, err := d.Handoff(ctx, d.jefa, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, router.ReasonBotUnavailable, brief.Reason)
		for d.again() {
		}

		// What it answered all the same is no reason to call anybody.
		other := d.says(inbox, d.visitor(inbox), "Hi")
		_, err = d.Reply(ctx, router.By{Actor: router.ActorForBot(robi), Scope: router.Scope{Inboxes: []int64{inbox.ID}}}, other.ConversationID, router.Draft{Content: "Here I am"})
		require.NoError(t, err)
		d.drain()
		for d.again() {
		}
		require.Equal(t, fsm.Pending, d.status(other.ConversationID))
	})
}

func TestAMessageThatTheConnectorDoesNotTakeIsMarked(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		ctx, r := t.Context(), newReceiver(t)
		r.answers(refuse)
		name := "SMS"
		inbox, err := d.AddInbox(ctx, "api", router.InboxDraft{Name: &name, WebhookURL: &r.URL})
		require.NoError(t, err)
		word := d.says(inbox, d.visitor(inbox), "Hola")
		m, err := d.Reply(ctx, d.ana, word.ConversationID, router.Draft{Content: "Hola, Lucía"})
		require.NoError(t, err)
		d.drain()
		status := func() router.MessageStatus {
			thread, err := d.Messages(ctx, d.jefa, word.ConversationID, router.MessagePage{})
			require.NoError(t, err)
			i := slices.IndexFunc(thread, func(x *router.Message) bool { return x.ID == m.ID })
			return thread[i].Status
		}
		require.Equal(t, router.Sent, status())
		for rounds := 0; d.again(); rounds++ {
			require.Less(t, rounds, 40, "it goes on for ever")
		}
		require.Equal(t, router.Failed, status())
		require.Equal(t, router.Sent, word.Status, "the customer's own word did arrive")
	})
}

func TestWhereNobodyListensNothingIsStored(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		log := &statements{Handler: slog.DiscardHandler}
		opts := d.db.Options()
		opts.Logger, opts.SlowQuery = slog.New(enabled{log}), time.Nanosecond
		r := router.New(router.Options{DB: routertest.Open(t, opts), Now: d.clock.Now})
		v := d.visitor(d.correo)
		say := func() {
			_, err := r.Receive(t.Context(), router.Inbound{Inbox: d.correo, SourceID: v, Draft: router.Draft{Content: "Hello?"}})
			require.NoError(t, err)
		}
		say()
		require.NotEmpty(t, log.of(say, "messages"))
		require.Empty(t, log.of(say, "webhook", "river", "conversation_labels", "contact_inboxes v JOIN contacts p ON p.id = v.contact_id WHERE v.id IN"))
	})
}

func TestAMessageThatIsTooLargeIsCut(t *testing.T) {
	eachTelling(t, func(t *testing.T, d *telling) {
		r := newReceiver(t)
		w := d.hook(r.URL, router.EventMessageCreated)
		v := d.visitor(d.correo)
		d.says(d.correo, v, strings.Repeat("a", 150_000))
		d.says(d.correo, v, strings.Repeat("\U0001F600", 149_999)+"!") // 600 KB, twice in the payload
		d.drain()
		all := r.take()
		verified(t, w.Secret, all)
		require.Len(t, all, 2)
		require.Len(t, all[0].body["content"], 150_000)
		require.NotContains(t, all[0].body, "truncated")
		require.Equal(t, true, all[1].body["truncated"])
		require.Equal(t, strings.Repeat("\U0001F600", 10_000), all[1].body["content"])
		require.Less(t, len(all[1].raw), 1<<20)
		require.Equal(t, 2.0, all[1].body["seq"])
	})
}

func TestWebhooksThatCannotBe(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		add := func(url string, events ...router.WebhookEvent) error {
			_, err := d.AddWebhook(ctx, router.WebhookDraft{URL: &url, Subscriptions: events})
			return err
		}
		for url, detail := range map[string]string{"": "blank", "ftp://x.example.com": "not_a_url", "x": "not_a_url", "https://" + strings.Repeat("x", 2050): "too_large",
			"http://127.0.0.1:9000/hook": "private_address", "http://[::1]/": "private_address", "http://localhost/": "private_address",
			"http://169.254.169.254/latest/meta-data": "private_address", "http://10.0.0.8/": "private_address", "http://192.168.1.1/": "private_address"} {
			requireDetail(t, add(url), detail)
		}
		requireDetail(t, add("https://93.184.216.34/", "conversation_opened"), "unknown")
		requireDetail(t, add("https://93.184.216.34/", "x"), "unknown")
		require.NoError(t, add("https://93.184.216.34/"))
		require.ErrorIs(t, add("https://93.184.216.34/"), fault.Taken)
		_, err := d.UpdateWebhook(ctx, 1, router.WebhookDraft{Subscriptions: router.WebhookEvents{}})
		requireDetail(t, err, "required")
		inside := "http://10.0.0.8/"
		_, err = d.UpdateWebhook(ctx, 1, router.WebhookDraft{URL: &inside})
		requireDetail(t, err, "private_address")
		unknown := int64(999)
		_, err = d.UpdateWebhook(ctx, 1, router.WebhookDraft{InboxID: &unknown})
		requireDetail(t, err, "unknown")
		_, err = d.UpdateWebhook(ctx, 999, router.WebhookDraft{})
		require.ErrorIs(t, err, fault.NotFound)
		require.ErrorIs(t, d.RemoveWebhook(ctx, 999), fault.NotFound)
		_, err = d.AddAgentBot(ctx, router.AgentBot{Name: "x", OutgoingURL: inside}, "h")
		requireDetail(t, err, "private_address")
		name := "x"
		_, err = d.AddInbox(ctx, "api", router.InboxDraft{Name: &name, WebhookURL: &inside})
		requireDetail(t, err, "private_address")
		outside := "https://93.184.216.34/"
		_, err = d.AddInbox(ctx, "web_widget", router.InboxDraft{Name: &name, WebhookURL: &outside})
		requireDetail(t, err, "not_allowed")
	})
}

func requireDetail(t *testing.T, err error, detail string) {
	t.Helper()
	require.ErrorIs(t, err, fault.Invalid)
	require.Equal(t, detail, fault.From(err).Params["detail"], err)
}

// placeholders writes ? as the database wants it.
func placeholders(db *store.DB, query string) string {
	if db.Dialect() != store.Postgres {
		return query
	}
	var out strings.Builder
	n := byte('0')
	for _, c := range query {
		if c == '?' {
			n++
			out.WriteString("$" + string(n))
			continue
		}
		out.WriteRune(c)
	}
	return out.String()
}
