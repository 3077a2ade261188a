package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// contactPath is the path of operations on a contact.
type contactPath struct {
	accountPath
	Contact int64 `path:"contact_id" json:"-"`
}

// contactQuery is what a list of contacts is asked for.
type contactQuery struct {
	accountPath
	Q      string   `query:"q" maxLength:"255" json:"q"`
	Sort   string   `query:"sort" maxLength:"40" json:"sort" doc:"name, email, phone_number, last_activity_at or created_at, with - before it for the other way round"`
	Labels []string `query:"labels" maxLength:"100" json:"labels"`
	Page   int      `query:"page" minimum:"1" maximum:"10000" json:"page"`
}

// contactFields is what an agent or an integrator says of a contact.
type contactFields struct {
	Name       api.Optional[string] `json:"name" maxLength:"255"`
	Email      api.Optional[string] `json:"email" maxLength:"255"`
	Phone      api.Optional[string] `json:"phone_number" maxLength:"255"`
	Identifier api.Optional[string] `json:"identifier" maxLength:"255"`
	Blocked    api.Optional[bool]   `json:"blocked"`
	Additional router.Attributes    `json:"additional_attributes"`
	Custom     router.Attributes    `json:"custom_attributes"`
}

func (f contactFields) draft() router.ContactDraft {
	return router.ContactDraft{Name: f.Name.Pointer(), Email: f.Email.Pointer(), PhoneNumber: f.Phone.Pointer(),
		Identifier: f.Identifier.Pointer(), CustomAttributes: f.Custom}
}

func (d *Desk) contactRoutes(s *api.Server) {
	g := s.Group("/api/v1/accounts/:account_id", api.ForAgents, d.authenticate)
	const one = "/contacts/:contact_id"
	api.Handle(g, api.Operation{Method: "GET", Path: "/contacts", Summary: "Contacts, 15 a page"}, d.listContacts)
	api.Handle(g, api.Operation{Method: "POST", Path: "/contacts", Summary: "Make a contact, at an inbox if one is named", Wrap: "contact"}, d.createContact)
	api.Handle(g, api.Operation{Method: "GET", Path: "/contacts/search", Summary: "Contacts by name, e-mail, telephone number or identifier"}, d.searchContacts)
	api.Handle(g, api.Operation{Method: "POST", Path: "/contacts/filter", Summary: "Contacts by conditions"}, d.filterContacts)
	api.Handle(g, api.Operation{Method: "GET", Path: one, Summary: "One contact"}, d.showContact)
	api.Handle(g, api.Operation{Method: "PUT", Path: one, Summary: "Change or block a contact", Wrap: "contact"}, d.updateContact)
	api.Handle(g, api.Operation{Method: "PATCH", Path: one, Summary: "Change or block a contact", Wrap: "contact"}, d.updateContact)
	administrators := s.Group("/api/v1/accounts/:account_id", api.ForAdministrators, d.authenticate)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a contact without conversations (administrators)"}, d.deleteContact)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/conversations", Summary: "Previous conversations, the newest first, 25 a page"}, d.listContactConversations)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/labels", Summary: "Labels of a contact"}, d.listContactLabels)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/labels", Summary: "Replace the labels of a contact"}, d.setContactLabels)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/same", Summary: "Other contacts with the same e-mail"}, d.listSameContacts)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/contact_inboxes", Summary: "Make a contact known at an inbox"}, d.connectContact)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/contactable_inboxes", Summary: "Inboxes at which a contact is known"}, d.listContactInboxes)
	api.Handle(g, api.Operation{Method: "GET", Path: one + "/notes", Summary: "Notes on a contact, the newest first"}, d.listContactNotes)
	api.Handle(g, api.Operation{Method: "POST", Path: one + "/notes", Summary: "Add a note on a contact", Wrap: "note"}, d.createContactNote)
	api.Handle(g, api.Operation{Method: "DELETE", Path: one + "/notes/:note_id", Summary: "Remove a note"}, d.deleteContactNote)
	api.Handle(g, api.Operation{Method: "POST", Path: "/actions/contact_merge", Summary: "Make two contacts one"}, d.mergeContacts)
}

