package router

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// SavedFilter is a filter that an agent keeps for themselves.
type SavedFilter struct {
	ID        int64
	AgentID   int64
	Name      string
	Kind      FilterKind
	Query     Attributes // as the agent's desk wrote it
	CreatedAt time.Time
	UpdatedAt time.Time
}

// FilterKind is what a filter is of.
type FilterKind string

const (
	FilterConversations FilterKind = "conversation"
	FilterContacts      FilterKind = "contact"
	FilterReports       FilterKind = "report"
)

const (
	maxSavedFilters = 100 // of one agent
	maxFilterName   = 255
	maxFilterQuery  = 20_000 // bytes
)

// FilterDraft is what is said of a saved filter; nil fields say nothing.
type FilterDraft struct {
	Name  *string
	Kind  *FilterKind
	Query map[string]any
	// Conditions are what Query asks for, to be checked; nil: nothing that is
	// known.
	Conditions []Condition
}

// SavedFilters lists an agent's filters of a kind, of any where it is "".
func (r *Router) SavedFilters(ctx context.Context, agentID int64, kind FilterKind) ([]*SavedFilter, error) {
	filters := []*SavedFilter{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM custom_filters WHERE agent_id = ? AND (kind = ? OR ? = '') ORDER BY id",
		agentID, string(kind), string(kind)).Scan(&filters).Error
	if err != nil {
		return nil, fmt.Errorf("saved filters: %w", err)
	}
	return filters, nil
}

// SavedFilter returns one of an agent's; anybody else's is fault.NotFound.
func (r *Router) SavedFilter(ctx context.Context, agentID, id int64) (*SavedFilter, error) {
	return findFilter(r.db.Read().WithContext(ctx), agentID, id)
}

func findFilter(db *gorm.DB, agentID, id int64) (*SavedFilter, error) {
	var f SavedFilter
	err := db.Raw("SELECT * FROM custom_filters WHERE id = ? AND agent_id = ?", id, agentID).Scan(&f).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("saved filter %d: %w", id, err)
	case f.ID == 0:
		return nil, fault.NotFound
	}
	return &f, nil
}

// AddSavedFilter stores a filter of an agent. One that nothing could be
// filtered with is fault.Invalid.
func (r *Router) AddSavedFilter(ctx context.Context, agentID int64, d FilterDraft) (*SavedFilter, error) {
	f := SavedFilter{AgentID: agentID, Kind: FilterConversations, CreatedAt: r.now()}
	f.UpdatedAt = f.CreatedAt
	if err := r.apply(ctx, d, &f); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := room(tx, "custom_filters WHERE agent_id = ?", agentID, maxSavedFilters); err != nil {
			return err
		}
		return tx.Raw("INSERT INTO custom_filters (agent_id, name, kind, query, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
			f.AgentID, f.Name, string(f.Kind), f.Query, f.CreatedAt, f.UpdatedAt).Scan(&f.ID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("save filter: %w", err)
	}
	return &f, nil
}

// UpdateSavedFilter changes what d says. What it is of stays.
func (r *Router) UpdateSavedFilter(ctx context.Context, agentID, id int64, d FilterDraft) (*SavedFilter, error) {
	f, err := r.SavedFilter(ctx, agentID, id)
	if err != nil {
		return nil, err
	}
	if d.Kind != nil && *d.Kind != f.Kind {
		return nil, fault.Invalid.Field("immutable", "filter_type")
	}
	if err := r.apply(ctx, d, f); err != nil {
		return nil, err
	}
	f.UpdatedAt = r.now()
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE custom_filters SET name = ?, kind = ?, query = ?, updated_at = ? WHERE id = ? AND agent_id = ?",
			f.Name, string(f.Kind), f.Query, f.UpdatedAt, id, agentID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update filter: %w", err)
	}
	return f, nil
}

// RemoveSavedFilter takes one of an agent's out.
func (r *Router) RemoveSavedFilter(ctx context.Context, agentID, id int64) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		if _, err := findFilter(tx, agentID, id); err != nil {
			return err
		}
		return tx.Exec("DELETE FROM custom_filters WHERE id = ? AND agent_id = ?", id, agentID).Error
	})
}

func (r *Router) apply(ctx context.Context, d FilterDraft, f *SavedFilter) error {
	if d.Name != nil {
		f.Name = strings.TrimSpace(*d.Name)
	}
	if d.Kind != nil {
		f.Kind = *d.Kind
	}
	if d.Query != nil {
		if err := Attributes(d.Query).check("query"); err != nil {
			return err
		}
		text, err := json.Marshal(d.Query)
		if err != nil || len(text) > maxFilterQuery {
			return fault.Invalid.Field(fault.Limit("too_large", maxFilterQuery), "query").Wrap(err)
		}
		f.Query = d.Query
	}
	detail := badText(f.Name, maxFilterName)
	switch {
	case f.Name == "":
		return fault.Invalid.Field("blank", "name")
	case detail != "":
		return fault.Invalid.Field(detail, "name")
	case f.Kind != FilterConversations && f.Kind != FilterContacts && f.Kind != FilterReports:
		return fault.Invalid.Field("unknown", "filter_type")
	case f.Kind == FilterReports:
		return nil
	}
	if len(d.Conditions) == 0 && (d.Query != nil || f.ID == 0) {
		return fault.Invalid.Field("required", "payload")
	}
	return r.checkConditions(ctx, f.Kind, d.Conditions)
}

// checkConditions refuses conditions that no list could be asked for.
func (r *Router) checkConditions(ctx context.Context, kind FilterKind, conditions []Condition) error {
	q := clauses{dialect: r.db.Dialect(), now: r.now(), attributes: conversationAttributes, custom: "c.custom_attributes"}
	model := ConversationAttribute
	if kind == FilterContacts {
		q.attributes, q.custom, model = contactAttributes, "p.custom_attributes", ContactAttribute
	}
	if err := r.define(r.db.Read().WithContext(ctx), &q, model, conditions); err != nil {
		return err
	}
	_, err := q.all(conditions)
	return err
}
