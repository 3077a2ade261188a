package router

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Attributes is a JSON object: custom attributes, content attributes and the
// like. A nil one is stored and shown as {}.
type Attributes map[string]any

// Value stores a as JSON text, which both dialects take.
func (a Attributes) Value() (driver.Value, error) {
	if len(a) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(map[string]any(a))
	return string(b), err
}

// Scan reads what Value stored.
func (a *Attributes) Scan(src any) error {
	b, err := jsonBytes(src)
	if err != nil || b == nil {
		*a = nil
		return err
	}
	return json.Unmarshal(b, (*map[string]any)(a))
}

// MarshalJSON shows a nil map as {}.
func (a Attributes) MarshalJSON() ([]byte, error) {
	if a == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]any(a))
}

// with returns a copy of a in which the keys of b are set; a nil value removes
// its key.
func (a Attributes) with(b Attributes) Attributes {
	out := make(Attributes, len(a)+len(b))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = v
	}
	return out
}

func jsonBytes(src any) ([]byte, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(v), nil
	case []byte:
		return v, nil
	}
	return nil, fmt.Errorf("JSON column holds %T", src)
}
