package agentdesk

import (
	"context"

	"relevo/router/api"
	"relevo/router/report"
)

// eventJSON is one thing that reports count. Values are seconds.
type eventJSON struct {
	ID             int64   `json:"id"`
	Name           string  `json:"name"`
	Value          float64 `json:"value"`
	BusinessValue  float64 `json:"value_in_business_hours"`
	StartedAt      *string `json:"event_start_time" format:"date-time"`
	EndedAt        *string `json:"event_end_time" format:"date-time"`
	AccountID      int64   `json:"account_id"`
	ConversationID int64   `json:"conversation_id"`
	InboxID        int64   `json:"inbox_id"`
	UserID         *int64  `json:"user_id"`
	TeamID         *int64  `json:"team_id"`
	Class          string  `json:"class" doc:"of the round, or how the bot's time with it ended"`
	Reason         string  `json:"reason"`
	CreatedAt      *string `json:"created_at" format:"date-time"`
	UpdatedAt      *string `json:"updated_at" format:"date-time"`
}

func (d *Desk) conversationEvents(ctx context.Context, in *conversationPath) ([]eventJSON, error) {
	if _, err := d.router.Conversation(ctx, by(ctx, api.IfMatch{}), in.Conversation); err != nil {
		return nil, err
	}
	events, err := d.router.Reports().OfConversation(ctx, in.Conversation)
	return presentEvents(events), err
}

// reportEvents asks for what reports are made of.
type reportEvents struct {
	reportRange
	Page  int    `query:"page" minimum:"0" maximum:"400" json:"page" doc:"from 1, 25 events each; for older ones ask for another time"`
	Inbox int64  `query:"inbox_id" minimum:"0" json:"inbox_id"`
	User  int64  `query:"user_id" minimum:"0" json:"user_id"`
	Name  string `query:"name" maxLength:"60" json:"name" doc:"such as first_response, reply_time, conversation_resolved"`
}

// eventListJSON is a page of events, the latest first.
type eventListJSON struct {
	Meta struct {
		Count       int  `json:"count"`
		CountCapped bool `json:"count_capped" doc:"it stopped at 1,000"`
		CurrentPage int  `json:"current_page"`
		TotalPages  int  `json:"total_pages" doc:"of those that were counted"`
	} `json:"meta"`
	Payload []eventJSON `json:"payload"`
}

func (d *Desk) listEvents(ctx context.Context, in *reportEvents) (out eventListJSON, err error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: in.reportRange})
	if err != nil {
		return out, err
	}
	q := of.question(report.Kind(in.Name))
	q.Scope = report.Scope{Inbox: in.Inbox, Agent: in.User}
	events, count, err := d.router.Reports().Events(ctx, q, in.Page)
	const exact = 1000
	out.Meta.Count, out.Meta.CountCapped, out.Meta.CurrentPage = min(count, exact), count > exact, max(in.Page, 1)
	out.Meta.TotalPages = (out.Meta.Count + report.PageSize - 1) / report.PageSize
	out.Payload = presentEvents(events)
	return out, err
}

func presentEvents(events []*report.Event) []eventJSON {
	out := make([]eventJSON, 0, len(events))
	for _, e := range events {
		from := e.StartedAt
		if from == nil {
			from = &e.At
		}
		one := eventJSON{ID: e.ID, Name: string(e.Kind), StartedAt: iso(from), EndedAt: iso(&e.At), AccountID: accountID,
			ConversationID: e.ConversationID, InboxID: e.InboxID, UserID: e.AgentID, TeamID: e.TeamID, Class: string(e.Class), Reason: e.Reason,
			CreatedAt: iso(&e.At), UpdatedAt: iso(&e.At)}
		if e.Millis != nil {
			one.Value = float64(*e.Millis) / 1000
			one.BusinessValue = one.Value
		}
		if e.BusinessMillis != nil {
			one.BusinessValue = float64(*e.BusinessMillis) / 1000
		}
		out = append(out, one)
	}
	return out
}
