package config

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"

	"github.com/invopop/jsonschema"
)

const hidden = "(hidden)"

// Secret holds a value that must never be shown. Printing, logging and
// marshalling it give "(hidden)"; only Reveal gives the value.
type Secret struct{ value string }

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value itself, "" when none is set.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether no value is set.
func (s Secret) IsZero() bool { return s.value == "" }

// String hides the value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return hidden
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the value from every encoder, and from slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// DSN is the address of a PostgreSQL database, as a URL or as key=value pairs.
// It is shown without its passwords; Reveal gives it whole.
type DSN struct{ value string }

// NewDSN returns a DSN that holds value.
func NewDSN(value string) DSN { return DSN{value} }

// Reveal returns the address with its password, "" when none is set.
func (d DSN) Reveal() string { return d.value }

// IsZero reports whether no address is set.
func (d DSN) IsZero() bool { return d.value == "" }

// GoString hides the passwords from %#v.
func (d DSN) GoString() string { return d.String() }

// MarshalText hides the passwords from every encoder, and from slog.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes any text; what is wrong with it is said by Load.
func (d *DSN) UnmarshalText(text []byte) error {
	d.value = string(text)
	return nil
}

// JSONSchema describes a DSN to editors.
func (DSN) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Examples: []any{"postgres://relevo@localhost/relevo"}}
}

var (
	dsnURL     = regexp.MustCompile(`^postgres(ql)?://`)
	dsnPair    = regexp.MustCompile(`^\s*\w+\s*=`)
	dsnSecrets = regexp.MustCompile(`(?i)\b((?:ssl)?password)(\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)+)`)
)

// String returns the address with its passwords masked. What cannot be read as
// an address is hidden whole.
func (d DSN) String() string {
	switch {
	case d.IsZero():
		return ""
	case dsnPair.MatchString(d.value):
		return dsnSecrets.ReplaceAllString(d.value, "${1}${2}xxxxx")
	case !dsnURL.MatchString(d.value):
		return hidden
	}
	u, err := url.Parse(d.value)
	if err != nil {
		return hidden
	}
	query := u.Query()
	for key := range query {
		if dsnSecrets.MatchString(key + "=x") {
			query.Set(key, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}

// maxSecretFile is far above any password or service account key (2.5 KB).
const maxSecretFile = 64 << 10

// readSecret returns what stands in a file, without the line break at its end.
func readSecret(path string) (string, error) {
	content, err := readFile(path, maxSecretFile)
	if err != nil {
		return "", err
	}
	content = bytes.TrimRight(content, "\r\n")
	if len(content) == 0 {
		return "", fmt.Errorf("%s is empty", path)
	}
	return string(content), nil
}

// readFile reads a file of at most limit bytes. Its errors name the path.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s is larger than %s", path, Size(limit))
	}
	return content, nil
}
