package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON is a column of JSON: jsonb on PostgreSQL, TEXT on SQLite. A nil JSON is
// NULL. PostgreSQL gives documents back in its own spelling (blanks, order of
// keys), so they are compared decoded. A single one is read by Row().Scan(&j),
// because gorm's Scan takes it for a list of rows.
type JSON []byte

// ToJSON encodes v for a column.
func ToJSON(v any) (JSON, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode JSON column: %w", err)
	}
	return text, nil
}

// Decode decodes the document into v; NULL leaves v as it is.
func (j JSON) Decode(v any) error {
	if j == nil {
		return nil
	}
	if err := json.Unmarshal(j, v); err != nil {
		return fmt.Errorf("decode JSON column: %w", err)
	}
	return nil
}

// Value is for database/sql. A text that is no JSON is refused on both
// databases; the document is not repeated in the error.
func (j JSON) Value() (driver.Value, error) {
	if j == nil {
		return nil, nil
	}
	if !json.Valid(j) {
		return nil, fmt.Errorf("value of %d bytes for a JSON column is no JSON", len(j))
	}
	return string(j), nil
}

// Scan is for database/sql.
func (j *JSON) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*j = nil
	case []byte:
		*j = bytes.Clone(v)
	case string:
		*j = JSON(v)
	default:
		return fmt.Errorf("cannot scan %T into a JSON column", src)
	}
	return nil
}

// MarshalJSON returns the document itself, or null.
func (j JSON) MarshalJSON() ([]byte, error) {
	return json.RawMessage(j).MarshalJSON()
}

// UnmarshalJSON keeps the document as it is.
func (j *JSON) UnmarshalJSON(text []byte) error {
	*j = bytes.Clone(text)
	return nil
}

// GormDataType tells gorm that the column is no list of bytes.
func (JSON) GormDataType() string { return "json" }
