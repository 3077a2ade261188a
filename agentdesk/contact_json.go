package agentdesk

import (
	"time"

	"relevo/router"
)

// contactJSON is a customer as agents see them.
type contactJSON struct {
	AdditionalAttributes router.Attributes `json:"additional_attributes"`
	AvailabilityStatus   string            `json:"availability_status" enum:"online,busy,offline"`
	Email                *string           `json:"email"`
	ID                   int64             `json:"id"`
	Name                 string            `json:"name"`
	PhoneNumber          *string           `json:"phone_number"`
	Blocked              bool              `json:"blocked"`
	Identifier           *string           `json:"identifier" doc:"the business's own id of the customer"`
	Thumbnail            string            `json:"thumbnail"`
	CustomAttributes     router.Attributes `json:"custom_attributes"`
	LastActivityAt       int64             `json:"last_activity_at,omitempty"`
	CreatedAt            int64             `json:"created_at,omitempty"`
}

func presentContact(c *router.Contact) contactJSON {
	return contactJSON{
		AdditionalAttributes: c.AdditionalAttributes,
		AvailabilityStatus:   "offline",
		Email:                orNull(c.Email),
		ID:                   c.ID,
		Name:                 c.Name,
		PhoneNumber:          orNull(c.PhoneNumber),
		Blocked:              c.Blocked,
		Identifier:           c.Identifier,
		CustomAttributes:     c.CustomAttributes,
		LastActivityAt:       unix(c.LastActivityAt),
		CreatedAt:            secondsOf(c.CreatedAt),
	}
}

// orNull shows what is not known as null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func secondsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
