package router

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/store"
)

const (
	maxConditions      = 30
	maxConditionValues = 100
	maxConditionText   = 1000
	maxDaysBefore      = 36_500
)

// Condition is one line of a filter that an agent puts together, in the words
// of the API: attribute, operator, values, and how the next line is joined.
// AND binds tighter than OR, as it does where these filters come from.
type Condition struct {
	Attribute string
	Operator  string
	Values    []any
	Join      string // "AND" or "OR", of the next condition; ignored on the last
	Custom    bool   // Attribute names a custom attribute
}

// kind is how an attribute is compared.
type kind int

const (
	words  kind = iota // a text
	ids                // a number
	choice             // one of a few words
	moment             // a time
	labels             // rows beside

	amount // a number among the custom attributes
	day    // a date among them
	truth  // yes or no among them
)

// attribute is one that conditions may name.
type attribute struct {
	kind kind
	sql  string
	// table, key: of labels, the table and the column that points here.
	table, key string
}

// operators that a kind knows.
var operators = map[kind][]string{
	words:  {"equal_to", "not_equal_to", "contains", "does_not_contain", "is_present", "is_not_present"},
	ids:    {"equal_to", "not_equal_to", "contains", "does_not_contain", "is_present", "is_not_present"},
	choice: {"equal_to", "not_equal_to", "is_present", "is_not_present"},
	moment: {"is_greater_than", "is_less_than", "days_before"},
	labels: {"equal_to", "not_equal_to", "is_present", "is_not_present"},
	amount: {"equal_to", "not_equal_to", "is_greater_than", "is_less_than", "is_present", "is_not_present"},
	day:    {"equal_to", "not_equal_to", "is_greater_than", "is_less_than", "days_before", "is_present", "is_not_present"},
	truth:  {"equal_to", "not_equal_to", "is_present", "is_not_present"},
}

var conversationAttributes = map[string]attribute{
	"status":                {kind: choice, sql: "c.status"},
	"priority":              {kind: choice, sql: "c.priority"},
	"assignee_id":           {kind: ids, sql: "c.assignee_id"},
	"inbox_id":              {kind: ids, sql: "c.inbox_id"},
	"team_id":               {kind: ids, sql: "c.team_id"},
	"contact_id":            {kind: ids, sql: "c.contact_id"},
	"display_id":            {kind: ids, sql: "c.id"},
	"created_at":            {kind: moment, sql: "c.created_at"},
	"last_activity_at":      {kind: moment, sql: "c.last_activity_at"},
	"labels":                {kind: labels, sql: "c.id", table: "conversation_labels", key: "conversation_id"},
	"campaign_id":           {kind: ids, sql: "c.campaign_id"},
	"browser_language":      {kind: words, sql: "c.additional_attributes"},
	"conversation_language": {kind: words, sql: "c.additional_attributes"},
	"referer":               {kind: words, sql: "c.additional_attributes"},
	"mail_subject":          {kind: words, sql: "c.additional_attributes"},
}

var contactAttributes = map[string]attribute{
	"name":             {kind: words, sql: "p.name"},
	"email":            {kind: words, sql: "p.email"},
	"phone_number":     {kind: words, sql: "p.phone_number"},
	"identifier":       {kind: words, sql: "p.identifier"},
	"blocked":          {kind: choice, sql: "p.blocked"},
	"created_at":       {kind: moment, sql: "p.created_at"},
	"last_activity_at": {kind: moment, sql: "p.last_activity_at"},
	"labels":           {kind: labels, sql: "p.id", table: "contact_labels", key: "contact_id"},
	"city":             {kind: words, sql: "p.additional_attributes"},
	"country_code":     {kind: words, sql: "p.additional_attributes"},
	"company_name":     {kind: words, sql: "p.additional_attributes"},
}

