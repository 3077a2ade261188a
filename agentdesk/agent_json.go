package agentdesk

import (
	"time"

	"relevo/router"
)

// agentJSON is an agent as other agents see them.
type agentJSON struct {
	ID                 int64       `json:"id"`
	AccountID          int64       `json:"account_id"`
	AvailabilityStatus string      `json:"availability_status" enum:"online,busy,offline"`
	AutoOffline        bool        `json:"auto_offline" doc:"offline 60 seconds after the last request"`
	Confirmed          bool        `json:"confirmed"`
	Email              string      `json:"email"`
	Provider           string      `json:"provider"`
	AvailableName      string      `json:"available_name"`
	Name               string      `json:"name"`
	Role               router.Role `json:"role"`
	Thumbnail          string      `json:"thumbnail"`
}

// presentAgent shows a as present or not at a time.
func presentAgent(a *router.Agent, now time.Time) *agentJSON {
	return &agentJSON{ID: a.ID, AccountID: accountID, AvailabilityStatus: a.Presence(now), AutoOffline: a.AutoOffline, Confirmed: true,
		Email: a.Email, Provider: "email", AvailableName: a.AvailableName(), Name: a.Name, Role: a.Role}
}
