package agentdesk

import (
	"context"
	"strconv"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
	"relevo/router/report"
)

// ownerFiguresJSON are the figures of one agent, inbox or team. Times are
// averages in seconds, null where there is nothing to average.
type ownerFiguresJSON struct {
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Conversations int64    `json:"conversations_count"`
	Resolved      int64    `json:"resolved_conversations_count"`
	Resolution    *float64 `json:"avg_resolution_time"`
	FirstResponse *float64 `json:"avg_first_response_time"`
	ReplyTime     *float64 `json:"avg_reply_time"`
}

// owner is whose figures are told, and what came to them.
type owner struct {
	by     report.Owner
	begins report.Kind
}

var (
	byAgents  = owner{report.Agents, report.Assigned}
	byInboxes = owner{report.Inboxes, report.Began}
	byTeams   = owner{report.Teams, report.TeamAssigned}
)

// named is somebody who has a name.
type named struct {
	id   int64
	name string
}

// ownerFigures returns the figures of each of list, in its order.
func (d *Desk) ownerFigures(ctx context.Context, in *reportRange, o owner, list []named) ([]ownerFiguresJSON, error) {
	of, err := d.reportFor(ctx, &reportScope{reportRange: *in})
	if err != nil {
		return nil, err
	}
	found := map[report.Kind]map[int64]report.Figure{}
	for _, kind := range []report.Kind{o.begins, report.Resolved, report.FirstResponse, report.ReplyTime} {
		if found[kind], err = d.router.Reports().By(ctx, of.question(kind), o.by); err != nil {
			return nil, err
		}
	}
	out := make([]ownerFiguresJSON, 0, len(list))
	for _, one := range list {
		out = append(out, ownerFiguresJSON{ID: one.id, Name: one.name, Conversations: found[o.begins][one.id].Count, Resolved: found[report.Resolved][one.id].Count,
			Resolution: average(found[report.Resolved][one.id]), FirstResponse: average(found[report.FirstResponse][one.id]), ReplyTime: average(found[report.ReplyTime][one.id])})
	}
	return out, nil
}

func average(f report.Figure) *float64 {
	if f.Timed == 0 {
		return nil
	}
	seconds := f.Average()
	return &seconds
}

func (d *Desk) agentSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	agents, err := d.router.Agents(ctx)
	if err != nil {
		return nil, err
	}
	var list []named
	for _, a := range agents {
		list = append(list, named{a.ID, a.Name})
	}
	return d.ownerFigures(ctx, in, byAgents, list)
}

func (d *Desk) inboxSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	inboxes, err := d.router.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	var list []named
	for _, i := range inboxes {
		list = append(list, named{i.ID, i.Name})
	}
	return d.ownerFigures(ctx, in, byInboxes, list)
}

func (d *Desk) teamSummaries(ctx context.Context, in *reportRange) ([]ownerFiguresJSON, error) {
	teams, err := d.router.Teams(ctx)
	if err != nil {
		return nil, err
	}
	var list []named
	for _, t := range teams {
		list = append(list, named{t.ID, t.Name})
	}
	return d.ownerFigures(ctx, in, byTeams, list)
}

// reportNow asks for how conversations stand at this moment.
type reportNow struct {
	accountPath
	Type string `query:"type" enum:"account,agent" json:"type" doc:"account where it is left out"`
	User string `query:"user_id" maxLength:"20" json:"user_id" doc:"of type agent: only this one"`
}

// nowJSON is how the account's conversations stand.
type nowJSON struct {
	Open       int64 `json:"open"`
	Unattended int64 `json:"unattended" doc:"open, and no person has answered the customer's last words"`
	Unassigned int64 `json:"unassigned" doc:"open, and nobody's"`
	Pending    int64 `json:"pending" doc:"with the bot"`
}

// agentNowJSON is how the conversations of an agent stand.
type agentNowJSON struct {
	ID           int64         `json:"id"`
	Name         string        `json:"name"`
	Email        string        `json:"email"`
	Thumbnail    string        `json:"thumbnail"`
	Availability string        `json:"availability"`
	Metric       agentLoadJSON `json:"metric"`
}

type agentLoadJSON struct {
	Open       int64 `json:"open"`
	Unattended int64 `json:"unattended"`
}

func (d *Desk) reportNow(ctx context.Context, in *reportNow) (out api.Either[nowJSON, []agentNowJSON], err error) {
	if in.Type != "agent" {
		n, err := d.router.CountNow(ctx, report.Scope{})
		out.A = &nowJSON{n.Open, n.Unattended, n.Unassigned, n.Pending}
		return out, err
	}
	agents, err := d.agentsNamed(ctx, in.User)
	if err != nil {
		return out, err
	}
	loads, err := d.router.CountNowByAgent(ctx)
	if err != nil {
		return out, err
	}
	list := make([]agentNowJSON, 0, len(agents))
	for _, a := range agents {
		list = append(list, agentNowJSON{ID: a.ID, Name: a.Name, Email: a.Email, Availability: string(a.Presence(d.clock())),
			Metric: agentLoadJSON{loads[a.ID].Open, loads[a.ID].Unattended}})
	}
	out.B = &list
	return out, nil
}

// agentsNamed returns one agent, or all where none is named.
func (d *Desk) agentsNamed(ctx context.Context, id string) ([]*router.Agent, error) {
	if id == "" {
		return d.router.Agents(ctx)
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, fault.Invalid.Field("not_an_integer", "user_id")
	}
	a, err := d.router.Agent(ctx, n)
	if err != nil {
		return nil, err
	}
	return []*router.Agent{a}, nil
}

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
	return out, err
}
