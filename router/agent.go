package router

import (
	"cmp"
	"time"
)

// Agent is a person who answers.
type Agent struct {
	ID           int64
	Name         string
	DisplayName  string // what customers read; "": Name
	Email        string
	Role         Role
	Availability string // what the agent chose: "online", "busy" or "offline"; see Presence
	AutoOffline  bool   // away while there is no sign of life
	TimeZone     string // IANA name; "": the inbox's
	PasswordHash string // "": no password, tokens only
	SeenAt       *time.Time
	RemovedAt    *time.Time // gone; the row stays so that their messages keep a name
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// The states that an agent can choose.
const (
	Online  = "online"
	Busy    = "busy"
	Offline = "offline"
)

// PresentFor is how long a sign of life counts.
const PresentFor = 60 * time.Second

// Presence returns how others see the agent at a time: as the agent chose, but
// offline without a sign of life, if the agent wants that.
func (a *Agent) Presence(now time.Time) string {
	if a.RemovedAt != nil || a.AutoOffline && (a.SeenAt == nil || now.Sub(*a.SeenAt) > PresentFor) {
		return Offline
	}
	return cmp.Or(a.Availability, Offline)
}

// AvailableName returns the name that customers read.
func (a *Agent) AvailableName() string { return cmp.Or(a.DisplayName, a.Name) }

// Zone returns the agent's time zone; nil if none is set, or none that can be
// loaded.
func (a *Agent) Zone() *time.Location {
	if a.TimeZone == "" {
		return nil
	}
	zone, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		return nil
	}
	return zone
}

// Role is what an agent may do beyond answering.
type Role string

const (
	RoleAgent         Role = "agent"
	RoleAdministrator Role = "administrator"
)

// Enum lists the roles, for the API document.
func (Role) Enum() []any { return []any{RoleAgent, RoleAdministrator} }

// Team is a group of agents that a conversation can be meant for.
type Team struct {
	ID              int64
	Name            string
	Description     string
	AllowAutoAssign bool // automatic assignment picks from the members
	CreatedAt       time.Time
}
