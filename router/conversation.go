package router

import (
	"time"

	"relevo/fsm"
	"relevo/router/report"
	"relevo/router/store"
)

// Conversation is the row that decides. Its columns are written by change and
// by nothing else.
type Conversation struct {
	ID             int64
	UUID           string `gorm:"column:uuid"`
	InboxID        int64
	ContactID      int64
	ContactInboxID int64

	Status     fsm.Status
	AssigneeID *int64
	TeamID     *int64
	Priority   *string
	Version    int64 // grows with status, assignee, team, labels and priority

	Seq         int64 // of the last message
	CustomerSeq int64 // of the customer's last word
	HumanSeq    int64 // of the last public word of a person
	BotSeq      int64 // up to here the bot has answered or handed over

	DueAt         *time.Time // when the router must next look; see nextDue
	LeaseUntil    *time.Time
	Turn          int64
	Tries         int
	Episode       int
	Entry         Entry
	ReplyDueAt    *time.Time
	ReplyLatestAt *time.Time
	IdleAt        *time.Time
	SnoozedUntil  *time.Time // nil while snoozed: until the next reply
	ResolveAt     *time.Time // see autoResolveAt
	ClosedToldAt  *time.Time // when the customer was last told that nobody is there

	// For reports; see report.Class for what a round is.
	StatusSince *time.Time
	OpenedAt    *time.Time // when it last came to people
	RoundSince  *time.Time
	RoundClass  report.Class

	CampaignID *int64 // that it answers

	FlowHash *string
	Memory   store.JSON // the bot's own, opaque here
	Handoff  store.JSON // the Brief of the last handoff

	Unread               int
	Followers            int // participants beside the assignee
	LastWordSeq          int64
	WaitingSince         *time.Time
	FirstReplyCreatedAt  *time.Time
	ContactLastSeenAt    *time.Time
	AgentLastSeenAt      *time.Time
	AssigneeLastSeenAt   *time.Time
	CustomAttributes     Attributes
	AdditionalAttributes Attributes
	LastActivityAt       time.Time
	CreatedAt            time.Time
	UpdatedAt            time.Time
}

// owed reports whether the customer said something that the bot has neither
// answered nor handed over.
func (c *Conversation) owed() bool { return c.CustomerSeq > c.BotSeq }

// Brief returns what was told at the last handoff, nil where there was none.
func (c *Conversation) Brief() *Brief {
	var b Brief
	if c.Handoff == nil || c.Handoff.Decode(&b) != nil {
		return nil
	}
	return &b
}

// Brief is what an agent is told at a handoff.
type Brief struct {
	Reason   Reason         `json:"reason"`
	Trigger  string         `json:"trigger,omitempty"`
	Intent   string         `json:"intent,omitempty"`
	Team     string         `json:"team,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
	Episode  int            `json:"episode"`
	Turn     int64          `json:"turn"`
	FromSeq  int64          `json:"from_seq"` // the first message of the last exchange
	ToSeq    int64          `json:"to_seq"`
	At       time.Time      `json:"at"`
	Problems []string       `json:"problems,omitempty"` // wishes that could not be met
}
