package agentdesk

import "relevo/router"

// profileJSON is the agent who calls. A token is shown only when it is made:
// what is stored is its hash.
type profileJSON struct {
	ID               int64         `json:"id"`
	AccessToken      string        `json:"access_token,omitempty" doc:"shown only when it is made"`
	AccountID        int64         `json:"account_id"`
	AvailableName    string        `json:"available_name"`
	AvatarURL        string        `json:"avatar_url"`
	Confirmed        bool          `json:"confirmed"`
	DisplayName      *string       `json:"display_name"`
	MessageSignature *string       `json:"message_signature"`
	Email            string        `json:"email"`
	InviterID        *int64        `json:"inviter_id"`
	Name             string        `json:"name"`
	Provider         string        `json:"provider"`
	Role             router.Role   `json:"role"`
	UISettings       struct{}      `json:"ui_settings"`
	UID              string        `json:"uid"`
	Type             *string       `json:"type"`
	CustomAttributes struct{}      `json:"custom_attributes"`
	Accounts         []accountJSON `json:"accounts"`
	TimeZone         string        `json:"time_zone" doc:"IANA name; empty for the inbox's"`
	HasPassword      bool          `json:"has_password"`
}

// accountJSON is the account as a profile names it.
type accountJSON struct {
	ID                 int64         `json:"id"`
	Name               string        `json:"name"`
	Status             string        `json:"status"`
	ActiveAt           *string       `json:"active_at" format:"date-time"`
	Role               router.Role   `json:"role"`
	Permissions        []router.Role `json:"permissions"`
	Availability       string        `json:"availability" enum:"online,busy,offline"`
	AvailabilityStatus string        `json:"availability_status" enum:"online,busy,offline"`
	AutoOffline        bool          `json:"auto_offline"`
}

func (d *Desk) presentProfile(a *router.Agent) profileJSON {
	return profileJSON{
		ID: a.ID, AccountID: accountID, AvailableName: a.AvailableName(), DisplayName: orNull(a.DisplayName), Confirmed: true,
		Email: a.Email, Name: a.Name, Provider: "email", Role: a.Role, UID: a.Email, TimeZone: a.TimeZone, HasPassword: a.PasswordHash != "",
		Accounts: []accountJSON{{ID: accountID, Name: accountName, Status: "active", Role: a.Role, Permissions: []router.Role{a.Role},
			Availability: a.Availability, AvailabilityStatus: a.Presence(d.clock()), AutoOffline: a.AutoOffline}},
	}
}
