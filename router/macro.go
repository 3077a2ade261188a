package router

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
)

// Macro is a row of actions that agents do to conversations at once.
type Macro struct {
	ID         int64
	Name       string
	Visibility Visibility
	Actions    []MacroAction `gorm:"-"`
	CreatedBy  int64         // agents
	UpdatedBy  int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Visibility says whose a macro is.
type Visibility string

const (
	Personal Visibility = "personal" // its maker's
	Global   Visibility = "global"   // everybody's
)

const (
	maxMacroName    = 255
	maxMacros       = 500 // of one agent
	maxMacroActions = 30
)

// MacroDraft is what is said of a macro; nil fields say nothing.
type MacroDraft struct {
	Name       *string
	Visibility *Visibility
	Actions    *[]MacroAction
}

type macroRow struct {
	Macro
	Raw store.JSON `gorm:"column:actions"`
}

func (r *macroRow) macro() (*Macro, error) {
	return &r.Macro, r.Raw.Decode(&r.Macro.Actions)
}

// Macros lists those that an agent may use, by name: everybody's and their own.
func (r *Router) Macros(ctx context.Context, agentID int64) ([]*Macro, error) {
	var rows []*macroRow
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM macros WHERE visibility = ? OR created_by = ? ORDER BY name, id",
		string(Global), agentID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("macros: %w", err)
	}
	macros := make([]*Macro, 0, len(rows))
	for _, row := range rows {
		m, err := row.macro()
		if err != nil {
			return nil, err
		}
		macros = append(macros, m)
	}
	return macros, nil
}

// Macro returns one that an agent may use. Somebody else's own is
// fault.NotFound.
func (r *Router) Macro(ctx context.Context, agentID, id int64) (*Macro, error) {
	return findMacro(r.db.Read().WithContext(ctx), agentID, id)
}

func findMacro(db *gorm.DB, agentID, id int64) (*Macro, error) {
	var row macroRow
	err := db.Raw("SELECT * FROM macros WHERE id = ? AND (visibility = ? OR created_by = ?)", id, string(Global), agentID).Scan(&row).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("macro %d: %w", id, err)
	case row.ID == 0:
		return nil, fault.NotFound
	}
	return row.macro()
}

// AddMacro stores an agent's macro. Only administrators make macros for
// everybody: other agents' are their own, whatever they ask for.
func (r *Router) AddMacro(ctx context.Context, by *Agent, d MacroDraft) (*Macro, error) {
	m := Macro{Visibility: Personal, CreatedBy: by.ID, CreatedAt: r.now()}
	if err := d.apply(&m, by); err != nil {
		return nil, err
	}
	m.UpdatedAt = m.CreatedAt
	actions, err := store.ToJSON(m.Actions)
	if err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := checkNamed(tx, m.Actions, m.CreatedAt); err != nil {
			return err
		}
		if err := room(tx, "macros WHERE created_by = ?", by.ID, maxMacros); err != nil {
			return err
		}
		return tx.Raw(`INSERT INTO macros (name, visibility, actions, created_by, updated_by, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, m.Name, string(m.Visibility), actions, m.CreatedBy, m.UpdatedBy, m.CreatedAt, m.UpdatedAt).Scan(&m.ID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("add macro: %w", err)
	}
	return &m, nil
}

// room refuses another row where an agent has as many as may be.
func room(tx *gorm.DB, rows string, agentID int64, most int) error {
	var n int
	if err := tx.Raw("SELECT count(*) FROM "+rows, agentID).Scan(&n).Error; err != nil {
		return err
	}
	if n >= most {
		return fault.Invalid.Field(fault.Limit("too_many", most), "base")
	}
	return nil
}

// UpdateMacro changes what d says of a macro that is the agent's own or, for
// administrators, everybody's.
func (r *Router) UpdateMacro(ctx context.Context, by *Agent, id int64, d MacroDraft) (m *Macro, err error) {
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		if m, err = changeable(tx, by, id); err != nil {
			return err
		}
		if err := d.apply(m, by); err != nil {
			return err
		}
		m.UpdatedAt = r.now()
		if d.Actions != nil {
			if err := checkNamed(tx, m.Actions, m.UpdatedAt); err != nil {
				return err
			}
		}
		actions, err := store.ToJSON(m.Actions)
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE macros SET name = ?, visibility = ?, actions = ?, updated_by = ?, updated_at = ? WHERE id = ?",
			m.Name, string(m.Visibility), actions, m.UpdatedBy, m.UpdatedAt, id).Error
	})
	if err != nil {
		return nil, fmt.Errorf("update macro: %w", err)
	}
	return m, nil
}

// RemoveMacro takes one out that the agent may change.
func (r *Router) RemoveMacro(ctx context.Context, by *Agent, id int64) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		if _, err := changeable(tx, by, id); err != nil {
			return err
		}
		return tx.Exec("DELETE FROM macros WHERE id = ?", id).Error
	})
}

func changeable(tx *gorm.DB, by *Agent, id int64) (*Macro, error) {
	m, err := findMacro(tx, by.ID, id)
	if err != nil {
		return nil, err
	}
	if m.CreatedBy != by.ID && by.Role != RoleAdministrator {
		return nil, fault.Forbidden
	}
	return m, nil
}

func (d MacroDraft) apply(m *Macro, by *Agent) error {
	m.UpdatedBy = by.ID
	if d.Name != nil {
		m.Name = strings.TrimSpace(*d.Name)
	}
	if d.Visibility != nil {
		m.Visibility = *d.Visibility
	}
	if by.Role != RoleAdministrator && m.CreatedBy == by.ID {
		m.Visibility = Personal
	}
	if d.Actions != nil {
		m.Actions = slices.Clone(*d.Actions)
	}
	for i := range m.Actions {
		if m.Actions[i].Params == nil {
			m.Actions[i].Params = []any{}
		}
	}
	detail := badText(m.Name, maxMacroName)
	switch {
	case m.Name == "":
		return fault.Invalid.Field("blank", "name")
	case detail != "":
		return fault.Invalid.Field(detail, "name")
	case m.Visibility != Personal && m.Visibility != Global:
		return fault.Invalid.Field("unknown", "visibility")
	case len(m.Actions) == 0:
		return fault.Invalid.Field("required", "actions")
	case len(m.Actions) > maxMacroActions:
		return fault.Invalid.Field(fault.Limit("too_many", maxMacroActions), "actions")
	}
	for _, a := range m.Actions {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}