// clauses turns conditions into SQL.
type clauses struct {
	dialect    store.Dialect
	now        time.Time
	attributes map[string]attribute
	custom     string            // the column of custom attributes
	defined    map[string]string // of custom attributes that are defined: how each is shown
	args       []any
}

// all joins the conditions; none is "".
func (q *clauses) all(conditions []Condition) (string, error) {
	if len(conditions) > maxConditions {
		return "", fault.Invalid.Field(fault.Limit("too_many", maxConditions), "payload")
	}
	var sql strings.Builder
	for i, c := range conditions {
		one, err := q.one(c)
		if err != nil {
			return "", err
		}
		sql.WriteString(one)
		if i == len(conditions)-1 {
			break
		}
		switch strings.ToUpper(c.Join) {
		case "AND", "":
			sql.WriteString(" AND ")
		case "OR":
			sql.WriteString(" OR ")
		default:
			return "", fault.Invalid.Field("unknown", "query_operator")
		}
	}
	return sql.String(), nil
}

func (q *clauses) one(c Condition) (string, error) {
	a, known := q.attributes[c.Attribute]
	shown, defined := q.defined[c.Attribute]
	if c.Custom || !known && defined {
		a, known = customAttribute(q.custom, shown), c.Attribute != "" && utf8.RuneCountInString(c.Attribute) <= maxContactText
	}
	if !known {
		return "", fault.Invalid.Field("unknown", "attribute_key")
	}
	if !slices.Contains(operators[a.kind], c.Operator) {
		return "", fault.Invalid.Field("unknown", "filter_operator")
	}
	switch {
	case !strings.HasSuffix(a.sql, "_attributes"):
	case a.kind == amount:
		a.sql = q.amountMember(a.sql, c.Attribute)
	default:
		a.sql = q.member(a.sql, c.Attribute)
	}
	present := c.Operator == "is_present" || c.Operator == "is_not_present"
	switch {
	case !present && len(c.Values) == 0:
		return "", fault.Invalid.Field("required", "values")
	case !present && len(c.Values) > maxConditionValues:
		return "", fault.Invalid.Field(fault.Limit("too_many", maxConditionValues), "values")
	}
	switch {
	case a.kind == labels:
		return q.labelled(a, c)
	case present && a.kind >= amount:
		return negated(c.Operator == "is_not_present", a.sql+" IS NOT NULL"), nil
	case a.kind == amount:
		return q.amount(a, c)
	case a.kind == day:
		return q.day(a, c)
	case a.kind == truth:
		return q.truth(a, c)
	case present && a.kind == words:
		return negated(c.Operator == "is_not_present", "coalesce("+a.sql+", '') <> ''"), nil
	case present:
		return negated(c.Operator == "is_not_present", a.sql+" IS NOT NULL"), nil
	case a.kind == moment:
		return q.when(a, c)
	case a.kind == ids:
		return q.number(a, c)
	case a.kind == choice:
		return q.chosen(a, c)
	}
	return q.text(a, c)
}

// member is one key of a JSON column, as text.
func (q *clauses) member(column, key string) string {
	if q.dialect == store.SQLite {
		q.args = append(q.args, jsonPath(key))
		return "CAST(json_extract(" + column + ", ?) AS text)"
	}
	q.args = append(q.args, key)
	return "(" + column + " ->> ?)"
}

// jsonPath is a key as SQLite's functions want it.
func jsonPath(key string) string { return `$."` + strings.ReplaceAll(key, `"`, ``) + `"` }

