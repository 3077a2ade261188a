package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

type searchQuery struct {
	accountPath
	Q    string `query:"q" required:"true" maxLength:"255" json:"q"`
	Page int    `query:"page" minimum:"1" maximum:"10000" json:"page"`
}

// searchJSON is what was found, 15 of a kind.
type searchJSON struct {
	Payload struct {
		Conversations []conversationJSON       `json:"conversations,omitzero"`
		Contacts      []contactWithInboxesJSON `json:"contacts,omitzero"`
		Messages      []messageJSON            `json:"messages,omitzero"`
		Articles      []struct{}               `json:"articles,omitzero" doc:"there are none"`
	} `json:"payload"`
}

func (d *Desk) searchRoutes(s *api.Server) {
	g := s.Group("/api/v1/accounts/:account_id", api.ForAgents, d.authenticate)
	api.Handle(g, api.Operation{Method: "GET", Path: "/search", Summary: "Conversations, contacts and messages"}, d.searchAll)
	api.Handle(g, api.Operation{Method: "GET", Path: "/search/conversations", Summary: "Conversations by number or customer"}, d.searchForConversations)
	api.Handle(g, api.Operation{Method: "GET", Path: "/search/contacts", Summary: "Contacts"}, d.searchForContacts)
	api.Handle(g, api.Operation{Method: "GET", Path: "/search/messages", Summary: "Words in the newest 200,000 messages"}, d.searchForMessages)
	api.Handle(g, api.Operation{Method: "GET", Path: "/conversations/search", Summary: "Conversations by number or customer"}, d.searchConversationList)
	api.Handle(g, api.Operation{Method: "POST", Path: "/conversations/filter", Summary: "Conversations by conditions"}, d.filterConversations)
}

func (d *Desk) searchAll(ctx context.Context, in *searchQuery) (out searchJSON, err error) {
	out.Payload.Conversations, out.Payload.Contacts = []conversationJSON{}, []contactWithInboxesJSON{}
	out.Payload.Messages, out.Payload.Articles = []messageJSON{}, []struct{}{}
	for _, one := range []func(context.Context, *searchQuery) (searchJSON, error){d.searchForConversations, d.searchForContacts, d.searchForMessages} {
		found, err := one(ctx, in)
		if err != nil {
			return searchJSON{}, err
		}
		p := &out.Payload
		p.Conversations = append(p.Conversations, found.Payload.Conversations...)
		p.Contacts = append(p.Contacts, found.Payload.Contacts...)
		p.Messages = append(p.Messages, found.Payload.Messages...)
	}
	return out, nil
}

func (d *Desk) searchForConversations(ctx context.Context, in *searchQuery) (out searchJSON, err error) {
	views, err := d.router.SearchConversations(ctx, by(ctx, api.IfMatch{}), in.Q, in.Page)
	if err != nil {
		return out, err
	}
	shown, err := d.presentConversations(ctx, views)
	out.Payload.Conversations = append([]conversationJSON{}, shown...)
	return out, err
}

func (d *Desk) searchForContacts(ctx context.Context, in *searchQuery) (out searchJSON, err error) {
	found, _, _, err := d.router.Contacts(ctx, router.ContactList{Search: in.Q, Page: in.Page})
	if err != nil {
		return out, err
	}
	shown, err := d.presentContacts(ctx, found)
	out.Payload.Contacts = append([]contactWithInboxesJSON{}, shown...)
	return out, err
}

func (d *Desk) searchForMessages(ctx context.Context, in *searchQuery) (out searchJSON, err error) {
	found, err := d.router.SearchMessages(ctx, by(ctx, api.IfMatch{}), in.Q, in.Page)
	if err != nil {
		return out, err
	}
	who, err := d.sendersOf(ctx, found)
	if err != nil {
		return out, err
	}
	out.Payload.Messages = make([]messageJSON, 0, len(found))
	for _, m := range found {
		inbox, err := d.router.InboxByID(ctx, m.InboxID)
		if err != nil {
			return out, err
		}
		out.Payload.Messages = append(out.Payload.Messages, presentMessage(m, localeOf(inbox), who))
	}
	return out, nil
}

func (d *Desk) searchConversationList(ctx context.Context, in *searchQuery) (filteredJSON, error) {
	found, err := d.searchForConversations(ctx, in)
	if err != nil {
		return filteredJSON{}, err
	}
	n := len(found.Payload.Conversations)
	return filteredJSON{listMetaJSON{countsJSON: countsJSON{AllCount: n}}, append([]conversationJSON{}, found.Payload.Conversations...)}, nil
}
