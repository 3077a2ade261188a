package agentdesk

import (
	"context"
	"strings"

	"relevo/fsm"
	"relevo/router"
	"relevo/router/api"
)

// accountPath is the path of operations on the account.
type accountPath struct {
	Account int64 `path:"account_id" json:"-"`
}

// conversationPath is the path of operations on a conversation.
type conversationPath struct {
	accountPath
	Conversation int64 `path:"conversation_id" minimum:"1" json:"-"`
}

// conversationFilter narrows a list.
type conversationFilter struct {
	accountPath
	Status       string   `query:"status" enum:"all,open,pending,resolved,snoozed" detail:"not_a_status" json:"status" doc:"open without it"`
	AssigneeType string   `query:"assignee_type" enum:"me,unassigned,assigned,all" detail:"unknown_assignee_type" json:"assignee_type"`
	InboxID      int64    `query:"inbox_id" minimum:"1" json:"inbox_id"`
	TeamID       int64    `query:"team_id" minimum:"1" json:"team_id"`
	Labels       []string `query:"labels" maxLength:"100" json:"labels"`
	Type         string   `query:"conversation_type" enum:"mention,participating,unattended" json:"conversation_type"`
	SourceID     string   `query:"source_id" maxLength:"255" json:"source_id"`
	Q            string   `query:"q" maxLength:"255" json:"q" doc:"words of a message; conversations of any status are looked through then"`
	SortBy       string   `query:"sort_by" maxLength:"40" json:"sort_by" doc:"an unknown one is last_activity_at_desc"`
	Page         int      `query:"page" minimum:"1" maximum:"10000" json:"page"`
	Cursor       string   `query:"cursor" maxLength:"50" json:"cursor"` // meta.next_cursor of the page before, in place of page
}

// filter reads a list's parameters; without a status it is of open ones.
func (f conversationFilter) filter() router.Filter {
	out := router.Filter{Assignee: f.AssigneeType, InboxID: f.InboxID, TeamID: f.TeamID, Labels: f.Labels,
		Kind: f.Type, SourceID: f.SourceID, Said: strings.TrimSpace(f.Q), Sort: f.SortBy, Page: f.Page, Cursor: f.Cursor}
	switch status := f.Status; {
	case status == "all", out.Said != "":
	case status == "":
		out.Statuses = []fsm.Status{fsm.Open}
	default:
		out.Statuses = []fsm.Status{fsm.Status(status)}
	}
	return out
}

func (d *Desk) listConversations(ctx context.Context, in *conversationFilter) (conversationListJSON, error) {
	filter := in.filter()
	views, counts, err := d.router.Conversations(ctx, by(ctx, api.IfMatch{}), filter)
	if err != nil {
		return conversationListJSON{}, err
	}
	shown, err := d.presentConversations(ctx, views)
	if err != nil {
		return conversationListJSON{}, err
	}
	var out conversationListJSON
	out.Data.Meta, out.Data.Payload = listMetaJSON{presentCounts(counts), filter.NextCursor(views)}, shown
	return out, nil
}

func (d *Desk) countConversations(ctx context.Context, in *conversationFilter) (conversationMetaJSON, error) {
	counts, err := d.router.Counts(ctx, by(ctx, api.IfMatch{}), in.filter())
	return conversationMetaJSON{presentCounts(counts)}, err
}

func (d *Desk) showConversation(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	v, err := d.router.Conversation(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	if err != nil {
		return conversationJSON{}, err
	}
	shown, err := d.presentConversations(ctx, []router.View{*v})
	if err != nil {
		return conversationJSON{}, err
	}
	return shown[0], nil
}

func (d *Desk) updateLastSeen(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	if _, err := d.router.AgentSaw(ctx, by(ctx, api.IfMatch{}), in.Conversation); err != nil {
		return conversationJSON{}, err
	}
	return d.showConversation(ctx, in)
}
