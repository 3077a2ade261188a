package router

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/store"
)

// Label is a label that agents are offered. Conversations may carry others:
// bots and integrations add what they know.
type Label struct {
	ID            int64
	Title         string // small letters, digits, "-" and "_"
	Description   string
	Color         string // #rrggbb
	ShowOnSidebar bool
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

const defaultLabelColor = "#1f93ff"

var labelPattern = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_-]+$`)

// LabelDraft is what is said of a label; nil fields say nothing.
type LabelDraft struct {
	Title, Description, Color *string
	ShowOnSidebar             *bool
}

// AccountLabels lists the labels that agents are offered, by title.
func (r *Router) AccountLabels(ctx context.Context) ([]*Label, error) {
	labels := []*Label{}
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM labels ORDER BY title").Scan(&labels).Error; err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	return labels, nil
}

// AccountLabel returns one of them.
func (r *Router) AccountLabel(ctx context.Context, id int64) (*Label, error) {
	return findLabel(r.db.Read().WithContext(ctx), id)
}

func findLabel(db *gorm.DB, id int64) (*Label, error) {
	var l Label
	if err := db.Raw("SELECT * FROM labels WHERE id = ?", id).Scan(&l).Error; err != nil {
		return nil, fmt.Errorf("label %d: %w", id, err)
	}
	if l.ID == 0 {
		return nil, fault.NotFound
	}
	return &l, nil
}

// AddLabel stores a label. A title that is there is fault.Taken.
func (r *Router) AddLabel(ctx context.Context, d LabelDraft) (*Label, error) {
	l := Label{Color: defaultLabelColor, ShowOnSidebar: true, CreatedAt: r.now()}
	l.UpdatedAt = l.CreatedAt
	if err := d.apply(&l); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Raw("INSERT INTO labels (title, description, color, show_on_sidebar, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
			l.Title, l.Description, l.Color, l.ShowOnSidebar, l.CreatedAt, l.UpdatedAt).Scan(&l.ID).Error
	})
	return &l, taken(err, "title", "add label")
}

// UpdateLabel changes a label. A new title goes to every conversation and
// contact that carries the old one: it is the label's name that is different,
// not what is known of them, so no version grows and no line is left.
func (r *Router) UpdateLabel(ctx context.Context, id int64, d LabelDraft) (*Label, error) {
	var l *Label
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if err := r.lockRow(tx, "labels", id); err != nil {
			return err
		}
		if l, err = findLabel(tx, id); err != nil {
			return err
		}
		old := l.Title
		if err := d.apply(l); err != nil {
			return err
		}
		l.UpdatedAt = r.now()
		err = tx.Exec("UPDATE labels SET title = ?, description = ?, color = ?, show_on_sidebar = ?, updated_at = ? WHERE id = ?",
			l.Title, l.Description, l.Color, l.ShowOnSidebar, l.UpdatedAt, id).Error
		if err != nil || old == l.Title {
			return err
		}
		return renameLabel(tx, old, l.Title)
	})
	return l, taken(err, "title", "update label")
}

func renameLabel(tx *gorm.DB, from, to string) error {
	for table, of := range map[string]string{"conversation_labels": "conversation_id", "contact_labels": "contact_id"} {
		err := tx.Exec("INSERT INTO "+table+" ("+of+", label) SELECT "+of+", ? FROM "+table+" WHERE label = ? ORDER BY 1 ON CONFLICT DO NOTHING", to, from).Error
		if err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM "+table+" WHERE label = ?", from).Error; err != nil {
			return err
		}
	}
	return nil
}

// RemoveLabel no longer offers a label. What carries it keeps it.
func (r *Router) RemoveLabel(ctx context.Context, id int64) error {
	return r.removeRow(ctx, "labels", id)
}

// lockRow holds a row until the transaction ends, so that of two who change it
// neither overwrites what the other did.
func (r *Router) lockRow(tx *gorm.DB, table string, id int64) error {
	if r.db.Dialect() == store.SQLite {
		return nil
	}
	if err := tx.Exec("SELECT 1 FROM "+table+" WHERE id = ?"+r.db.ForUpdate(false), id).Error; err != nil {
		return fmt.Errorf("lock %s %d: %w", table, id, err)
	}
	return nil
}

// removeRow deletes a row that nothing names; fault.NotFound if it is not there.
func (r *Router) removeRow(ctx context.Context, table string, id int64) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		res := tx.Exec("DELETE FROM "+table+" WHERE id = ?", id)
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.NotFound
		}
		return res.Error
	})
	if err != nil {
		return fmt.Errorf("remove from %s: %w", table, err)
	}
	return nil
}

func (d LabelDraft) apply(l *Label) error {
	if d.Title != nil {
		l.Title = strings.ToLower(strings.TrimSpace(*d.Title))
	}
	if d.Description != nil {
		l.Description = *d.Description
	}
	if d.Color != nil && *d.Color != "" {
		l.Color = *d.Color
	}
	if d.ShowOnSidebar != nil {
		l.ShowOnSidebar = *d.ShowOnSidebar
	}
	switch detail := badText(l.Description, 10*maxLabelRunes); {
	case l.Title == "":
		return fault.Invalid.Field("blank", "title")
	case utf8.RuneCountInString(l.Title) > maxLabelRunes:
		return fault.Invalid.Field(fault.Limit("too_long", maxLabelRunes), "title")
	case !labelPattern.MatchString(l.Title):
		return fault.Invalid.Field("bad_character", "title")
	case detail != "":
		return fault.Invalid.Field(detail, "description")
	case !colorPattern.MatchString(l.Color):
		return fault.Invalid.Field("not_a_color", "color")
	}
	return nil
}
