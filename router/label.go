package router

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	maxLabels     = 50
	maxLabelRunes = 100
)

// SetLabels replaces the labels of a conversation as a whole and returns them.
func (r *Router) SetLabels(ctx context.Context, by By, id int64, labels []string) ([]string, error) {
	want, err := cleanLabels(labels)
	if err != nil {
		return nil, err
	}
	_, err = r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		return ch.setLabels(want, "", map[string]any{"agent": by.Actor.Name})
	})
	return want, err
}

// Labels returns the labels of a conversation, sorted.
func (r *Router) Labels(ctx context.Context, by By, id int64) ([]string, error) {
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, err
	}
	return labelsOf(r.db.Read().WithContext(ctx), id)
}

// setLabels stores the difference and leaves a line for what came and what
// went. suffix picks the line of whoever did it.
func (ch *change) setLabels(want []string, suffix string, who map[string]any) error {
	have, err := labelsOf(ch.tx, ch.c.ID)
	if err != nil {
		return err
	}
	added := slices.DeleteFunc(slices.Clone(want), func(l string) bool { return slices.Contains(have, l) })
	removed := slices.DeleteFunc(slices.Clone(have), func(l string) bool { return slices.Contains(want, l) })
	for _, l := range added {
		if err := ch.tx.Exec("INSERT INTO conversation_labels (conversation_id, label) VALUES (?, ?)", ch.c.ID, l).Error; err != nil {
			return fmt.Errorf("add label: %w", err)
		}
	}
	if len(removed) > 0 {
		if err := ch.tx.Exec("DELETE FROM conversation_labels WHERE conversation_id = ? AND label IN ?", ch.c.ID, removed).Error; err != nil {
			return fmt.Errorf("remove labels: %w", err)
		}
	}
	if len(added)+len(removed) > 0 {
		if !ch.labels {
			ch.labelsWere = have
		}
		ch.labels, ch.labelsAre = true, want
	}
	if err := ch.noteLabels("labels.added"+suffix, added, who); err != nil {
		return err
	}
	return ch.noteLabels("labels.removed"+suffix, removed, who)
}

func (ch *change) noteLabels(line string, labels []string, who map[string]any) error {
	if len(labels) == 0 {
		return nil
	}
	if len(labels) == 1 {
		line += "_one"
	}
	params := map[string]any{"labels": labels}
	maps.Copy(params, who)
	return ch.note(line, params, nil)
}

func labelsOf(tx *gorm.DB, id int64) ([]string, error) {
	labels := []string{}
	err := tx.Raw("SELECT label FROM conversation_labels WHERE conversation_id = ? ORDER BY label", id).Scan(&labels).Error
	if err != nil {
		return nil, fmt.Errorf("labels of conversation %d: %w", id, err)
	}
	return labels, nil
}

// cleanLabels folds case and blanks, removes what stands twice, and sorts.
func cleanLabels(labels []string) ([]string, error) {
	out := make([]string, 0, len(labels))
	for _, l := range labels {
		l = strings.ToLower(strings.TrimSpace(l))
		switch {
		case l == "":
			continue
		case utf8.RuneCountInString(l) > maxLabelRunes:
			return nil, fault.Invalid.Field(fault.Limit("too_long", maxLabelRunes), "labels")
		case strings.ContainsRune(l, 0) || !utf8.ValidString(l):
			return nil, fault.Invalid.Field("bad_character", "labels")
		}
		out = append(out, l)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > maxLabels {
		return nil, fault.Invalid.Field(fault.Limit("too_many", maxLabels), "labels")
	}
	return out, nil
}
