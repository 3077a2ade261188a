package agentdesk

import (
	"context"

	"relevo/router"
)

// contactWithInboxesJSON is a contact with the inboxes at which it is known.
type contactWithInboxesJSON struct {
	contactJSON
	ContactInboxes []contactInboxJSON `json:"contact_inboxes"`
}

// contactInboxJSON is a contact's place at an inbox. The source id is shown to
// agents because connectors write with it.
type contactInboxJSON struct {
	SourceID string             `json:"source_id" doc:"the visitor's token at the inbox: it opens their conversations"`
	Inbox    inboxReferenceJSON `json:"inbox"`
}

// inboxReferenceJSON is as much of an inbox as others show.
type inboxReferenceJSON struct {
	ID          int64  `json:"id"`
	AvatarURL   string `json:"avatar_url"`
	ChannelID   int64  `json:"channel_id"`
	Name        string `json:"name"`
	ChannelType string `json:"channel_type" enum:"Channel::WebWidget,Channel::Api"`
	Provider    string `json:"provider"`
}

type contactListJSON struct {
	Meta struct {
		Count       int  `json:"count"`
		CountCapped bool `json:"count_capped" doc:"it stopped at 1,000"`
		CurrentPage int  `json:"current_page"`
	} `json:"meta"`
	Payload []contactWithInboxesJSON `json:"payload"`
}

type contactsJSON struct {
	Payload []contactWithInboxesJSON `json:"payload"`
}

type contactShowJSON struct {
	Payload contactWithInboxesJSON `json:"payload"`
}

type createdContactJSON struct {
	Payload struct {
		Contact      contactWithInboxesJSON `json:"contact"`
		ContactInbox *contactInboxJSON      `json:"contact_inbox"`
	} `json:"payload"`
}

type contactInboxesJSON struct {
	Payload []contactInboxJSON `json:"payload"`
}

type conversationsJSON struct {
	Payload []conversationJSON `json:"payload"`
}

// presentContacts shows contacts, looking their inboxes up at once. The caller
// is shown those that they may see: a source id opens the conversations of its
// visitor at the customers' door.
func (d *Desk) presentContacts(ctx context.Context, contacts []*router.Contact) ([]contactWithInboxesJSON, error) {
	ids := make([]int64, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	visitors, err := d.router.ContactVisitors(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]contactWithInboxesJSON, 0, len(contacts))
	for _, c := range contacts {
		shown := contactWithInboxesJSON{presentContact(c), []contactInboxJSON{}}
		for _, v := range visitors[c.ID] {
			if !callerFrom(ctx).scope.Allows(v.InboxID) {
				continue
			}
			inbox, err := d.router.InboxByID(ctx, v.InboxID)
			if err != nil {
				return nil, err
			}
			shown.ContactInboxes = append(shown.ContactInboxes, presentContactInbox(inbox, v.SourceID))
		}
		out = append(out, shown)
	}
	return out, nil
}

func presentContactInbox(i *router.Inbox, sourceID string) contactInboxJSON {
	return contactInboxJSON{sourceID, inboxReferenceJSON{ID: i.ID, ChannelID: i.ID, Name: i.Name, ChannelType: channelOf(i)}}
}
