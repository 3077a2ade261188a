package agentdesk

import (
	"context"
	"errors"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// macroPath is the path of operations on a macro.
type macroPath struct {
	accountPath
	Macro int64 `path:"id" json:"-"`
}

type newMacro struct {
	accountPath
	Name       string               `json:"name" required:"true" maxLength:"255"`
	Visibility api.Optional[string] `json:"visibility" doc:"personal (default) or global, which only administrators can ask for"`
	Actions    any                  `json:"actions" required:"true" doc:"up to 30, in their order: {action_name, action_params}"`
}

type macroChange struct {
	macroPath
	Name       api.Optional[string] `json:"name" maxLength:"255"`
	Visibility api.Optional[string] `json:"visibility"`
	Actions    api.Optional[any]    `json:"actions"`
}

// macroRun names the conversations that a macro is done to.
type macroRun struct {
	macroPath
	IDs []string `json:"conversation_ids" required:"true" maxLength:"20" items:"integer" doc:"up to 100 conversations"`
}

// macroJSON is a macro.
type macroJSON struct {
	ID         int64                `json:"id"`
	Name       string               `json:"name"`
	Visibility router.Visibility    `json:"visibility"`
	CreatedBy  *agentJSON           `json:"created_by"`
	UpdatedBy  *agentJSON           `json:"updated_by"`
	AccountID  int64                `json:"account_id"`
	Actions    []router.MacroAction `json:"actions"`
}

type macroShownJSON struct {
	Payload macroJSON `json:"payload"`
}

type macroListJSON struct {
	Payload []macroJSON `json:"payload"`
}

func (d *Desk) routeMacros(agents *api.Group) {
	const one = "/macros/:id"
	api.Handle(agents, api.Operation{Method: "GET", Path: "/macros", Summary: "The agent's macros and everybody's"}, d.listMacros)
	api.Handle(agents, api.Operation{Method: "POST", Path: "/macros", Summary: "Add a macro", Wrap: "macro"}, d.createMacro)
	api.Handle(agents, api.Operation{Method: "GET", Path: one, Summary: "One macro"}, d.showMacro)
	api.Handle(agents, api.Operation{Method: "PATCH", Path: one, Summary: "Change a macro", Wrap: "macro"}, d.updateMacro)
	api.Handle(agents, api.Operation{Name: "replaceMacro", Method: "PUT", Path: one, Summary: "Change a macro", Wrap: "macro"}, d.updateMacro)
	api.Handle(agents, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a macro"}, d.removeMacro)
	api.Handle(agents, api.Operation{Name: "runMacro", Method: "POST", Path: one + "/execute", Summary: "Do a macro to conversations: to each all of it, or nothing"}, d.runMacro)
}

func (d *Desk) presentMacros(ctx context.Context, macros ...*router.Macro) ([]macroJSON, error) {
	out := make([]macroJSON, 0, len(macros))
	people := map[int64]*agentJSON{}
	for _, m := range macros {
		for _, id := range []int64{m.CreatedBy, m.UpdatedBy} {
			if people[id] != nil {
				continue
			}
			a, err := d.router.Agent(ctx, id)
			switch {
			case err == nil:
				people[id] = presentAgent(a, d.clock())
			case !errors.Is(err, fault.NotFound): // they were removed
				return nil, err
			}
		}
		out = append(out, macroJSON{m.ID, m.Name, m.Visibility, people[m.CreatedBy], people[m.UpdatedBy], accountID, m.Actions})
	}
	return out, nil
}

func (d *Desk) shownMacro(ctx context.Context, m *router.Macro, err error) (macroShownJSON, error) {
	if err != nil {
		return macroShownJSON{}, err
	}
	shown, err := d.presentMacros(ctx, m)
	if err != nil {
		return macroShownJSON{}, err
	}
	return macroShownJSON{shown[0]}, nil
}

func (d *Desk) listMacros(ctx context.Context, _ *accountPath) (macroListJSON, error) {
	macros, err := d.router.Macros(ctx, callerFrom(ctx).agent.ID)
	if err != nil {
		return macroListJSON{}, err
	}
	shown, err := d.presentMacros(ctx, macros...)
	return macroListJSON{shown}, err
}

func (d *Desk) showMacro(ctx context.Context, in *macroPath) (macroShownJSON, error) {
	m, err := d.router.Macro(ctx, callerFrom(ctx).agent.ID, in.Macro)
	return d.shownMacro(ctx, m, err)
}

func (d *Desk) createMacro(ctx context.Context, in *newMacro) (macroShownJSON, error) {
	actions, err := macroActionsOf(in.Actions)
	if err != nil {
		return macroShownJSON{}, err
	}
	m, err := d.router.AddMacro(ctx, callerFrom(ctx).agent, router.MacroDraft{Name: &in.Name, Visibility: visibility(in.Visibility), Actions: &actions})
	return d.shownMacro(ctx, m, err)
}

func (d *Desk) updateMacro(ctx context.Context, in *macroChange) (macroShownJSON, error) {
	draft := router.MacroDraft{Name: in.Name.Pointer(), Visibility: visibility(in.Visibility)}
	if in.Actions.Set {
		actions, err := macroActionsOf(in.Actions.Value)
		if err != nil {
			return macroShownJSON{}, err
		}
		draft.Actions = &actions
	}
	m, err := d.router.UpdateMacro(ctx, callerFrom(ctx).agent, in.Macro, draft)
	return d.shownMacro(ctx, m, err)
}

func (d *Desk) removeMacro(ctx context.Context, in *macroPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveMacro(ctx, callerFrom(ctx).agent, in.Macro)
}

func visibility(in api.Optional[string]) *router.Visibility {
	if !in.Set || in.Value == "" {
		return nil
	}
	v := router.Visibility(in.Value)
	return &v
}

// macroActionsOf reads a list of actions.
func macroActionsOf(v any) ([]router.MacroAction, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fault.Invalid.Field("not_a_list", "actions")
	}
	actions := make([]router.MacroAction, 0, len(list))
	for _, item := range list {
		one, ok := item.(map[string]any)
		if !ok {
			return nil, fault.Invalid.Field("not_an_object", "actions")
		}
		name, _ := one["action_name"].(string)
		params, ok := one["action_params"].([]any)
		if !ok && one["action_params"] != nil {
			return nil, fault.Invalid.Field("not_a_list", "action_params")
		}
		if params == nil {
			params = []any{}
		}
		actions = append(actions, router.MacroAction{Name: name, Params: params})
	}
	return actions, nil
}

func (d *Desk) runMacro(ctx context.Context, in *macroRun) (bulkJSON, error) {
	ids, err := conversationIDs(in.IDs, "conversation_ids")
	if err != nil {
		return bulkJSON{}, err
	}
	results, err := d.router.RunMacro(ctx, by(ctx, api.IfMatch{}), callerFrom(ctx).agent, in.Macro, ids)
	return presentBulk(ctx, results), err
}