func (d *Desk) listContacts(ctx context.Context, in *contactQuery) (contactListJSON, error) {
	return d.contacts(ctx, router.ContactList{Sort: in.Sort, Labels: in.Labels, Page: in.Page})
}

func (d *Desk) searchContacts(ctx context.Context, in *contactQuery) (contactListJSON, error) {
	if in.Q == "" {
		return contactListJSON{}, fault.Invalid.Field("required", "q")
	}
	return d.contacts(ctx, router.ContactList{Search: in.Q, Sort: in.Sort, Labels: in.Labels, Page: in.Page})
}

type contactFilter struct {
	accountPath
	Payload any `json:"payload" doc:"a list of conditions: attribute_key, filter_operator, values, query_operator (and, or), custom_attribute_type"`
	Page    int `query:"page" minimum:"1" maximum:"10000" json:"page"`
}

func (d *Desk) filterContacts(ctx context.Context, in *contactFilter) (contactListJSON, error) {
	conditions, err := conditionsOf(in.Payload)
	if err != nil {
		return contactListJSON{}, err
	}
	return d.contacts(ctx, router.ContactList{Conditions: conditions, Page: in.Page})
}

func (d *Desk) contacts(ctx context.Context, l router.ContactList) (contactListJSON, error) {
	found, count, capped, err := d.router.Contacts(ctx, l)
	if err != nil {
		return contactListJSON{}, err
	}
	shown, err := d.presentContacts(ctx, found)
	out := contactListJSON{Payload: shown}
	out.Meta.Count, out.Meta.CountCapped, out.Meta.CurrentPage = count, capped, max(l.Page, 1)
	return out, err
}

type newContact struct {
	accountPath
	contactFields
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" json:"-"`
	Inbox          int64  `json:"inbox_id" minimum:"1"`
	SourceID       string `json:"source_id" maxLength:"255" doc:"the visitor's token at the inbox; one is made without it"`
}

func (d *Desk) createContact(ctx context.Context, in *newContact) (createdContactJSON, error) {
	var inbox *router.Inbox
	if in.Inbox != 0 {
		var err error
		if inbox, err = d.inboxFor(ctx, in.Inbox); err != nil {
			return createdContactJSON{}, err
		}
	}
	c, v, err := d.router.CreateContact(ctx, byOnce(ctx, in.IdempotencyKey, in), in.draft(), in.Additional, inbox, in.SourceID)
	if err != nil {
		return createdContactJSON{}, err
	}
	var out createdContactJSON
	if v != nil {
		shown := presentContactInbox(inbox, v.SourceID)
		out.Payload.ContactInbox = &shown
	}
	shown, err := d.presentContacts(ctx, []*router.Contact{c})
	if err != nil {
		return createdContactJSON{}, err
	}
	out.Payload.Contact = shown[0]
	return out, nil
}

// inboxFor returns an inbox that the caller may use.
func (d *Desk) inboxFor(ctx context.Context, id int64) (*router.Inbox, error) {
	inbox, err := d.router.InboxByID(ctx, id)
	if err != nil {
		return nil, fault.Invalid.Field("unknown_inbox", "inbox_id")
	}
	if !by(ctx, api.IfMatch{}).Scope.Allows(id) {
		return nil, fault.Forbidden
	}
	return inbox, nil
}

func (d *Desk) showContact(ctx context.Context, in *contactPath) (contactShowJSON, error) {
	c, err := d.router.Contact(ctx, in.Contact)
	return d.oneContact(ctx, c, err)
}

func (d *Desk) oneContact(ctx context.Context, c *router.Contact, err error) (contactShowJSON, error) {
	if err != nil {
		return contactShowJSON{}, err
	}
	shown, err := d.presentContacts(ctx, []*router.Contact{c})
	if err != nil {
		return contactShowJSON{}, err
	}
	return contactShowJSON{shown[0]}, nil
}

