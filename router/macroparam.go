package router

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/address"
	"relevo/router/fault"
)

// onlyOne is what is wrong with more than one parameter.
const onlyOne = "only_one"

// nothingMore takes a null as well: the dialect's desk sends one.
func nothingMore(p []any) string {
	switch {
	case len(p) > 1:
		return onlyOne
	case len(p) == 1 && p[0] != nil && p[0] != "":
		return "not_allowed"
	}
	return ""
}

// one says what is wrong with the number of params.
func one(p []any) string {
	switch len(p) {
	case 0:
		return "required"
	case 1:
		return ""
	}
	return onlyOne
}

func oneText(p []any) string {
	switch {
	case one(p) != "":
		return one(p)
	case !isText(p[0]):
		return "not_a_string"
	}
	return detailOf((Draft{Content: p[0].(string)}).check())
}

// detailOf is the detail of what is invalid, with its limits, "" of nothing.
func detailOf(err error) string {
	if err == nil {
		return ""
	}
	f := fault.From(err)
	detail, _ := f.Params["detail"].(string)
	for _, name := range []string{"limit", "to"} {
		if limit, there := f.Params[name]; there {
			detail += fmt.Sprint(" ", limit)
		}
	}
	return cmp.Or(detail, "unknown")
}

func isText(v any) bool { _, ok := v.(string); return ok }

func textList(p []any) string {
	switch {
	case len(p) == 0:
		return "required"
	case len(textsOf(p)) < len(p):
		return "not_a_string"
	}
	_, err := cleanLabels(textsOf(p))
	return detailOf(err)
}

func textsOf(p []any) (texts []string) {
	for _, v := range p {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

func oneStatus(p []any) string {
	if one(p) != "" {
		return one(p)
	}
	if status, _ := p[0].(string); !slices.Contains(fsm.Statuses, fsm.Status(status)) {
		return "not_a_status"
	}
	return ""
}

func onePriority(p []any) string {
	if one(p) != "" {
		return one(p)
	}
	if priority, _ := p[0].(string); p[0] != nil && priority != "nil" && !slices.Contains(Priorities, priority) {
		return "unknown_priority"
	}
	return ""
}

// aSnooze is nothing, or when it ends, as ReadSnooze reads it.
func aSnooze(p []any) string {
	if len(p) > 1 {
		return onlyOne
	}
	_, _, err := snoozeIn(p)
	return detailOf(err)
}

func snoozeIn(p []any) (until *time.Time, word string, err error) {
	if len(p) == 0 || p[0] == nil {
		return nil, "", nil
	}
	return ReadSnooze(plainNumber(p[0]))
}

// idIn reads an id; 0 is nobody's: null, "nil".
func idIn(v any) (int64, bool) {
	if v == nil || v == "nil" {
		return 0, true
	}
	id, err := strconv.ParseInt(plainNumber(v), 10, 64)
	return id, err == nil && id > 0
}

func oneID(p []any) string {
	if one(p) != "" {
		return one(p)
	}
	if _, ok := idIn(p[0]); !ok {
		return "not_an_integer"
	}
	return ""
}

func agentOrSelf(p []any) string {
	if len(p) == 1 && p[0] == "self" {
		return ""
	}
	return oneID(p)
}

// maxTranscripts is how many addresses one action may send to.
const maxTranscripts = 10

// addresses is a list of them in one text, divided by commas.
func addresses(p []any) string {
	switch {
	case one(p) != "":
		return one(p)
	case !isText(p[0]):
		return "not_a_string"
	}
	list := strings.Split(p[0].(string), ",")
	if len(list) > maxTranscripts {
		return fault.Limit("too_many", maxTranscripts)
	}
	for _, s := range list {
		if _, ok := address.Parse(strings.TrimSpace(s)); !ok {
			return "not_an_email"
		}
	}
	return ""
}

// checkNamed refuses actions that name who or what is not there, and a time
// that is over. What goes later is told when the macro is done.
func checkNamed(tx *gorm.DB, actions []MacroAction, now time.Time) error {
	for _, a := range actions {
		wrong := ""
		switch a.Name {
		case "assign_agent":
			found, err := isThere(tx, "agents WHERE removed_at IS NULL AND id = ?", a.Params[0])
			if err != nil {
				return err
			}
			if !found {
				wrong = "unknown_agent"
			}
		case "assign_team":
			found, err := isThere(tx, "teams WHERE id = ?", a.Params[0])
			if err != nil {
				return err
			}
			if !found {
				wrong = "unknown_team"
			}
		case "snooze_conversation":
			until, _, _ := snoozeIn(a.Params) // checked before
			wrong = detailOf(checkSnooze(until, now))
		}
		if wrong != "" {
			return fault.Invalid.Field(wrong, a.Name)
		}
	}
	return nil
}

// isThere reports whether there is a row with an id; nobody's and "self" are.
func isThere(tx *gorm.DB, rows string, param any) (found bool, err error) {
	id, _ := idIn(param)
	if id == 0 {
		return true, nil
	}
	if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM "+rows+")", id).Scan(&found).Error; err != nil {
		return false, fmt.Errorf("what a macro names: %w", err)
	}
	return found, nil
}
