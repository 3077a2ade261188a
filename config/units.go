package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/invopop/jsonschema"
)

// Duration is a time span that is written with its unit: "10s", "1500ms",
// "1h30m". A bare number is refused, because nobody remembers of what.
type Duration time.Duration

// D returns d as package time knows it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String returns the span as it would be written: "1m30s", "10s", "1h".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText returns String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String writes.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return errors.New(`must be a time with its unit, such as "500ms", "10s" or "2m"`)
	}
	*d = Duration(v)
	return nil
}

// JSONSchema describes a span to editors.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, Examples: []any{"500ms", "10s", "2m"}}
}

// Size is a number of bytes that is written with its unit: "512KB", "1MB",
// "1MiB". KB, MB and GB count in thousands, KiB, MiB and GiB in 1,024s.
type Size int64

// Bytes returns the number of bytes.
func (s Size) Bytes() int64 { return int64(s) }

// String returns the size in the largest unit that holds it without a rest.
func (s Size) String() string {
	for _, u := range []struct {
		name  string
		bytes int64
	}{{"GB", humanize.GByte}, {"GiB", humanize.GiByte}, {"MB", humanize.MByte}, {"MiB", humanize.MiByte},
		{"KB", humanize.KByte}, {"KiB", humanize.KiByte}} {
		if s != 0 && int64(s)%u.bytes == 0 {
			return fmt.Sprintf("%d%s", int64(s)/u.bytes, u.name)
		}
	}
	return fmt.Sprintf("%dB", int64(s))
}

// MarshalText returns String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what String writes.
func (s *Size) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	v, err := humanize.ParseBytes(written)
	_, bare := strconv.ParseFloat(written, 64)
	if err != nil || bare == nil || v > math.MaxInt64 {
		return errors.New(`must be a size with its unit, such as "512KB", "1MB" or "1MiB"`)
	}
	*s = Size(v)
	return nil
}

// JSONSchema describes a size to editors.
func (Size) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)? ?([KMGkmg]i?)?[Bb]$`, Examples: []any{"512KB", "1MB"}}
}
