package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// filterPath is the path of operations on a saved filter.
type filterPath struct {
	accountPath
	Filter int64 `path:"id" json:"-"`
}

type filterList struct {
	accountPath
	Kind string `query:"filter_type" enum:"conversation,contact,report" json:"filter_type" doc:"all where it is left out"`
}

// filterChange is a filter to be saved. The contract calls filter_type type.
type filterChange struct {
	Name       api.Optional[string]         `json:"name" maxLength:"255"`
	FilterType api.Optional[string]         `json:"filter_type" doc:"conversation (default), contact or report"`
	Type       api.Optional[string]         `json:"type" doc:"the same, under another name"`
	Query      api.Optional[map[string]any] `json:"query" doc:"with payload: the conditions of a filter"`
}

type newFilter struct {
	accountPath
	filterChange
}

type changedFilter struct {
	filterPath
	filterChange
}

// filterJSON is a saved filter.
type filterJSON struct {
	ID         int64             `json:"id"`
	Name       string            `json:"name"`
	FilterType router.FilterKind `json:"filter_type"`
	Type       router.FilterKind `json:"type"`
	Query      router.Attributes `json:"query"`
	CreatedAt  *string           `json:"created_at" format:"date-time"`
	UpdatedAt  *string           `json:"updated_at" format:"date-time"`
}

func shownFilter(f *router.SavedFilter, err error) (filterJSON, error) {
	if err != nil {
		return filterJSON{}, err
	}
	return filterJSON{f.ID, f.Name, f.Kind, f.Kind, f.Query, iso(&f.CreatedAt), iso(&f.UpdatedAt)}, nil
}

// Saved filters are each agent's own.
func (d *Desk) routeCustomFilters(agents *api.Group) {
	const one = "/custom_filters/:id"
	api.Handle(agents, api.Operation{Method: "GET", Path: "/custom_filters", Summary: "The agent's saved filters"}, d.listFilters)
	api.Handle(agents, api.Operation{Method: "POST", Path: "/custom_filters", Summary: "Save a filter", Wrap: "custom_filter"}, d.createFilter)
	api.Handle(agents, api.Operation{Method: "GET", Path: one, Summary: "One saved filter"}, d.showFilter)
	api.Handle(agents, api.Operation{Method: "PATCH", Path: one, Summary: "Change a saved filter", Wrap: "custom_filter"}, d.updateFilter)
	api.Handle(agents, api.Operation{Method: "DELETE", Path: one, Summary: "Forget a saved filter"}, d.removeFilter)
}

func (d *Desk) listFilters(ctx context.Context, in *filterList) ([]filterJSON, error) {
	filters, err := d.router.SavedFilters(ctx, callerFrom(ctx).agent.ID, router.FilterKind(in.Kind))
	out := make([]filterJSON, 0, len(filters))
	for _, f := range filters {
		shown, _ := shownFilter(f, nil)
		out = append(out, shown)
	}
	return out, err
}

func (d *Desk) showFilter(ctx context.Context, in *filterPath) (filterJSON, error) {
	return shownFilter(d.router.SavedFilter(ctx, callerFrom(ctx).agent.ID, in.Filter))
}

func (d *Desk) createFilter(ctx context.Context, in *newFilter) (filterJSON, error) {
	draft, err := in.draft(router.FilterConversations)
	if err != nil {
		return filterJSON{}, err
	}
	return shownFilter(d.router.AddSavedFilter(ctx, callerFrom(ctx).agent.ID, draft))
}

func (d *Desk) updateFilter(ctx context.Context, in *changedFilter) (filterJSON, error) {
	known, err := d.router.SavedFilter(ctx, callerFrom(ctx).agent.ID, in.Filter)
	if err != nil {
		return filterJSON{}, err
	}
	draft, err := in.draft(known.Kind)
	if err != nil {
		return filterJSON{}, err
	}
	return shownFilter(d.router.UpdateSavedFilter(ctx, callerFrom(ctx).agent.ID, in.Filter, draft))
}

func (d *Desk) removeFilter(ctx context.Context, in *filterPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveSavedFilter(ctx, callerFrom(ctx).agent.ID, in.Filter)
}

// draft reads what is sent, of a filter that is of kind unless it says
// otherwise.
func (in *filterChange) draft(kind router.FilterKind) (router.FilterDraft, error) {
	d := router.FilterDraft{Name: in.Name.Pointer(), Kind: &kind}
	for _, kind := range []api.Optional[string]{in.Type, in.FilterType} {
		if kind.Set && kind.Value != "" {
			sent := router.FilterKind(kind.Value)
			d.Kind = &sent
		}
	}
	if !in.Query.Set {
		return d, nil
	}
	d.Query = in.Query.Value
	if in.Query.Null {
		d.Query = map[string]any{}
	}
	payload, asks := d.Query["payload"]
	if !asks || *d.Kind == router.FilterReports {
		return d, nil
	}
	if list, ok := payload.([]any); ok && len(list) == 0 {
		return d, nil
	}
	var err error
	if d.Conditions, err = conditionsOf(payload); err != nil {
		return d, fault.Invalid.Field("not_a_list", "query")
	}
	return d, nil
}
