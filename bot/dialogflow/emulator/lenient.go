package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// The exports of nine years write one field in several ways. These types take
// them all.

// number is a number, or one in quotes, or null.
type number float64

func (n *number) UnmarshalJSON(data []byte) error {
	s := string(data)
	if unquoted, err := strconv.Unquote(s); err == nil {
		s = unquoted
	}
	if s == "null" || s == "" {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || f > 1e9 || f < -1e9 {
		return fmt.Errorf("%.20q is no number we can use", s)
	}
	*n = number(f)
	return nil
}

// words is a list of strings, or a single one, or null.
type words []string

func (w *words) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*w = nil
		if string(data) != "null" {
			*w = words{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// tag is text that may be written as a number: the type of a message is 0 in
// some exports, "0" in others, and "simple_response" in the same list.
type tag string

func (t *tag) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*t = tag(asText(v))
	return nil
}

// UnmarshalJSON takes a plain string too, as in exports of 2017.
func (p *promptFile) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		p.Value = s
		return nil
	}
	type plain promptFile
	return json.Unmarshal(data, (*plain)(p))
}
