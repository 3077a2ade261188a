package router

import (
	"fmt"
	"strconv"
	"time"

	"relevo/router/fault"
	"relevo/router/store"
)

// customAttribute is how a custom attribute is compared that is shown in a
// way of AttributeTypes; one without a definition is a text.
func customAttribute(column, shown string) attribute {
	switch shown {
	case "number", "currency", "percent":
		return attribute{kind: amount, sql: column}
	case "date":
		return attribute{kind: day, sql: column}
	case "checkbox":
		return attribute{kind: truth, sql: column}
	}
	return attribute{kind: words, sql: column}
}

// amountMember is one key of a JSON column as a number; what is no number is
// NULL.
func (q *clauses) amountMember(column, key string) string {
	if q.dialect == store.SQLite {
		path := jsonPath(key)
		q.args = append(q.args, path, path)
		return "CASE WHEN json_type(" + column + ", ?) IN ('integer', 'real') THEN json_extract(" + column + ", ?) END"
	}
	q.args = append(q.args, key, key)
	return "CASE WHEN jsonb_typeof(" + column + " -> ?) = 'number' THEN CAST(" + column + " ->> ? AS double precision) END"
}

func (q *clauses) amount(a attribute, c Condition) (string, error) {
	n, err := strconv.ParseFloat(plainNumber(c.Values[0]), 64)
	if err != nil || n != n {
		return "", fault.Invalid.Field("not_a_number", "values")
	}
	q.args = append(q.args, n)
	return "coalesce(" + a.sql + compared[c.Operator] + "CAST(? AS double precision), " + ifAbsent(c.Operator) + ")", nil
}

// compared are the operators that compare one value with another.
var compared = map[string]string{"equal_to": " = ", "not_equal_to": " <> ", "is_greater_than": " > ", "is_less_than": " < "}

// ifAbsent is what holds where there is no value: it is not equal to any.
func ifAbsent(operator string) string { return strconv.FormatBool(operator == "not_equal_to") }

// day compares dates as they are stored: as texts that begin with the year.
func (q *clauses) day(a attribute, c Condition) (string, error) {
	value, operator := fmt.Sprint(c.Values[0]), c.Operator
	if operator == "days_before" {
		days, err := strconv.Atoi(plainNumber(c.Values[0]))
		if err != nil || days < 0 || days > maxDaysBefore {
			return "", fault.Invalid.Field("not_an_integer", "values")
		}
		value, operator = q.now.AddDate(0, 0, -days).Format(time.DateOnly), "is_less_than"
	}
	if len(value) > len(time.DateOnly) {
		value = value[:len(time.DateOnly)]
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "", fault.Invalid.Field("not_a_time", "values")
	}
	q.args = append(q.args, value)
	return "coalesce(substr(" + a.sql + ", 1, 10)" + compared[operator] + "?, " + ifAbsent(operator) + ")", nil
}

// truth compares what is stored as true or false; SQLite tells these as 1 and 0.
func (q *clauses) truth(a attribute, c Condition) (string, error) {
	value := fmt.Sprint(c.Values[0])
	if value != "true" && value != "false" {
		return "", fault.Invalid.Field("not_a_boolean", "values")
	}
	yes := "coalesce(" + a.sql + " IN ('true', '1'), false)"
	return negated((value == "false") != (c.Operator == "not_equal_to"), yes), nil
}
