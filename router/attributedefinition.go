package router

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
)

// AttributeModel is whose custom attributes a definition is of.
type AttributeModel string

const (
	ConversationAttribute AttributeModel = "conversation_attribute"
	ContactAttribute      AttributeModel = "contact_attribute"
)

// AttributeModels lists them, in the numbers of the API.
var AttributeModels = []AttributeModel{ConversationAttribute, ContactAttribute}

// AttributeTypes are how a custom attribute is shown and compared, in the
// numbers of the API.
var AttributeTypes = []string{"text", "number", "currency", "percent", "link", "date", "list", "checkbox"}

// AttributeDefinition says what a custom attribute is. Attributes need none:
// without one they are texts.
type AttributeDefinition struct {
	ID           int64
	Model        AttributeModel
	Key          string
	DisplayName  string
	DisplayType  string // one of AttributeTypes
	Description  string
	ListValues   []string `gorm:"-"` // of a list
	RegexPattern string   // that the desk holds texts to
	RegexCue     string   // what it says of those that do not fit
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const (
	maxAttributeDefinitions = 500
	maxAttributeValues      = 200
	maxRegexPattern         = 500
)

var attributeKey = regexp.MustCompile(`^[\p{L}\p{N}_.-]+$`)

// AttributeDraft is what is said of a definition; nil fields say nothing.
type AttributeDraft struct {
	Model                               *AttributeModel
	Key, DisplayName, DisplayType       *string
	Description, RegexPattern, RegexCue *string
	ListValues                          *[]string
}

type attributeRow struct {
	AttributeDefinition
	Raw store.JSON `gorm:"column:list_values"`
}

// AttributeDefinitions lists those of a model, of both where it is "".
func (r *Router) AttributeDefinitions(ctx context.Context, model AttributeModel) ([]*AttributeDefinition, error) {
	return attributeDefinitions(r.db.Read().WithContext(ctx), "(model = ? OR ? = '')", string(model), string(model))
}

func attributeDefinitions(db *gorm.DB, where string, args ...any) ([]*AttributeDefinition, error) {
	var rows []*attributeRow
	if err := db.Raw("SELECT * FROM attribute_definitions WHERE "+where+" ORDER BY id", args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("attribute definitions: %w", err)
	}
	list := make([]*AttributeDefinition, 0, len(rows))
	for _, row := range rows {
		if err := row.Raw.Decode(&row.ListValues); err != nil {
			return nil, err
		}
		list = append(list, &row.AttributeDefinition)
	}
	return list, nil
}

// AttributeDefinition returns one.
func (r *Router) AttributeDefinition(ctx context.Context, id int64) (*AttributeDefinition, error) {
	return oneDefinition(r.db.Read().WithContext(ctx), id)
}

func oneDefinition(db *gorm.DB, id int64) (*AttributeDefinition, error) {
	found, err := attributeDefinitions(db, "id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound
	}
	return found[0], nil
}

// AddAttributeDefinition stores one. A key that its model has is fault.Taken.
func (r *Router) AddAttributeDefinition(ctx context.Context, d AttributeDraft) (*AttributeDefinition, error) {
	a := AttributeDefinition{Model: ConversationAttribute, DisplayType: AttributeTypes[0], CreatedAt: r.now()}
	a.UpdatedAt = a.CreatedAt
	if d.Key != nil {
		a.Key = strings.TrimSpace(*d.Key)
	}
	if d.Model != nil {
		a.Model = *d.Model
	}
	if err := d.apply(&a); err != nil {
		return nil, err
	}
	values, err := store.ToJSON(a.ListValues)
	if err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := room(tx, "attribute_definitions WHERE id > ?", 0, maxAttributeDefinitions); err != nil {
			return err
		}
		return tx.Raw(`INSERT INTO attribute_definitions (model, key, display_name, display_type, description, list_values, regex_pattern, regex_cue, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, string(a.Model), a.Key, a.DisplayName, a.DisplayType, a.Description, values,
			a.RegexPattern, a.RegexCue, a.CreatedAt, a.UpdatedAt).Scan(&a.ID).Error
	})
	return &a, taken(err, "attribute_key", "define attribute")
}

// UpdateAttributeDefinition changes what d says. Key and model stay: values
// are stored under them.
func (r *Router) UpdateAttributeDefinition(ctx context.Context, id int64, d AttributeDraft) (a *AttributeDefinition, err error) {
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		if a, err = oneDefinition(tx, id); err != nil {
			return err
		}
		if d.Key != nil && strings.TrimSpace(*d.Key) != a.Key {
			return fault.Invalid.Field("immutable", "attribute_key")
		}
		if d.Model != nil && *d.Model != a.Model {
			return fault.Invalid.Field("immutable", "attribute_model")
		}
		if err := d.apply(a); err != nil {
			return err
		}
		a.UpdatedAt = r.now()
		values, err := store.ToJSON(a.ListValues)
		if err != nil {
			return err
		}
		return tx.Exec(`UPDATE attribute_definitions SET display_name = ?, display_type = ?, description = ?, list_values = ?, regex_pattern = ?,
			regex_cue = ?, updated_at = ? WHERE id = ?`, a.DisplayName, a.DisplayType, a.Description, values, a.RegexPattern, a.RegexCue, a.UpdatedAt, id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update attribute definition: %w", err)
	}
	return a, nil
}

// RemoveAttributeDefinition takes one out. What is stored under its key stays.
func (r *Router) RemoveAttributeDefinition(ctx context.Context, id int64) error {
	return r.removeRow(ctx, "attribute_definitions", id)
}

func (d AttributeDraft) apply(a *AttributeDefinition) error {
	for from, to := range map[*string]*string{d.DisplayName: &a.DisplayName, d.DisplayType: &a.DisplayType, d.Description: &a.Description,
		d.RegexPattern: &a.RegexPattern, d.RegexCue: &a.RegexCue} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	if d.ListValues != nil {
		a.ListValues = *d.ListValues
	}
	if a.ListValues == nil {
		a.ListValues = []string{}
	}
	return a.check()
}

func (a *AttributeDefinition) check() error {
	for field, text := range map[string]string{"attribute_key": a.Key, "attribute_display_name": a.DisplayName} {
		if text == "" {
			return fault.Invalid.Field("blank", field)
		}
		if detail := badText(text, maxContactText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	for field, text := range map[string]string{"attribute_description": a.Description, "regex_cue": a.RegexCue} {
		if detail := badText(text, maxConditionText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	standing := conversationAttributes
	if a.Model == ContactAttribute {
		standing = contactAttributes
	}
	_, reserved := standing[a.Key]
	switch {
	case reserved:
		return fault.Taken.Field("taken", "attribute_key")
	case !attributeKey.MatchString(a.Key):
		return fault.Invalid.Field("bad_character", "attribute_key")
	case !slices.Contains(AttributeModels, a.Model):
		return fault.Invalid.Field("unknown", "attribute_model")
	case !slices.Contains(AttributeTypes, a.DisplayType):
		return fault.Invalid.Field("unknown", "attribute_display_type")
	case len(a.RegexPattern) > maxRegexPattern:
		return fault.Invalid.Field(fault.Limit("too_large", maxRegexPattern), "regex_pattern")
	case len(a.ListValues) > maxAttributeValues:
		return fault.Invalid.Field(fault.Limit("too_many", maxAttributeValues), "attribute_values")
	}
	if _, err := regexp.Compile(a.RegexPattern); err != nil {
		return fault.Invalid.Field("not_a_pattern", "regex_pattern").Wrap(err)
	}
	for _, v := range a.ListValues {
		if detail := badText(v, maxContactText); detail != "" {
			return fault.Invalid.Field(detail, "attribute_values")
		}
	}
	return nil
}

// define makes clauses compare the custom attributes of conditions as their
// definitions say, and know those that are named without being called custom.
func (r *Router) define(db *gorm.DB, q *clauses, model AttributeModel, conditions []Condition) error {
	asked := slices.ContainsFunc(conditions, func(c Condition) bool {
		_, standing := q.attributes[c.Attribute]
		return c.Custom || !standing
	})
	if !asked {
		return nil
	}
	list, err := attributeDefinitions(db, "model = ?", string(model))
	if err != nil {
		return err
	}
	q.defined = make(map[string]string, len(list))
	for _, a := range list {
		q.defined[a.Key] = a.DisplayType
	}
	return nil
}
