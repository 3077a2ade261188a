package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// cannedPath is the path of operations on a canned response.
type cannedPath struct {
	accountPath
	Canned int64 `path:"id" json:"-"`
}

type cannedSearch struct {
	accountPath
	Search string `query:"search" maxLength:"255" json:"search"`
}

type newCanned struct {
	accountPath
	ShortCode string `json:"short_code" required:"true" maxLength:"100"`
	Content   string `json:"content" required:"true" maxLength:"150000"`
}

type cannedChange struct {
	cannedPath
	ShortCode api.Optional[string] `json:"short_code" maxLength:"100"`
	Content   api.Optional[string] `json:"content" maxLength:"150000"`
}

// cannedFor asks for a canned response as it reads in a conversation.
type cannedFor struct {
	cannedPath
	Conversation int64 `query:"conversation_id" required:"true" minimum:"1" json:"conversation_id"`
}

// cannedJSON is a canned response. Times are ISO 8601.
type cannedJSON struct {
	ID        int64   `json:"id"`
	AccountID int64   `json:"account_id"`
	ShortCode string  `json:"short_code"`
	Content   string  `json:"content"`
	CreatedAt *string `json:"created_at" format:"date-time"`
	UpdatedAt *string `json:"updated_at" format:"date-time"`
}

func presentCanned(c *router.CannedResponse) cannedJSON {
	return cannedJSON{c.ID, accountID, c.ShortCode, c.Content, iso(&c.CreatedAt), iso(&c.UpdatedAt)}
}

func shownCanned(c *router.CannedResponse, err error) (cannedJSON, error) {
	if err != nil {
		return cannedJSON{}, err
	}
	return presentCanned(c), nil
}

// Every agent may change canned responses, as in the dialect.
func (d *Desk) routeCanned(agents *api.Group) {
	const one = "/canned_responses/:id"
	api.Handle(agents, api.Operation{Method: "GET", Path: "/canned_responses", Summary: "Canned responses, all or those that fit a search"}, d.listCanned)
	api.Handle(agents, api.Operation{Method: "POST", Path: "/canned_responses", Summary: "Add a canned response", Wrap: "canned_response"}, d.createCanned)
	api.Handle(agents, api.Operation{Method: "PATCH", Path: one, Summary: "Change a canned response", Wrap: "canned_response"}, d.updateCanned)
	api.Handle(agents, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a canned response"}, d.removeCanned)
	api.Handle(agents, api.Operation{Method: "GET", Path: one + "/rendered", Summary: "A canned response with the values of a conversation in it"}, d.renderCanned)
}

func (d *Desk) listCanned(ctx context.Context, in *cannedSearch) ([]cannedJSON, error) {
	found, err := d.router.CannedResponses(ctx, in.Search)
	out := make([]cannedJSON, 0, len(found))
	for _, c := range found {
		out = append(out, presentCanned(c))
	}
	return out, err
}

func (d *Desk) createCanned(ctx context.Context, in *newCanned) (cannedJSON, error) {
	return shownCanned(d.router.AddCannedResponse(ctx, in.ShortCode, in.Content))
}

func (d *Desk) updateCanned(ctx context.Context, in *cannedChange) (cannedJSON, error) {
	return shownCanned(d.router.UpdateCannedResponse(ctx, in.Canned, in.ShortCode.Pointer(), in.Content.Pointer()))
}

func (d *Desk) removeCanned(ctx context.Context, in *cannedPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveCannedResponse(ctx, in.Canned)
}

func (d *Desk) renderCanned(ctx context.Context, in *cannedFor) (cannedJSON, error) {
	c, err := d.router.CannedResponse(ctx, in.Canned)
	if err != nil {
		return cannedJSON{}, err
	}
	v, err := d.router.Conversation(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	if err != nil {
		return cannedJSON{}, err
	}
	c.Content = router.RenderCanned(c.Content, router.CannedValues(v, callerFrom(ctx).agent))
	return presentCanned(c), nil
}
