package router

import "time"

// Agent is a person who answers.
type Agent struct {
	ID           int64
	Name         string
	Email        string
	Role         Role
	Availability string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Role is what an agent may do beyond answering.
type Role string

const (
	RoleAgent         Role = "agent"
	RoleAdministrator Role = "administrator"
)

// Team is a group of agents that a conversation can be meant for.
type Team struct {
	ID          int64
	Name        string
	Description string
	CreatedAt   time.Time
}
