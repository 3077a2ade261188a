package agentdesk

import (
	"context"
	"slices"
	"strconv"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// definitionPath is the path of operations on a definition.
type definitionPath struct {
	accountPath
	Definition int64 `path:"id" json:"-"`
}

type definitionList struct {
	accountPath
	Model string `query:"attribute_model" maxLength:"30" json:"attribute_model" doc:"0 or conversation_attribute, 1 or contact_attribute; both where it is left out"`
}

type definitionChange struct {
	DisplayName  api.Optional[string]   `json:"attribute_display_name" maxLength:"255"`
	DisplayType  api.Optional[string]   `json:"attribute_display_type" doc:"text (0), number (1), currency (2), percent (3), link (4), date (5), list (6) or checkbox (7)"`
	Description  api.Optional[string]   `json:"attribute_description"`
	Key          api.Optional[string]   `json:"attribute_key" maxLength:"255"`
	Values       api.Optional[[]string] `json:"attribute_values" doc:"of a list"`
	Model        api.Optional[string]   `json:"attribute_model" doc:"conversation_attribute (0) or contact_attribute (1)"`
	RegexPattern api.Optional[string]   `json:"regex_pattern" maxLength:"500" doc:"that the desk holds texts to"`
	RegexCue     api.Optional[string]   `json:"regex_cue"`
}

type newDefinition struct {
	accountPath
	definitionChange
}

type changedDefinition struct {
	definitionPath
	definitionChange
}

// definitionJSON is what a custom attribute is.
type definitionJSON struct {
	ID           int64    `json:"id"`
	DisplayName  string   `json:"attribute_display_name"`
	DisplayType  string   `json:"attribute_display_type"`
	Description  string   `json:"attribute_description"`
	Key          string   `json:"attribute_key"`
	RegexPattern *string  `json:"regex_pattern"`
	RegexCue     *string  `json:"regex_cue"`
	Values       []string `json:"attribute_values"`
	Model        string   `json:"attribute_model"`
	DefaultValue *string  `json:"default_value"`
	CreatedAt    *string  `json:"created_at" format:"date-time"`
	UpdatedAt    *string  `json:"updated_at" format:"date-time"`
}

func shownDefinition(a *router.AttributeDefinition, err error) (definitionJSON, error) {
	if err != nil {
		return definitionJSON{}, err
	}
	return definitionJSON{ID: a.ID, DisplayName: a.DisplayName, DisplayType: a.DisplayType, Description: a.Description, Key: a.Key,
		RegexPattern: ifAny(a.RegexPattern), RegexCue: ifAny(a.RegexCue), Values: a.ListValues, Model: string(a.Model),
		CreatedAt: iso(&a.CreatedAt), UpdatedAt: iso(&a.UpdatedAt)}, nil
}

func ifAny(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (d *Desk) routeAttributeDefinitions(agents, administrators *api.Group) {
	const list, one = "/custom_attribute_definitions", "/custom_attribute_definitions/:id"
	api.Handle(agents, api.Operation{Method: "GET", Path: list, Summary: "What custom attributes there are"}, d.listDefinitions)
	api.Handle(agents, api.Operation{Method: "GET", Path: one, Summary: "What one custom attribute is"}, d.showDefinition)
	api.Handle(administrators, api.Operation{Method: "POST", Path: list, Summary: "Define a custom attribute", Wrap: "custom_attribute_definition"}, d.createDefinition)
	api.Handle(administrators, api.Operation{Method: "PATCH", Path: one, Summary: "Change a definition", Wrap: "custom_attribute_definition"}, d.updateDefinition)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a definition; values stay where they are"}, d.removeDefinition)
}

func (d *Desk) listDefinitions(ctx context.Context, in *definitionList) ([]definitionJSON, error) {
	model := router.AttributeModel("")
	if in.Model != "" {
		var err error
		if model, err = worded(in.Model, router.AttributeModels, "attribute_model"); err != nil {
			return nil, err
		}
	}
	definitions, err := d.router.AttributeDefinitions(ctx, model)
	out := make([]definitionJSON, 0, len(definitions))
	for _, a := range definitions {
		shown, _ := shownDefinition(a, nil)
		out = append(out, shown)
	}
	return out, err
}

// worded reads a word of a list, which the dialect's clients send as its
// number, too.
func worded[T ~string](sent string, words []T, field string) (T, error) {
	if n, err := strconv.Atoi(sent); err == nil && n >= 0 && n < len(words) {
		return words[n], nil
	}
	if !slices.Contains(words, T(sent)) {
		return "", fault.Invalid.Field("unknown", field)
	}
	return T(sent), nil
}

func (d *Desk) showDefinition(ctx context.Context, in *definitionPath) (definitionJSON, error) {
	return shownDefinition(d.router.AttributeDefinition(ctx, in.Definition))
}

func (d *Desk) createDefinition(ctx context.Context, in *newDefinition) (definitionJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return definitionJSON{}, err
	}
	return shownDefinition(d.router.AddAttributeDefinition(ctx, draft))
}

func (d *Desk) updateDefinition(ctx context.Context, in *changedDefinition) (definitionJSON, error) {
	draft, err := in.draft()
	if err != nil {
		return definitionJSON{}, err
	}
	return shownDefinition(d.router.UpdateAttributeDefinition(ctx, in.Definition, draft))
}

func (d *Desk) removeDefinition(ctx context.Context, in *definitionPath) (api.Empty, error) {
	return api.Empty{}, d.router.RemoveAttributeDefinition(ctx, in.Definition)
}

func (in *definitionChange) draft() (d router.AttributeDraft, err error) {
	d = router.AttributeDraft{Key: in.Key.Pointer(), DisplayName: in.DisplayName.Pointer(), Description: in.Description.Pointer(),
		RegexPattern: in.RegexPattern.Pointer(), RegexCue: in.RegexCue.Pointer(), ListValues: in.Values.Pointer()}
	if in.DisplayType.Set {
		shown, err := worded(in.DisplayType.Value, router.AttributeTypes, "attribute_display_type")
		if err != nil {
			return d, err
		}
		d.DisplayType = &shown
	}
	if in.Model.Set {
		model, err := worded(in.Model.Value, router.AttributeModels, "attribute_model")
		if err != nil {
			return d, err
		}
		d.Model = &model
	}
	return d, nil
}