type changedContact struct {
	contactPath
	contactFields
}

func (d *Desk) updateContact(ctx context.Context, in *changedContact) (contactShowJSON, error) {
	c, err := d.router.UpdateContact(ctx, in.Contact, in.draft(), in.Additional, in.Blocked.Pointer())
	return d.oneContact(ctx, c, err)
}

func (d *Desk) deleteContact(ctx context.Context, in *contactPath) (api.Empty, error) {
	return api.Empty{}, d.router.DeleteContact(ctx, in.Contact)
}

type contactPage struct {
	contactPath
	Page int `query:"page" minimum:"1" maximum:"10000" json:"page"`
}

func (d *Desk) listContactConversations(ctx context.Context, in *contactPage) (conversationsJSON, error) {
	views, err := d.router.ContactConversations(ctx, by(ctx, api.IfMatch{}), in.Contact, in.Page)
	if err != nil {
		return conversationsJSON{}, err
	}
	shown, err := d.presentConversations(ctx, views)
	return conversationsJSON{shown}, err
}

func (d *Desk) listContactLabels(ctx context.Context, in *contactPath) (labelsJSON, error) {
	titles, err := d.router.ContactLabels(ctx, in.Contact)
	return labelsJSON{append([]string{}, titles...)}, err
}

type contactLabelSet struct {
	contactPath
	Labels api.Optional[[]string] `json:"labels" required:"true" maxLength:"100"`
}

func (d *Desk) setContactLabels(ctx context.Context, in *contactLabelSet) (labelsJSON, error) {
	titles, err := d.router.SetContactLabels(ctx, in.Contact, in.Labels.Value)
	return labelsJSON{append([]string{}, titles...)}, err
}

func (d *Desk) listSameContacts(ctx context.Context, in *contactPath) (contactsJSON, error) {
	c, err := d.router.Contact(ctx, in.Contact)
	if err != nil {
		return contactsJSON{}, err
	}
	same, err := d.router.SameContacts(ctx, c)
	if err != nil {
		return contactsJSON{}, err
	}
	shown, err := d.presentContacts(ctx, same)
	return contactsJSON{shown}, err
}

type contactConnection struct {
	contactPath
	Inbox    int64  `json:"inbox_id" required:"true" minimum:"1"`
	SourceID string `json:"source_id" maxLength:"255" doc:"the visitor's token at the inbox; one is made without it"`
}

func (d *Desk) connectContact(ctx context.Context, in *contactConnection) (contactInboxJSON, error) {
	inbox, err := d.inboxFor(ctx, in.Inbox)
	if err != nil {
		return contactInboxJSON{}, err
	}
	v, err := d.router.ConnectContact(ctx, inbox, in.Contact, in.SourceID)
	if err != nil {
		return contactInboxJSON{}, err
	}
	return presentContactInbox(inbox, v.SourceID), nil
}

func (d *Desk) listContactInboxes(ctx context.Context, in *contactPath) (contactInboxesJSON, error) {
	c, err := d.router.Contact(ctx, in.Contact)
	if err != nil {
		return contactInboxesJSON{}, err
	}
	shown, err := d.presentContacts(ctx, []*router.Contact{c})
	if err != nil {
		return contactInboxesJSON{}, err
	}
	return contactInboxesJSON{shown[0].ContactInboxes}, nil
}

type contactMerge struct {
	accountPath
	Base   int64 `json:"base_contact_id" required:"true" minimum:"1"`
	Mergee int64 `json:"mergee_contact_id" required:"true" minimum:"1"`
}

func (d *Desk) mergeContacts(ctx context.Context, in *contactMerge) (contactWithInboxesJSON, error) {
	c, err := d.router.MergeContacts(ctx, by(ctx, api.IfMatch{}), in.Base, in.Mergee)
	shown, err := d.oneContact(ctx, c, err)
	return shown.Payload, err
}
