package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// contactNoteJSON is what agents tell each other of a contact.
type contactNoteJSON struct {
	ID        int64      `json:"id"`
	Content   string     `json:"content"`
	AccountID int64      `json:"account_id"`
	ContactID int64      `json:"contact_id"`
	User      *agentJSON `json:"user"`
	CreatedAt int64      `json:"created_at"`
	UpdatedAt int64      `json:"updated_at"`
}

type newContactNote struct {
	contactPath
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Content        string `json:"content" required:"true" maxLength:"150000"`
}

type contactNotePath struct {
	contactPath
	Note int64 `path:"note_id" json:"-"`
}

func (d *Desk) listContactNotes(ctx context.Context, in *contactPath) ([]contactNoteJSON, error) {
	notes, err := d.router.ContactNotes(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	return d.presentContactNotes(ctx, notes)
}

func (d *Desk) createContactNote(ctx context.Context, in *newContactNote) (contactNoteJSON, error) {
	note, err := d.router.AddContactNote(ctx, byOnce(ctx, in.IdempotencyKey, []any{in.Contact, in}), in.Contact, in.Content)
	if err != nil {
		return contactNoteJSON{}, err
	}
	shown, err := d.presentContactNotes(ctx, []*router.ContactNote{note})
	if err != nil {
		return contactNoteJSON{}, err
	}
	return shown[0], nil
}

func (d *Desk) deleteContactNote(ctx context.Context, in *contactNotePath) (api.Empty, error) {
	return api.Empty{}, d.router.DeleteContactNote(ctx, in.Contact, in.Note)
}

func (d *Desk) presentContactNotes(ctx context.Context, notes []*router.ContactNote) ([]contactNoteJSON, error) {
	written := make([]*router.Message, len(notes)) // by the same people as messages
	for i, n := range notes {
		written[i] = &router.Message{SenderType: router.KindAgent, SenderID: n.AgentID}
	}
	agents, _, err := d.router.Senders(ctx, written)
	if err != nil {
		return nil, err
	}
	out := make([]contactNoteJSON, 0, len(notes))
	for _, n := range notes {
		shown := contactNoteJSON{ID: n.ID, Content: n.Content, AccountID: accountID, ContactID: n.ContactID,
			CreatedAt: secondsOf(n.CreatedAt), UpdatedAt: secondsOf(n.UpdatedAt)}
		if a := agents[n.AgentID]; a != nil {
			shown.User = presentAgent(a, d.clock())
		}
		out = append(out, shown)
	}
	return out, nil
}