func (q *clauses) text(a attribute, c Condition) (string, error) {
	not := c.Operator == "not_equal_to" || c.Operator == "does_not_contain"
	var any []string
	members := len(q.args)
	for i, v := range c.Values {
		s := fmt.Sprint(v)
		if detail := badText(s, maxConditionText); detail != "" {
			return "", fault.Invalid.Field(detail, "values")
		}
		if i > 0 && strings.Contains(a.sql, "?") { // its key is a parameter, too
			q.args = append(q.args, q.args[members-1])
		}
		if strings.HasSuffix(c.Operator, "contain") || c.Operator == "contains" {
			has, words := q.dialect.Contains("coalesce("+a.sql+", '')", s)
			any, q.args = append(any, has), append(q.args, words)
			continue
		}
		any, q.args = append(any, "lower(coalesce("+a.sql+", '')) = ?"), append(q.args, strings.ToLower(s))
	}
	return negated(not, "("+strings.Join(any, " OR ")+")"), nil
}

func (q *clauses) number(a attribute, c Condition) (string, error) {
	numbers := make([]int64, len(c.Values))
	for i, v := range c.Values {
		n, err := strconv.ParseInt(plainNumber(v), 10, 64)
		if err != nil {
			return "", fault.Invalid.Field("not_an_integer", "values")
		}
		numbers[i] = n
	}
	if c.Operator == "contains" || c.Operator == "does_not_contain" {
		q.args = append(q.args, "%"+strconv.FormatInt(numbers[0], 10)+"%")
		return negated(c.Operator == "does_not_contain", "CAST("+a.sql+" AS text) LIKE ?"), nil
	}
	q.args = append(q.args, numbers)
	return negated(c.Operator == "not_equal_to", "coalesce("+a.sql+" IN ?, false)"), nil
}

// plainNumber spells a number that JSON made a float without its exponent.
func plainNumber(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func (q *clauses) chosen(a attribute, c Condition) (string, error) {
	if a.sql == "p.blocked" {
		q.args = append(q.args, fmt.Sprint(c.Values[0]) == "true")
		return negated(c.Operator == "not_equal_to", "p.blocked = ?"), nil
	}
	known := Priorities
	if a.sql == "c.status" {
		if slices.Contains(c.Values, any("all")) {
			return negated(c.Operator == "not_equal_to", "c.id > 0"), nil
		}
		known = nil
		for _, s := range fsm.Statuses {
			known = append(known, string(s))
		}
	}
	var chosen []string
	for _, v := range c.Values {
		s := fmt.Sprint(v)
		if !slices.Contains(known, s) {
			return "", fault.Invalid.Field("unknown", "values")
		}
		chosen = append(chosen, s)
	}
	q.args = append(q.args, chosen)
	return negated(c.Operator == "not_equal_to", "coalesce("+a.sql+" IN ?, false)"), nil
}

func (q *clauses) when(a attribute, c Condition) (string, error) {
	s := plainNumber(c.Values[0])
	if c.Operator == "days_before" {
		days, err := strconv.Atoi(s)
		if err != nil || days < 0 || days > maxDaysBefore {
			return "", fault.Invalid.Field("not_an_integer", "values")
		}
		q.args = append(q.args, q.now.AddDate(0, 0, -days))
		return a.sql + " < ?", nil
	}
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		if at, err = time.Parse(time.RFC3339, s); err != nil {
			return "", fault.Invalid.Field("not_a_time", "values")
		}
	}
	q.args = append(q.args, at.UTC())
	if c.Operator == "is_greater_than" {
		return a.sql + " > ?", nil
	}
	return a.sql + " < ?", nil
}

func (q *clauses) labelled(a attribute, c Condition) (string, error) {
	has := "EXISTS (SELECT 1 FROM " + a.table + " l WHERE l." + a.key + " = " + a.sql
	if c.Operator == "is_present" || c.Operator == "is_not_present" {
		return negated(c.Operator == "is_not_present", has+")"), nil
	}
	var titles []string
	for _, v := range c.Values {
		titles = append(titles, strings.ToLower(fmt.Sprint(v)))
	}
	q.args = append(q.args, titles)
	return negated(c.Operator == "not_equal_to", has+" AND l.label IN ?)"), nil
}

func negated(not bool, sql string) string {
	if not {
		return "NOT (" + sql + ")"
	}
	return sql
}
