package channel

import "relevo/router"

// contactJSON is the visitor as it is sent to himself.
type contactJSON struct {
	SourceID    string  `json:"source_id" doc:"the visitor's token: it opens their conversations, like a password"`
	PubsubToken string  `json:"pubsub_token" doc:"kept for clients of Chatwoot; realtime_token opens the sockets"`
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Email       *string `json:"email"`
	PhoneNumber *string `json:"phone_number"`
}

func presentContact(v *router.Visitor) contactJSON {
	c := &v.Contact
	return contactJSON{SourceID: v.SourceID, PubsubToken: v.PubsubToken, ID: c.ID, Name: c.Name,
		Email: orNull(c.Email), PhoneNumber: orNull(c.PhoneNumber)}
}

// contactRecordJSON answers a change: the contact's own record, without what
// agents and bots noted on it.
type contactRecordJSON struct {
	ID          int64             `json:"id"`
	Name        string            `json:"name"`
	Email       *string           `json:"email"`
	PhoneNumber *string           `json:"phone_number"`
	Identifier  *string           `json:"identifier"`
	Custom      router.Attributes `json:"custom_attributes"`
}

// presentContactRecord shows only those attributes that the change named.
func presentContactRecord(v *router.Visitor, changed router.ContactDraft) contactRecordJSON {
	c := &v.Contact
	custom := router.Attributes{}
	for key := range changed.CustomAttributes {
		if value, ok := c.CustomAttributes[key]; ok {
			custom[key] = value
		}
	}
	return contactRecordJSON{ID: c.ID, Name: c.Name, Email: orNull(c.Email), PhoneNumber: orNull(c.PhoneNumber),
		Identifier: c.Identifier, Custom: custom}
}

// orNull shows what is not known as null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
