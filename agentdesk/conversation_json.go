package agentdesk

import (
	"context"
	"time"

	"relevo/fsm"
	"relevo/router"
)

// conversationJSON is a conversation as agents see it. Times are unix seconds,
// 0 for never; snoozed_until is ISO 8601.
type conversationJSON struct {
	Meta                   conversationPeopleJSON `json:"meta"`
	ID                     int64                  `json:"id"`
	Messages               []messageJSON          `json:"messages" doc:"the last message, if any"`
	AccountID              int64                  `json:"account_id"`
	UUID                   string                 `json:"uuid"`
	AdditionalAttributes   router.Attributes      `json:"additional_attributes"`
	AgentLastSeenAt        int64                  `json:"agent_last_seen_at"`
	AssigneeLastSeenAt     int64                  `json:"assignee_last_seen_at"`
	CanReply               bool                   `json:"can_reply" doc:"always true"`
	ContactLastSeenAt      int64                  `json:"contact_last_seen_at"`
	CustomAttributes       router.Attributes      `json:"custom_attributes"`
	InboxID                int64                  `json:"inbox_id"`
	Labels                 []string               `json:"labels"`
	Muted                  bool                   `json:"muted" doc:"the customer is blocked"`
	SnoozedUntil           *string                `json:"snoozed_until" format:"date-time" doc:"of a snoozed conversation; null: until the next reply"`
	Status                 fsm.Status             `json:"status"`
	CreatedAt              int64                  `json:"created_at"`
	UpdatedAt              float64                `json:"updated_at" doc:"unix seconds, with a fraction"`
	Timestamp              int64                  `json:"timestamp"`
	FirstReplyCreatedAt    int64                  `json:"first_reply_created_at"`
	UnreadCount            int                    `json:"unread_count"`
	LastNonActivityMessage *messageJSON           `json:"last_non_activity_message"`
	LastActivityAt         int64                  `json:"last_activity_at"`
	Priority               *string                `json:"priority" enum:"low,medium,high,urgent"`
	WaitingSince           int64                  `json:"waiting_since" doc:"the customer's first word without an answer of a person"`
	SLAPolicyID            *int64                 `json:"sla_policy_id" doc:"always null"`
	Version                int64                  `json:"version" doc:"for If-Match: grows with status, assignee, team, labels and priority"`
	Episode                int                    `json:"episode" doc:"stays with the bot so far"`
	Campaign               *campaignOfJSON        `json:"campaign" doc:"that the conversation answers, or null"`
}

// ETagVersion tells the version for the ETag header.
func (c conversationJSON) ETagVersion() int64 { return c.Version }

// conversationPeopleJSON is who is in a conversation.
type conversationPeopleJSON struct {
	Sender       contactJSON `json:"sender"`
	Channel      string      `json:"channel" enum:"Channel::WebWidget,Channel::Api"`
	Assignee     *agentJSON  `json:"assignee,omitempty"`
	AssigneeType string      `json:"assignee_type,omitempty" enum:"User"`
	Team         *teamJSON   `json:"team,omitempty"`
	HMACVerified bool        `json:"hmac_verified"`
}

// countsJSON is how many conversations a list has, exact up to 1,000.
type countsJSON struct {
	MineCount       int  `json:"mine_count"`
	AssignedCount   int  `json:"assigned_count"`
	UnassignedCount int  `json:"unassigned_count"`
	AllCount        int  `json:"all_count"`
	CountsCapped    bool `json:"counts_capped" doc:"a count stopped at 1,000"`
}

// listMetaJSON is what is said beside a page.
type listMetaJSON struct {
	countsJSON
	NextCursor string `json:"next_cursor"` // where the next page begins; empty after the last, and in orders without one
}

type conversationMetaJSON struct {
	Meta countsJSON `json:"meta"`
}

type conversationListJSON struct {
	Data struct {
		Meta    listMetaJSON       `json:"meta"`
		Payload []conversationJSON `json:"payload"`
	} `json:"data"`
}

func presentCounts(c router.Counts) countsJSON {
	return countsJSON{c.Mine, c.Assigned, c.Unassigned, c.All, c.Capped}
}

// presentConversations shows views, looking all their messages' senders up at
// once.
func (d *Desk) presentConversations(ctx context.Context, views []router.View) ([]conversationJSON, error) {
	var said []*router.Message
	for i := range views {
		for _, m := range []*router.Message{views[i].LastMessage, views[i].LastWord} {
			if m != nil {
				said = append(said, m)
			}
		}
	}
	who, err := d.sendersOf(ctx, said)
	if err != nil {
		return nil, err
	}
	out := make([]conversationJSON, 0, len(views))
	for i := range views {
		out = append(out, presentConversation(&views[i], who))
	}
	return out, nil
}

func presentConversation(v *router.View, who senders) conversationJSON {
	c := &v.Conversation
	out := conversationJSON{
		Meta:                 presentPeople(v, who),
		ID:                   c.ID,
		Messages:             []messageJSON{},
		AccountID:            accountID,
		UUID:                 c.UUID,
		AdditionalAttributes: c.AdditionalAttributes,
		AgentLastSeenAt:      unix(c.AgentLastSeenAt),
		AssigneeLastSeenAt:   unix(c.AssigneeLastSeenAt),
		CanReply:             true,
		ContactLastSeenAt:    unix(c.ContactLastSeenAt),
		CustomAttributes:     c.CustomAttributes,
		InboxID:              c.InboxID,
		Labels:               append([]string{}, v.Labels...),
		Muted:                v.Contact.Blocked,
		SnoozedUntil:         iso(c.SnoozedUntil),
		Status:               c.Status,
		CreatedAt:            c.CreatedAt.Unix(),
		UpdatedAt:            float64(c.UpdatedAt.UnixMicro()) / 1e6,
		Timestamp:            c.LastActivityAt.Unix(),
		FirstReplyCreatedAt:  unix(c.FirstReplyCreatedAt),
		UnreadCount:          c.Unread,
		LastActivityAt:       c.LastActivityAt.Unix(),
		Priority:             c.Priority,
		WaitingSince:         unix(c.WaitingSince),
		Version:              c.Version,
		Episode:              c.Episode,
	}
	if v.Campaign != nil {
		out.Campaign = &campaignOfJSON{v.Campaign.ID, v.Campaign.Title, v.Campaign.Message}
	}
	if v.LastMessage != nil {
		out.Messages = []messageJSON{presentMessage(v.LastMessage, localeOf(v.Inbox), who)}
	}
	if v.LastWord != nil {
		m := presentMessage(v.LastWord, localeOf(v.Inbox), who)
		out.LastNonActivityMessage = &m
	}
	return out
}

func presentPeople(v *router.View, who senders) conversationPeopleJSON {
	out := conversationPeopleJSON{Sender: presentContact(&v.Contact), Channel: channelOf(v.Inbox)}
	if v.Assignee != nil {
		out.Assignee, out.AssigneeType = presentAgent(v.Assignee, who.now), "User"
	}
	if v.Team != nil {
		out.Team = presentTeam(v.Team, who.teams)
	}
	return out
}

// channelOf returns the dialect's name of an inbox's channel.
func channelOf(i *router.Inbox) string {
	if i != nil && i.Channel == "web_widget" {
		return "Channel::WebWidget"
	}
	return "Channel::Api"
}

func localeOf(i *router.Inbox) string {
	if i == nil {
		return ""
	}
	return i.Settings.Locale
}

func unix(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}

func iso(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
