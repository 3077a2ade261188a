package router_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router"
	"relevo/router/store"
)

// ear is a router on d's database, and the contacts that it tells of.
func (d *desk) ear() (r *router.Router, heard func() []int64) {
	var mu sync.Mutex
	var told []int64
	r = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Live: func(h router.Happened) {
		mu.Lock()
		defer mu.Unlock()
		if h.ContactChanged {
			told = append(told, h.Contact)
		}
	}})
	return r, func() []int64 {
		mu.Lock()
		defer mu.Unlock()
		list := told
		told = nil
		return list
	}
}

// Whoever writes a contact, the pages that show it are told once, and of
// nothing that changes nothing.
func TestWhoeverWritesAContactTellsOfIt(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		r, heard := d.ear()
		name, other, mail, key := "Rosa", "Luz", "rosa@example.com", "k-1"
		known, err := d.CreateVisitor(ctx, d.tienda, "", router.ContactDraft{Name: &other, Identifier: &key})
		require.NoError(t, err)
		contact := known.Contact.ID
		id := d.says(d.tienda, known.SourceID, "Hola").ConversationID
		d.bot.take = func(router.Turn) (router.Outcome, error) {
			return router.Outcome{Contact: router.ContactChange{Email: "luz@example.com"}}, nil
		}
		spare := func() int64 {
			v, err := d.CreateVisitor(ctx, d.tienda, "", router.ContactDraft{})
			require.NoError(t, err)
			return v.Contact.ID
		}
		gone := spare()
		for _, c := range []struct {
			who   string
			write func() error
			tells []int64
		}{
			{"the bot learns", func() error { _, err := r.Sweep(ctx); return err }, []int64{contact}},
			{"the visitor", func() error {
				_, err := r.UpdateVisitor(ctx, d.tienda, known.SourceID, router.ContactDraft{Name: &name})
				return err
			}, []int64{contact}},
			{"the visitor, the same again", func() error {
				_, err := r.UpdateVisitor(ctx, d.tienda, known.SourceID, router.ContactDraft{Name: &name})
				return err
			}, nil},
			{"the business, who knows him", func() error {
				_, err := r.CreateVisitor(ctx, d.correo, "", router.ContactDraft{Identifier: &key, Email: &mail})
				return err
			}, []int64{contact}},
			{"a form before the first word", func() error {
				_, err := r.Begin(ctx, d.tienda, known.SourceID, router.Opening{Contact: router.ContactDraft{Name: &other}})
				return err
			}, []int64{contact}},
			{"an agent", func() error {
				_, err := r.UpdateContact(ctx, contact, router.ContactDraft{}, router.Attributes{"city": "Lima"}, nil)
				return err
			}, []int64{contact}},
			{"labels", func() error { _, err := r.SetContactLabels(ctx, contact, []string{"vip"}); return err }, []int64{contact}},
			{"muting", func() error { _, err := r.Mute(ctx, d.ana, id); return err }, []int64{contact}},
			{"muting again", func() error { _, err := r.Mute(ctx, d.ana, id); return err }, nil},
			{"letting in again", func() error { _, err := r.Unmute(ctx, d.ana, id); return err }, []int64{contact}},
			{"merging", func() error { _, err := r.MergeContacts(ctx, d.ana, contact, spare()); return err }, []int64{contact}},
			{"deleting", func() error { return r.DeleteContact(ctx, gone) }, []int64{gone}},
			{"what fails", func() error {
				if _, err := r.UpdateContact(ctx, 1<<40, router.ContactDraft{Name: &name}, nil, nil); err == nil {
					return errors.New("nobody there")
				}
				return nil
			}, nil},
		} {
			require.NoError(t, c.write(), c.who)
			require.Equal(t, c.tells, heard(), c.who)
		}
	})
}

// What is told after a commit is not told of what was rolled back, and once
// where it took two tries.
func TestWhatFollowsACommit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		var done int
		count := func() { done++ }
		failed := errors.New("no")
		require.ErrorIs(t, d.db.Tx(t.Context(), func(tx *gorm.DB) error {
			store.AfterCommit(tx, count)
			return failed
		}), failed)
		require.Zero(t, done)
		require.NoError(t, d.db.Tx(t.Context(), func(tx *gorm.DB) error {
			store.AfterCommit(tx, count)
			require.Zero(t, done)
			return nil
		}))
		require.Equal(t, 1, done)
	})
}
