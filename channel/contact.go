package channel

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// contactPath is the path of operations on a visitor.
type contactPath struct {
	inboxPath
	Contact string `path:"contact_identifier" maxLength:"255" json:"-"`
}

// contactFields is what a visitor says of himself.
type contactFields struct {
	Identifier     api.Optional[string] `json:"identifier" maxLength:"255" doc:"the business's own id of the customer; counts with its hash alone"`
	IdentifierHash string               `json:"identifier_hash" maxLength:"128" doc:"hexadecimal HMAC-SHA256 of the identifier under the inbox's secret"`
	Name           api.Optional[string] `json:"name" maxLength:"255"`
	Email          api.Optional[string] `json:"email" maxLength:"255"`
	PhoneNumber    api.Optional[string] `json:"phone_number" maxLength:"255"`
	Custom         router.Attributes    `json:"custom_attributes"`
}

type newContact struct {
	inboxPath
	contactFields
	SourceID string `json:"source_id" maxLength:"255" doc:"the visitor's token; one is made without it"`
}

type changedContact struct {
	contactPath
	contactFields
}

func (ch *Channel) createContact(ctx context.Context, in *newContact) (contactJSON, error) {
	draft, err := in.draft(inboxOf(ctx))
	if err != nil {
		return contactJSON{}, err
	}
	v, err := ch.router.CreateVisitor(ctx, inboxOf(ctx), in.SourceID, draft)
	if err != nil {
		return contactJSON{}, err
	}
	return presentContact(v), nil
}

func (ch *Channel) showContact(ctx context.Context, in *contactPath) (contactJSON, error) {
	v, err := ch.router.Visitor(ctx, inboxOf(ctx), in.Contact)
	if err != nil {
		return contactJSON{}, err
	}
	return presentContact(v), nil
}

func (ch *Channel) updateContact(ctx context.Context, in *changedContact) (contactRecordJSON, error) {
	draft, err := in.draft(inboxOf(ctx))
	if err != nil {
		return contactRecordJSON{}, err
	}
	v, err := ch.router.UpdateVisitor(ctx, inboxOf(ctx), in.Contact, draft)
	if err != nil {
		return contactRecordJSON{}, err
	}
	return presentContactRecord(v, draft), nil
}

// draft returns what may be believed of f. The business's own id of a customer
// opens what is known of that customer, so it counts only with the hash that
// the business alone can make: a wrong or missing one is refused, and where
// the inbox has no secret to check it with, the id is left out.
func (f contactFields) draft(inbox *router.Inbox) (router.ContactDraft, error) {
	d := router.ContactDraft{Name: f.Name.Pointer(), Email: f.Email.Pointer(), PhoneNumber: f.PhoneNumber.Pointer(), CustomAttributes: f.Custom}
	secret := inbox.Settings.HMACSecret
	if f.Identifier.Value == "" || secret == "" {
		return d, nil
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(f.Identifier.Value))
	given, err := hex.DecodeString(f.IdentifierHash)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return d, fault.Unauthenticated
	}
	d.Identifier = &f.Identifier.Value
	return d, nil
}
