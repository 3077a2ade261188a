package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// labelPath is the path of operations on a label of the account.
type labelPath struct {
	accountPath
	Label int64 `path:"id" json:"-"`
}

type newLabel struct {
	accountPath
	Title         string               `json:"title" required:"true" maxLength:"100"`
	Description   api.Optional[string] `json:"description" maxLength:"1000"`
	Color         api.Optional[string] `json:"color" maxLength:"7"`
	ShowOnSidebar api.Optional[bool]   `json:"show_on_sidebar"`
}

type labelChange struct {
	labelPath
	Title         api.Optional[string] `json:"title" maxLength:"100"`
	Description   api.Optional[string] `json:"description" maxLength:"1000"`
	Color         api.Optional[string] `json:"color" maxLength:"7"`
	ShowOnSidebar api.Optional[bool]   `json:"show_on_sidebar"`
}

// labelJSON is a label that agents are offered.
type labelJSON struct {
	ID            int64  `json:"id"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	Color         string `json:"color"`
	ShowOnSidebar bool   `json:"show_on_sidebar"`
}

type labelListJSON struct {
	Payload []labelJSON `json:"payload"`
}

func presentLabel(l *router.Label) labelJSON {
	return labelJSON{l.ID, l.Title, l.Description, l.Color, l.ShowOnSidebar}
}

func (d *Desk) routeAccountLabels(agents, administrators *api.Group) {
	api.Handle(agents, api.Operation{Method: "GET", Path: "/labels", Summary: "Labels that agents are offered"}, d.listAccountLabels)
	api.Handle(agents, api.Operation{Method: "GET", Path: "/labels/:id", Summary: "One label"}, d.showAccountLabel)
	api.Handle(administrators, api.Operation{Method: "POST", Path: "/labels", Summary: "Add a label", Wrap: "label"}, d.createAccountLabel)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: "/labels/:id", Summary: "Change a label, wherever it hangs", Wrap: "label"}, d.updateAccountLabel)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: "/labels/:id", Summary: "No longer offer a label; what carries it keeps it"}, d.removeAccountLabel)
}

func (d *Desk) listAccountLabels(ctx context.Context, _ *accountPath) (labelListJSON, error) {
	labels, err := d.router.AccountLabels(ctx)
	out := labelListJSON{Payload: make([]labelJSON, 0, len(labels))}
	for _, l := range labels {
		out.Payload = append(out.Payload, presentLabel(l))
	}
	return out, err
}

func shownLabel(l *router.Label, err error) (labelJSON, error) {
	if err != nil {
		return labelJSON{}, err
	}
	return presentLabel(l), nil
}

func (d *Desk) showAccountLabel(ctx context.Context, in *labelPath) (labelJSON, error) {
	return shownLabel(d.router.AccountLabel(ctx, in.Label))
}

func (d *Desk) createAccountLabel(ctx context.Context, in *newLabel) (labelJSON, error) {
	return shownLabel(d.router.AddLabel(ctx, router.LabelDraft{Title: &in.Title, Description: in.Description.Pointer(),
		Color: in.Color.Pointer(), ShowOnSidebar: in.ShowOnSidebar.Pointer()}))
}

func (d *Desk) updateAccountLabel(ctx context.Context, in *labelChange) (labelJSON, error) {
	return shownLabel(d.router.UpdateLabel(ctx, in.Label, router.LabelDraft{Title: in.Title.Pointer(), Description: in.Description.Pointer(),
		Color: in.Color.Pointer(), ShowOnSidebar: in.ShowOnSidebar.Pointer()}))
}

func (d *Desk) removeAccountLabel(ctx context.Context, in *labelPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveLabel(ctx, in.Label)
}
